/** A client's address as it is counted: IPv4 whole, IPv6 by its /64. */
export function ipPrefix(ip: string): string {
  const plain = plainIp(ip);
  return plain.includes(':') ? groupsOf(plain).slice(0, 4).join(':') : plain;
}

/** The network an address is of, for records that need not know whose it was: `192.0.2.0/24`, `2001:db8:1::/48`. */
export function networkOf(ip: string): string {
  const plain = plainIp(ip);
  if (plain.includes(':')) return `${groupsOf(plain).slice(0, 3).join(':')}::/48`;
  return plain.includes('.') ? `${plain.split('.').slice(0, 3).join('.')}.0/24` : '';
}

const plainIp = (ip: string): string => ip.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');

function groupsOf(ip: string): readonly string[] {
  const [head = '', tail = ''] = ip.split('%')[0]!.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right].map((group) => group.replace(/^0+(?=.)/, ''));
}
