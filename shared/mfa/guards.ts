import { isNode } from './conditions.ts';

/**
 * Which of a user's metadata keys a condition reads without asking anywhere whether they are there.
 *
 * Evaluating on an empty user does not find these: `'admin' in user.roles && user.metadata.plan == 'paid'` fails on
 * admins alone.
 *
 * @returns paths as they are written in `has(…)`: `user.metadata.plan`.
 */
export function unguardedReads(ast: unknown): readonly string[] {
  const found: Found = { reads: new Set(), guards: new Set() };
  visit(ast, found);
  return [...found.reads].filter((path) => !found.guards.has(path));
}

interface Found {
  readonly reads: Set<string>;
  readonly guards: Set<string>;
}

function visit(node: unknown, found: Found): void {
  if (Array.isArray(node)) for (const item of node) visit(item, found);
  if (!isNode(node)) return;
  const path = pathOf(node);
  if (node.op === 'call' && node.args[0] === 'has') {
    const [asked] = node.args[1];
    found.guards.add(pathOf(asked) ?? '');
    // What is asked for may be missing; what it is asked of may not.
    if (isNode(asked)) visit(asked.args, found);
    return;
  }
  if (node.op === 'in' && isNode(node.args[0]) && node.args[0].op === 'value') {
    found.guards.add(`${pathOf(node.args[1])}.${String(node.args[0].args)}`);
  }
  if (path?.startsWith('user.metadata.')) found.reads.add(path);
  visit(node.args, found);
}

/** `user.metadata.plan` for a chain of members with names known in advance. */
export function pathOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.op === 'id') return node.args;
  if (node.op !== '.' && node.op !== '[]') return undefined;
  const [of, member] = node.args;
  const name = isNode(member) ? (member.op === 'value' ? member.args : undefined) : member;
  const path = pathOf(of);
  return path === undefined || typeof name !== 'string' ? undefined : `${path}.${name}`;
}

const ROOTS = new Set(['user', 'tenant', 'session', 'request']);
const METADATA = /^(?:user|tenant)\.metadata/;

/**
 * The facts a condition may look at, whatever they are: `user.roles`, `user.metadata.plan`, `now`.
 *
 * A key that is computed counts for the whole it is looked up in; so does everything of a name that stands by itself.
 */
export function factsRead(ast: unknown): readonly string[] {
  const paths = new Set<string>();
  collectFacts(ast, paths);
  return [...paths];
}

function collectFacts(node: unknown, paths: Set<string>): void {
  if (Array.isArray(node)) for (const item of node) collectFacts(item, paths);
  if (!isNode(node)) return;
  const [root = '', name, ...deeper] = pathOf(node)?.split('.') ?? [];
  if (root === 'now' || ROOTS.has(root)) {
    const fact = name === undefined ? root : `${root}.${name}`;
    paths.add(METADATA.test(fact) ? [fact, ...deeper].join('.') : fact);
    return;
  }
  if (node.op === 'in' && isNode(node.args[0]) && typeof node.args[0].args === 'string') {
    const of = pathOf(node.args[1]);
    // A key that is asked for in a map; in a list it would be an entry.
    if (of === 'user.metadata' || of === 'tenant.metadata') {
      paths.add(`${of}.${node.args[0].args}`);
      return;
    }
  }
  collectFacts(node.args, paths);
}
