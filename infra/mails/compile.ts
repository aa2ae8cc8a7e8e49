import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import mjml2html from 'mjml';

const DELIVERY = join(import.meta.dirname, '../../shared/delivery');
export const LAYOUT = join(DELIVERY, 'layout.mjml');
export const GENERATED = join(DELIVERY, 'layout-html.ts');

/** Colours that stand for the tenant's own: MJML takes colours only, and no placeholders, where a colour belongs. */
const STAND_INS: Readonly<Record<string, string>> = { '#c0ffee': '{{color}}', '#c0ffef': '{{onColor}}' };

/**
 * Makes the HTML of every mail out of `layout.mjml`: tables, inline styles and Outlook's conditional comments, with
 * Mustache's placeholders left in.
 *
 * @returns the module that `shared/delivery/mails.ts` reads, ready to be written.
 * @throws Error where the layout is not valid MJML.
 */
export async function compileLayout(): Promise<string> {
  const { html, errors } = await mjml2html(await readFile(LAYOUT, 'utf8'), {
    validationLevel: 'strict',
    fonts: {},
    keepComments: false,
  });
  if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join('\n'));
  const tidy = html
    .replaceAll(/#c0ffe[ef]/g, (color) => STAND_INS[color] ?? color)
    .replaceAll(/\s*\n\s*/g, '\n')
    .replaceAll(/>\n(?=\{\{)/g, '>')
    .replaceAll(/\}\}\n(?=<)/g, '}}')
    .trim();
  return `/** Made by \`npm run mails\` from layout.mjml: change that. */
export const LAYOUT_HTML = \`${tidy.replaceAll(/[\\`$]/g, String.raw`\$&`)}
\`;
`;
}

export const writeLayout = async (): Promise<void> => writeFile(GENERATED, await compileLayout());
