/** An address as the service masks it: enough to know it again. */
export function masked(factorId: string, contact: string): string {
  if (factorId !== 'otp-email') return `${contact.slice(0, 3)} •••• ${contact.slice(-3)}`;
  const at = contact.lastIndexOf('@');
  return at < 1 ? '•••' : `${contact.slice(0, 1)}•••${contact.slice(at)}`;
}
