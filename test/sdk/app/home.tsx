import { useState } from 'react';
import MultiFactorAuth from 'supertokens-auth-react/recipe/multifactorauth';
import Session from 'supertokens-auth-react/recipe/session';
import { choice } from './choice.ts';

const { api } = choice();

/** The application itself: asks its API who is there, and pays out, which wants a fresh code. */
export function Home() {
  const session = Session.useSessionContext();
  const [me, setMe] = useState('');
  const [payout, setPayout] = useState('');
  const ask = async () => setMe(await (await fetch(`${api}/me`)).text());
  const pay = async () => setPayout(await payOut());
  const leave = async () => {
    await Session.signOut();
    location.assign('/');
  };
  if (session.loading) return null;
  return (
    <main>
      <h1>Home</h1>
      <output id="user">{session.userId}</output>
      <button onClick={() => void ask()}>Who am I</button>
      <output id="me">{me}</output>
      <button onClick={() => void pay()}>Pay out</button>
      <output id="payout">{payout}</output>
      <button onClick={() => void leave()}>Leave</button>
    </main>
  );
}

/** Where the API wants a fresh code, the SDK takes the person through the challenge and back here. */
async function payOut(): Promise<string> {
  const response = await fetch(`${api}/example/payouts`, { method: 'POST' });
  if (response.status !== 403) return response.text();
  const claims = await Session.getInvalidClaimsFromResponse({ response, userContext: {} });
  if (!claims.some(({ id }) => id === MultiFactorAuth.MultiFactorAuthClaim.id)) return response.text();
  await MultiFactorAuth.redirectToFactor({ factorId: 'otp-email', stepUp: true, redirectBack: true });
  return '';
}
