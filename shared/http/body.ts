import { badRequest, ProtocolError } from '../protocol-error.ts';
import type { Request } from './endpoint.ts';

const MAX_BYTES = 16_384;
const MAX_DEPTH = 8;

/**
 * The members of a JSON object body. An absent or empty body is an empty object: refresh and sign-out have none.
 *
 * @throws 400 for anything that is not a JSON object, 413 when larger than 16 KB or `maxBytes`, 415 for a body that is not declared as
 * JSON: a form of another site can send one without a preflight.
 */
export function parseBody(request: Request, maxBytes = MAX_BYTES): Readonly<Record<string, unknown>> {
  const { body } = request;
  if (body === undefined || body === '') return {};
  if (Buffer.byteLength(body) > maxBytes) throw new ProtocolError(413, { message: 'the body is too large' });
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new ProtocolError(415, { message: 'the body must be application/json' });
  const value = json(body);
  if (!isRecord(value)) throw badRequest('the body must be a JSON object');
  const fault = faultIn(value, MAX_DEPTH);
  if (fault !== undefined) throw badRequest(fault);
  return value;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function json(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badRequest('the body is not valid JSON');
  }
}

/**
 * What no endpoint could keep as it was sent, whatever it asks for: half a character (two of them would hash alike), a
 * number that loses digits, a name that would become a prototype.
 *
 * @see RFC 7493 (I-JSON) §2.1, §2.2
 */
export function faultIn(value: unknown, levels: number): string | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : 'the body holds half a character';
  if (typeof value === 'number') return isExact(value) ? undefined : 'the body holds a number out of range';
  if (typeof value !== 'object' || value === null) return undefined;
  if (levels === 0) return 'the body is nested too deep';
  if (Object.hasOwn(value, '__proto__')) return 'the body has a member named __proto__';
  for (const [name, member] of Object.entries(value)) {
    const fault = faultIn(name, levels) ?? faultIn(member, levels - 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Whole numbers are safe integers; fractions are not so small that no table keeps them. */
const isExact = (value: number): boolean =>
  value === 0 || (Math.abs(value) <= Number.MAX_SAFE_INTEGER && Math.abs(value) >= 1e-130);
