import { badRequest } from '../protocol-error.ts';
import type { Request } from './endpoint.ts';

/** Oldest version whose front ends say whether they mean to link (`shouldTryLinkingWithSessionUser`). */
const OLDEST = [3, 1] as const;

/**
 * Refuses a sign-in call of a front end that knows no version we speak: it would leave out the linking flag and mean
 * "whatever session is there", and misread the user in the reply.
 *
 * The highest version of the list counts. No list, or one with anything in it that is no version, is taken for the
 * newest. Refresh, sign-out and calls with a session look the same in every version and are not asked.
 *
 * @throws 400 that says which version is needed. @see wire.md §1.3
 */
export function requireSpokenVersion(request: Request): void {
  const listed = request.headers['fdi-version']?.split(',').map(readVersion) ?? [];
  if (listed.length === 0 || listed.includes(undefined) || listed.some(isSpoken)) return;
  throw badRequest(`this service speaks FDI ${OLDEST.join('.')} and later: please update the front-end SDK`);
}

type Version = readonly [major: number, minor: number];

function readVersion(text: string): Version | undefined {
  const [, major, minor] = /^\s*(\d{1,4})\.(\d{1,4})\s*$/.exec(text) ?? [];
  return major === undefined || minor === undefined ? undefined : [Number(major), Number(minor)];
}

const isSpoken = (version: Version | undefined): boolean =>
  version !== undefined && (version[0] > OLDEST[0] || (version[0] === OLDEST[0] && version[1] >= OLDEST[1]));
