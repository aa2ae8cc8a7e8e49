import type { APIGatewayProxyEventV2 as Event, APIGatewayProxyStructuredResultV2 as Result } from 'aws-lambda';
import type { Cost } from './measure.ts';
import type { Flow } from './requests.ts';

/** What the bench and the service under measurement say to each other. */

export const PASSWORD = 'correct horse battery staple';

export type Question =
  /** An invocation. What is counted is slowed down (see `requests.ts`), so it is counted or timed, never both. */
  | { readonly kind: 'call'; readonly event: Event; readonly counts: boolean }
  | { readonly kind: 'repeat'; readonly event: Event; readonly times: number }
  /** `requireSession` around a handler that does nothing, without and with `checkPolicy`. */
  | { readonly kind: 'guarded' | 'policy-checked'; readonly event: Event; readonly times: number }
  | { readonly kind: 'verify'; readonly token: string; readonly times: number }
  | { readonly kind: 'users'; readonly count: number }
  /** So many seconds pass. */
  | { readonly kind: 'pass'; readonly seconds: number };

export type Answer =
  | { readonly kind: 'call'; readonly result: Result; readonly cost: Cost; readonly flow: Flow }
  | { readonly kind: 'costs'; readonly costs: readonly Cost[] }
  | { readonly kind: 'users'; readonly emails: readonly string[] }
  | { readonly kind: 'passed' }
  | { readonly kind: 'ready'; readonly hash: readonly Cost[] }
  | { readonly kind: 'failed'; readonly reason: string };
