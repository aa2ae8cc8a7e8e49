import { describe, expect, it } from 'vitest';
import { compileCondition, isFault } from '../../../shared/mfa/conditions.ts';
import { facts } from './facts.ts';

const SOMEBODY = facts({
  user: {
    id: 'u1',
    roles: ['admin', 'editor'],
    permissions: ['users:write'],
    emails: ['person@example.com'],
    phones: ['+36701234567'],
    requiredFactors: ['otp-email'],
    metadata: {
      plan: 'paid',
      seats: 5,
      ratio: 2.5,
      tags: ['a', 'b'],
      address: { country: 'HU' },
      flag: true,
      none: null,
    },
  },
  tenant: { id: 'acme', requiredSecondaryFactors: ['otp-email'], metadata: { tier: 'gold' } },
  request: { ip: '192.0.2.7', country: 'HU', userAgent: 'Firefox' },
});

async function compile(expression: string) {
  const condition = await compileCondition(expression);
  if (isFault(condition)) throw new Error(`${condition.code}: ${condition.message}`);
  return condition;
}

const faultOf = async (expression: string): Promise<string> => {
  const compiled = await compileCondition(expression);
  return isFault(compiled) ? compiled.code : `none: ${compiled.type}`;
};

describe('a condition', () => {
  it.each([
    "user.id == 'u1'",
    "'admin' in user.roles && !('owner' in user.roles)",
    "'users:write' in user.permissions",
    "user.emails.exists(email, email.endsWith('@example.com'))",
    'user.phones.size() == 1',
    "'otp-email' in user.requiredFactors",
    "user.metadata.plan == 'paid'",
    'user.metadata.seats == 5',
    'user.metadata.seats > 4 && user.metadata.seats < 6',
    'user.metadata.ratio > 2.4',
    "user.metadata.tags.exists(tag, tag == 'b')",
    "user.metadata.address.country == 'HU'",
    'user.metadata.flag',
    'has(user.metadata.none) && user.metadata.none == null',
    '!has(user.metadata.missing)',
    "now - user.timeJoined > duration('24h')",
    "user.timeJoined < timestamp('2026-01-01T00:00:00Z')",
    "'emailpassword' in user.factorsSetUp",
    "tenant.id == 'acme' && 'otp-email' in tenant.requiredSecondaryFactors",
    "tenant.metadata.tier == 'gold'",
    "session.firstFactor == 'emailpassword' && session.isNewDevice",
    "'emailpassword' in session.completed && !('otp-email' in session.completed)",
    "request.ip.startsWith('192.0.2.') && request.country == 'HU' && request.userAgent.contains('Fire')",
  ])('may read: %s', async (expression) => {
    expect((await compile(expression)).evaluate(SOMEBODY)).toBe(true);
  });

  it.each([
    ['', 'syntax'],
    [' ', 'syntax'],
    ['user.', 'syntax'],
    ["'admin' in user.roles'", 'syntax'],
    ['user.roles == "admin"', 'type'],
    ['user.password', 'type'],
    ['account.id == "x"', 'type'],
    ['process.exit()', 'type'],
    ['user.roles.push("admin")', 'type'],
    ['user.timeJoined == 5', 'type'],
    ['1 + "a" == "1a"', 'type'],
  ])('is refused before any user meets it: %j', async (expression, code) => {
    expect(await faultOf(expression)).toBe(code);
  });

  it.each([
    ['2001 characters', `'${'x'.repeat(1_998)}' == ''`.slice(0, 2_001)],
    ['macros three deep', '[1].all(a, [1].all(b, [1].all(c, true)))'],
    ['401 operands', Array.from({ length: 401 }, () => '1').join('+')],
    ['a list of 101', `1 in [${Array.from({ length: 101 }, () => '1').join(',')}]`],
    ['parentheses a thousand deep', `${'('.repeat(900)}true${')'.repeat(900)}`],
    ['denials a thousand deep', `${'!'.repeat(1_500)}true`],
    ['a call with nine arguments', 'size(1, 2, 3, 4, 5, 6, 7, 8, 9) == 1'],
  ])('is bounded: %s', async (_, expression) => {
    expect(['too-costly', 'syntax', 'type']).toContain(await faultOf(expression));
  });

  it('walks lists of lists, and no deeper', async () => {
    expect(await faultOf('[1].all(a, [1].all(b, true))')).toBe('none: bool');
    expect(await faultOf('[1].all(a, [2].map(b, [3].filter(c, true)) == [])')).toBe('too-costly');
  });

  it('reads the properties of no object but the facts', async () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect((await compile(`has(user.metadata.${name})`)).evaluate(SOMEBODY)).toBe(false);
      expect(await faultOf(`user.${name} == 'x'`)).not.toMatch(/^none/);
    }
  });

  it('fails, and does not guess, where the facts do not have what it reads', async () => {
    const condition = await compile("user.metadata.missing == 'x'");
    expect(() => condition.evaluate(SOMEBODY)).toThrow('No such key');
  });
});
