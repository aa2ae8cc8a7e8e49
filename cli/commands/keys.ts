import * as v from 'valibot';
import { revokeKeys, type Rotation, rotateKeys } from '../../shared/dynamo/rotate-keys.ts';
import { keyTimes } from '../../shared/keys/key-times.ts';
import { kmsEnvelope } from '../../shared/keys/kms-envelope.ts';
import { command, flag } from '../command.ts';
import { EXIT } from '../exit-codes.ts';

const SAYS: Readonly<Record<Rotation, string>> = {
  rotated: 'Another key signs from now on; the one it replaced stays published until its last token has ended.',
  retired: 'The key that was replaced before is no longer published.',
  revoked:
    'The keys that may have leaked are gone. Verifiers elsewhere may keep them for a while: docs/operations.md, Keys.',
  waiting: 'Nothing is due.',
  lost: 'Another run was first, and this one changed nothing. Run it again.',
};

const keysRotate = command({
  name: 'keys rotate',
  summary: 'Rotates the signing keys as far as it is due; --compromised takes leaked ones away at once',
  about: 'The schedule does the same once a day. Nobody is signed out by either; see docs/operations.md, Keys.',
  options: [['--compromised', 'the key in use has leaked: it and the one before it are removed now']],
  examples: ['keys rotate', 'keys rotate --compromised --profile prod'],
  input: v.object({ compromised: flag }),
  run: async ({ compromised }, session) => {
    const { config, table, clock, target } = await session.operator();
    if (compromised) await session.confirm(`Take the signing keys away at ${target.name}? Tokens made with them end.`);
    const deps = { table, clock, envelope: kmsEnvelope(config.KMS_KEY_ID), times: keyTimes(config) };
    const keys = await (compromised ? revokeKeys(deps) : rotateKeys(deps));
    await session.terminal.result({ keys }, () => SAYS[keys]);
    return compromised && keys === 'lost' ? EXIT.refused : EXIT.ok;
  },
});

export const keysCommands = [keysRotate];
