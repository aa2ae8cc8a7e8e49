/** Columns for people, two spaces between; the last one is not padded. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  '))
    .join('\n');
}

/** A stored word could hold control characters that steer a terminal. */
export const plain = (value: string | undefined): string => (value ?? '').replaceAll(/\p{C}/gu, '�');

/** `2026-01-05 12:00:00Z`. @param ms epoch milliseconds */
export const time = (ms: number): string =>
  new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z/, 'Z');

export const list = (values: readonly string[]): string => (values.length === 0 ? '–' : values.map(plain).join(', '));

export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
