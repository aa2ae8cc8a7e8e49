/** An address as the service masks it: enough to know it again. */
export function masked(factorId: string, contact: string): string {
  if (factorId !== 'otp-email') return `${/^\+(1|7|\d\d)/.exec(contact)?.[0] ?? ''} •••• ${contact.slice(-3)}`.trim();
  const at = contact.lastIndexOf('@');
  return at < 1 ? '•••' : `${contact.slice(0, 1)}•••${contact.slice(at)}`;
}
