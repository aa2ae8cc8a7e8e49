import { ProtocolError } from '../protocol-error.ts';
import type { Request } from './endpoint.ts';

const MAX_BYTES = 16_384;

/** The fields of a form post. @throws 413 when larger than 16 KB, 415 for a body that is no form. */
export function parseForm({ body = '', headers }: Request): URLSearchParams {
  if (Buffer.byteLength(body) > MAX_BYTES) throw new ProtocolError(413, { message: 'the body is too large' });
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') {
    throw new ProtocolError(415, { message: 'the body must be application/x-www-form-urlencoded' });
  }
  return new URLSearchParams(body);
}
