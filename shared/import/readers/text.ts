/** A file, as chunks come: bytes of UTF-8 or text. */
export type Chunks = AsyncIterable<Uint8Array | string>;

/** @throws TypeError for bytes that are not UTF-8. */
export async function* textOf(chunks: Chunks): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const chunk of chunks) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}

/** What a file begins with, blanks apart, and the same file to read from its beginning. */
export async function peek(chunks: Chunks): Promise<{ readonly first: string; readonly text: AsyncGenerator<string> }> {
  const texts = textOf(chunks);
  const held: string[] = [];
  let first = '';
  while (first === '') {
    const next = await texts.next();
    if (next.done === true) break;
    held.push(next.value);
    first = next.value
      .replace(/^\uFEFF/, '')
      .trimStart()
      .slice(0, 1);
  }
  return {
    first,
    text: (async function* () {
      yield* held;
      yield* texts;
    })(),
  };
}
