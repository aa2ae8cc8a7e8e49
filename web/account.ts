/** What the pages ask the service for about the account of whoever is signed in, beside the SDK. */
import { ask, statusOf } from './service.ts';

export const makeBackupCodes = (): Promise<{ readonly codes: readonly string[] }> =>
  ask('/auth/mfa/backup-codes', 'POST', {});

/** How a guess came out, where it was not right. */
export type WrongGuess =
  | {
      readonly status: 'INVALID_BACKUP_CODE_ERROR' | 'INVALID_TOTP_ERROR';
      readonly currentNumberOfFailedAttempts: number;
      readonly maxNumberOfFailedAttempts: number;
    }
  | { readonly status: 'LIMIT_REACHED_ERROR'; readonly retryAfterMs: number };

export const useBackupCode = (
  code: string,
): Promise<{ readonly status: 'OK'; readonly codesLeft: number } | WrongGuess> =>
  ask('/auth/mfa/backup-codes/verify', 'POST', { code });

export const changePassword = (passwords: {
  readonly currentPassword: string;
  readonly newPassword: string;
}): Promise<
  | { readonly status: 'OK' | 'WRONG_CREDENTIALS_ERROR' }
  | { readonly status: 'FIELD_ERROR'; readonly formFields: readonly { readonly id: string; readonly error: string }[] }
> => ask('/auth/user/password/change', 'POST', passwords);

export type ContactKind = 'email' | 'phone';

export interface PendingChange {
  readonly kind: ContactKind;
  readonly shownTo: string;
  readonly deviceId: string;
  readonly preAuthSessionId: string;
}

export const requestContactChange = (
  kind: ContactKind,
  contact: string,
): Promise<
  | ({ readonly status: 'OK' } & Pick<PendingChange, 'deviceId' | 'preAuthSessionId'>)
  | { readonly status: 'FIELD_ERROR'; readonly formFields: readonly { readonly error: string }[] }
> => ask(`/auth/account/${kind}`, 'POST', kind === 'email' ? { email: contact } : { phoneNumber: contact });

export const confirmContactChange = (
  { kind, deviceId, preAuthSessionId }: PendingChange,
  userInputCode: string,
): Promise<
  | {
      readonly status: 'INCORRECT_USER_INPUT_CODE_ERROR' | 'EXPIRED_USER_INPUT_CODE_ERROR';
      readonly failedCodeInputAttemptCount: number;
      readonly maximumCodeInputAttempts: number;
    }
  | {
      readonly status: 'OK' | 'RESTART_FLOW_ERROR' | 'EMAIL_ALREADY_EXISTS_ERROR' | 'PHONE_NUMBER_ALREADY_EXISTS_ERROR';
    }
> => ask(`/auth/account/${kind}/confirm`, 'POST', { deviceId, preAuthSessionId, userInputCode });

export function revertChange(
  tenantId: string | null,
  token: string,
): Promise<{ readonly status: 'OK' | 'REVERT_INVALID_TOKEN_ERROR' }> {
  const tenant = tenantId === null ? '' : `/${encodeURIComponent(tenantId)}`;
  return ask(`/auth${tenant}/account/revert`, 'POST', { token });
}

export function disown(
  tenantId: string | null,
  token: string,
): Promise<{ readonly status: 'OK' | 'NOT_ME_INVALID_TOKEN_ERROR' }> {
  const tenant = tenantId === null ? '' : `/${encodeURIComponent(tenantId)}`;
  return ask(`/auth${tenant}/account/not-me`, 'POST', { token });
}

export interface OwnDevice {
  readonly id: string;
  readonly current: boolean;
  readonly userAgent: string;
  /** What is not asked again on it, and until when. */
  readonly trusted: readonly { readonly factorId: string; readonly until: number }[];
}

export const readDevices = async (): Promise<readonly OwnDevice[]> =>
  (await ask<{ readonly devices: readonly OwnDevice[] }>('/auth/devices')).devices;

/** One that is gone meanwhile is as good as forgotten. */
export async function forgetDevice(id: string): Promise<void> {
  await ask(`/auth/devices/${encodeURIComponent(id)}`, 'DELETE').catch((error: unknown) => {
    if (statusOf(error) !== 404) throw error;
  });
}
