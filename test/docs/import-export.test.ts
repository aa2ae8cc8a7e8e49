import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BOUNDS, parseForeign } from '../../shared/account/foreign-hashes.ts';
import { MOST_KEPT } from '../../shared/import/first-lines.ts';
import { UserRecordSchema } from '../../shared/import/record.ts';
import { importEndpoints } from '../../functions/admin/import.ts';
import { FORMATS } from '../../shared/import/readers.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/import-export.md'), 'utf8');
const section = page.slice(page.indexOf('## The record'), page.indexOf('## From SuperTokens'));

it('tells every member of a record, and every member of a way to sign in', () => {
  const told = [...section.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  const { loginMethods } = UserRecordSchema.entries;
  const method = loginMethods.pipe[0].item.entries;
  expect(new Set(told)).toEqual(new Set([...Object.keys(UserRecordSchema.entries), ...Object.keys(method)]));
});

it('tells of every format how it is imported', () => {
  for (const format of FORMATS.filter((name) => name !== 'ndjson')) {
    expect(page).toContain(`--format ${format} `);
  }
});

it('tells bounds that hold', () => {
  const argon2 = (parameters: string) => `$argon2i$v=19$${parameters}$AAAAAAAAAAAAAAAAAAAAAA$${'A'.repeat(43)}`;
  expect(page).toContain('m to 262144, t to 10, m × t to 1048576, p to 16');
  expect(['m=262144,t=4,p=16', 'm=104857,t=10,p=1'].map((own) => parseForeign(argon2(own))?.kind)).toEqual([
    'argon2',
    'argon2',
  ]);
  const beyond = ['m=262145,t=4,p=16', 'm=104858,t=10,p=1', 'm=1024,t=11,p=1', 'm=1024,t=1,p=17'];
  expect(beyond.map((own) => parseForeign(argon2(own)))).toEqual(beyond.map(() => undefined));
});

it('tells what a hash may cost, and of how much of a file lines are held against each other', () => {
  const { bcrypt, scrypt } = BOUNDS;
  expect(page).toContain(`cost ${bcrypt.least} to ${bcrypt.most}`);
  expect(page).toContain(`N × r × p to ${scrypt}`);
  expect(page).toContain(`${MOST_KEPT / 1e6} million`);
});

it('tells what may become of a line, and every query parameter of the endpoint', () => {
  for (const status of ['created', 'updated', 'unchanged', 'refused']) expect(page).toContain(`| \`${status}\` | `);
  const endpoint = importEndpoints.find(({ routes }) => routes.includes('POST /admin/import'));
  expect(endpoint).toBeDefined();
  for (const name of ['tenantId', 'format', 'dryRun', 'update', 'updatePasswords', 'resumeAfter']) {
    expect(/`POST \/admin\/import\?([^`]*)`/.exec(page)?.[1]).toContain(`${name}=`);
  }
});
