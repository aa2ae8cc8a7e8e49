import { canonicalEmail } from '../account/contact.ts';
import type { Preset } from './presets.ts';

/** Who a provider says somebody is. Provider and subject are the identity; the address is only something it told us. */
export interface Identity {
  readonly subject: string;
  /** Canonical. */
  readonly email: string | undefined;
  /** The provider vouches for the address. */
  readonly verified: boolean;
}

type Claims = Readonly<Record<string, unknown>>;

/**
 * Reads verified claims.
 *
 * Only the boolean `true` vouches for an address: `"false"` is a text, and texts are truthy. Apple alone sends texts.
 * Entra's `email` is whatever the directory's administrator wrote, and counts only where Microsoft says that the
 * address's domain is verified (`xms_edov`); its people are told apart by directory and object.
 *
 * @returns undefined where nothing tells who it is.
 */
export function identityOf(preset: Preset, claims: Claims): Identity | undefined {
  const subject = preset === 'entra' ? entraSubject(claims) : idOf(claims['sub']);
  if (subject === undefined || subject.length > 512) return undefined;
  const email = typeof claims['email'] === 'string' ? canonicalEmail(claims['email']) : undefined;
  return { subject, email, verified: email !== undefined && isVouchedFor(preset, claims) };
}

function isVouchedFor(preset: Preset, claims: Claims): boolean {
  if (preset === 'entra') return claims['xms_edov'] === true;
  const said = claims['email_verified'];
  return said === true || (preset === 'apple' && said === 'true');
}

function entraSubject({ tid, oid }: Claims): string | undefined {
  return isName(tid) && isName(oid) ? `${tid}:${oid}` : undefined;
}

/** Directories and objects have GUIDs, which hold no colon. */
const isName = (value: unknown): value is string => typeof value === 'string' && /^[\w-]{1,64}$/.test(value);

/** Providers without OpenID count their people. */
const idOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== ''
    ? value
    : Number.isSafeInteger(value) && typeof value === 'number'
      ? String(value)
      : undefined;
