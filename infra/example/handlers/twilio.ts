import * as v from 'valibot';
import type { SmsSender } from '../../../shared/delivery/sender.ts';

export interface TwilioAccount {
  readonly accountSid: string;
  readonly messagingServiceSid: string;
  readonly authToken: () => Promise<string>;
  /** Default: Twilio. */
  readonly url?: string;
}

/** Not a number, not a mobile, or somebody who answered STOP: no later try will change that. */
const NEVER = new Set([21211, 21610, 21614]);
const Refusal = v.object({ code: v.optional(v.number()) });
/** Less than the 4 seconds Stepgate waits for us. */
const PATIENCE_MS = 3_000;

/**
 * Sends Stepgate's text messages through Twilio's REST API, in the words Stepgate chose.
 *
 * Errors say what Twilio answered and never what was sent: it holds the code.
 */
export const twilioSender =
  ({ accountSid, messagingServiceSid, authToken, url = 'https://api.twilio.com' }: TwilioAccount): SmsSender =>
  async ({ phoneNumber, stepgate }) => {
    const credentials = Buffer.from(`${accountSid}:${await authToken()}`).toString('base64');
    const reply = await fetch(`${url}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`, {
      method: 'POST',
      redirect: 'error',
      headers: { authorization: `Basic ${credentials}` },
      body: new URLSearchParams({
        To: phoneNumber,
        MessagingServiceSid: messagingServiceSid,
        Body: stepgate.content.text,
      }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (reply.ok) return { status: 'OK' };
    const { code = 0 } = v.parse(Refusal, await reply.json().catch(() => ({})));
    if (NEVER.has(code)) return { status: 'UNDELIVERABLE' };
    throw new Error(`Twilio answered ${reply.status}, code ${code}`);
  };

const Secret = v.object({ SecretString: v.pipe(v.string(), v.minLength(1)) });

/**
 * A secret as the Parameters and Secrets extension hands it out, which runs beside the function and keeps it for five
 * minutes: it is in no environment variable and no log.
 */
export const secretFrom =
  (env: Readonly<Record<string, string | undefined>>, secretId: string) => async (): Promise<string> => {
    const port = env['PARAMETERS_SECRETS_EXTENSION_HTTP_PORT'] ?? '2773';
    const reply = await fetch(`http://localhost:${port}/secretsmanager/get?secretId=${encodeURIComponent(secretId)}`, {
      headers: { 'x-aws-parameters-secrets-token': env['AWS_SESSION_TOKEN'] ?? '' },
    });
    if (!reply.ok) throw new Error(`the secret cannot be read: ${reply.status}`);
    return v.parse(Secret, await reply.json()).SecretString;
  };
