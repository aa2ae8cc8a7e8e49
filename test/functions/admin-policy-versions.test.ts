import { describe, expect, it } from 'vitest';
import { BY_MAIL, BY_PHONE, NOBODY, usePolicies } from '../support/policies.ts';

/** What a policy was, over HTTP: listed, read and compared. */

const { operator, at, save, versions, tenantId } = usePolicies();

describe('GET …/policy/versions', () => {
  it('lists the newest first, page by page, without the policies', async () => {
    expect((await operator().get(at('/versions'))).body).toEqual({
      status: 'OK',
      tenantId: tenantId(),
      active: 0,
      versions: [],
    });
    for (let i = 1; i <= 5; i += 1) await save({ rules: [{ id: `r${i}`, require: ['otp-email'] }] });
    const first = (await operator().get(at('/versions?limit=2'))).body;
    expect(first).toMatchObject({ active: 5, cursor: '4' });
    expect(first.versions.map((each: { version: number }) => each.version)).toEqual([5, 4]);
    expect(Object.keys(first.versions[0]).toSorted()).toEqual(['at', 'by', 'hash', 'reason', 'version', 'via']);
    const second = (await operator().get(at(`/versions?limit=2&cursor=${first.cursor}`))).body;
    expect(second.versions.map((each: { version: number }) => each.version)).toEqual([3, 2]);
    const last = (await operator().get(at(`/versions?limit=2&cursor=${second.cursor}`))).body;
    expect(last.versions.map((each: { version: number }) => each.version)).toEqual([1]);
    expect(last).not.toHaveProperty('cursor');
    expect((await operator().get(at('/versions?limit=5'))).body).not.toHaveProperty('cursor');
  });

  it('counts beyond nine as numbers count', async () => {
    for (let i = 1; i <= 11; i += 1) await save({ rules: [{ id: `r${i}`, require: ['otp-email'] }] });
    expect((await versions()).map(({ version }) => version)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it.each(['limit=0', 'limit=201', 'limit=x', 'cursor=x', 'cursor=0', 'cursor=1000000'])(
    'refuses %s',
    async (query) => {
      expect((await operator().get(at(`/versions?${query}`))).status).toBe(400);
    },
  );

  it('knows no version that is none', async () => {
    await save(BY_MAIL);
    expect((await operator().get(at('/versions/2'))).status).toBe(404);
    expect((await operator().get(at('/versions/x'))).status).toBe(400);
    expect((await operator().get(at('/versions/01'))).status).toBe(400);
  });
});

describe('POST …/policy/diff', () => {
  const diff = (body: object) => operator().post(at('/diff'), body);

  it('compares versions, what is in force, and what is only meant', async () => {
    await save(BY_MAIL);
    await save(BY_PHONE);
    expect((await diff({ before: 1 })).body).toMatchObject({
      status: 'OK',
      tenantId: tenantId(),
      changes: [{ ruleId: 'all', kind: 'changed', path: 'require', before: ['otp-email'], after: ['otp-phone'] }],
      text: expect.stringContaining('--- version 1\n+++ version 2\n'),
    });
    expect((await diff({ after: { ...NOBODY } })).body).toMatchObject({
      changes: [{ ruleId: 'all', kind: 'removed' }],
      text: expect.stringContaining('--- version 2\n+++ as given\n'),
    });
    expect((await diff({ before: 2, after: 2 })).body).toMatchObject({ changes: [], text: '' });
    expect((await diff({ before: 3 })).status).toBe(404);
    expect((await diff({ before: 'first' })).status).toBe(400);
  });
});
