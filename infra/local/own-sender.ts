import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LocalFunction } from './lambda.ts';

/** Whose function a variable names: what sends mails, or text messages, in place of the inbox. */
export const SENDERS = {
  STEPGATE_EMAIL_SENDER: {
    config: 'EMAIL_SENDER_ARN',
    arn: 'arn:aws:lambda:eu-central-1:000000000000:function:local-email-sender',
  },
  STEPGATE_SMS_SENDER: {
    config: 'SMS_SENDER_ARN',
    arn: 'arn:aws:lambda:eu-central-1:000000000000:function:local-sms-sender',
  },
} as const;
export type SenderVariable = keyof typeof SENDERS;
export const SENDER_VARIABLES = ['STEPGATE_EMAIL_SENDER', 'STEPGATE_SMS_SENDER'] as const satisfies SenderVariable[];

/**
 * A sender of one's own, as the local Lambda runs it: the module's `handler`, or its default export. TypeScript is taken
 * as it is.
 *
 * @param path from where `npm start` was called.
 * @throws Error with one sentence that names the variable.
 */
export async function loadSender(variable: SenderVariable, path: string): Promise<LocalFunction> {
  const file = resolve(path);
  await access(file).catch(() => {
    throw new Error(`${variable} names ${path}, and there is no such file.`);
  });
  const loaded: unknown = await import(pathToFileURL(file).href).catch((cause: unknown) => {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? cause.name) : 'unknown';
    throw new Error(`${variable}: ${path} cannot be loaded: ${reason}`, { cause });
  });
  const handler = memberOf(loaded, 'handler') ?? memberOf(loaded, 'default');
  if (handler === undefined) throw new Error(`${variable}: ${path} exports no function named handler, and no default.`);
  return async (event) => await handler(event);
}

function memberOf(module: unknown, name: string): ((event: unknown) => unknown) | undefined {
  const member: unknown =
    typeof module === 'object' && module !== null
      ? Object.entries(module).find(([key]) => key === name)?.[1]
      : undefined;
  return isFunction(member) ? member : undefined;
}

const isFunction = (value: unknown): value is (event: unknown) => unknown => typeof value === 'function';
