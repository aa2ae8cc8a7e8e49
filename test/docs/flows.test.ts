/** `docs/flows.md` leads to every flow, and each of them is drawn. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const DOCS = join(import.meta.dirname, '../../docs');
const pages = (await readdir(join(DOCS, 'flows'))).toSorted();

describe('docs/flows.md', () => {
  it('leads to every page there is', async () => {
    const index = await readFile(join(DOCS, 'flows.md'), 'utf8');
    const linked = [...index.matchAll(/\(flows\/([\w-]+\.md)\)/g)].map(([, page]) => page);
    expect(linked.toSorted()).toEqual(pages);
  });

  it.each(pages)('draws what it tells: %s', async (page) => {
    expect(await readFile(join(DOCS, 'flows', page), 'utf8')).toContain('```mermaid\nsequenceDiagram');
  });
});
