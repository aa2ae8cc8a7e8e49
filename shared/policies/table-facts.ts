import type { Tenant } from '../account/tenant.ts';
import type { Facts } from '../mfa/facts.ts';
import type { Completed } from '../mfa/requirements.ts';
import type { TableCase } from './table-schema.ts';

/** Noon of 1 January 2026, UTC: a table gives the same answer on every day. */
export const TABLE_NOW = Date.UTC(2026, 0, 1, 12);
const YEAR_MS = 365 * 86_400_000;

/**
 * The facts of a case: what it says, and otherwise a user of a year ago with an address, a phone and every factor the
 * tenant offers, without roles and metadata, who did the tenant's first first factor this second on a new device.
 */
export function factsOfCase({ facts }: Pick<TableCase, 'facts'>, tenant: Tenant, tableNow = TABLE_NOW): Facts {
  const now = facts.now ?? tableNow;
  const firstFactor = facts.session.firstFactor ?? tenant.firstFactors[0] ?? 'emailpassword';
  const { grace, exemption, ...user } = facts.user;
  const { completed = [], trusted, isNewDevice = true } = facts.session;
  return {
    user: {
      id: 'user',
      roles: [],
      permissions: [],
      emails: ['person@example.com'],
      phones: ['+36301234567'],
      requiredFactors: [],
      metadata: {},
      timeJoined: now - YEAR_MS,
      factorsSetUp: [firstFactor, ...tenant.secondFactors],
      ...user,
      ...(grace === undefined ? {} : { grace }),
      ...(exemption === undefined ? {} : { exemption }),
    },
    tenant: {
      id: tenant.tenantId,
      requiredSecondaryFactors: tenant.requiredSecondaryFactors,
      metadata: tenant.metadata,
      ...facts.tenant,
    },
    session: {
      firstFactor,
      completed: { [firstFactor]: seconds(now), ...shownAt(completed, now) },
      isNewDevice,
      ...(trusted === undefined ? {} : { trusted: shownAt(trusted, now) }),
    },
    request: { ip: '192.0.2.1', country: '', userAgent: 'policy-test', ...facts.request },
    now,
  };
}

const seconds = (ms: number): number => Math.floor(ms / 1000);

const shownAt = (shown: readonly string[] | Readonly<Record<string, number>>, now: number): Completed =>
  isList(shown)
    ? Object.fromEntries(shown.map((factor) => [factor, seconds(now)]))
    : Object.fromEntries(Object.entries(shown).map(([factor, at]) => [factor, seconds(at)]));

const isList = (shown: readonly string[] | Readonly<Record<string, number>>): shown is readonly string[] =>
  Array.isArray(shown);
