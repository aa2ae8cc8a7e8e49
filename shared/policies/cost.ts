import { badRequest } from '../protocol-error.ts';

export interface Messages {
  readonly email: number;
  readonly sms: number;
}

export interface Prices {
  /** Of one message, US dollars. */
  readonly emailUsd: number;
  readonly smsUsd: number;
  /** Sign-ins that are asked for a factor: those on a trusted device are none. */
  readonly signInsPerUserPerDay: number;
}

export interface Cost {
  readonly messagesPerDay: Messages;
  /** Millionths are the smallest unit that counts. */
  readonly usdPerDay: Messages & { readonly total: number };
  readonly usdPer30Days: number;
}

/**
 * What the codes of a policy cost, in messages and in money.
 *
 * @param otpMessages sent if every user signed in once.
 * @throws 400 for a price or a number of sign-ins that is none.
 */
export function costOf(otpMessages: Messages, prices: Prices): Cost {
  for (const [name, value] of Object.entries(prices)) {
    if (!Number.isFinite(value) || value < 0) throw badRequest(`${name} must be a number from 0 on`);
  }
  const { emailUsd, smsUsd, signInsPerUserPerDay: perDay } = prices;
  const email = otpMessages.email * perDay;
  const sms = otpMessages.sms * perDay;
  const total = email * emailUsd + sms * smsUsd;
  return {
    messagesPerDay: { email: micros(email), sms: micros(sms) },
    usdPerDay: { email: micros(email * emailUsd), sms: micros(sms * smsUsd), total: micros(total) },
    usdPer30Days: micros(total * 30),
  };
}

const micros = (value: number): number => Math.round(value * 1e6) / 1e6;
