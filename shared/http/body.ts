import { badRequest, ProtocolError } from '../protocol-error.ts';
import type { Request } from './endpoint.ts';

const MAX_BYTES = 16_384;
const MAX_DEPTH = 8;

/**
 * The members of a JSON object body. An absent or empty body is an empty object: refresh and sign-out have none.
 *
 * @throws 400 for anything that is not a JSON object, 413 when larger than 16 KB, 415 for another content type.
 */
export function parseBody(request: Request): Readonly<Record<string, unknown>> {
  const { body } = request;
  if (body === undefined || body === '') return {};
  if (Buffer.byteLength(body) > MAX_BYTES) throw new ProtocolError(413, { message: 'the body is too large' });
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== undefined && type !== 'application/json') {
    throw new ProtocolError(415, { message: 'the body must be application/json' });
  }
  const value = json(body);
  if (!isRecord(value)) throw badRequest('the body must be a JSON object');
  if (isDeeper(value, MAX_DEPTH)) throw badRequest('the body is nested too deep');
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

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1)));
