import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { type KeysItem, parseKeys } from '../dynamo/keyring.ts';
import { KEYS_KEY } from '../dynamo/keys.ts';
import { keyTimes } from '../keys/key-times.ts';
import type { DoctorDeps } from './deps.ts';
import { type DoctorFinding, ok, problem, warning } from './finding.ts';
import { unanswered } from './unanswered.ts';

type Deps = Pick<DoctorDeps, 'table' | 'clock' | 'clients' | 'config'>;

/** Signing keys are there, young enough, and the KMS key that wraps them is in service. */
export async function checkKeys(deps: Deps): Promise<readonly DoctorFinding[]> {
  const found = await deps.table.db.send(
    new GetCommand({ TableName: deps.table.name, Key: KEYS_KEY, ConsistentRead: true }),
  );
  return [...keysFindings(found.Item, deps), await wrapping(deps)];
}

function keysFindings(item: Readonly<Record<string, unknown>> | undefined, deps: Deps): readonly DoctorFinding[] {
  let keys: KeysItem;
  try {
    keys = parseKeys(item);
  } catch (error) {
    const says = error instanceof Error ? error.message : 'the keys cannot be read';
    return [problem('keys-missing', says, 'Nobody can sign in. Run the keys function once: docs/operations.md.')];
  }
  const times = keyTimes(deps.config);
  const age = deps.clock.now() - (keys.rotatedAt ?? keys.current.createdAt);
  const says = `the signing key has been in use for ${span(age)}`;
  if (age <= times.overdueMs) return [ok('keys-age', says)];
  return [
    warning(
      'keys-age',
      `${says}; it should have been replaced after ${span(times.rotationMs)}`,
      'See whether the rule that runs the keys function every day is enabled, and its log; `stepgate keys rotate` does it now.',
    ),
  ];
}

async function wrapping({ clients, config }: Deps): Promise<DoctorFinding> {
  try {
    const { KeyMetadata: key } = await clients.kms.send(new DescribeKeyCommand({ KeyId: config.KMS_KEY_ID }));
    if (key?.KeyState === 'Enabled') return ok('keys-wrapping', 'the KMS key that wraps the secrets is enabled');
    return problem(
      'keys-wrapping',
      `the KMS key that wraps the secrets is ${key?.KeyState ?? 'unknown'}`,
      'Enable it, or cancel its deletion, at once: without it nobody signs in and no stored contact can be read.',
    );
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundException') {
      return problem(
        'keys-wrapping',
        'there is no such KMS key',
        'Name the right one with --key; look for it in the stack outputs.',
      );
    }
    return unanswered('keys-wrapping', error);
  }
}

const DAY = 86_400_000;

const span = (ms: number): string =>
  ms >= 2 * DAY ? `${Math.floor(ms / DAY)} days` : `${Math.max(0, Math.round(ms / 3_600_000))} hours`;
