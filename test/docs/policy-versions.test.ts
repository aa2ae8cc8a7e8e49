import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { useStepgate } from '../support/stepgate.ts';

/** The lines of docs/policy-versions.md do what it says of them, in its order. */

const stepgate = useStepgate();
let lines: readonly string[];

beforeAll(async () => {
  const text = await readFile(join(import.meta.dirname, '../../docs/policy-versions.md'), 'utf8');
  lines = [...text.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = '']) =>
    block.split(/^(?=curl )/m).filter((line) => line.startsWith('curl ')),
  );
});

/** Runs a `curl` line of the page: method, path and body, as a shell would read them. */
async function run(line: string) {
  const path = /\$API(\/[^\s"]+)/.exec(line)?.[1] ?? '';
  const data = /-d '(.*)'(?:\s|$)/s.exec(line)?.[1]?.replaceAll(String.raw`'\''`, "'");
  const method = /-X (\w+)/.exec(line)?.[1] ?? 'GET';
  const page = stepgate.browser();
  const body: unknown = data === undefined ? undefined : JSON.parse(data);
  if (method === 'PUT') return page.put(path, body);
  return method === 'POST' ? page.post(path, body) : page.get(path);
}

it('saves, looks, compares and takes back', async () => {
  const names = ['one', 'two', 'three'];
  for (const id of names) {
    await stepgate
      .browser()
      .put('/admin/tenants/acme', { mfaPolicy: { rules: [{ id, require: ['otp-email'] }] }, name: 'Acme' });
  }
  expect(lines).toHaveLength(6);
  const answers = [];
  for (const line of lines) answers.push((await run(line)).body);
  const [saved, active, list, third, diff, back] = answers;
  expect(saved).toEqual({ status: 'OK', version: 4, hash: '87e3a248596bc505', changed: true, findings: [] });
  expect(active).toMatchObject({ version: 4, hash: saved.hash });
  expect(list.versions.map(({ version }: { version: number }) => version)).toEqual([4, 3, 2, 1]);
  expect(third.mfaPolicy.rules[0].id).toBe('three');
  expect(diff.text).toContain('--- version 3\n+++ version 4\n');
  expect(back).toMatchObject({ status: 'OK', version: 5, hash: third.hash });
});
