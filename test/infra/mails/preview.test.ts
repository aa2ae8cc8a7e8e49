import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writePreviews } from '../../../infra/mails/preview.ts';
import { kindNames } from '../../../shared/delivery/kinds.ts';

let home = '';
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'stepgate-mails-'));
});
afterAll(() => rm(home, { recursive: true }));

const tenantFile = async (document: unknown): Promise<string> => {
  const file = join(home, 'tenant.json');
  await writeFile(file, JSON.stringify(document));
  return file;
};

describe('npm run mails -- preview', () => {
  it('writes every mail in every language we have, and a page of them all', async () => {
    const out = join(home, 'all');
    expect(await writePreviews({ out })).toBe(kindNames.length * 2);
    const files = await readdir(out);
    expect(files).toHaveLength(kindNames.length * 4 + 1);
    const index = await readFile(join(out, 'index.html'), 'utf8');
    for (const kind of kindNames) expect(index).toContain(`src="hu-${kind}.html"`);
    expect(await readFile(join(out, 'hu-magic.txt'), 'utf8')).toContain('Belépés (Stepgate): https://');
  });

  it('shows a tenant’s own words and languages', async () => {
    const templates = { de: { reset: { subject: 'Kennwort', heading: 'Kennwort', body: '{{link}}' } } };
    const file = await tenantFile({ branding: { name: 'Nord' }, templates });
    const out = join(home, 'own');
    await writePreviews({ tenantFile: file, kind: 'reset', language: 'de', out });
    expect((await readdir(out)).toSorted()).toEqual(['de-reset.html', 'de-reset.txt', 'index.html']);
    expect(await readFile(join(out, 'de-reset.txt'), 'utf8')).toMatch(/^Subject: Kennwort\n/);
  });

  it('says what is wrong', async () => {
    const file = await tenantFile({ templates: { en: { reset: { body: 'no link' } } } });
    const out = join(home, 'none');
    await expect(writePreviews({ tenantFile: file, out })).rejects.toThrow(
      'templates.en.reset.body: must hold {{link}}',
    );
    await expect(writePreviews({ kind: 'welcome', out })).rejects.toThrow('--kind must be one of otp-sign-in');
    await expect(writePreviews({ language: 'de', out })).rejects.toThrow('--lang must be one of en, hu.');
    await expect(writePreviews({ tenantFile: join(home, 'nowhere.json'), out })).rejects.toThrow('is not a tenant');
  });
});
