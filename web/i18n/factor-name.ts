import type { Messages } from './en.ts';

/** What people call a factor; an id of a later version is shown as it is. */
export function factorName(id: string, t: Messages): string {
  switch (id) {
    case 'otp-email':
      return t.mail;
    case 'otp-phone':
      return t.sms;
    case 'emailpassword':
      return t.firstStep;
    case 'totp':
      return t.authenticator;
    case 'backup-code':
      return t.backupCode;
    case 'webauthn':
      return t.passkey;
    default:
      return id;
  }
}

export function factorNames(ids: readonly string[], t: Messages, joint: 'and' | 'or'): string {
  const names = ids.map((id) => factorName(id, t));
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} ${t[joint]} ${names.at(-1)}`;
}
