import type { User } from '../account/user.ts';
import type { Secrets } from '../keys/secrets.ts';
import { MAX_TOTP_DEVICES } from '../limits.ts';
import { seedFromBase32, seedToBase32 } from '../totp/code.ts';
import type { TotpDevice } from '../totp/device.ts';
import { LineFault } from './record.ts';
import { canonical } from './to-record.ts';
import { deviceOf } from './to-user.ts';
import type { Said } from './update.ts';

/** By name. A step that was used stays used, and an app that showed a code has shown it. */
export function devicesOf(
  said: Said,
  existing: User,
  { secrets, now }: { readonly secrets: Secrets; readonly now: number },
) {
  const own = (existing.totpDevices ?? []).map((device) => ({ device, seed: seedOf(device, existing, secrets) }));
  const put: TotpDevice[] = [];
  const kept = new Set<string>();
  let replaced = 0;
  for (const [i, record] of (said.members.has('totpDevices') ? said.record.totpDevices : []).entries()) {
    const { verified, period } = record;
    const spelled = seedToBase32(Buffer.from(seedFromBase32(record.secret)));
    const name = record.name ?? `TOTP Device ${i}`;
    const before = own.find(({ device, seed }) => (said.isForeign ? seed === spelled : device.name === name));
    if (before?.seed === spelled) {
      kept.add(before.device.name);
      const next = { ...before.device, period, verified: before.device.verified || verified };
      if (canonical(next) !== canonical(before.device)) put.push(next);
      continue;
    }
    const free = said.isForeign ? freeName(name, [...own.map(({ device }) => device.name), ...kept]) : name;
    if (before !== undefined) replaced += 1;
    kept.add(free);
    put.push(deviceOf({ ...record, name: free }, i, { userId: existing.userId, timeJoined: now, secrets }));
  }
  const isWhole = said.members.has('totpDevices') && !said.isForeign;
  const removed = isWhole ? own.flatMap(({ device }) => (kept.has(device.name) ? [] : [device])) : [];
  const left = new Set([...own.map(({ device }) => device.name), ...kept]).size - removed.length;
  if (left > MAX_TOTP_DEVICES)
    throw new LineFault(`totpDevices: with those that are there, more than ${MAX_TOTP_DEVICES}`);
  const isOwn = (name: string) => own.some(({ device }) => device.name === name);
  const added = put.filter(({ name }) => !isOwn(name)).length;
  return { put, removed, added, replaced, changed: put.length - added - replaced };
}

/** Another system numbers its apps as well. */
function freeName(name: string, taken: readonly string[]): string {
  for (let i = 0; ; i += 1) {
    const free = i === 0 ? name : `${name.slice(0, 56)} (${i + 1})`;
    if (!taken.includes(free)) return free;
  }
}

const seedOf = ({ name, sealedSeed }: TotpDevice, { userId }: User, secrets: Secrets): string =>
  seedToBase32(secrets.open('totp-seed', sealedSeed, userId, name));
