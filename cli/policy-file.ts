import type { Session } from './command.ts';
import { readDocument } from './documents.ts';

export const policyOption = ['<file>', 'the policy as JSON, or a tenant with a policy in it; - is stdin'] as const;

type Document = Readonly<Record<string, unknown>>;

/** A policy by itself, or the one of a tenant's document: what `tenant get` wrote is as good. */
export const readPolicyFile = async (path: string, session: Pick<Session, 'files'>): Promise<Document> =>
  policyOf(await readDocument(path, session));

export function policyOf(document: Document): Document {
  const { mfaPolicy } = document;
  return isDocument(mfaPolicy) && !('rules' in document) ? mfaPolicy : document;
}

const isDocument = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
