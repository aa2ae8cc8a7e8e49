import type { Session } from './command.ts';
import { badInput } from './failure.ts';

type Document = Readonly<Record<string, unknown>>;

/** A JSON object from a file or, by `-`, from stdin. @throws CommandFailure that says where the JSON breaks. */
export async function readDocument(path: string, session: Pick<Session, 'files'>): Promise<Document> {
  return documentIn(path, await session.files.read(path));
}

/** The JSON object that a file holds. @throws CommandFailure that says where the JSON breaks. */
export function documentIn(path: string, text: string): Document {
  const value = parsed(path, text.replace(/^\uFEFF/, ''));
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw badInput(`${nameOf(path)} is not a JSON object.`);
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badInput(`${nameOf(path)} is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

const nameOf = (path: string): string => (path === '-' ? 'What stdin holds' : path);
