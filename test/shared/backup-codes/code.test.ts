/**
 * A backup code is read as people copy it, belongs to one person, and is not to be guessed.
 */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { findCode, macOf, newBackupCode } from '../../../shared/backup-codes/code.ts';
import { deriveSecrets } from '../../../shared/keys/secrets.ts';

const secrets = deriveSecrets('r1', randomBytes(32));
const kept = (userId: string, ...codes: readonly string[]) => ({
  macs: codes.map((code) => macOf(secrets, userId, code)),
  kid: 'r1',
  createdAt: 0,
});

describe('a backup code', () => {
  it('has sixty bits: twelve of thirty-two letters, each as likely as the other', () => {
    const codes = Array.from({ length: 2_000 }, newBackupCode);
    expect(new Set(codes).size).toBe(codes.length);
    const counts = new Map<string, number>();
    for (const letter of codes.join('').replaceAll('-', '')) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    expect(counts.size).toBe(32);
    // 750 each is expected; seven standard deviations are 190.
    for (const count of counts.values()) expect(Math.abs(count - 750)).toBeLessThan(190);
  });

  it.each([
    '7K01-M9XD-2HTB',
    '7k01m9xd2htb',
    ' 7KO1 m9xd 2HTB',
    '7koi-m9xd-2htb',
    '7K0L–M9XD–2HTB'.replaceAll('–', ' '),
  ])('is found as %j', (typed) => {
    const codes = kept('u1', 'AAAA-AAAA-AAAA', '7K01-M9XD-2HTB');
    expect(findCode(secrets, 'u1', codes, typed)).toBe(codes.macs[1]);
  });

  it.each(['', '-', '7K01-M9XD-2HT', '7K01-M9XD-2HTBB', '7K01-M9XD-2HTC'])('is not found as %j', (typed) => {
    expect(findCode(secrets, 'u1', kept('u1', '7K01-M9XD-2HTB'), typed)).toBeUndefined();
  });

  it('is found for nobody else, under no other root secret, and where there are none', () => {
    const codes = kept('u1', '7K01-M9XD-2HTB');
    expect(findCode(secrets, 'u2', codes, '7K01-M9XD-2HTB')).toBeUndefined();
    expect(findCode(deriveSecrets('r2', randomBytes(32)), 'u1', codes, '7K01-M9XD-2HTB')).toBeUndefined();
    expect(findCode(secrets, 'u1', undefined, '7K01-M9XD-2HTB')).toBeUndefined();
  });
});
