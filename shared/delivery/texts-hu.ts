import type { Kind, Texts } from './kinds.ts';

const SMS = [
  '{{app}} kód: {{code}}. Ennyi ideig jó: {{life}}. Ne add ki senkinek!',
  '{{app}} kód: {{code}}. Ennyi ideig jó: {{life}}.',
  'Kód: {{code}}.',
];
const LIFE = 'Egyszer használható, ennyi ideig: {{life}}.';
const SECRET = 'Tőlünk soha senki nem kéri el.';
const NOT_ME =
  'Nem te voltál? Ne add ki senkinek. Ha itt jelszót használsz, lehet, hogy más is ismeri: változtasd meg.';

const notice = (subject: string, what: string): Texts => ({
  subject: `Biztonsági értesítés: ${subject} – {{app}}`,
  heading: 'Biztonsági értesítés',
  body: [
    `{{time}}: ${what} itt: {{place}}.`,
    'A kérés erről a címről jött: {{ip}}.',
    'Te voltál? Akkor nincs teendőd. Ha nem, nyisd meg a szokásos módon: {{app}}, változtasd meg a jelszavad, és lépj ki mindenhol.',
    '{{link}}',
  ].join('\n\n'),
  button: 'Nem én voltam',
});

export const HUNGARIAN: Readonly<Record<Kind, Texts>> = {
  'otp-sign-in': {
    subject: 'Belépési kód – {{app}}',
    heading: 'A belépési kódod',
    body: [
      'Írd be ezt a kódot itt: {{host}}, hogy belépj ide: {{place}}.',
      '{{code}}',
      `${LIFE} ${SECRET}`,
      NOT_ME,
    ].join('\n\n'),
    sms: SMS,
  },
  'otp-set-up': {
    subject: 'Erősítsd meg az e-mail-címed – {{app}}',
    heading: 'Erősítsd meg ezt a címet',
    body: [
      'Írd be ezt a kódot itt: {{host}}, hogy ezt a címet használhasd a belépéshez itt: {{place}}.',
      '{{code}}',
      `${LIFE} ${SECRET}`,
      NOT_ME,
    ].join('\n\n'),
    sms: SMS,
  },
  magic: {
    subject: 'Belépési link – {{app}}',
    heading: 'A belépési linked',
    body: [
      'Ezzel a linkkel léphetsz be ide: {{place}}.',
      '{{link}}',
      LIFE,
      'Nem te kérted? Akkor nincs teendőd: csak az léphet be vele, aki ezt a levelet olvassa.',
    ].join('\n\n'),
    button: 'Belépés',
    sms: ['Belépés ({{app}}): {{link}} Egyszer jó, ennyi ideig: {{life}}.', 'Belépés: {{link}}'],
  },
  'magic-code': {
    subject: 'Belépés – {{app}}',
    heading: 'A belépési linked és kódod',
    body: [
      'Ezzel a linkkel léphetsz be ide: {{place}}.',
      '{{link}}',
      'Vagy írd be ezt a kódot ott, ahol elkezdted:',
      '{{code}}',
      `${LIFE} ${SECRET}`,
      'Nem te kérted? Akkor nincs teendőd, és a kódot ne add ki senkinek.',
    ].join('\n\n'),
    button: 'Belépés',
    sms: ['{{app}} kód: {{code}}, vagy nyisd meg: {{link}} Ennyi ideig jó: {{life}}.', '{{code}} vagy {{link}}'],
  },
  reset: {
    subject: 'Új jelszó – {{app}}',
    heading: 'Adj meg új jelszót',
    body: [
      'Valaki, valószínűleg te, új jelszót kért itt: {{place}}. Itt adhatod meg:',
      '{{link}}',
      `${LIFE} Az új jelszó minden eszközön kiléptet.`,
      'Nem te voltál? Akkor nincs teendőd: a jelszavad nem változik.',
    ].join('\n\n'),
    button: 'Új jelszó megadása',
  },
  verify: {
    subject: 'Erősítsd meg az e-mail-címed – {{app}}',
    heading: 'Erősítsd meg ezt a címet',
    body: [
      'Erősítsd meg, hogy ez a te címed itt: {{place}}.',
      '{{link}}',
      LIFE,
      'Nem te voltál? Akkor nincs teendőd: valaki elírhatta a sajátját.',
    ].join('\n\n'),
    button: 'Megerősítem',
  },
  revert: {
    subject: 'Megváltozott az e-mail-címed – {{app}}',
    heading: 'Megváltozott a címed',
    body: [
      'Megváltozott az e-mail-címed itt: {{place}}.',
      'Mostantól ez: {{contact}}.',
      'A kérés erről a címről jött: {{ip}}.',
      'Te voltál? Akkor nincs teendőd. Ha nem, itt visszaveheted a fiókod:',
      '{{link}}',
      `${LIFE} Minden eszközön kiléptet, és új jelszót kér.`,
    ].join('\n\n'),
    button: 'Visszaveszem',
  },
  'sign-up-exists': {
    subject: 'Van már fiókod – {{app}}',
    heading: 'Van már fiókod',
    body: [
      'Valaki, valószínűleg te, regisztrálni próbált ezzel a címmel itt: {{place}}. A címhez már tartozik fiók.',
      'Lépj be a szokásos módon itt: {{host}}. Ha elfelejtetted a jelszavad, ott kérhetsz újat.',
      '{{link}}',
      'Nem te voltál? Akkor nincs teendőd.',
    ].join('\n\n'),
    button: 'Belépés',
  },
  'session.theft': {
    subject: 'Biztonsági értesítés: kiléptettünk – {{app}}',
    heading: 'Kiléptettünk',
    body: [
      '{{time}}: egy belépésedet ({{app}}) egyszerre két helyről használták. Az egyik másolat lehetett valaki más kezében.',
      'Ezt a belépést mindenhol megszüntettük, egyik helyen sem folytatható.',
      'Nyisd meg a szokásos módon: {{app}}, lépj be újra, és változtasd meg a jelszavad. Ha ez többször előfordul, ellenőrizd az eszközeidet, nincs-e rajtuk kártékony program.',
      '{{link}}',
    ].join('\n\n'),
    button: 'Megvédem a fiókom',
  },
  'password.changed': notice('megváltozott a jelszavad', 'megváltozott a jelszavad'),
  'password.reset': notice('új jelszót adtak meg', 'új jelszót adtak meg a fiókodhoz'),
  'factor.enabled': notice('bekapcsolt második lépés', 'bekapcsoltak egy második belépési lépést'),
  'factor.disabled': notice('kikapcsolt második lépés', 'kikapcsoltak egy második belépési lépést'),
  'factor.added': notice('új második lépés', 'hozzáadtak egy második belépési lépést'),
  'factor.removed': notice('eltávolított második lépés', 'eltávolítottak egy második belépési lépést'),
  'factor.locked': {
    subject: 'Biztonsági értesítés: túl sok hibás kód – {{app}}',
    heading: 'Túl sok hibás kód',
    body: [
      '{{time}}: a második belépési lépést ({{place}}) egy időre zároltuk, mert egymás után tíz kód hibás volt.',
      'Az utolsó erről a címről érkezett: {{ip}}.',
      'Te voltál? Akkor várj egy kicsit, és próbáld újra. Ha nem, valaki ismeri a jelszavad, vagy olvassa a leveleidet: nyisd meg a szokásos módon ({{app}}), és változtasd meg a jelszavad. Vagy védd meg itt a fiókod:',
      '{{link}}',
    ].join('\n\n'),
    button: 'Nem én voltam',
  },
  'email.changed': notice('megváltozott az e-mail-címed', 'megváltozott az e-mail-címed'),
  'phone.changed': notice('megváltozott a telefonszámod', 'megváltozott a telefonszámod'),
  'backup-codes.created': notice('új tartalék kódok', 'új tartalék kódok készültek'),
  'backup-code.used': notice('felhasznált tartalék kód', 'felhasználtak egy tartalék kódot'),
  'login-method.linked': notice('új belépési mód', 'hozzáadtak egy belépési módot'),
  'login-method.unlinked': notice('eltávolított belépési mód', 'eltávolítottak egy belépési módot'),
  'device.trusted': notice('megjegyzett eszköz', 'megjegyeztek egy eszközt'),
  'devices.forgotten': notice('elfelejtett eszközök', 'elfelejtették az összes megjegyzett eszközt'),
  'device.theft': {
    subject: 'Biztonsági értesítés: lemásolhatták egy megjegyzett eszközöd – {{app}}',
    heading: 'Lemásoltak egy megjegyzett eszközt',
    body: [
      '{{time}}: egy megjegyzett eszközöd ({{app}}) két helyről használták. Az egyik másolat lehet valaki más kezében, aki a jelszavad is tudja.',
      'Ettől az eszköztől újra mindent megkérdezünk. Az utolsó belépés erről a címről jött: {{ip}}.',
      'Nyisd meg a szokásos módon: {{app}}, változtasd meg a jelszavad, és ellenőrizd az eszközeidet, nincs-e rajtuk kártékony program. Vagy védd meg a fiókod itt:',
      '{{link}}',
    ].join('\n\n'),
    button: 'Megvédem a fiókom',
  },
};
