import * as v from 'valibot';
import { isFactorId } from '../mfa/factor.ts';
import { closest } from '../mfa/lint/suggest.ts';
import { momentOf } from '../mfa/moment.ts';

/** A file of cases that is kept beside a policy: who, and what is asked of them. docs/policy-cookbook.md. */

const factor = v.pipe(v.string(), v.check(isFactorId, 'is not a factor id'));
const factors = v.array(factor);
const texts = v.array(v.string());
const moment = v.union(
  [
    v.pipe(
      v.string(),
      v.check((text) => momentOf(text) !== undefined),
      v.transform((text) => momentOf(text) ?? 0),
    ),
    v.pipe(v.number(), v.integer(), v.minValue(0)),
  ],
  'must be a date (2027-01-31), a time with its offset (2027-01-31T08:00:00+01:00) or epoch milliseconds',
);
const metadata = v.record(v.string(), v.unknown());
/** `["totp"]`, or `{"totp": "2026-01-01"}` where it matters when. */
const shown = v.union([factors, v.record(factor, moment)], 'must be a list of factors, or factors with a time each');

const Facts = v.strictObject({
  user: v.optional(
    v.strictObject({
      id: v.exactOptional(v.string()),
      roles: v.exactOptional(texts),
      permissions: v.exactOptional(texts),
      emails: v.exactOptional(texts),
      phones: v.exactOptional(texts),
      requiredFactors: v.exactOptional(factors),
      metadata: v.exactOptional(metadata),
      timeJoined: v.exactOptional(moment),
      factorsSetUp: v.exactOptional(factors),
      /** By rule: when the grace that began for this user ends. */
      grace: v.exactOptional(v.record(v.string(), moment)),
      exemption: v.exactOptional(v.strictObject({ until: moment, reason: v.optional(v.string(), '') })),
    }),
    {},
  ),
  session: v.optional(
    v.strictObject({
      firstFactor: v.exactOptional(factor),
      completed: v.exactOptional(shown),
      isNewDevice: v.exactOptional(v.boolean()),
      /** What the device has shown before and is remembered for. */
      trusted: v.exactOptional(shown),
    }),
    {},
  ),
  request: v.optional(
    v.strictObject({
      ip: v.exactOptional(v.string()),
      country: v.exactOptional(v.string()),
      userAgent: v.exactOptional(v.string()),
    }),
    {},
  ),
  tenant: v.optional(
    v.strictObject({
      id: v.exactOptional(v.string()),
      requiredSecondaryFactors: v.exactOptional(factors),
      metadata: v.exactOptional(metadata),
    }),
    {},
  ),
  now: v.exactOptional(moment),
});

const Requirement = v.union(
  [factor, v.strictObject({ oneOf: factors }), v.strictObject({ allOfInAnyOrder: factors })],
  'is not a factor id, {"oneOf": [...]} or {"allOfInAnyOrder": [...]}',
);

const Expectation = v.union(
  [
    v.literal('nothing'),
    v.array(Requirement),
    v.strictObject({ next: v.exactOptional(factors), requirements: v.exactOptional(v.array(Requirement)) }),
  ],
  'must be "nothing", a list of factors, a list of requirements, or {"next": [...], "requirements": [...]}',
);

const Case = v.strictObject({
  name: v.pipe(v.string(), v.minLength(1, 'is empty'), v.maxLength(200)),
  facts: v.optional(Facts, {}),
  expect: Expectation,
  because: v.exactOptional(texts),
  observed: v.exactOptional(texts),
});

const TableSchema = v.pipe(
  v.strictObject({
    tenant: v.exactOptional(v.record(v.string(), v.unknown())),
    /** For every case that does not say it. */
    now: v.exactOptional(moment),
    cases: v.pipe(v.array(Case), v.minLength(1, 'has no case'), v.maxLength(10_000, 'has more than 10,000 cases')),
  }),
  v.check(({ tenant }) => tenant === undefined || !('mfaPolicy' in tenant), 'tenant: has a policy of its own'),
  v.check(({ cases }) => new Set(cases.map(({ name }) => name)).size === cases.length, 'two cases have one name'),
);

export type Table = v.InferOutput<typeof TableSchema>;
export type TableCase = Table['cases'][number];

/** A table that cannot be run. */
export class BadTable extends Error {
  /** One line per fault: where, and what. */
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`the table cannot be run: ${faults.join('; ')}`);
    this.name = 'BadTable';
    this.faults = faults;
  }
}

/** @throws BadTable with every fault. */
export function parseTable(document: unknown): Table {
  const parsed = v.safeParse(TableSchema, document);
  if (parsed.success) return parsed.output;
  throw new BadTable(parsed.issues.map((issue) => faultOf(issue, document)));
}

/** For "did you mean": every field there is, wherever it stands. */
const FIELDS = [
  'cases tenant now name facts expect because observed next requirements id roles permissions emails phones',
  'requiredFactors metadata timeJoined factorsSetUp grace exemption until reason firstFactor completed isNewDevice',
  'trusted ip country userAgent requiredSecondaryFactors user session request',
].flatMap((line) => line.split(' '));

function faultOf(issue: v.BaseIssue<unknown>, document: unknown): string {
  const path = v.getDotPath(issue) ?? '';
  const at = `${path === '' ? 'the table' : path}${caseName(document, path)}`;
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const near = closest(path.split('.').at(-1) ?? '', FIELDS);
    return `${at}: is not a field we know${near === undefined ? '' : ` (did you mean ${near}?)`}`;
  }
  if (issue.received === 'undefined') return `${at}: is missing`;
  return `${at}: ${issue.message.replace(/ but received .*$/s, '').replace(/^Invalid type: Expected/, 'must be')}`;
}

/** ` ("an admin")`: cases are found by their names, not by their numbers. */
function caseName(document: unknown, path: string): string {
  const at = /^cases\.(\d+)\./.exec(path)?.[1];
  const named = v.safeParse(v.object({ cases: v.array(v.unknown()) }), document);
  if (at === undefined || !named.success) return '';
  const one = v.safeParse(v.object({ name: v.string() }), named.output.cases[Number(at)]);
  return one.success ? ` (${JSON.stringify(one.output.name.slice(0, 60))})` : '';
}
