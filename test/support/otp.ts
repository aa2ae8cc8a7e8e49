import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { createHash, randomBytes } from 'node:crypto';
import type { Item } from '../../shared/dynamo/table-client.ts';
import type { SessionRecord } from '../../shared/session/session.ts';
import type { Browser, Device } from './browser.ts';
import { PASSWORD, type Stepgate } from './stepgate.ts';

/** A tenant where everybody is asked for a code by mail. */
export const EVERYBODY = { mfaPolicy: { rules: [{ id: 'everybody', require: ['otp-email'] }] } };

/** A tenant where nobody is asked, and a session may take up any address: how tests furnish accounts. */
export const OPEN = { mfaPolicy: { rules: [] }, firstEnrolment: 'open' };

/** A code of the same length that is not this one. */
export const otherThan = (code: string): string => (code.startsWith('0') ? '1' : '0') + code.slice(1);

/** A device as it could be, and is not: its id belongs to its name, and nobody has it. */
export function unknownDevice(): Device {
  const bytes = randomBytes(32);
  return {
    deviceId: bytes.toString('base64'),
    preAuthSessionId: createHash('sha256').update(bytes).digest('base64url'),
  };
}

/** Signs in with the password, and no more. */
export async function signedIn(stepgate: Stepgate, email: string, tenantId?: string): Promise<Browser> {
  const page = stepgate.browser('cookie', tenantId);
  const { body } = await page.signIn(email, PASSWORD);
  if (body.status !== 'OK') throw new Error(`${email} could not sign in: ${JSON.stringify(body)}`);
  return page;
}

/** Has a code sent, which must work. */
export async function codeSent(page: Browser, contact: Parameters<Browser['sendCode']>[0]): Promise<Device> {
  const { status, body } = await page.sendCode(contact);
  if (body.status !== 'OK') throw new Error(`no code was sent: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** A new user at the point where the code is asked for, and the code that was sent. */
export async function halfway(stepgate: Stepgate, email: string) {
  const userId = await stepgate.user(email);
  const page = await signedIn(stepgate, email);
  const device = await codeSent(page, { email });
  return { userId, page, device, code: stepgate.lastCode(email) };
}

/** Takes the second factor by mail as well. */
export async function fullySignedIn(stepgate: Stepgate, email: string): Promise<Browser> {
  const page = await signedIn(stepgate, email);
  await proveEmail(stepgate, page, email);
  return page;
}

export async function proveEmail(stepgate: Stepgate, page: Browser, email: string): Promise<void> {
  await consumed(page, await codeSent(page, { email }), stepgate.lastCode(email));
}

export async function provePhone(stepgate: Stepgate, page: Browser, phoneNumber: string): Promise<void> {
  await consumed(page, await codeSent(page, { phoneNumber }), stepgate.lastCode(phoneNumber));
}

async function consumed(page: Browser, device: Device, code: string): Promise<void> {
  const { status, body } = await page.consume(device, code);
  if (body.status !== 'OK') throw new Error(`the code was refused: ${status} ${JSON.stringify(body)}`);
}

/** Guesses wrong so often, on as many devices as it takes. */
export async function guessWrong(stepgate: Stepgate, page: Browser, email: string, times: number): Promise<void> {
  let device: Device | undefined;
  for (let i = 0; i < times; i += 1) {
    if (i % 5 === 0) {
      stepgate.clock.advance(1_000);
      device = await codeSent(page, { email });
    }
    await page.consume(device!, otherThan(stepgate.lastCode(email)));
  }
}

/** Everything in the table. */
export async function everyItem(stepgate: Stepgate): Promise<readonly Item[]> {
  const { table } = stepgate.app();
  const items: Item[] = [];
  let from: Item | undefined;
  do {
    const page = await table.db.send(
      new ScanCommand({
        TableName: table.name,
        ConsistentRead: true,
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      }),
    );
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return items;
}

export const itemsUnder = async (stepgate: Stepgate, prefix: string): Promise<readonly Item[]> =>
  (await everyItem(stepgate)).filter((item) => String(item['pk']).startsWith(prefix));

/** The session a browser is in, as it is stored. */
export async function storedSession(stepgate: Stepgate, page: Browser): Promise<SessionRecord> {
  const { sub, sessionHandle } = page.claims();
  const session = await stepgate.app().sessions.get(sub, sessionHandle);
  if (session === undefined) throw new Error('there is no such session');
  return session;
}

/** Lets the clock stand at the beginning of the next UTC day, where every fixed window begins. */
export function startNewDay(stepgate: Stepgate): void {
  const DAY = 86_400_000;
  stepgate.clock.freeze();
  stepgate.clock.advance(DAY - (stepgate.clock.now() % DAY) + 1_000);
}
