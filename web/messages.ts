const en = {
  signIn: 'Sign in', signUp: 'Create account', email: 'E-mail', password: 'Password', wrong: 'E-mail or password is wrong.',
  failed: 'That did not work. Please try again.', code: 'Enter the code', codeLabel: 'Code', sentTo: 'We sent a code to',
  wrongCode: 'That code is not right. Attempts left:', expired: 'This code has expired. Ask for a new one.', verify: 'Continue',
  resend: 'Send a new code', otherMethod: 'Use another method', signOut: 'Sign out', choose: 'Choose a method',
  sms: 'Text message', mail: 'E-mail', enrol: 'Where may we send your codes?', phone: 'Phone number', settings: 'Account security',
  factors: 'Second factors', on: 'Switch on', off: 'Switch off', required: 'Required, cannot be switched off', sessions: 'Sessions', thisOne: 'This session',
  denied: 'You cannot continue', deniedText: 'No method is available to you. Please contact your administrator.', notFound: 'Page not found',
} as const;
export type Messages = { readonly [Key in keyof typeof en]: string };
const hu: Messages = {
  signIn: 'Bejelentkezés', signUp: 'Fiók létrehozása', email: 'E-mail', password: 'Jelszó', wrong: 'Hibás e-mail vagy jelszó.',
  failed: 'Ez nem sikerült. Próbálja újra.', code: 'Adja meg a kódot', codeLabel: 'Kód', sentTo: 'A kódot ide küldtük:',
  wrongCode: 'A kód nem jó. Hátralévő próbálkozás:', expired: 'A kód lejárt. Kérjen újat.', verify: 'Tovább',
  resend: 'Új kód küldése', otherMethod: 'Másik módszer', signOut: 'Kijelentkezés', choose: 'Válasszon módszert',
  sms: 'SMS', mail: 'E-mail', enrol: 'Hová küldhetjük a kódokat?', phone: 'Telefonszám', settings: 'Fiókbiztonság',
  factors: 'Második lépések', on: 'Bekapcsolás', off: 'Kikapcsolás', required: 'Kötelező, nem kapcsolható ki', sessions: 'Munkamenetek', thisOne: 'Ez a munkamenet',
  denied: 'Nem folytathatja', deniedText: 'Nincs elérhető módszer. Forduljon a rendszergazdához.', notFound: 'Az oldal nem található',
};
const asked = new URLSearchParams(location.search).get('lang') ?? navigator.language;
export const language = asked.startsWith('hu') ? 'hu' : 'en';
export const t: Messages = language === 'hu' ? hu : en;
