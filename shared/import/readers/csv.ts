import { type Line, plain } from './ndjson.ts';

/** A comma that was written as `\,`, on its way through. No character: Unicode says that it never will be one. */
const KEPT_COMMA = '\uFFFE';

/** Longer than any row that may be kept. */
const MAX_ROW = 65_536;

/**
 * Rows of a CSV, one at a time, with quotes or without, and with commas that have a backslash before them, as Cognito
 * wants them. Values lose the blanks around them. `line` is that of the file where the row ends.
 *
 * @param columns of a file without a header.
 */
export async function* csvRows(
  text: AsyncIterable<string>,
  convert: (row: Readonly<Record<string, string>>) => unknown,
  columns?: readonly string[],
): AsyncGenerator<Line> {
  const [{ parse }, { Readable, pipeline }] = await Promise.all([import('csv-parse'), import('node:stream')]);
  const rows = parse({
    columns: columns === undefined ? true : [...columns],
    bom: true,
    skip_empty_lines: true,
    trim: true,
    info: true,
    max_record_size: MAX_ROW,
    // What exports it ends its rows with a comma.
    relax_column_count_more: columns !== undefined,
  });
  pipeline(Readable.from(commasKept(text)), rows, () => {});
  let line = columns === undefined ? 1 : 0;
  let count = 0;
  try {
    for await (const row of rows as AsyncIterable<{ info: { lines: number }; record: Record<string, string> }>) {
      line = row.info.lines;
      count += 1;
      const own = Object.entries(row.record).map(([name, value]) => [name, value.replaceAll(KEPT_COMMA, ',')] as const);
      yield { line, ...plain(convert(Object.fromEntries(own))) };
    }
  } catch {
    yield { line: line + 1, fault: 'the file is not CSV of this header from here on' };
    return;
  }
  if (count === 0) yield { line: 1, fault: 'the file has no users' };
}

/** A backslash at the end of a chunk waits for the next. */
async function* commasKept(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of text) {
    const whole = rest + chunk;
    rest = whole.endsWith('\\') ? '\\' : '';
    const ready = rest === '' ? whole : whole.slice(0, -1);
    if (ready !== '') yield ready.replaceAll('\\,', KEPT_COMMA);
  }
  if (rest !== '') yield rest;
}
