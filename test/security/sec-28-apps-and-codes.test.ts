// Whoever adds, removes or uses a way in is seen by the owner: one notice, one audit event, no secret in either, nor in
// the log or in what is stored. @see ASVS 5.0 V6.3.7, V6.5.2

import { beforeAll, describe, expect, it } from 'vitest';
import { DECISION_EVENT } from '../../shared/policies/decision-record.ts';
import { everyItem, itemsUnder, signedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';
import { APPS, calls, codeAt, STEP, withApp } from '../support/totp.ts';

const stepgate = useStepgate();
const email = 'owner@example.com';
const now = () => stepgate.clock.now();
const secrets: string[] = [];
let userId = '';

const notices = () =>
  stepgate.aws
    .inbox()
    .messages(email)
    .filter(({ purpose }) => purpose === 'notice');
/** Of what was changed: why a session had to do what it did is another record. */
const audited = async () => {
  const items = (await itemsUnder(stepgate, `AUDIT#${userId}`)).filter(({ event }) => event !== DECISION_EVENT);
  return items.toSorted((a, b) => String(a['sk']).localeCompare(String(b['sk'])));
};

/** What one act leaves behind. */
async function traceOf(act: () => Promise<unknown>) {
  const [mails, events] = [notices().length, (await audited()).length];
  await act();
  return {
    subjects: notices()
      .slice(mails)
      .map(({ subject }) => subject),
    events: (await audited()).slice(events).map(({ event, details }) => [event, details]),
  };
}

beforeAll(() => stepgate.tenant('public', { ...APPS, endSessionsOnFactorChange: false }));

describe('SEC-28: authenticator apps and backup codes', () => {
  it('are each told of once, to the mailbox and to the record', async () => {
    const own = await withApp(stepgate, email);
    userId = own.userId;
    secrets.push(own.secret);
    expect((await audited()).map(({ event }) => event)).toContain('factor.added');
    expect(notices().map(({ subject }) => subject)).toContain('Security notice: a second step was added at Stepgate');

    const { page } = own;
    let codes: readonly string[] = [];
    const made = await traceOf(async () => {
      codes = (await calls(page).makeCodes()).body.codes;
    });
    secrets.push(...codes, ...codes.map((code) => code.replaceAll('-', '')));
    expect(made).toEqual({
      subjects: ['Security notice: new backup codes were made at Stepgate'],
      events: [['backup-codes.created', { count: 10 }]],
    });
    expect(await traceOf(async () => calls(await signedIn(stepgate, email)).useCode(codes[0]!))).toEqual({
      subjects: ['Security notice: a backup code was used at Stepgate'],
      events: [['backup-code.used', { left: 9 }]],
    });
    const second = (await calls(page).create('second')).body;
    secrets.push(second.secret);
    expect(await traceOf(() => calls(page).enrol('second', codeAt(second.secret, now())))).toEqual({
      subjects: ['Security notice: a second step was added at Stepgate'],
      events: [['factor.added', { factorId: 'totp' }]],
    });
    expect(await traceOf(() => calls(page).remove(own.name))).toEqual({
      subjects: ['Security notice: a second step was removed at Stepgate'],
      events: [['factor.removed', { factorId: 'totp' }]],
    });
  });

  it('are not told of when nothing happened: a code that is merely typed, a wrong one, a name nobody has', async () => {
    stepgate.clock.advance(STEP);
    const page = await signedIn(stepgate, email);
    const quiet = { subjects: [], events: [] };
    expect(await traceOf(() => calls(page).useCode('0000-0000-0000'))).toEqual(quiet);
    expect(await traceOf(() => calls(page).verify(codeAt(secrets.at(-1)!, now())))).toEqual(quiet);
    expect(await traceOf(() => calls(page).enrol('second', '000000'))).toEqual(quiet);
    expect(await traceOf(() => calls(page).remove('nobody’s'))).toEqual(quiet);
  });

  it('leave no seed and no code in the table, the log, the mails or an operator’s view', async () => {
    const everything = [
      JSON.stringify(await everyItem(stepgate), (_, value: unknown) => (value instanceof Set ? [...value] : value)),
      JSON.stringify(stepgate.logged),
      JSON.stringify(stepgate.aws.inbox().messages(email)),
      JSON.stringify((await stepgate.browser().get(`/admin/users/${userId}`)).body),
    ];
    for (const text of everything) for (const secret of secrets) expect(text).not.toContain(secret);
    const [item] = await itemsUnder(stepgate, `USER#${userId}`).then((items) => items.filter((i) => i['sealedSeed']));
    expect(everything[3]).not.toContain(String(item?.['sealedSeed']));
    expect(everything[3]).not.toContain('macs');
  });

  it('go with the account', async () => {
    expect((await stepgate.browser().delete(`/admin/users/${userId}`)).status).toBe(200);
    expect(await itemsUnder(stepgate, `USER#${userId}`)).toEqual([]);
  });
});
