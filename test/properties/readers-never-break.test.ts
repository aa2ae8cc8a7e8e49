// Promise: what strangers send is read or refused, never a crash. Why it matters: whatever throws becomes a 500, a line
// in the error log and a lever; and a reader that fails in an unforeseen way may be one that lets something through.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { functions } from '../../functions/index.ts';
import { canonicalEmail, canonicalPhone, maskContact, subjectOfAbuse } from '../../shared/account/contact.ts';
import { parseBody } from '../../shared/http/body.ts';
import type { Request } from '../../shared/http/endpoint.ts';
import { matchRoute } from '../../shared/http/route.ts';
import { deriveSecrets } from '../../shared/keys/secrets.ts';
import { ipPrefix } from '../../shared/limits.ts';
import { belongsTo, newCode, newDeviceId } from '../../shared/otp/code.ts';
import { ProtocolError } from '../../shared/protocol-error.ts';
import { firstRefreshToken, readRefreshToken } from '../../shared/session/refresh-token.ts';

const secrets = deriveSecrets('k1', Buffer.alloc(32, 1));
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string(), fc.emailAddress());

describe('readRefreshToken', () => {
  const handle = fc.uuid();

  it('never throws', () => {
    const shaped = fc
      .tuple(fc.string(), fc.string(), handle, fc.nat(9), fc.base64String(), fc.base64String())
      .map((parts) => `v1.${parts.join('.')}`);
    fc.assert(
      fc.property(fc.oneof(text, shaped), (token) => {
        expect(readRefreshToken(secrets, token)).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it('reads every token that was made here, and none that differs in a character', () => {
    fc.assert(
      fc.property(text, handle, fc.nat(), fc.constantFrom(...'.aZ0-_= '), (userId, session, at, sign) => {
        const id = Buffer.from(userId, 'utf8').toString('utf8').slice(0, 100);
        fc.pre(id !== '');
        const token = firstRefreshToken(secrets, id, session);
        const read = readRefreshToken(secrets, token);
        expect(read).toEqual({ userId: Buffer.from(id, 'utf8').toString('utf8'), handle: session, branch: 0 });
        const i = at % token.length;
        fc.pre(token[i] !== sign);
        expect(readRefreshToken(secrets, token.slice(0, i) + sign + token.slice(i + 1))).toBeUndefined();
      }),
    );
  });

  it('reads no token of another root secret', () => {
    const others = deriveSecrets('k1', Buffer.alloc(32, 2));
    fc.assert(
      fc.property(handle, (session) => {
        expect(readRefreshToken(secrets, firstRefreshToken(others, 'user', session))).toBeUndefined();
      }),
    );
  });
});

describe('canonicalEmail and canonicalPhone', () => {
  it('never throw, and change nothing that they have made', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (input) => {
        const email = canonicalEmail(input);
        expect(email === undefined || canonicalEmail(email) === email).toBe(true);
        const phone = await canonicalPhone(input);
        expect(phone === undefined || (await canonicalPhone(phone.number))?.number === phone.number).toBe(true);
        expect(typeof maskContact('email', input)).toBe('string');
        expect(typeof maskContact('phone', input)).toBe('string');
        expect(typeof subjectOfAbuse(input)).toBe('string');
      }),
      { numRuns: 500 },
    );
  });

  it('make nothing with which a header or a second address could be smuggled', () => {
    fc.assert(
      fc.property(text, (input) => {
        expect(canonicalEmail(input) ?? 'a@b.cd').toMatch(/^[\x21-\x7E]+$/);
        expect((canonicalEmail(input) ?? 'a@b.cd').split('@')).toHaveLength(2);
      }),
      { numRuns: 500 },
    );
  });
});

describe('parseBody', () => {
  const request = (body: string | undefined, type?: string): Request => ({
    method: 'POST',
    routeKey: 'POST /x',
    path: '/x',
    params: {},
    query: {},
    headers: type === undefined ? {} : { 'content-type': type },
    cookies: [],
    body,
    ip: '',
    requestId: '',
  });

  const outcome = (body: string | undefined, type?: string): unknown => {
    try {
      return parseBody(request(body, type));
    } catch (error) {
      return error;
    }
  };

  it('gives an object, or throws a 400, 413 or 415', () => {
    const types = fc.option(fc.oneof(fc.constantFrom('application/json', 'text/plain', 'APPLICATION/JSON;a=b'), text));
    fc.assert(
      fc.property(fc.option(fc.oneof(text, fc.json(), fc.json({ maxDepth: 12 }))), types, (body, type) => {
        const result = outcome(body ?? undefined, type ?? undefined);
        if (result instanceof ProtocolError) expect([400, 413, 415]).toContain(result.status);
        else expect(Object.prototype.toString.call(result)).toBe('[object Object]');
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['nested 8,000 deep', '['.repeat(8_000) + ']'.repeat(8_000)],
    ['objects 2,000 deep', '{"a":'.repeat(2_000) + '1' + '}'.repeat(2_000)],
    ['a megabyte', JSON.stringify({ a: 'x'.repeat(1_048_576) })],
    ['cut off', '{"a":'],
  ])('refuses what is %s', (_, body) => {
    expect(outcome(body, 'application/json')).toBeInstanceOf(ProtocolError);
  });

  it('pollutes nothing', () => {
    outcome('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}', 'application/json');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('matchRoute', () => {
  const routes = Object.values(functions).flatMap((endpoints) => endpoints.flatMap((endpoint) => endpoint.routes));
  const segment = fc.oneof(
    text,
    fc.constantFrom('auth', 'signin', 'signup', 'signinup', 'code', 'session', 'refresh', 'me', 'admin', 'users'),
    fc.constantFrom('', '.', '..', '%2f', '%5C', '%00', '%', '%zz', '%C0%AF', '{proxy+}', '__proto__', ';x', '\\'),
  );
  const path = fc.array(segment, { maxLength: 8 }).map((segments) => `/${segments.join('/')}`);

  it('never throws, and finds only what is a route', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'), text), path, (method, at) => {
        const match = matchRoute(routes, method, at);
        expect(match === undefined || routes.includes(match.routeKey)).toBe(true);
        expect(match === undefined || match.routeKey.startsWith(`${method} `)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('finds every route by its own path, and none of them by another spelling of it', () => {
    for (const route of routes.filter((one) => !one.includes('{'))) {
      const [method = '', at = ''] = route.split(' ');
      expect(matchRoute(routes, method, at)?.routeKey).toBe(route);
      for (const other of [`/${at}`, `${at}/`, at.toUpperCase(), at.replace('/', '//'), `${at};x`, `/.${at}`]) {
        expect(matchRoute(routes, method, other)?.routeKey).not.toBe(route);
      }
    }
  });
});

describe('ipPrefix', () => {
  it('has an answer for everything', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.ipV4(), fc.ipV6()), (ip) => {
        expect(typeof ipPrefix(ip)).toBe('string');
      }),
    );
  });

  it('keeps an IPv4 address whole, however it is written', () => {
    fc.assert(
      fc.property(fc.ipV4(), (ip) => {
        expect([ipPrefix(ip), ipPrefix(`::ffff:${ip}`), ipPrefix(`::FFFF:${ip}`)]).toEqual([ip, ip, ip]);
      }),
    );
  });

  it('is one for the addresses of an IPv6 /64, and another for the next', () => {
    const group = fc.nat(0xffff).map((n) => n.toString(16));
    const groups = (length: number) => fc.array(group, { minLength: length, maxLength: length });
    fc.assert(
      fc.property(groups(4), groups(4), groups(4), (net, a, b) => {
        const full = (host: readonly string[]) => [...net, ...host].join(':');
        expect(ipPrefix(full(a))).toBe(ipPrefix(full(b)));
        expect(ipPrefix(`${net.join(':')}::`)).toBe(ipPrefix(full(a)));
        const next = [...net.slice(0, 3), ((Number.parseInt(net[3]!, 16) + 1) & 0xffff).toString(16)];
        expect(ipPrefix([...next, ...a].join(':'))).not.toBe(ipPrefix(full(a)));
      }),
    );
  });
});

describe('codes and device ids', () => {
  it.each([6, 8] as const)('a code of %i digits has as many, each as often as any other', (digits) => {
    const codes = Array.from({ length: 20_000 }, () => newCode(digits));
    expect(codes.every((code) => new RegExp(`^\\d{${digits}}$`).test(code))).toBe(true);
    for (let place = 0; place < digits; place += 1) {
      const counts = Array.from({ length: 10 }, () => 0);
      for (const code of codes) counts[Number(code[place])]! += 1;
      const chi2 = counts.reduce((sum, count) => sum + (count - 2_000) ** 2 / 2_000, 0);
      // 9 degrees of freedom: passed by chance once in 100 million.
      expect(chi2).toBeLessThan(55);
    }
  });

  it('a device id belongs to its own name alone, and garbage to none', () => {
    fc.assert(
      fc.property(text, (garbage) => {
        const [one, other] = [newDeviceId(), newDeviceId()];
        expect(belongsTo(one.deviceId, one.preAuthSessionId)).toBe(true);
        expect(belongsTo(one.deviceId, other.preAuthSessionId)).toBe(false);
        expect(belongsTo(garbage, one.preAuthSessionId)).toBe(false);
        expect(belongsTo(one.deviceId, garbage)).toBe(false);
      }),
    );
  });
});
