import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FINDINGS } from '../../shared/doctor/finding.ts';

it('docs/doctor.md has a section for everything the doctor can say, and no other', async () => {
  const text = await readFile(join(import.meta.dirname, '../../docs/doctor.md'), 'utf8');
  const sections = [...text.matchAll(/^### (\S+)$/gm)].map(([, name]) => name);
  expect(sections).toEqual(FINDINGS);
});
