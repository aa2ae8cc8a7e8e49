import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import type { DoctorDeps } from './deps.ts';
import { type DoctorFinding, ok, problem, unknown, warning } from './finding.ts';

/** An authenticator app's code lives for 30 seconds; AWS itself refuses signatures from 5 minutes on. */
const WRONG_SECONDS = 30;
const DRIFTING_SECONDS = 5;

/** This machine's clock against that of AWS, by the `Date` of an answer; half the round trip is allowed for. */
export async function checkClock({ clients, table, clock }: DoctorDeps): Promise<readonly DoctorFinding[]> {
  const asked = clock.now();
  const theirs = await dateOfAnswer(clients.dynamo, table.name);
  const here = (asked + clock.now()) / 2;
  if (theirs === undefined) return [unknown('clock', 'the answer of AWS carried no date to compare with')];
  // `Date` has whole seconds: half of one is the most likely.
  const off = Math.round((here - (theirs + 500)) / 1000);
  const says = `this machine's clock is ${Math.abs(off)} s ${off < 0 ? 'behind' : 'ahead of'} AWS`;
  const next = 'Switch on time synchronisation (NTP): codes and tokens made here are judged by the wrong time.';
  if (Math.abs(off) >= WRONG_SECONDS) return [problem('clock', says, next)];
  if (Math.abs(off) >= DRIFTING_SECONDS) return [warning('clock', says, next)];
  return [ok('clock', "this machine's clock agrees with AWS")];
}

async function dateOfAnswer(dynamo: DoctorDeps['clients']['dynamo'], name: string): Promise<number | undefined> {
  const command = new DescribeTableCommand({ TableName: name });
  let date: number | undefined;
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const answer = result.response;
      if (typeof answer === 'object' && answer !== null && 'headers' in answer) date = dateIn(answer.headers);
      return result;
    },
    { step: 'deserialize', name: 'dateOfAnswer' },
  );
  await dynamo.send(command);
  return date;
}

function dateIn(headers: unknown): number | undefined {
  if (typeof headers !== 'object' || headers === null || !('date' in headers)) return undefined;
  const time = Date.parse(String(headers.date));
  return Number.isNaN(time) ? undefined : time;
}
