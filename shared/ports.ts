/** The outside world on one page. Domain functions take `(input, ports)`; adapters live in dynamo/, delivery/ and idp/. */

/** Time, log, keys, tenants and roles, the audit. */
export type * from './ports/surroundings.ts';
/** Policies as they were made active, one after the other. */
export type * from './ports/policies.ts';
/** Users, what they own, what links them. */
export type * from './ports/accounts.ts';
/** Sessions and remembered devices. */
export type * from './ports/sessions.ts';
/** Codes, apps, codes on paper, and the one transaction of each. */
export type * from './ports/factors.ts';
/** Links, passwords, proof and change of addresses. */
export type * from './ports/recovery.ts';
/** What is counted. */
export type * from './ports/limits.ts';
/** Whole users, in and out. */
export type * from './ports/imports.ts';
/** Who vouches for people. */
export type * from './ports/providers.ts';
/** Mails and messages. */
export type * from './ports/delivery.ts';

export type { Completed } from './mfa/requirements.ts';
