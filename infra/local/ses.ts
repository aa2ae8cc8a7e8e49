import * as v from 'valibot';
import type { Inbox, Received } from './inbox.ts';
import { json, statusOf, type AwsError, type Reply } from './reply.ts';

export const SES_SEND = '/v2/email/outbound-emails';
const SLOW_MS = 10_000;

const Part = v.optional(v.object({ Data: v.string() }));
const Addresses = v.optional(v.array(v.string()), []);
/** SES takes no other characters in a tag. */
const TagText = v.pipe(v.string(), v.regex(/^[\w.@-]{1,256}$/));

const SendEmail = v.object({
  FromEmailAddress: v.string(),
  Destination: v.object({ ToAddresses: v.pipe(Addresses, v.minLength(1)) }),
  Content: v.object({
    Simple: v.object({ Subject: v.object({ Data: v.string() }), Body: v.object({ Text: Part, Html: Part }) }),
  }),
  EmailTags: v.optional(v.array(v.object({ Name: TagText, Value: TagText })), []),
});
type SendEmail = v.InferOutput<typeof SendEmail>;

/**
 * Answers SES v2's `SendEmail` (simple content) as SES does.
 *
 * By the local part of the recipient: `bounce…` is rejected, `throttle…` meets the rate limit, `slow…` is delivered
 * and answered 10 s later. Everything else is delivered and answered at once.
 */
export function sesReply(body: string, inbox: Inbox): Reply {
  const parsed = v.safeParse(SendEmail, parseJson(body));
  if (!parsed.success)
    return sesError(badRequest(`SendEmail: ${v.getDotPath(parsed.issues[0]) ?? 'body'} is not valid.`));
  const refusal = refusalOf(parsed.output);
  if (refusal !== undefined) return sesError(refusal);
  const recipients = parsed.output.Destination.ToAddresses.map(addressOf);
  const ids = recipients.map((to) => inbox.add(toReceived(parsed.output, to ?? '')).id);
  const isSlow = recipients.some((to) => to?.toLowerCase().startsWith('slow'));
  return { ...json(200, { MessageId: ids[0] }), ...(isSlow ? { afterMs: SLOW_MS } : {}) };
}

export function sesError({ name, message }: AwsError): Reply {
  return json(statusOf(name), { message }, { 'x-amzn-errortype': name });
}

function refusalOf(mail: SendEmail): AwsError | undefined {
  if (addressOf(mail.FromEmailAddress) === undefined) return badRequest('The sender is not a mail address.');
  return mail.Destination.ToAddresses.map(refusalFor).find((refusal) => refusal !== undefined);
}

function refusalFor(recipient: string): AwsError | undefined {
  const address = addressOf(recipient)?.toLowerCase();
  if (address === undefined) return badRequest('A recipient is not a mail address.');
  if (address.startsWith('bounce')) return { name: 'MessageRejected', message: 'Address is on the suppression list.' };
  if (!address.startsWith('throttle')) return undefined;
  return { name: 'TooManyRequestsException', message: 'Maximum sending rate exceeded.' };
}

const badRequest = (message: string): AwsError => ({ name: 'BadRequestException', message });

/** The bare address of `a@example.com` or `Name <a@example.com>`; undefined where there is none. */
function addressOf(mailbox: string): string | undefined {
  return /^(?:[^<>\r\n]*<)?([^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+?)>?$/.exec(mailbox.trim())?.[1];
}

function toReceived(mail: SendEmail, to: string): Received {
  const tags = new Map(mail.EmailTags.map((tag) => [tag.Name, tag.Value]));
  const preAuthSessionId = tags.get('preAuthSessionId');
  const { Subject, Body } = mail.Content.Simple;
  return {
    channel: 'email',
    to,
    subject: Subject.Data,
    text: Body.Text?.Data ?? '',
    html: Body.Html?.Data ?? '',
    purpose: tags.get('purpose') ?? '',
    ...(preAuthSessionId === undefined ? {} : { preAuthSessionId }),
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
