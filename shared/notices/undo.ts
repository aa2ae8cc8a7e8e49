import type { Tenant } from '../account/tenant.ts';
import { mayBegin } from '../account/unlink.ts';
import { factorsSetUp, type LoginMethod, type User } from '../account/user.ts';
import type { BackupCodes } from '../backup-codes/backup-codes.ts';
import type { FactorId } from '../mfa/factor.ts';
import type { TotpDevice } from '../totp/device.ts';
import { ASKED, type Mark, marks, type Protection, protectionOf } from './marks.ts';

/** What of an account is taken back, as it was read. Empty lists: nothing. */
export interface Undo {
  readonly methods: readonly LoginMethod[];
  readonly apps: readonly TotpDevice[];
  readonly backupCodes?: BackupCodes;
  /** One notice tells of switches one way: these are `required` now, and go off the user's own list, or the other way. */
  readonly factors?: {
    readonly required: boolean;
    /** Of each: when it was switched, epoch milliseconds. */
    readonly since: Readonly<Record<FactorId, number>>;
  };
}

/**
 * What a link takes back, of what is still there. Each kind of thing goes as a whole or not at all:
 *
 * - a login method or an app goes while every kind of second factor from before the change is set up without it, and, of
 *   a login method, while the account has another way in. Else whoever reads the mailbox alone could strip an account of
 *   the factor that took an older one's place.
 * - a switch goes back while the user's own list then asks for all that it asked for before; one that goes on again must
 *   be something the user has and the tenant offers.
 */
export function undoOf(
  user: User,
  tenant: Tenant,
  { told, before }: { readonly told: readonly Mark[]; readonly before: Protection },
): Undo {
  const has = (mark: Mark) => told.includes(mark);
  const methods = user.loginMethods.filter((method) => has(marks.method(method)));
  const apps = (user.totpDevices ?? []).filter((device) => has(marks.app(device)));
  const without = withoutThem(user, methods, apps);
  const goes = keeps(without, before, false) && (methods.length === 0 || hasWayIn(user, without, tenant));
  const rest = goes ? without : user;
  const { backupCodes } = user;
  return {
    methods: goes ? methods : [],
    apps: goes ? apps : [],
    ...(backupCodes !== undefined && has(marks.backupCodes(backupCodes)) ? { backupCodes } : {}),
    ...switched(rest, tenant, has, before),
  };
}

function switched(user: User, tenant: Tenant, has: (mark: Mark) => boolean, before: Protection): Pick<Undo, 'factors'> {
  const told = (required: boolean) =>
    Object.entries(user.factorsSince ?? {}).filter(
      ([factor, since]) =>
        user.requiredFactors.includes(factor) === required && has(marks.factor(factor, required, since)),
    );
  const on = told(true);
  const rest = user.requiredFactors.filter((factor) => on.every(([one]) => one !== factor));
  if (on.length > 0) {
    return keeps({ ...user, requiredFactors: rest }, before, true)
      ? { factors: { required: true, since: Object.fromEntries(on) } }
      : {};
  }
  const isMet = (factor: FactorId) => factorsSetUp(user).includes(factor) && tenant.secondFactors.includes(factor);
  const off = told(false).filter(([factor]) => isMet(factor));
  return off.length === 0 ? {} : { factors: { required: false, since: Object.fromEntries(off) } };
}

/** @param asked compare the user's own list, else what is set up. */
function keeps(after: User, before: Protection, asked: boolean): boolean {
  const now = protectionOf(after);
  return before.filter((one) => one.startsWith(ASKED) === asked).every((one) => now.includes(one));
}

const withoutThem = (user: User, methods: readonly LoginMethod[], apps: readonly TotpDevice[]): User => ({
  ...user,
  loginMethods: user.loginMethods.filter((method) => !methods.includes(method)),
  totpDevices: (user.totpDevices ?? []).filter((device) => !apps.includes(device)),
});

/** One that begins sessions here and, wherever the user is a member, one that stays. */
const hasWayIn = (user: User, { loginMethods }: User, tenant: Tenant): boolean =>
  loginMethods.some((method) => method.tenantIds.includes(tenant.tenantId) && mayBegin(method, tenant)) &&
  user.loginMethods
    .flatMap(({ tenantIds }) => tenantIds)
    .every((id) => loginMethods.some(({ tenantIds }) => tenantIds.includes(id)));

export const isNothing = ({ methods, apps, backupCodes, factors }: Undo): boolean =>
  methods.length + apps.length === 0 && backupCodes === undefined && factors === undefined;

/** For the history: kinds, never contacts. */
export const namesOf = ({ methods, apps, backupCodes, factors }: Undo): readonly string[] => [
  ...methods.map(({ recipeId }) => `login-method:${recipeId}`),
  ...apps.map(() => 'totp'),
  ...(backupCodes === undefined ? [] : ['backup-codes']),
  ...Object.keys(factors?.since ?? {}).map((factor) => `${factors?.required === true ? 'not-' : ''}required:${factor}`),
];
