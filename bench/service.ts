import middy from '@middy/core';
import type { APIGatewayProxyEventV2 as Event, Context } from 'aws-lambda';
import { functions } from '../functions/index.ts';
import { seedKeys } from '../infra/local/sample.ts';
import { hashPassword } from '../shared/account/password.ts';
import { newAccount } from '../shared/account/sign-up.ts';
import { writeTenant } from '../shared/admin/tenants.ts';
import { allPorts } from '../shared/app.ts';
import { readConfig } from '../shared/config.ts';
import { knownTenant } from '../shared/http/guard.ts';
import { toLambda } from '../shared/http/lambda.ts';
import { jsonLog } from '../shared/log.ts';
import { issuerAt, requireSession, type Wants, type WithSession } from '../shared/protect/require-session.ts';
import { verifyAccessToken } from '../shared/session/access-token.ts';
import { epochOf } from '../shared/session/policy-epoch.ts';
import { cheapenHashes } from './cheap-hash.ts';
import { type Cost, measure } from './measure.ts';
import { type Answer, PASSWORD, type Question } from './protocol.ts';
import { countRequests, NO_FLOW } from './requests.ts';

/** The service in a process that does nothing else, so that what the process costs is what the service costs. */

/** Roles decide who is asked, and users may opt in: what most tenants will have. */
const TENANT = {
  mfaPolicy: {
    rules: [
      { id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] },
      { id: 'opted-in', requireFrom: 'user' },
    ],
  },
};

const HASHES = 15;

let passed = 0;
const clock = { now: () => Date.now() + passed };
const app = allPorts(readConfig(process.env), { clock, log: jsonLog });
const handler = toLambda(Object.values(functions).flat(), app);
/** Somebody's own handler, in a process of its own but for what it would have read once and kept. */
const issuer = issuerAt({
  url: app.config.PUBLIC_URL,
  keys: app.keys,
  clock,
  fetch: async () => epochOf(await knownTenant('public', app.tenants), clock.now()),
});
const handlerThat = (wants: Wants) =>
  middy()
    .use(requireSession(wants, issuer))
    .handler(() => ({ statusCode: 204 }));
const guarded = { guarded: handlerThat({}), 'policy-checked': handlerThat({ checkPolicy: true }) };
const counter = countRequests(app.table.db);

process.on('message', (question: Question) => {
  void answer(question)
    .catch((error: unknown): Answer => ({ kind: 'failed', reason: error instanceof Error ? error.message : '' }))
    .then((reply) => process.send!(reply));
});
process.send!(await prepare());

/** Keys, tenant, and the one thing that is measured at its real cost. */
async function prepare(): Promise<Answer> {
  await seedKeys(app);
  await writeTenant('public', TENANT, app);
  const hash = await repeat(HASHES, () => hashPassword(PASSWORD));
  cheapenHashes();
  return { kind: 'ready', hash };
}

async function answer(question: Question): Promise<Answer> {
  switch (question.kind) {
    case 'call':
      return call(question.event, question.counts);
    case 'repeat':
      return { kind: 'costs', costs: await repeat(question.times, () => handler(question.event, {} as Context)) };
    case 'guarded':
    case 'policy-checked': {
      const { kind, event, times } = question;
      return { kind: 'costs', costs: await repeat(times, () => callGuarded(kind, event)) };
    }
    case 'verify':
      return { kind: 'costs', costs: await repeat(question.times, () => verifyAccessToken(question.token, app)) };
    case 'users':
      return { kind: 'users', emails: await makeAdmins(question.count) };
    case 'pass':
      passed += question.seconds * 1000;
      return { kind: 'passed' };
  }
}

async function call(event: Event, counts: boolean): Promise<Answer> {
  const work = () => measure(() => handler(event, {} as Context));
  if (!counts) {
    const { value, cost } = await work();
    return { kind: 'call', result: value, cost, flow: NO_FLOW };
  }
  let measured: Awaited<ReturnType<typeof work>> | undefined;
  const flow = await counter.during(async () => (measured = await work()));
  return { kind: 'call', result: measured!.value, cost: measured!.cost, flow };
}

/** @throws when the session is not let in: a bench of refusals would look fast. */
async function callGuarded(kind: keyof typeof guarded, event: Event): Promise<void> {
  const { statusCode } = await guarded[kind](event, {} as WithSession);
  if (statusCode !== 204) throw new Error(`requireSession answered ${statusCode}`);
}

async function repeat(times: number, work: () => Promise<unknown>): Promise<readonly Cost[]> {
  const costs: Cost[] = [];
  for (let i = 0; i < times; i += 1) costs.push((await measure(work)).cost);
  return costs;
}

let made = 0;

/** Accounts that the policy asks for a code, none of them enrolled. */
async function makeAdmins(count: number): Promise<readonly string[]> {
  const passwordHash = await hashPassword(PASSWORD);
  const emails = Array.from({ length: count }, () => `admin-${(made += 1)}@example.com`);
  for (const email of emails) {
    const { user, method } = newAccount({
      tenant: { tenantId: 'public' },
      email,
      passwordHash,
      now: app.clock.now() - 86_400_000,
    });
    await app.users.create(user, method);
    await app.userAdmin.setRole(user.userId, 'public', 'admin', true);
  }
  return emails;
}
