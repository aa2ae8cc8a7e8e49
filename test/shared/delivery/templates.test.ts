import { describe, expect, it } from 'vitest';
import { parseTenant } from '../../../shared/account/parse-tenant.ts';

const faults = async (templates: unknown): Promise<readonly string[]> => {
  try {
    await parseTenant('acme', { templates });
    return [];
  } catch (error) {
    return (error as { readonly faults: readonly string[] }).faults;
  }
};

describe('a tenant’s templates', () => {
  it('are taken as they are where nothing is wrong with them', async () => {
    const own = {
      hu: { 'otp-sign-in': { subject: 'Kód', body: 'Itt a kódod:\n\n{{code}}', sms: '{{app}}: {{code}}' } },
      'pt-BR': { reset: { subject: 'Senha', heading: 'Senha', body: '{{link}}', button: 'Mudar' } },
      en: { 'password.changed': { footer: 'Call us: +36 1 234 5678' } },
    };
    expect(await faults(own)).toEqual([]);
    const tenant = await parseTenant('acme', { templates: own });
    expect(tenant.templates['hu']?.['otp-sign-in']?.sms).toEqual(['{{app}}: {{code}}']);
  });

  it('are without those for mails of earlier versions, whatever is in them', async () => {
    const words = { subject: 'Confirm', heading: 'Confirm', body: '{{link}}', button: 'Confirm' };
    const templates = { en: { change: words, reset: { subject: 'New password' } }, de: { change: 'nothing' } };
    const tenant = await parseTenant('acme', { templates });
    expect(tenant.templates).toEqual({ en: { reset: { subject: 'New password' } }, de: {} });
  });

  it.each<[string, unknown, string]>([
    ['not a map', 'hello', 'templates: '],
    ['a language that is none', { hungarian: {} }, 'templates.hungarian: must be a language such as hu or pt-BR'],
    ['a mail we do not send', { hu: { welcome: {} } }, 'templates.hu.welcome: is not a mail we send'],
    [
      'a field that is none',
      { hu: { reset: { title: 'x' } } },
      'templates.hu.reset.title: is not an attribute we know',
    ],
    ['an empty text', { hu: { reset: { subject: ' ' } } }, 'templates.hu.reset.subject: '],
    ['a text too long', { hu: { reset: { body: 'x'.repeat(4_001) } } }, 'templates.hu.reset.body: '],
    [
      'a placeholder nobody fills',
      { hu: { reset: { subject: '{{user}}' } } },
      'templates.hu.reset.subject: does not know {{user}}',
    ],
    [
      'another kind’s placeholder',
      { en: { verify: { body: '{{link}} {{code}}' } } },
      'templates.en.verify.body: does not know {{code}}',
    ],
    [
      'a section',
      { en: { reset: { body: '{{#link}}x{{/link}} {{link}}' } } },
      'templates.en.reset.body: placeholders look like {{app}}',
    ],
    [
      'unescaped filling',
      { en: { reset: { body: '{{{link}}} {{link}}' } } },
      'templates.en.reset.body: placeholders look like {{app}}',
    ],
    [
      'a code nobody sees',
      { en: { 'otp-sign-in': { body: 'Hello' } } },
      'templates.en.otp-sign-in.body: must hold {{code}}',
    ],
    [
      'a code nobody reads',
      { en: { 'otp-set-up': { sms: 'Hello' } } },
      'templates.en.otp-set-up.sms: must hold {{code}}',
    ],
    [
      'a code on the lock screen',
      { en: { 'otp-sign-in': { subject: '{{code}}' } } },
      'templates.en.otp-sign-in.subject: does not know {{code}}',
    ],
    ['a link nobody can follow', { en: { reset: { body: 'Hello' } } }, 'templates.en.reset.body: must hold {{link}}'],
    [
      'a text message that is never sent',
      { en: { reset: { sms: '{{link}}' } } },
      'templates.en.reset.sms: this is never sent as a text message',
    ],
    [
      'half a mail in a new language',
      { de: { reset: { subject: 'Kennwort', heading: 'Kennwort' } } },
      'templates.de.reset.body: is missing; in a language we do not have, all of it must be there',
    ],
  ])('are refused for %s', async (_, templates, expected) => {
    expect(await faults(templates)).toEqual(expect.arrayContaining([expect.stringContaining(expected)]));
  });
});
