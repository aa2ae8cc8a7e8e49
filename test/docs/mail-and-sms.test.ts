import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kindNames, speaksOf } from '../../shared/delivery/kinds.ts';
import { parseTenant } from '../../shared/account/parse-tenant.ts';
import { NOTICE_EVENTS } from '../../shared/notices/event.ts';

const read = (name: string) => readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8');
const page = read('mail-and-sms.md');
const list = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ');

describe('docs/mail-and-sms.md', () => {
  it('lists every kind with what it must and may hold', () => {
    const rows = kindNames.map((kind) => {
      const { needs, may, sms } = speaksOf(kind);
      return ['', `\`${kind}\``, list(needs), list(may), sms ? 'yes' : '', ''].map((cell) => cell.trim()).join('|');
    });
    const written = page.split('<!-- kinds -->')[1]!.split('<!-- /kinds -->')[0]!.trim().split('\n');
    expect(written.map((row) => row.replaceAll(/\s*\|\s*/g, '|'))).toEqual(rows);
  });

  it('shows templates that a tenant may have', async () => {
    const example = JSON.parse(/```json\n([^]*?)```/.exec(page)?.[1] ?? '');
    expect((await parseTenant('acme', example)).templates['de']?.reset?.subject).toBe('Neues Kennwort');
  });
});

describe('docs/flows/notices.md', () => {
  it('names every event', () => {
    const notices = read('flows/notices.md');
    for (const event of NOTICE_EVENTS) expect(notices).toContain(`\`${event}\``);
  });
});
