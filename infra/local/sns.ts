import { randomUUID } from 'node:crypto';
import type { Inbox, Received } from './inbox.ts';
import { statusOf, type AwsError, type Reply } from './reply.ts';
import { escapeHtml } from './html.ts';

const E164 = /^\+[1-9]\d{6,14}$/;
const LONGEST_TEXT = 1600;

/**
 * Answers SNS `Publish` to a phone number (the awsQuery protocol: a form in, XML out) as SNS does.
 *
 * Numbers that end in `0000` are invalid, those that end in `1111` have opted out; all others receive the message.
 */
export function snsReply(form: URLSearchParams, inbox: Inbox): Reply {
  const refusal = refusalOf(form);
  if (refusal !== undefined) return snsError(refusal);
  const { id } = inbox.add(toReceived(form));
  return xml(
    200,
    `<PublishResponse xmlns="${NAMESPACE}"><PublishResult><MessageId>${id}</MessageId></PublishResult>` +
      `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></PublishResponse>`,
  );
}

export const NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/';

export function snsError({ name, message }: AwsError): Reply {
  const status = statusOf(name);
  const error = `<Type>${status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${escapeHtml(name)}</Code><Message>${escapeHtml(message)}</Message>`;
  return xml(
    status,
    `<ErrorResponse xmlns="${NAMESPACE}"><Error>${error}</Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  );
}

export const xml = (status: number, body: string): Reply => ({ status, headers: { 'content-type': 'text/xml' }, body });

function refusalOf(form: URLSearchParams): AwsError | undefined {
  if (form.get('Action') !== 'Publish')
    return { name: 'InvalidAction', message: 'The local SNS knows Publish and questions about SMS.' };
  const number = form.get('PhoneNumber') ?? '';
  const text = form.get('Message') ?? '';
  if (!E164.test(number) || number.endsWith('0000')) return invalid('PhoneNumber Reason: not valid to publish to');
  if (number.endsWith('1111')) return { name: 'OptedOut', message: 'The phone number has opted out.' };
  if (text === '') return invalid('Empty message');
  return text.length > LONGEST_TEXT ? invalid('Message Reason: too long') : undefined;
}

const invalid = (what: string): AwsError => ({ name: 'InvalidParameter', message: `Invalid parameter: ${what}` });

function toReceived(form: URLSearchParams): Received {
  const attributes = attributesOf(form);
  const preAuthSessionId = attributes.get('stepgate.preAuthSessionId');
  return {
    channel: 'sms',
    to: form.get('PhoneNumber') ?? '',
    subject: '',
    text: form.get('Message') ?? '',
    html: '',
    purpose: attributes.get('stepgate.purpose') ?? '',
    ...(preAuthSessionId === undefined ? {} : { preAuthSessionId }),
  };
}

function attributesOf(form: URLSearchParams): ReadonlyMap<string, string> {
  const names = [...form].filter(([key]) => /^MessageAttributes\.entry\.\d+\.Name$/.test(key));
  return new Map(names.map(([key, name]) => [name, form.get(key.replace(/Name$/, 'Value.StringValue')) ?? '']));
}
