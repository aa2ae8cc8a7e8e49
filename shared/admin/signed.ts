import { overriding } from '../on-first-use.ts';
import type { AuditEvent, AuditStore, LinkStore } from '../ports.ts';
import type { UserAdmin } from './users.ts';

/** Who acts, and by which way. */
export interface Signer {
  readonly by: string;
  readonly via: 'api' | 'cli';
}

/** Ports by which a user's history is written, alone or within a transaction. */
export interface Histories {
  readonly audit?: AuditStore;
  readonly userAdmin?: UserAdmin;
  readonly links?: LinkStore;
}

/** The same ports, where whatever an operator does to a user says in the user's history who it was. */
export function signedBy(signer: Signer, { audit, userAdmin, links }: Histories): Histories {
  const signed = (event: AuditEvent): AuditEvent => ({ ...event, details: { ...event.details, ...signer } });
  return {
    ...(audit === undefined ? {} : { audit: overriding(audit, { write: (event) => audit.write(signed(event)) }) }),
    ...(userAdmin === undefined
      ? {}
      : {
          userAdmin: overriding(userAdmin, {
            resetFactors: (reset) => userAdmin.resetFactors({ ...reset, audit: signed(reset.audit) }),
          }),
        }),
    ...(links === undefined
      ? {}
      : {
          links: overriding(links, { apply: (change) => links.apply({ ...change, audit: signed(change.audit) }) }),
        }),
  };
}
