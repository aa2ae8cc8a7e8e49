import { readFile, writeFile } from 'node:fs/promises';

/** Each bench has a place of its own. @param bench empty for the one without a name. */
const marksOf = (bench: '' | 'simulate') => ({
  begin: `<!-- measured by \`npm run bench -- ${bench === '' ? '' : `${bench} `}--write\`; edits in here are overwritten -->`,
  end: `<!-- end of what ${bench === '' ? 'is' : `${bench} has`} measured -->`,
});

/** Replaces what stands between the two marks of a bench. @throws when the document has not both. */
export async function writeMeasured(path: string, text: string, bench: '' | 'simulate' = ''): Promise<void> {
  const document = await readFile(path, 'utf8');
  const marks = marksOf(bench);
  const [begin, end] = [document.indexOf(marks.begin), document.indexOf(marks.end)];
  if (begin < 0 || end < begin) throw new Error(`${path} has no place for measurements: ${marks.begin} … ${marks.end}`);
  await writeFile(path, `${document.slice(0, begin)}${marks.begin}\n\n${text}\n${document.slice(end)}`);
}
