import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { commands } from '../../cli/commands.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { createProgram, GLOBAL_OPTIONS } from '../../cli/program.ts';

let docs = '';
beforeAll(async () => {
  docs = await readFile(join(import.meta.dirname, '../../docs/cli.md'), 'utf8');
});

const sectionOf = (name: string): string =>
  docs.split('\n### ').find((section) => new RegExp(`^\`stepgate ${name}[ \`]`).test(section)) ?? '';

it.each(commands.map((command) => [command.name, command] as const))(
  'docs/cli.md has stepgate %s with all that --help has',
  (name, { args = [], options = [], examples }) => {
    const section = sectionOf(name);
    for (const [flag] of [...args, ...options]) expect(section).toContain(`\`${flag}\``);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(section).toContain(`stepgate ${example}`);
  },
);

it('names no command that there is not', () => {
  const named = [...docs.matchAll(/^### `stepgate ([a-z]+(?: [a-z]+)?)/gm)].map(([, name]) => name);
  expect(named.toSorted()).toEqual(commands.map(({ name }) => name).toSorted());
});

it('has every option of all commands, and every exit code', () => {
  for (const [flags] of GLOBAL_OPTIONS) expect(docs).toContain(/^--[a-z]+/.exec(flags)![0]);
  for (const code of Object.values(EXIT)) expect(docs).toContain(`| ${code} |`);
});

it('gives an IAM policy that is JSON, with every right that the commands use on the table', () => {
  const policy = JSON.parse(/```json\n(\{\n {2}"Version"[\s\S]*?)```/.exec(docs)![1]!) as {
    Statement: { Action: string | string[] }[];
  };
  const actions = policy.Statement.flatMap(({ Action }) => Action);
  for (const action of ['GetItem', 'Query', 'ConditionCheckItem', 'PutItem', 'UpdateItem', 'DeleteItem']) {
    expect(actions).toContain(`dynamodb:${action}`);
  }
});

it('every command is in the tree of the parser, once', () => {
  const about = { version: '0', run: () => Promise.resolve(), say: () => {}, complain: () => {} };
  const names = createProgram(commands, about).commands.flatMap((one) =>
    one.commands.length === 0 ? [one.name()] : one.commands.map((each) => `${one.name()} ${each.name()}`),
  );
  expect(names.toSorted()).toEqual(commands.map(({ name }) => name).toSorted());
});
