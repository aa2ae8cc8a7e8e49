import { json, statusOf, type AwsError, type Reply } from './reply.ts';

/** What a local Lambda does with an event. What it throws becomes an error of the function, as in Lambda. */
export type LocalFunction = (event: unknown) => Promise<unknown>;

/** @returns whose invocation a path is; undefined where it is none. */
export function invokedFunction(url: string): string | undefined {
  const name = /^\/2015-03-31\/functions\/([^/?]+)\/invocations$/.exec(url)?.[1];
  return name === undefined ? undefined : decodeURIComponent(name);
}

/** Answers Lambda's `Invoke` (request and response) with functions of this process, by name or ARN. */
export async function lambdaReply(
  name: string,
  body: string,
  functions: ReadonlyMap<string, LocalFunction>,
): Promise<Reply> {
  const run = functions.get(name);
  if (run === undefined) {
    return lambdaError({ name: 'ResourceNotFoundException', message: `Function not found: ${name}` });
  }
  try {
    return { status: 200, headers: HEADERS, body: JSON.stringify((await run(JSON.parse(body))) ?? null) };
  } catch (error) {
    const [errorType, errorMessage] = error instanceof Error ? [error.name, error.message] : ['Error', String(error)];
    return { ...json(200, { errorType, errorMessage }), headers: { ...HEADERS, 'x-amz-function-error': 'Unhandled' } };
  }
}

const HEADERS = { 'content-type': 'application/json', 'x-amz-executed-version': '$LATEST' };

export function lambdaError({ name, message }: AwsError): Reply {
  const status = name.startsWith('ResourceNotFound') ? 404 : statusOf(name);
  return json(status, { Message: message, Type: 'User' }, { 'x-amzn-errortype': name });
}
