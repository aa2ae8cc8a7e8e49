/** Log events that are alarms by themselves, as `Log` writes them: this many within five minutes. */
export const EVENTS = [
  { event: 'session.theft', atLeast: 1, says: 'A refresh token was used twice: somebody else has a copy of it.' },
  {
    event: 'device.theft',
    atLeast: 1,
    says: 'What remembers a device was used twice: somebody else has a copy of it.',
  },
  {
    event: 'accounts.sprayed',
    atLeast: 1,
    says: 'One address failed to get into twenty accounts within ten minutes, and is stopped.',
  },
  {
    event: 'factor.locked',
    atLeast: 5,
    says: 'Second factors are locked by wrong codes: somebody has passwords, and tries what is left.',
  },
  { event: 'tenant.malformed', atLeast: 1, says: 'A tenant cannot be read, and nobody of it can sign in.' },
  { event: 'policy.invalid', atLeast: 1, says: 'Somebody edited a policy by hand, and it has errors.' },
  // Screens are told of an outage with status 200, so the API's own 5xx does not show all.
  { event: 'request.failed', atLeast: 5, says: 'Requests fail.' },
  { event: 'email.failed', atLeast: 3, says: 'SES does not take our mails.' },
  { event: 'keys.stale', atLeast: 1, says: 'The key set cannot be read again; a warm function goes on for an hour.' },
  { event: 'keys.overdue', atLeast: 1, says: 'The signing key should have been replaced long ago.' },
  { event: 'provider.failed', atLeast: 10, says: 'Sign-ins at a provider of identities fail.' },
  { event: 'sms.failed', atLeast: 3, says: 'SNS does not take our messages.' },
] as const;
export type Watch = (typeof EVENTS)[number];

/** Events that an alarm weighs against each other. */
export const COUNTED = ['sms.sent', 'sms.used'] as const;
