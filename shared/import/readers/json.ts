import { pipeline, Readable } from 'node:stream';
import { type Line, plain } from './ndjson.ts';
import type { Chunks } from './text.ts';
import { peek } from './text.ts';

/**
 * The users of a JSON document, one after the other: of a list, or of the list `users` or `Users` of an object. Holds one
 * user of the file at a time. `line` counts users.
 */
export async function* jsonUsers(chunks: Chunks): AsyncGenerator<Line> {
  const { first, text } = await peek(chunks);
  const [{ parser }, { pick }, { streamArray }] = await Promise.all([
    import('stream-json'),
    import('stream-json/filters/pick.js'),
    import('stream-json/streamers/stream-array.js'),
  ]);
  const options = { packValues: true, streamValues: false };
  const [source, tokens, elements] = [Readable.from(text), parser.asStream(options), streamArray.asStream()];
  const done = (): void => {};
  if (first === '[') pipeline(source, tokens, elements, done);
  else pipeline(source, tokens, pick.asStream({ filter: /^(users|Users)$/ }), elements, done);

  let line = 0;
  try {
    for await (const element of elements as AsyncIterable<{ readonly value: unknown }>) {
      line += 1;
      yield { line, ...plain(element.value) };
    }
  } catch {
    yield { line: line + 1, fault: 'the file is not JSON with a list of users from here on' };
    return;
  }
  if (line === 0 && first !== '[') yield { line: 1, fault: 'the file has no list named users' };
}
