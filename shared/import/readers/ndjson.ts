import { faultIn } from '../../http/body.ts';
import type { Sourced } from '../import-users.ts';
import { type Chunks, textOf } from './text.ts';

/** Longer than any user whose metadata may be kept. */
const MAX_LINE = 262_144;
const MAX_DEPTH = 12;

/** One line with a JSON value on it; blank lines are passed over. */
export type Line = { readonly line: number } & ({ readonly value: unknown } | { readonly fault: string });

/** Our own format: one record a line. */
export async function* readNdjson(chunks: Chunks): AsyncGenerator<Sourced> {
  for await (const { line, ...read } of jsonLines(chunks)) {
    yield { line, ...('fault' in read ? read : { record: read.value }) };
  }
}

/** JSON, a value a line. Holds no more of the file than a line, and of a line no more than 256 KB. */
export async function* jsonLines(chunks: Chunks): AsyncGenerator<Line> {
  let line = 0;
  for await (const text of lines(chunks)) {
    line += 1;
    if (text === undefined) yield { line, fault: 'the line is longer than 256 KB' };
    else if (text.trim() !== '') yield { line, ...parsed(text) };
  }
}

function parsed(text: string) {
  try {
    return plain(JSON.parse(text));
  } catch {
    return { fault: 'the line is not valid JSON' };
  }
}

/** A value that can be kept as it came, or why not. @see faultIn */
export function plain(value: unknown): { readonly value: unknown } | { readonly fault: string } {
  const fault = faultIn(value, MAX_DEPTH);
  return fault === undefined ? { value } : { fault: fault.replace('the body', 'it') };
}

/** @returns undefined in place of a line that is too long. */
async function* lines(chunks: Chunks): AsyncGenerator<string | undefined> {
  let rest = '';
  let isTooLong = false;
  let isFirst = true;
  for await (const chunk of textOf(chunks)) {
    const parts = (rest + (isFirst ? chunk.replace(/^\uFEFF/, '') : chunk)).split('\n');
    isFirst = false;
    rest = parts.pop() ?? '';
    for (const part of parts) {
      yield isTooLong || part.length > MAX_LINE ? undefined : part;
      isTooLong = false;
    }
    if (rest.length > MAX_LINE) {
      isTooLong = true;
      rest = '';
    }
  }
  if (isTooLong) yield undefined;
  else if (rest !== '') yield rest.length > MAX_LINE ? undefined : rest;
}
