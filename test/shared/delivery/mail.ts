import * as fc from 'fast-check';
import type { MailTenant } from '../../../shared/delivery/texts.ts';

export const ACME: MailTenant = { tenantId: 'acme', name: undefined, branding: {}, templates: {} };

/** What a reader sees of a page: its text, with entities resolved. */
export const visible = (html: string) =>
  html
    .replace(/^[^]*<body/, '<body')
    .replace(/<[^>]+>/g, '\n')
    .replace(/&#(\d+);/g, (_, number) => String.fromCharCode(Number(number)))
    .split('\n')
    .filter((line) => line.trim() !== '');

export const written = (text: string) => text.split('\n').filter((line) => line !== '');

export const code = fc.stringMatching(/^\d{6,8}$/);
/** As the settings allow it: 1 to 20 UTF-16 units. */
export const appName = fc
  .oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.string({ unit: 'grapheme', maxLength: 20 }), fc.string())
  .map((name) => name.slice(0, 20))
  .filter((name) => name.length > 0);
