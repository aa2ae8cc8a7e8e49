// A line is one transaction: whoever dies in the middle of an import leaves whole users and the beginning of none, and
// whoever runs it again ends it. @see security.md §4.2, F8, F17

import { hashSync } from 'bcryptjs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildCli } from '../../infra/build.ts';
import { useFaults } from '../support/fault-proxy.ts';
import { imported, lines } from '../support/importing.ts';
import { everyItem } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const faults = await useFaults();
const stepgate = useStepgate();
const HASH = hashSync(PASSWORD, 4);
let dir = '';
let cli = '';
beforeAll(async () => {
  await stepgate.tenant('public', { secondFactors: ['otp-email', 'totp'], mfaPolicy: { rules: [] } });
  dir = await mkdtemp(join(tmpdir(), 'stepgate-crash-'));
  cli = await buildCli();
}, 60_000);
afterEach(() => faults.calm());
afterAll(() => rm(dir, { recursive: true, force: true }));

const LINE_WRITE = { operation: 'TransactWriteItems', of: /admin\.imported/ };
const many = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    id: `${name}-${i}`,
    requiredFactors: ['totp'],
    roles: { public: ['staff'] },
    totpDevices: [{ name: 'phone', secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' }],
    loginMethods: [{ recipeId: 'emailpassword', email: `${name}-${i}@crash.example`, passwordHash: HASH }],
  }));

/** How many items there are of each user of that name, by what they are. */
async function usersOf(name: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const about = (await everyItem(stepgate)).flatMap((item) => {
    const [pk, sk] = [String(item['pk']), String(item['sk'])];
    const own = pk.startsWith('USER#') || pk.startsWith('AUDIT#') ? pk.split('#')[1] : (item['userId'] ?? sk);
    const kind = pk.startsWith('USER#') ? sk.split('#')[0]! : pk.split('#')[0]!;
    return typeof own === 'string' && own.startsWith(`${name}-`) ? [{ own, kind }] : [];
  });
  const byUser = Map.groupBy(about, ({ own }) => own);
  return new Map([...byUser].map(([id, items]) => [id, items.map(({ kind }) => kind).toSorted()]));
}
const WHOLE = ['AUDIT', 'FACTOR', 'FACTORS', 'LOGIN', 'LOOKUP', 'MEMBER', 'PROFILE', 'ROLES'];

async function mustBeWhole(name: string): Promise<number> {
  const users = await usersOf(name);
  for (const [id, kinds] of users) expect([id, kinds]).toEqual([id, WHOLE]);
  return users.size;
}

it('a process that is killed leaves whole users, and the next one makes the rest', async () => {
  const file = join(dir, 'killed.ndjson');
  await writeFile(file, lines(many('killed', 150)));
  const { TABLE_NAME, KMS_KEY_ID } = stepgate.app().config;
  const args = [cli, 'import', file, '--json', '--table', TABLE_NAME, '--key', KMS_KEY_ID];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, AWS_EC2_METADATA_DISABLED: 'true' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'close');
  let told = 0;
  for await (const line of createInterface(child.stdout)) {
    expect(JSON.parse(line)).toMatchObject({ status: 'created' });
    if ((told += 1) >= 20) break;
  }
  child.kill('SIGKILL');
  await ended;
  // What was sent before may arrive after.
  const made = await vi.waitFor(() => mustBeWhole('killed'), { timeout: 10_000 });
  expect(made).toBeGreaterThanOrEqual(20);
  const { summary } = await imported(stepgate.app(), lines(many('killed', 150)));
  expect(summary).toMatchObject({ refused: 0, isCutShort: false });
  expect(summary.unchanged).toBeGreaterThanOrEqual(made);
  expect(summary.created + summary.unchanged).toBe(150);
  expect(await mustBeWhole('killed')).toBe(150);
}, 60_000);

it('a table that says no in the middle ends the run, which goes on from there', async () => {
  const records = many('refused', 30);
  faults.inject({ ...LINE_WRITE, nth: 11, times: 1_000, fault: { kind: 'error', type: 'AccessDeniedException' } });
  await expect(imported(stepgate.app(), lines(records), { concurrency: 4 })).rejects.toThrow(/fault proxy/);
  faults.calm();
  expect(await mustBeWhole('refused')).toBe(10);
  const { summary } = await imported(stepgate.app(), lines(records));
  expect(summary).toMatchObject({ created: 20, unchanged: 10, resumeAfter: 30 });
  expect(await mustBeWhole('refused')).toBe(30);
});

describe('a write that', () => {
  it.each(['drop-before', 'apply-then-drop', 'apply-then-error'] as const)(
    '(%s) is tried again makes each user once, and is told as made',
    async (kind) => {
      const name = kind.replaceAll('-', '');
      faults.inject({ ...LINE_WRITE, nth: 3, times: 2, fault: { kind } });
      const { summary } = await imported(stepgate.app(), lines(many(name, 8)), { concurrency: 2 });
      expect(summary).toMatchObject({ created: 8, unchanged: 0, refused: 0 });
      expect(await mustBeWhole(name)).toBe(8);
    },
  );

  it('is killed in an update leaves the user as it was, or as the line says', async () => {
    const [record] = many('half', 1);
    await imported(stepgate.app(), lines([record]));
    const line = { ...record, roles: { public: ['admin'] }, requiredFactors: ['otp-email'], totpDevices: [] };
    const shape = async () => {
      const user = (await stepgate.app().users.load('half-0'))!;
      return [user.roles, user.requiredFactors, user.totpDevices?.length ?? 0];
    };
    faults.inject({
      operation: 'TransactWriteItems',
      of: /admin\.import-updated/,
      times: 1_000,
      fault: { kind: 'error', type: 'AccessDeniedException' },
    });
    await expect(imported(stepgate.app(), lines([line]), { update: true })).rejects.toThrow(/fault proxy/);
    expect(await shape()).toEqual([{ public: ['staff'] }, ['totp'], 1]);
    faults.calm();
    faults.inject({ operation: 'TransactWriteItems', of: /admin\.import-updated/, fault: { kind: 'apply-then-drop' } });
    const { reports } = await imported(stepgate.app(), lines([line]), { update: true });
    // The SDK's repetition is the same transaction.
    expect(reports[0]?.status).toBe('updated');
    expect(await shape()).toEqual([{ public: ['admin'] }, ['otp-email'], 0]);
  });
});

it('a hash made anew at sign-in does not take the place of a password that was imported meanwhile', async () => {
  const record = (password: string) => ({
    id: 'rehash',
    loginMethods: [{ recipeId: 'emailpassword', email: 'rehash@crash.example', passwordHash: hashSync(password, 4) }],
  });
  await imported(stepgate.app(), lines([record(PASSWORD)]));
  const other = 'another sentence of some length';
  faults.inject({
    operation: 'UpdateItem',
    of: /passwordHash = :new/,
    fault: {
      kind: 'meanwhile',
      run: () => imported(stepgate.app(), lines([record(other)]), { update: true, updatePasswords: true }),
    },
  });
  const signsIn = async (password: string) =>
    (await stepgate.browser().signIn('rehash@crash.example', password)).body.status;
  expect(await signsIn(PASSWORD)).toBe('OK');
  faults.calm();
  expect(await signsIn(PASSWORD)).toBe('WRONG_CREDENTIALS_ERROR');
  expect(await signsIn(other)).toBe('OK');
});
