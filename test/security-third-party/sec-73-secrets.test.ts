/**
 * A provider's secret goes in and never comes out: sealed in the table, absent from every reply and every line of the
 * log.
 *
 * Why: CVE-2026-40166, a client secret that a low-privileged reader saw.
 */
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { useHostileIdp } from '../support/hostile-idp.ts';
import { CLIENT } from '../support/oidc-provider.ts';
import { useStepgate } from '../support/stepgate.ts';
import { ask, begin, configure, corp, finish } from '../support/third-party.ts';

const stepgate = useStepgate();
const idp = useHostileIdp();

let tenants = 0;
let tenantId = '';
beforeEach(() => {
  idp.quiet();
  tenantId = `tenant-${(tenants += 1)}`;
});

const operator = () => stepgate.browser();
const read = async () => (await operator().get(`/admin/tenants/${tenantId}`)).body;
const write = (document: object) => operator().put(`/admin/tenants/${tenantId}`, document);
const documentOf = (more: object = {}) => ({ mfaPolicy: { rules: [] }, providers: [corp(idp.issuer(), more)] });

async function stored() {
  const { db, name } = stepgate.app().table;
  const { Item } = await db.send(
    new GetCommand({ TableName: name, Key: { pk: `TENANT#${tenantId}`, sk: 'CONFIG' }, ConsistentRead: true }),
  );
  return Item;
}

/** What the provider is shown as proof of who we are. */
async function secretShown(): Promise<string | null | undefined> {
  const page = stepgate.browser('header', tenantId);
  await finish(page, await begin(page, { tenantId }), { code: 'c' });
  return idp.seen.findLast(({ path }) => path === '/token')?.form.get('client_secret');
}

describe('SEC-73: a client secret', () => {
  it('works, and is in no reply, no item and no line of the log', async () => {
    await configure(stepgate, tenantId, documentOf());
    const said = [
      await read(),
      (await write(documentOf())).body,
      (await ask(stepgate.browser('header'), { tenantId })).body,
      (await stepgate.browser().get(`/auth/${tenantId}/loginmethods`)).body,
      await stored(),
    ];
    expect(await secretShown()).toBe(CLIENT.clientSecret);
    expect(JSON.stringify([said, stepgate.logged])).not.toContain(CLIENT.clientSecret);
    expect((await read()).tenant.providers).toEqual([
      { thirdPartyId: 'corp', name: 'Corp', issuer: idp.issuer(), clientId: CLIENT.clientId, hasSecret: true },
    ]);
  });

  it('stays when what was read is written back, and goes when it is left out', async () => {
    await configure(stepgate, tenantId, documentOf());
    const { tenant } = await read();
    expect((await write({ ...tenant, name: 'Renamed' })).status).toBe(200);
    expect(await secretShown()).toBe(CLIENT.clientSecret);
    const { hasSecret: _, ...without } = tenant.providers[0];
    expect((await write({ ...tenant, providers: [without] })).status).toBe(200);
    expect(await secretShown()).toBeNull();
  });

  it('is replaced by a new one', async () => {
    await configure(stepgate, tenantId, documentOf());
    await configure(stepgate, tenantId, documentOf({ clientSecret: 'the next one' }));
    expect(await secretShown()).toBe('the next one');
  });

  it('cannot be kept where there is none', async () => {
    const { clientSecret: _, ...provider } = corp(idp.issuer(), { hasSecret: true });
    expect((await write({ providers: [provider] })).body).toMatchObject({
      findings: [{ code: 'malformed', message: 'providers.0.hasSecret: is not an attribute we know' }],
    });
  });

  it('written by hand in plain makes the tenant malformed, and the fault does not repeat it', async () => {
    await stepgate.tenant(tenantId, { providers: [corp(idp.issuer())] });
    expect((await ask(stepgate.browser('header'), { tenantId })).status).toBe(503);
    const fault = stepgate.logged.findLast(({ event }) => event === 'tenant.malformed')?.fields['faults'];
    expect(fault).toEqual([
      expect.stringMatching(/^providers\.0\.clientSecret: may not be stored in plain.*aws kms encrypt/),
    ]);
    const shown = await read();
    expect(shown.findings).toMatchObject([{ code: 'malformed' }]);
    expect(JSON.stringify([shown, stepgate.logged])).not.toContain(CLIENT.clientSecret);
  });

  it('of one tenant does not open for another', async () => {
    await configure(stepgate, tenantId, documentOf());
    const sealed = (await stored())?.['providers'][0].sealedSecret;
    tenantId = `${tenantId}-other`;
    const { clientSecret: _, ...provider } = corp(idp.issuer());
    await stepgate.tenant(tenantId, { providers: [{ ...provider, sealedSecret: sealed }] });
    const page = stepgate.browser('header', tenantId);
    const answer = await finish(page, await begin(page, { tenantId }), { code: 'c' });
    expect(answer.body.status).toBe('GENERAL_ERROR');
  });

  it.each([
    [{ thirdPartyId: 'google', clientId: 'x' }, /^providers\.0: needs clientSecret$/],
    [{ thirdPartyId: 'apple', clientId: 'x', clientSecret: 'x' }, /^providers\.0: needs teamId, keyId$/],
    [{ thirdPartyId: 'corp', clientId: 'x' }, /^providers\.0: needs issuer$/],
    [{ thirdPartyId: 'corp', preset: 'oauth2', clientId: 'x' }, /^providers\.0: needs endpoints, claims$/],
    [{ thirdPartyId: 'Corp', clientId: 'x', issuer: 'https://corp.example' }, /^providers\.0\.thirdPartyId: /],
    [{ thirdPartyId: 'corp', clientId: 'x', issuer: 'http://corp.example' }, /^providers\.0\.issuer: must be an https/],
    [{ thirdPartyId: 'corp', clientId: 'x', issuer: 'https://a@corp.example' }, /^providers\.0\.issuer: /],
    [{ thirdPartyId: 'corp', clientId: 'x', isuer: 'https://corp.example' }, /^providers\.0\.isuer: is not an attr/],
  ])('is not all a provider needs: %j', async (provider, message) => {
    const answer = await write({ providers: [provider] });
    expect(answer).toMatchObject({ status: 400, body: { findings: [{ message: expect.stringMatching(message) }] } });
  });

  it('of the same provider twice needs two client types', async () => {
    const { issuer } = idp;
    const two = (clientType?: string) => corp(issuer(), clientType === undefined ? {} : { clientType });
    expect((await write({ providers: [two(), two()] })).status).toBe(400);
    expect((await write({ mfaPolicy: { rules: [] }, providers: [two('web'), two('ios')] })).status).toBe(200);
    expect((await ask(stepgate.browser('header'), { tenantId })).status).toBe(400);
    expect((await ask(stepgate.browser('header'), { tenantId, clientType: 'ios' })).body.status).toBe('OK');
    const providersFor = async (query: string) =>
      (await stepgate.browser().get(`/auth/${tenantId}/loginmethods${query}`)).body.thirdParty.providers;
    expect(await providersFor('')).toEqual([{ id: 'corp', name: 'Corp' }]);
    expect(await providersFor('?clientType=ios')).toEqual([{ id: 'corp', name: 'Corp' }]);
    expect(await providersFor('?clientType=tv')).toEqual([]);
  });
});
