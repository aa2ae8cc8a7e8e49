import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeLayout } from './mails/compile.ts';
import { writePreviews } from './mails/preview.ts';

/**
 * `npm run mails` compiles the layout of mails; `npm run mails -- preview` shows all of them, or those of one
 * `--kind`, in one `--lang`, as the `--tenant` in a file has them, in `dist/mails` or another `--out`.
 */

const OUT = join(import.meta.dirname, '../dist/mails');

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      tenant: { type: 'string' },
      kind: { type: 'string' },
      lang: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const [command] = positionals;
  if (command === undefined) return writeLayout();
  if (command !== 'preview') throw new Error(`npm run mails knows preview, and not ${command}.`);
  const { tenant: tenantFile, kind, lang: language, out = OUT } = values;
  const count = await writePreviews({ tenantFile, kind, language, out });
  process.stdout.write(`${count} mails: open ${join(out, 'index.html')}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
