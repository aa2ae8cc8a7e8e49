import { BlockList, isIP } from 'node:net';

/** Address ranges as conditions name them: `inNetwork(request.ip, '203.0.113.0/24')`. */

const ADDRESS = /^(.+)\/(\d{1,3})$/;
/** Ranges that conditions name are few; those that come out of metadata may be many. */
const MAX_KEPT = 500;

const kept = new Map<string, BlockList>();

/**
 * Is the address in the range? IPv4 and IPv6; an IPv4 address and its form in IPv6 (`::ffff:203.0.113.7`) are one address,
 * and a zone (`%eth0`) is no part of one.
 * What is no address, such as the empty one of an unknown client, is in no range.
 *
 * @throws Error where the range is none: the condition then counts as one that cannot be evaluated.
 */
export function inNetwork(address: string, range: string): boolean {
  const network = networkOf(range);
  const version = isIP(address);
  return version !== 0 && network.check(address, version === 6 ? 'ipv6' : 'ipv4');
}

/** An address with a prefix length that its version has. */
export function isNetwork(range: string): boolean {
  const [, address = '', prefix = ''] = ADDRESS.exec(range) ?? [];
  const version = isIP(address);
  return version !== 0 && Number(prefix) <= (version === 6 ? 128 : 32);
}

function networkOf(range: string): BlockList {
  const known = kept.get(range);
  if (known !== undefined) return known;
  if (!isNetwork(range)) throw new Error(`not a network such as 203.0.113.0/24: ${range.slice(0, 50)}`);
  const [address = '', prefix = ''] = range.split('/');
  const network = new BlockList();
  network.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(range, network);
  return network;
}
