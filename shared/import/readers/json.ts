import { pipeline, Readable } from 'node:stream';
import { type Line, plain } from './ndjson.ts';
import type { Chunks } from './text.ts';
import { peek } from './text.ts';

/** What stands beside the users of a document, where somebody listens: by its name. */
export type Beside = { readonly names: RegExp; readonly on: (value: unknown) => void };

const LIST = /^(?:users|Users)\.\d+$/;

/**
 * The users of a JSON document, one after the other: of a list, or of the list `users` or `Users` of an object. Holds one
 * user of the file at a time. `line` counts users.
 */
export async function* jsonUsers(chunks: Chunks, beside?: Beside): AsyncGenerator<Line> {
  const { first, text } = await peek(chunks);
  const [{ parser }, { pick }, { streamArray }, { streamValues }] = await Promise.all([
    import('stream-json'),
    import('stream-json/filters/pick.js'),
    import('stream-json/streamers/stream-array.js'),
    import('stream-json/streamers/stream-values.js'),
  ]);
  const options = { packValues: true, streamValues: false };
  const [source, tokens] = [Readable.from(text), parser.asStream(options)];
  const elements = first === '[' ? streamArray.asStream() : streamValues.asStream();
  const done = (): void => {};
  /** Of each value that comes, in order: whether it stands beside the users. */
  const isBeside: boolean[] = [];
  const filter = (stack: readonly unknown[]): boolean => {
    const path = stack.join('.');
    const [isUser, isOther] = [LIST.test(path), beside?.names.test(path) === true];
    if (isUser || isOther) isBeside.push(isOther);
    return isUser || isOther;
  };
  if (first === '[') pipeline(source, tokens, elements, done);
  else pipeline(source, tokens, pick.asStream({ filter }), elements, done);

  let line = 0;
  try {
    for await (const element of elements as AsyncIterable<{ readonly value: unknown }>) {
      if (isBeside.shift() === true) {
        beside?.on(element.value);
        continue;
      }
      line += 1;
      yield { line, ...plain(element.value) };
    }
  } catch {
    yield { line: line + 1, fault: 'the file is not JSON with a list of users from here on' };
    return;
  }
  if (line === 0 && first !== '[') yield { line: 1, fault: 'the file has no list named users' };
}
