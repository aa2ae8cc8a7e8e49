import type { Sourced } from './import-users.ts';
import { readAuth0 } from './readers/auth0.ts';
import { readCognito } from './readers/cognito.ts';
import { readFirebase } from './readers/firebase.ts';
import { readNdjson } from './readers/ndjson.ts';
import { readSuperTokens } from './readers/supertokens.ts';
import type { Chunks } from './readers/text.ts';

export const FORMATS = ['ndjson', 'supertokens', 'auth0', 'cognito', 'firebase'] as const;
export type Format = (typeof FORMATS)[number];

/** From a file of each format to records of our own, one at a time. */
export const readers: Readonly<Record<Format, (chunks: Chunks) => AsyncGenerator<Sourced>>> = {
  ndjson: readNdjson,
  supertokens: readSuperTokens,
  auth0: readAuth0,
  cognito: readCognito,
  firebase: readFirebase,
};
