import { readFile, writeFile } from 'node:fs/promises';

const BEGIN = '<!-- measured by `npm run bench -- --write`; edits in here are overwritten -->';
const END = '<!-- end of what is measured -->';

/** Replaces what stands between the two marks. @throws when the document has not both. */
export async function writeMeasured(path: string, text: string): Promise<void> {
  const document = await readFile(path, 'utf8');
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${path} has no place for measurements: ${BEGIN} … ${END}`);
  await writeFile(path, `${document.slice(0, begin)}${BEGIN}\n\n${text}\n${document.slice(end)}`);
}
