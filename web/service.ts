/** What the pages ask the service for beside the SDK. It is of our own origin and version: replies are taken at their word. */

export interface Methods {
  readonly returnTo?: string;
  readonly branding?: {
    readonly name?: string;
    readonly logoUrl?: string;
    readonly color?: string;
    readonly language?: string;
  };
  readonly firstFactors: readonly string[];
  readonly thirdParty: { readonly providers: readonly { readonly id: string; readonly name?: string }[] };
  /** Where the tenant lets people have a device remembered. */
  readonly rememberDeviceDays?: number;
  readonly signUpFields: readonly { readonly id: string; readonly label?: string; readonly optional?: boolean }[];
  readonly passwordMinLength: number;
  readonly otpDigits: number;
  readonly resendSeconds: number;
}

/** What can be known of a tenant that does not answer. */
export const NO_METHODS: Methods = {
  firstFactors: [],
  thirdParty: { providers: [] },
  signUpFields: [],
  passwordMinLength: 8,
  otpDigits: 6,
  resendSeconds: 30,
};

export interface Factor {
  readonly factorId: string;
  readonly available: boolean;
  readonly setUp: boolean;
  readonly required: boolean;
  readonly requiredBy: readonly string[];
  /** ISO 8601: not asked for before. */
  readonly requiredFrom?: string;
  readonly canDisable: boolean;
  readonly contact?: string;
  /** It is one of a choice, and any one of these does instead. */
  readonly alternatives?: readonly string[];
  /** Of backup codes. */
  readonly codesLeft?: number;
}

export interface OwnSession {
  readonly sessionHandle: string;
  readonly current: boolean;
  readonly lastUsedAt: number;
  readonly userAgent: string;
}

type Changed =
  | { readonly status: 'OK' }
  | { readonly status: 'FACTOR_REQUIRED_ERROR'; readonly requiredBy: readonly string[] };

/** An HTTP status that is no outcome. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`The service answered ${status}.`);
    this.status = status;
  }
}

/** What the service says for people; not yet in the page's language. */
export class Said extends Error {}

/** One call of the service. @throws Refused, or Said what it says. */
export async function ask<Reply>(path: string, method = 'GET', body?: unknown): Promise<Reply> {
  const sent =
    body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(path, { method, ...sent });
  if (!response.ok) throw new Refused(response.status);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const reply = (await response.json()) as Reply & { readonly status?: string; readonly message?: string };
  if (reply.status === 'GENERAL_ERROR') throw new Said(reply.message);
  return reply;
}

/** The status of a failed call, the SDK's (which throws the response) and ours; undefined where there was no answer. */
export const statusOf = (error: unknown): number | undefined =>
  error instanceof Refused || error instanceof Response ? error.status : undefined;

export function readMethods(tenantId: string | null, returnTo: string | null): Promise<Methods> {
  const path = tenantId === null ? '/auth/loginmethods' : `/auth/${encodeURIComponent(tenantId)}/loginmethods`;
  return ask(returnTo === null ? path : `${path}?${new URLSearchParams({ returnTo })}`);
}

export const readFactors = async (): Promise<readonly Factor[]> =>
  (await ask<{ readonly factors: readonly Factor[] }>('/auth/mfa/factors')).factors;

export const changeFactor = (factorId: string, required: boolean): Promise<Changed> =>
  ask(`/auth/mfa/factors/${encodeURIComponent(factorId)}`, required ? 'PUT' : 'DELETE');

export const readSessions = async (): Promise<readonly OwnSession[]> =>
  (await ask<{ readonly sessions: readonly OwnSession[] }>('/auth/sessions')).sessions;

/** One that ended meanwhile is as good as ended. */
export async function endSession(handle: string): Promise<void> {
  await ask(`/auth/sessions/${encodeURIComponent(handle)}`, 'DELETE').catch((error: unknown) => {
    if (statusOf(error) !== 404) throw error;
  });
}
