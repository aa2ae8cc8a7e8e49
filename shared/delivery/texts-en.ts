import type { Kind, Texts } from './kinds.ts';

const SMS = [
  'Your {{app}} code is {{code}}. It works for {{life}}. Never share it.',
  'Your {{app}} code is {{code}}. It works for {{life}}.',
  'Your code is {{code}}.',
];
const LIFE = 'It works once, for {{life}}.';

const notice = (what: string): Texts => ({
  subject: `Security notice: ${what} at {{app}}`,
  heading: 'Security notice',
  body: [
    `On {{time}}, ${what} at {{place}}.`,
    'The request came from the address {{ip}}.',
    'Was it you? Then there is nothing to do. If not, open {{app}} the way you always do, change your password, and sign out everywhere.',
    '{{link}}',
  ].join('\n\n'),
  button: 'This was not me',
});

export const ENGLISH: Readonly<Record<Kind, Texts>> = {
  'otp-sign-in': {
    subject: 'Your sign-in code for {{app}}',
    heading: 'Your sign-in code',
    body: [
      'Enter this code at {{host}} to sign in to {{place}}:',
      '{{code}}',
      `${LIFE} Nobody from {{app}} will ever ask you for it.`,
      'Not you? Give this code to no one. If you use a password here, somebody else may know it: change it.',
    ].join('\n\n'),
    sms: SMS,
  },
  'otp-set-up': {
    subject: 'Confirm your email address for {{app}}',
    heading: 'Confirm this address',
    body: [
      'Enter this code at {{host}} to use this address when you sign in to {{place}}:',
      '{{code}}',
      `${LIFE} Nobody from {{app}} will ever ask you for it.`,
      'Not you? Give this code to no one. If you use a password here, somebody else may know it: change it.',
    ].join('\n\n'),
    sms: SMS,
  },
  magic: {
    subject: 'Your sign-in link for {{app}}',
    heading: 'Your sign-in link',
    body: [
      'Open this link to sign in to {{place}}:',
      '{{link}}',
      LIFE,
      'Not you? Then leave it: nobody can sign in with it but whoever reads this mail.',
    ].join('\n\n'),
    button: 'Sign in',
    sms: ['Sign in to {{app}}: {{link}} It works once, for {{life}}.', 'Sign in: {{link}}'],
  },
  'magic-code': {
    subject: 'Sign in to {{app}}',
    heading: 'Your sign-in link and code',
    body: [
      'Open this link to sign in to {{place}}:',
      '{{link}}',
      'Or enter this code where you began:',
      '{{code}}',
      `They work once, for {{life}}. Nobody from {{app}} will ever ask you for them.`,
      'Not you? Then leave it, and give the code to no one.',
    ].join('\n\n'),
    button: 'Sign in',
    sms: ['Your {{app}} code is {{code}}, or open {{link}} Both work for {{life}}.', '{{code}} or {{link}}'],
  },
  reset: {
    subject: 'Reset your password for {{app}}',
    heading: 'Choose a new password',
    body: [
      'Somebody, most likely you, asked for a new password at {{place}}. Choose it here:',
      '{{link}}',
      `${LIFE} A new password ends every sign-in.`,
      'Not you? Then there is nothing to do: your password stays as it is.',
    ].join('\n\n'),
    button: 'Choose a new password',
  },
  verify: {
    subject: 'Confirm your email address for {{app}}',
    heading: 'Confirm this address',
    body: [
      'Confirm that this is your address at {{place}}:',
      '{{link}}',
      LIFE,
      'Not you? Then leave it: somebody may have mistyped theirs.',
    ].join('\n\n'),
    button: 'Confirm',
  },
  revert: {
    subject: 'Your email address at {{app}} was changed',
    heading: 'Your address was changed',
    body: [
      'Your email address at {{place}} was changed.',
      'It is {{contact}} now.',
      'The request came from the address {{ip}}.',
      'Was it you? Then there is nothing to do. If not, take your account back here:',
      '{{link}}',
      `${LIFE} It ends every sign-in and has you choose a new password.`,
    ].join('\n\n'),
    button: 'Take it back',
  },
  'sign-up-exists': {
    subject: 'You have an account at {{app}}',
    heading: 'You have an account already',
    body: [
      'Somebody, most likely you, tried to sign up at {{place}} with this address, which has an account there already.',
      'Sign in at {{host}} the way you always do. If you have forgotten your password, ask for a new one there.',
      '{{link}}',
      'Not you? Then there is nothing to do.',
    ].join('\n\n'),
    button: 'Sign in',
  },
  'session.theft': {
    subject: 'Security notice: we signed you out of {{app}}',
    heading: 'We signed you out',
    body: [
      "On {{time}}, a sign-in of yours at {{app}} was used from two places at once. One of them may have been a copy in somebody else's hands.",
      'We ended that sign-in everywhere, so neither place can go on.',
      'Please open {{app}} the way you always do, sign in again and change your password. If this keeps happening, check your devices for unwanted software.',
      '{{link}}',
    ].join('\n\n'),
    button: 'Secure my account',
  },
  'password.changed': notice('your password was changed'),
  'password.reset': notice('your password was reset'),
  'factor.enabled': notice('a second step was switched on'),
  'factor.disabled': notice('a second step was switched off'),
  'factor.added': notice('a second step was added'),
  'factor.removed': notice('a second step was removed'),
  'factor.locked': {
    subject: 'Security notice: too many wrong codes at {{app}}',
    heading: 'Too many wrong codes',
    body: [
      'On {{time}}, the second step of your sign-in at {{place}} was locked for a while: ten codes in a row were wrong.',
      'The last one came from the address {{ip}}.',
      'Was it you? Then wait a little and try again. If not, somebody knows your password or reads your mail: open {{app}} the way you always do and change your password. Or secure your account here:',
      '{{link}}',
    ].join('\n\n'),
    button: 'This was not me',
  },
  'email.changed': notice('your email address was changed'),
  'phone.changed': notice('your phone number was changed'),
  'backup-codes.created': notice('new backup codes were made'),
  'backup-code.used': notice('a backup code was used'),
  'login-method.linked': notice('a way to sign in was added'),
  'login-method.unlinked': notice('a way to sign in was removed'),
  'device.trusted': notice('a device was remembered'),
  'devices.forgotten': notice('every remembered device was forgotten'),
  'device.theft': {
    subject: 'Security notice: a remembered device at {{app}} may have been copied',
    heading: 'A remembered device was copied',
    body: [
      "On {{time}}, a device that {{app}} remembers was used from two places. One of them may be a copy in somebody else's hands, who knows your password as well.",
      'That device is asked for everything again. The last sign-in came from the address {{ip}}.',
      'Please open {{app}} the way you always do and change your password, and check your devices for unwanted software. Or secure your account here:',
      '{{link}}',
    ].join('\n\n'),
    button: 'Secure my account',
  },
};
