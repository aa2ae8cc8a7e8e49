import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LINT_CODES } from '../../shared/mfa/lint/finding.ts';
import { CASES } from '../shared/mfa/lint/cases.ts';

const page = () => readFile(join(import.meta.dirname, '../../docs/policy-lint.md'), 'utf8');

describe('docs/policy-lint.md', () => {
  it('has a section for everything that is said of policies and tenants, and no other', async () => {
    const sections = [...(await page()).matchAll(/^### (\S+)$/gm)].map(([, name]) => name);
    expect(sections).toEqual(LINT_CODES);
  });

  it('says of each what level it has', async () => {
    const levels = new Map(
      [...(await page()).matchAll(/^### (\S+)\n(Error|Warning|Info)\b/gm)].map(([, name, level]) => [name, level]),
    );
    expect([...levels.keys()]).toEqual(LINT_CODES);
    for (const { finding, policy } of CASES) {
      const isObserved = JSON.stringify(policy).includes('observe');
      if (!isObserved) expect(levels.get(finding.code)?.toLowerCase(), finding.code).toBe(finding.level);
    }
  });
});

/** What is said of tenants is tested over HTTP: `origins-are-warned-of.test.ts`, `admin-policy-lint.test.ts`, `words-of-a-tenant.test.ts`. */
const OF_TENANTS = ['origin-not-public', 'policy-too-large', 'template-retired', 'tenant-too-large'];

it('each code is the outcome of a test', () => {
  const tested = new Set<string>([...CASES.map(({ finding }) => finding.code), ...OF_TENANTS]);
  expect([...tested].toSorted()).toEqual(LINT_CODES);
});
