import type { Secrets } from '../keys/secrets.ts';
import type { Clock } from '../ports.ts';
import type { FirebaseParameters } from './hashes.ts';
import type { Sourced } from './import-users.ts';
import { LineFault, parseRecord } from './record.ts';
import { tenantNotes, type TenantContext } from './tenants-of.ts';
import { canonical } from './to-record.ts';
import { toUser } from './to-user.ts';
import type { Said } from './update.ts';

export interface LineContext extends TenantContext {
  readonly tenantId: string;
  readonly firebase?: FirebaseParameters | undefined;
  readonly secrets: Secrets;
  readonly clock: Clock;
}

export interface ConvertedLine {
  readonly said: Said & { readonly now: number };
  readonly notes: readonly string[];
}

/** @throws LineFault naming what is wrong with the line. */
export async function converted(sourced: Sourced, context: LineContext): Promise<ConvertedLine> {
  if ('fault' in sourced) throw new LineFault(sourced.fault);
  const record = parseRecord(sourced.record);
  const { tenantId, secrets, clock } = context;
  const now = clock.now();
  const { user, saidPasswords, notes } = await toUser(record, { ...context, now }, secrets);
  const offers = await tenantNotes(user, context);
  return {
    said: {
      members: membersOf(sourced.record),
      record,
      tenantId,
      user,
      saidPasswords,
      importedAs: secrets.mac('import', tenantId, canonical(record)).toString('base64url'),
      isForeign: sourced.isForeign ?? false,
      isStandIn: sourced.isStandIn ?? false,
      now,
    },
    notes: [...(sourced.notes ?? []), ...notes, ...offers],
  };
}

/** What the line itself names, before anything that it leaves out is filled in. */
const membersOf = (record: unknown): ReadonlySet<string> =>
  new Set(typeof record === 'object' && record !== null ? Object.keys(record) : []);
