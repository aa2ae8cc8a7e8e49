import type { Plugin } from 'rolldown';
import { parseAst } from 'rolldown/parseAst';
import { type ESTree, Visitor } from 'rolldown/utils';

const WHOLE = /[\\/]valibot[\\/]dist[\\/]index\.mjs$/;
const PART = /[\\/]valibot[\\/]dist[\\/]index\.mjs\?declares=/;

/** The file that a part is of; any other path as it is. */
export const wholeOf = (id: string): string => id.replace(/\?declares=.*$/, '');

/**
 * Makes valibot's one file a module for each of its declarations.
 *
 * A module is read at a cold start, or on demand, as a whole. With one module, all that any schema of a function needs
 * would be read at its start: 15 KB, of which 6 are for the schemas of tenants alone.
 */
export const oneByOne: Plugin = {
  name: 'one-by-one',
  resolveId: {
    filter: { id: PART },
    handler: (id) => ({ id, moduleSideEffects: false }),
  },
  load: {
    filter: { id: PART },
    async handler(id) {
      const whole = wholeOf(id);
      this.addWatchFile(whole);
      const source = sources.get(whole) ?? (await this.fs.readFile(whole, { encoding: 'utf8' }));
      sources.set(whole, source);
      return { code: codeOf(source, whole, id), map: null };
    },
  },
  transform: {
    filter: { id: WHOLE },
    handler(source, id) {
      const { parts, exported } = read(source);
      const from = (local: string) =>
        idOf(
          id,
          parts.find(({ declares }) => declares.includes(local))!,
        );
      return {
        code: exported.map(({ local, name }) => `export { ${local} as ${name} } from '${from(local)}';`).join('\n'),
        map: null,
      };
    },
  },
};

/** Statements that have to stay together. */
interface Part {
  readonly declares: readonly string[];
  /** Every name in it, of whatever kind: what is imported for nothing shakes out. */
  readonly mentions: ReadonlySet<string>;
  /** First and last line of each statement, comments before it included; from 1. */
  readonly lines: readonly (readonly [number, number])[];
}

interface Library {
  /** Line by line. */
  readonly text: readonly string[];
  readonly parts: readonly Part[];
  readonly exported: readonly { readonly local: string; readonly name: string }[];
}

/** A build asks for hundreds of parts of one file. */
const sources = new Map<string, string>();
const known = new Map<string, Library>();

const idOf = (whole: string, { declares }: Part): string => `${whole}?declares=${declares[0]}`;

/** The part alone, each of its lines where it was: what else is on them is one declaration a line in such a file. */
function codeOf(source: string, whole: string, id: string): string {
  const { parts, text: all } = read(source);
  const part = parts.find((candidate) => idOf(whole, candidate) === id)!;
  const imports = parts.flatMap((other) => {
    const names = other === part ? [] : other.declares.filter((name) => part.mentions.has(name));
    return names.length === 0 ? [] : [`import { ${names.join(', ')} } from '${idOf(whole, other)}';`];
  });
  const isOfPart = (line: number) => part.lines.some(([first, last]) => first <= line && line <= last);
  const lines = all.map((text, i) => (isOfPart(i + 1) ? text : ''));
  // The first line of such a file is a comment.
  return [imports.join(' '), ...lines.slice(1), `export { ${part.declares.join(', ')} };`].join('\n');
}

/** Statements that mention one variable which changes belong together: an import cannot be assigned to. */
function read(source: string): Library {
  const before = known.get(source);
  if (before !== undefined) return before;
  const parts: Part[] = [];
  const exported: { local: string; name: string }[] = [];
  const changing = new Map<string, number>();
  let [end, line] = [0, 1];
  for (const statement of parseAst(source).body) {
    const first = line + (source[end] === '\n' ? 1 : 0);
    line += source.slice(end, statement.end).split('\n').length - 1;
    end = statement.end;
    if (statement.type === 'ExportNamedDeclaration') {
      exported.push(
        ...statement.specifiers.map(({ local, exported: name }) => ({ local: nameOf(local), name: nameOf(name) })),
      );
      continue;
    }
    const declares = declaredBy(statement);
    const mentions = namesIn(statement);
    const group = [...mentions].flatMap((name) => changing.get(name) ?? [])[0];
    const old = group === undefined ? undefined : parts[group];
    const part: Part = {
      declares: [...(old?.declares ?? []), ...declares],
      mentions: new Set([...(old?.mentions ?? []), ...mentions]),
      lines: [...(old?.lines ?? []), [first, line]],
    };
    const at = group ?? parts.length;
    parts[at] = part;
    if (statement.type === 'VariableDeclaration' && statement.kind !== 'const')
      for (const name of declares) changing.set(name, at);
  }
  const library = { text: source.split('\n'), parts, exported };
  known.set(source, library);
  return library;
}

function declaredBy(statement: ESTree.Statement | ESTree.ModuleDeclaration): readonly string[] {
  if (statement.type === 'FunctionDeclaration' || statement.type === 'ClassDeclaration') return [statement.id!.name];
  if (statement.type === 'VariableDeclaration') return statement.declarations.map(({ id }) => nameOf(id));
  throw new Error(`valibot has a ${statement.type} at its top, which infra/build/one-by-one.ts does not know`);
}

function nameOf(node: ESTree.BindingPattern | ESTree.ModuleExportName): string {
  if (node.type !== 'Identifier') throw new Error(`valibot declares or exports a ${node.type}`);
  return node.name;
}

function namesIn(statement: ESTree.Statement | ESTree.ModuleDeclaration): ReadonlySet<string> {
  const names = new Set<string>();
  new Visitor({ Identifier: ({ name }) => void names.add(name) }).visit({
    type: 'Program',
    body: [statement],
    sourceType: 'module',
    hashbang: null,
    start: statement.start,
    end: statement.end,
  });
  return names;
}
