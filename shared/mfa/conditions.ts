import type { ASTNode, Environment, SourceRange } from '@marcbachmann/cel-js';
import type { Facts } from './facts.ts';
import { inNetwork } from './networks.ts';

/**
 * Conditions over facts: CEL, from a library, with every variable declared and everything bounded.
 *
 * The library is loaded with the first condition: tenants without one never pay for it, nor does a cold start.
 *
 * @see https://github.com/google/cel-spec
 */
export interface Condition {
  /** The library's value. @throws when the expression cannot be evaluated on these facts. */
  readonly evaluate: (facts: Facts) => unknown;
  readonly type: string;
  /** The library's syntax tree, for what is checked when a policy is saved. */
  readonly ast: unknown;
}

export interface ConditionFault {
  readonly code: 'syntax' | 'type' | 'too-costly';
  readonly message: string;
  /** The library's name for it: `unknown_variable`. Absent where the fault is none of the library's. */
  readonly reason?: string;
  /** Characters of the expression, from 0. Absent where the whole of it is at fault. */
  readonly at?: { readonly start: number; readonly end: number };
}

const MAX_LENGTH = 2_000;
/** A macro inside a macro walks lists times lists; more than two deep is refused. */
const MAX_MACRO_DEPTH = 2;
const MACROS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

const strings = 'list<string>';

let loading: Promise<Environment> | undefined;

export const environment = (): Promise<Environment> =>
  (loading ??= import('@marcbachmann/cel-js').then(({ Environment: Cel }) => declare(Cel)));

/** What a condition may read, besides `now`. `facts.ts` is the same shape. */
export const READABLE = {
  user: {
    id: 'string',
    roles: strings,
    permissions: strings,
    emails: strings,
    phones: strings,
    requiredFactors: strings,
    metadata: 'map<string, dyn>',
    timeJoined: 'google.protobuf.Timestamp',
    factorsSetUp: strings,
  },
  tenant: { id: 'string', requiredSecondaryFactors: strings, metadata: 'map<string, dyn>' },
  session: { firstFactor: 'string', completed: strings, isNewDevice: 'bool' },
  request: { ip: 'string', country: 'string', userAgent: 'string' },
} as const;

const declare = (Cel: typeof Environment): Environment =>
  new Cel({
    unlistedVariablesAreDyn: false,
    limits: { maxAstNodes: 400, maxDepth: 40, maxListElements: 100, maxMapEntries: 50, maxCallArguments: 8 },
  })
    .registerVariable({ name: 'user', schema: READABLE.user })
    .registerVariable({ name: 'tenant', schema: READABLE.tenant })
    .registerVariable({ name: 'session', schema: READABLE.session })
    .registerVariable({ name: 'request', schema: READABLE.request })
    .registerVariable('now', 'google.protobuf.Timestamp')
    .registerFunction('inNetwork(string, string): bool', inNetwork);

/** Compiles and type-checks an expression; every fault of it is found here, before any user meets it. */
export async function compileCondition(expression: string): Promise<Condition | ConditionFault> {
  if (expression.length > MAX_LENGTH) {
    return { code: 'too-costly', message: `longer than ${MAX_LENGTH} characters` };
  }
  const cel = await environment();
  try {
    const parsed = cel.parse(expression);
    if (macroDepth(parsed.ast) > MAX_MACRO_DEPTH) {
      return { code: 'too-costly', message: `macros are nested more than ${MAX_MACRO_DEPTH} deep` };
    }
    const check = parsed.check();
    if (!check.valid) return { code: 'type', ...faultIn(check.error, 'does not type-check') };
    return { evaluate: (facts) => parsed(contextOf(facts)), type: check.type ?? 'dyn', ast: parsed.ast };
  } catch (error) {
    const fault = faultIn(error, 'cannot be parsed');
    return { code: fault.reason === 'limit_exceeded' ? 'too-costly' : 'syntax', ...fault };
  }
}

function faultIn(error: unknown, otherwise: string): Omit<ConditionFault, 'code'> {
  if (!(error instanceof Error)) return { message: otherwise };
  return {
    message: error.message,
    ...('code' in error && typeof error.code === 'string' ? { reason: error.code } : {}),
    ...('range' in error && isRange(error.range) ? { at: error.range } : {}),
  };
}

const isRange = (value: unknown): value is SourceRange =>
  typeof value === 'object' && value !== null && 'start' in value && 'end' in value;

export const isFault = (compiled: Condition | ConditionFault): compiled is ConditionFault => 'code' in compiled;

function macroDepth(node: unknown): number {
  if (Array.isArray(node)) return Math.max(0, ...node.map(macroDepth));
  if (!isNode(node)) return 0;
  const own = node.op === 'rcall' && MACROS.has(node.args[0]) ? 1 : 0;
  return own + macroDepth(node.args);
}

export const isNode = (value: unknown): value is ASTNode =>
  typeof value === 'object' && value !== null && 'op' in value && 'args' in value;

type Context = Record<string, unknown>;

/** Facts never change: what a policy's rules and a tenant's claims read of them is made once. */
const contexts = new WeakMap<Facts, Context>();

function contextOf(facts: Facts): Context {
  const known = contexts.get(facts);
  if (known !== undefined) return known;
  const made = celContext(facts);
  contexts.set(facts, made);
  return made;
}

const celContext = (facts: Facts) => ({
  user: {
    id: facts.user.id,
    roles: facts.user.roles,
    permissions: facts.user.permissions,
    emails: facts.user.emails,
    phones: facts.user.phones,
    requiredFactors: facts.user.requiredFactors,
    metadata: celValue(facts.user.metadata),
    timeJoined: new Date(facts.user.timeJoined),
    factorsSetUp: facts.user.factorsSetUp,
  },
  tenant: { ...facts.tenant, metadata: celValue(facts.tenant.metadata) },
  session: {
    firstFactor: facts.session.firstFactor,
    completed: Object.keys(facts.session.completed),
    isNewDevice: facts.session.isNewDevice,
  },
  request: facts.request,
  now: new Date(facts.now),
});

/** Whole numbers become CEL `int`, so that `user.metadata.seats == 5` holds for a stored 5. */
function celValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(celValue);
  if (value instanceof Set) return [...value].map(celValue);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, celValue(item)]));
  }
  return value;
}
