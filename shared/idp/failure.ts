import type { ProviderFailure } from '../ports.ts';
import { RefusedCall } from './bounded-fetch.ts';

/** Reasons that are ours, beside the library's. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

const plain = (text: string | undefined): string => (/^[\w .:-]{1,80}$/.test(text ?? '') ? (text ?? '') : 'unnamed');

/** What a provider says in place of a code. */
export const deniedBy = ({ error }: Readonly<Record<string, string>>): ProviderFailure => ({
  status: 'DENIED',
  reason: plain(error),
});

/** A provider's failure is an outcome. Its words are not repeated, but for its error code. */
export async function answered<T>(ask: () => Promise<T>): Promise<T | ProviderFailure> {
  try {
    return await ask();
  } catch (error) {
    return { status: 'FAILED', reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error instanceof Refused || error instanceof RefusedCall) return error.message;
  if (error.cause instanceof RefusedCall) return error.cause.message;
  const code = 'code' in error ? plain(String(error.code)) : error.name;
  const said = 'error' in error ? ` ${plain(String(error.error))}` : '';
  return code + said;
}
