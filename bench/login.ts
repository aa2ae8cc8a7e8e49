import type { Cost } from './measure.ts';
import { page } from './page.ts';
import type { Flow } from './requests.ts';
import type { Service } from './service-process.ts';
import { PASSWORD } from './protocol.ts';

/** In the order they happen. `mfa/info` stands between sign-in and code in every front end, but is no part of the bound. */
export const STEPS = ['sign-in', 'mfa/info', 'send', 'consume', 'refresh'] as const;
export type Step = (typeof STEPS)[number];
/** The steps that the bounds are about. */
export const MFA_LOGIN = ['sign-in', 'send', 'consume'] as const satisfies readonly Step[];

export interface Login {
  readonly steps: Readonly<Record<Step, { readonly cost: Cost; readonly flow: Flow }>>;
  readonly page: ReturnType<typeof page<{ cost: Cost; flow: Flow }>>;
}

/** Seconds until an access token has run out. */
const ACCESS_TOKEN_SECONDS = 900;

/**
 * One whole login with a code by mail, and a refresh when the access token has run out, in a container that has just
 * refreshed another session. A user's first one enrols the factor.
 */
export async function logIn(service: Service, email: string, counts: boolean): Promise<Login> {
  const front = page(service.call(counts));
  const signIn = await front.signIn(email, PASSWORD);
  const info = await front.mfaInfo();
  const send = await front.sendCode(email);
  const consume = await front.consume(send.said, service.lastCode(email));
  const other = page(service.call(false));
  await other.signIn(email, PASSWORD);
  await service.pass(ACCESS_TOKEN_SECONDS);
  await other.refresh();
  const refresh = await front.refresh();
  return {
    page: front,
    steps: {
      'sign-in': signIn.measured,
      'mfa/info': info.measured,
      send: send.measured,
      consume: consume.measured,
      refresh: refresh.measured,
    },
  };
}
