import { MalformedTenant } from '../shared/account/tenant-id.ts';
import { ProtocolError } from '../shared/protocol-error.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { type Finding, findingsIn } from './findings.ts';

/** Why a command ends early, for a person and for a script. */
export interface Failure {
  readonly exitCode: ExitCode;
  /** Stable, for scripts. */
  readonly code: string;
  /** One sentence. */
  readonly message: string;
  /** What to do next. */
  readonly next?: string;
  readonly findings?: readonly Finding[];
}

/** Thrown where a command cannot go on. */
export class CommandFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.name = 'CommandFailure';
    this.failure = failure;
  }
}

export const usage = (message: string, next?: string): CommandFailure =>
  new CommandFailure({ exitCode: EXIT.usage, code: 'usage', message, ...(next === undefined ? {} : { next }) });

export const badInput = (message: string, next?: string): CommandFailure =>
  new CommandFailure({ exitCode: EXIT.input, code: 'input', message, ...(next === undefined ? {} : { next }) });

const NO_CREDENTIALS = {
  exitCode: EXIT.permission,
  code: 'no-credentials',
  message: 'No AWS credentials were found.',
  next: 'Sign in (aws sso login --profile NAME) and give --profile NAME, or use --local for the run on this machine.',
} as const;

const NAMES_OF_NO_CREDENTIALS = new Set([
  'CredentialsProviderError',
  'TokenProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
]);

const NAMES_OF_NO_PERMISSION = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation']);

const NETWORK = /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOST|ENET|EPIPE)/;
const PASSING =
  /^(Throttling|ProvisionedThroughputExceeded|RequestLimitExceeded|TooManyRequests|ServiceUnavailable|InternalServerError|InternalFailure|KMSInternal|DependencyTimeout|Timeout)/;

/**
 * What is said of anything that was thrown. Words of AWS are passed on: they name the right or the item that is missing.
 *
 * @param profile the AWS profile in use, where one was named.
 */
export function failureOf(error: unknown, profile?: string): Failure {
  if (error instanceof CommandFailure) return error.failure;
  if (error instanceof ProtocolError) return ofProtocol(error);
  if (error instanceof MalformedTenant) {
    return {
      exitCode: EXIT.refused,
      code: 'tenant-malformed',
      message: `The tenant cannot be used: ${error.faults.join('; ')}.`,
      next: 'See what is wrong with stepgate tenant check, and mend it with stepgate tenant put.',
    };
  }
  if (!(error instanceof Error)) return defect(String(error));
  return ofAws(error, profile) ?? defect(error.message);
}

function ofProtocol({ status, body, message }: ProtocolError): Failure {
  const findings = findingsIn(body['findings']);
  return {
    exitCode: status === 503 ? EXIT.unavailable : findings.length === 0 ? EXIT.refused : EXIT.findings,
    code: status === 404 ? 'not-found' : status === 409 ? 'conflict' : status === 503 ? 'unavailable' : 'refused',
    message: sentence(message),
    ...(findings.length === 0 ? {} : { findings }),
  };
}

function ofAws(error: Error, profile: string | undefined): Failure | undefined {
  const { name, message } = error;
  if (name === 'KeysUnavailable') {
    return {
      exitCode: EXIT.unavailable,
      code: 'no-keys',
      message: sentence(message),
      next: 'See docs/operations.md, Keys.',
    };
  }
  if (NAMES_OF_NO_CREDENTIALS.has(name)) {
    if (!message.includes('from any providers')) return { ...NO_CREDENTIALS, message: sentence(message) };
    if (profile === undefined) return NO_CREDENTIALS;
    return { ...NO_CREDENTIALS, message: `No AWS credentials were found under the profile ${profile}.` };
  }
  if (/region is missing/i.test(message)) {
    return {
      exitCode: EXIT.usage,
      code: 'no-region',
      message:
        profile === undefined
          ? 'It is not known which AWS region is meant.'
          : `It is not known which AWS region is meant: the profile ${profile} names none, or is not there.`,
      next: 'Give --region, or set AWS_REGION.',
    };
  }
  if (NAMES_OF_NO_PERMISSION.has(name)) {
    return {
      exitCode: EXIT.permission,
      code: 'no-permission',
      message: sentence(message),
      next: 'docs/cli.md has the IAM policy that an operator needs.',
    };
  }
  if (name === 'ResourceNotFoundException' || name === 'NotFoundException') {
    return {
      exitCode: EXIT.refused,
      code: 'no-resource',
      message: `There is no such table or key here: ${ended(message)}`,
      next: 'Check --stack, --region and --profile.',
    };
  }
  if (NETWORK.test(codeOf(error)) || PASSING.test(name)) {
    return {
      exitCode: EXIT.unavailable,
      code: 'unavailable',
      message: `AWS does not answer: ${ended(message || codeOf(error))}`,
      next: 'Try again; if it stays so, check --region and the network.',
    };
  }
  return undefined;
}

/** Of the error or, where Node tried several addresses, of one of them. */
function codeOf(error: Error): string {
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError)
    return error.errors.flatMap((one) => (one instanceof Error ? codeOf(one) : []))[0] ?? '';
  return error.cause instanceof Error ? codeOf(error.cause) : '';
}

const defect = (message: string): Failure => ({
  exitCode: EXIT.defect,
  code: 'defect',
  message: `Stepgate failed: ${ended(message)}`,
  next: 'Run it again with STEPGATE_DEBUG=1 and report what it prints.',
});

const ended = (text: string): string => (/[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);
const sentence = (text: string): string => ended(text.charAt(0).toUpperCase() + text.slice(1));
