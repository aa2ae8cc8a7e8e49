// Whoever sends tokens with invented key ids must not make us read the key set for each: that would be a way to have us
// throttled, and everybody signed out. @see security.md §3.9
import { randomBytes } from 'node:crypto';
import { SignJWT, generateKeyPair } from 'jose';
import { expect, it } from 'vitest';
import { publicKeys } from '../../shared/parts.ts';
import { verifyAccessToken } from '../../shared/session/access-token.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();

it('SEC-46: a thousand unknown keys are refused with one read of the key set', async () => {
  const app = stepgate.app();
  let reads = 0;
  const db = new Proxy(app.table.db, {
    get: (target, name) => {
      if (name !== 'send') return Reflect.get(target, name);
      return (command: Parameters<typeof target.send>[0]) => {
        reads += 1;
        return target.send(command);
      };
    },
  });
  const { keys } = publicKeys({ ...app, table: { ...app.table, db } });
  const { privateKey } = await generateKeyPair('RS256');
  const template = await new SignJWT({ iss: 'http://localhost:3001/auth' })
    .setProtectedHeader({ kid: 'd-1', typ: 'JWT', alg: 'RS256', version: '5' })
    .sign(privateKey);
  const [, payload, signature] = template.split('.');
  const tokens = Array.from({ length: 1_000 }, (_, i) => {
    const kid = i % 2 === 0 ? `d-${1_700_000_000_000 + i}` : randomBytes(12).toString('base64url');
    const header = Buffer.from(JSON.stringify({ kid, typ: 'JWT', alg: 'RS256', version: '5' })).toString('base64url');
    return `${header}.${payload}.${signature}`;
  });

  const answers = await Promise.all(tokens.map((token) => verifyAccessToken(token, { ...app, keys })));

  expect(new Set(answers)).toEqual(new Set(['invalid']));
  expect(reads).toBe(1);
  for (const token of tokens.slice(0, 20)) {
    const page = stepgate.browser('header');
    page.present({ access: token });
    expect((await page.me()).status).toBe(401);
  }
});
