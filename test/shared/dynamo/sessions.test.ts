import { describe, expect, it } from 'vitest';
import type { SessionRecord } from '../../../shared/session/session.ts';
import { signedIn, storedSession } from '../../support/otp.ts';
import { useStepgate } from '../../support/stepgate.ts';

const stepgate = useStepgate();
const store = () => stepgate.app().sessions;

describe('a session that takes the place of another', () => {
  let users = 0;
  const old = async (): Promise<SessionRecord> => {
    const email = `replaced-${(users += 1)}@example.com`;
    await stepgate.user(email);
    return storedSession(stepgate, await signedIn(stepgate, email));
  };
  const next = (from: SessionRecord): SessionRecord => ({
    ...from,
    handle: `${from.handle}_next`,
    createdAt: stepgate.clock.now(),
    refreshTokenHash: 'next',
  });
  const REFUSED = { created: false, replaced: false };

  it('is stored, and the other is over', async () => {
    const replaces = await old();
    expect(await store().create(next(replaces), { replaces })).toEqual({ created: true });
    expect(await store().get(replaces.userId, replaces.handle)).toMatchObject({ revokedAt: expect.any(Number) });
  });

  const meanwhile: Readonly<Record<string, (session: SessionRecord) => Partial<SessionRecord>>> = {
    'was refreshed': () => ({ refreshTokenHash: 'another' }),
    'is of another epoch': ({ epoch }) => ({ epoch: epoch + 1 }),
    'was signed out': () => ({ revokedAt: 1 }),
    'was not used for too long': () => ({ idleExpiresAt: 1 }),
    'is at its end': () => ({ absoluteExpiresAt: 1 }),
  };

  it.each(Object.entries(meanwhile))('is not stored when the other %s', async (_, change) => {
    const replaces = await old();
    const handle = `${replaces.handle}_as-it-is`;
    await store().create({ ...replaces, handle, ...change(replaces) });
    expect(await store().create(next(replaces), { replaces: { ...replaces, handle } })).toEqual(REFUSED);
    expect(await store().get(replaces.userId, `${replaces.handle}_next`)).toBeUndefined();
  });

  it('is not stored when there is no other', async () => {
    const replaces = await old();
    expect(await store().create(next(replaces), { replaces: { ...replaces, handle: 'none' } })).toEqual(REFUSED);
  });
});
