import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { largestPage } from '../../infra/pages/split.ts';

type Outputs = Parameters<typeof largestPage>[0];

const imports = (kind: 'import-statement' | 'dynamic-import', ...paths: string[]) =>
  paths.map((path) => ({ path, kind }));
const file = (entryPoint: string | undefined, ...needs: Outputs[string]['imports']): Outputs[string] => ({
  bytes: 0,
  inputs: {},
  exports: [],
  imports: needs,
  ...(entryPoint === undefined ? {} : { entryPoint }),
});

it('a page weighs as much as the program, itself and the longest language, what they share once', () => {
  const outputs: Outputs = {
    main: file(
      'web/main.tsx',
      ...imports('import-statement', 'shared'),
      ...imports('dynamic-import', 'small', 'large', 'en', 'hu'),
    ),
    shared: file(undefined),
    small: file('web/pages/small.tsx', ...imports('import-statement', 'shared')),
    large: file('web/pages/large.tsx', ...imports('import-statement', 'shared', 'recipe')),
    recipe: file(undefined),
    en: file('web/i18n/en.ts'),
    hu: file('web/i18n/hu.ts'),
  };
  const sources = new Map(
    Object.keys(outputs).map((name, index) => [name, Buffer.from(`${name} `.repeat(10) + 'x'.repeat(index * 97))]),
  );
  const weight = (...names: readonly string[]) =>
    names.reduce((sum, name) => sum + gzipSync(sources.get(name)!, { level: 9 }).length, 0);
  expect(largestPage(outputs, sources)).toBe(weight('main', 'shared', 'large', 'recipe', 'hu'));
});
