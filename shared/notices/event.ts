/** What an account's owner is told of, whoever did it. */
export const NOTICE_EVENTS = [
  'password.changed',
  'password.reset',
  'factor.enabled',
  'factor.disabled',
  'factor.added',
  'factor.removed',
  'factor.locked',
  'email.changed',
  'phone.changed',
  'backup-codes.created',
  'backup-code.used',
  'login-method.linked',
  'login-method.unlinked',
  'session.theft',
  'device.trusted',
  'device.theft',
  'devices.forgotten',
] as const;

export type NoticeEvent = (typeof NOTICE_EVENTS)[number];
