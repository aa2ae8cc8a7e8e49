import { badRequest } from '../protocol-error.ts';

export interface Messages {
  readonly email: number;
  readonly sms: number;
  /** What networks bill for the text messages: a long one, or one in letters of its own, counts several times. */
  readonly smsSegments: number;
}

export interface Prices {
  /** Of one mail, US dollars. */
  readonly emailUsd: number;
  /** Of one segment of a text message, US dollars. */
  readonly smsUsd: number;
  readonly signInsPerUserPerDay: number;
  /** Per cent of sign-ins on devices that were remembered before. */
  readonly rememberedPercent: number;
}

export interface Cost {
  readonly messagesPerDay: Messages;
  /** Millionths are the smallest unit that counts. */
  readonly usdPerDay: { readonly email: number; readonly sms: number; readonly total: number };
  readonly usdPer30Days: number;
}

/**
 * What the codes of a policy cost, in messages and in money.
 *
 * @param sent what goes out if every user signs in once, on a new device and on one that was remembered.
 * @throws 400 for a price, a number of sign-ins or a percentage that is none.
 */
export function costOf(
  sent: { readonly otpMessages: Messages; readonly otpMessagesRemembered: Messages },
  prices: Prices,
): Cost {
  for (const [name, value] of Object.entries(prices)) {
    if (!Number.isFinite(value) || value < 0) throw badRequest(`${name} must be a number from 0 on`);
  }
  const { emailUsd, smsUsd, signInsPerUserPerDay: perDay, rememberedPercent } = prices;
  if (rememberedPercent > 100) throw badRequest('rememberedPercent must be a number from 0 to 100');
  const share = rememberedPercent / 100;
  const aDay = (of: keyof Messages) =>
    perDay * (sent.otpMessages[of] * (1 - share) + sent.otpMessagesRemembered[of] * share);
  const email = aDay('email');
  const smsSegments = aDay('smsSegments');
  const total = email * emailUsd + smsSegments * smsUsd;
  return {
    messagesPerDay: { email: micros(email), sms: micros(aDay('sms')), smsSegments: micros(smsSegments) },
    usdPerDay: { email: micros(email * emailUsd), sms: micros(smsSegments * smsUsd), total: micros(total) },
    usdPer30Days: micros(total * 30),
  };
}

const micros = (value: number): number => Math.round(value * 1e6) / 1e6;
