import { expect, it } from 'vitest';
import { PAGES_DIRECTORY } from '../../infra/hosted-pages.ts';
import { pagesToBuild } from '../../infra/stack.ts';

it.each<[string, Readonly<Record<string, unknown>>, string | undefined]>([
  ['the option is not given', {}, undefined],
  ['it is off', { hostedPages: 'false' }, undefined],
  ['it is on', { hostedPages: 'true' }, PAGES_DIRECTORY],
  ['the pages are somebody’s own', { hostedPages: 'true', pagesDirectory: '/srv/pages' }, undefined],
])('when %s', (_, context, expected) => {
  expect(pagesToBuild(context)).toBe(expected);
});
