import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { compileLayout, GENERATED } from '../../../infra/mails/compile.ts';

describe('the layout of mails', () => {
  it('is what `npm run mails` makes of layout.mjml', async () => {
    expect(await readFile(GENERATED, 'utf8')).toBe(await compileLayout());
  });

  it('brings nothing from anywhere: no font, picture, script or style sheet', async () => {
    const layout = await compileLayout();
    expect(layout).not.toMatch(/<script|<link|@import|url\(/);
    expect(layout.match(/src="[^"]*"/g)).toEqual(['src="{{logo}}"']);
  });
});
