type LockEntry = { readonly version?: string; readonly integrity?: string; readonly optional?: boolean };
export function isInstalled(
  lock: { readonly packages: Readonly<Record<string, LockEntry>> },
  hiddenLock: string | undefined,
): boolean;
