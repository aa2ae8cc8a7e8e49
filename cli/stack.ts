import { CloudFormationClient, DescribeStacksCommand, type Output } from '@aws-sdk/client-cloudformation';
import * as v from 'valibot';
import { EXIT } from './exit-codes.ts';
import { CommandFailure, usage } from './failure.ts';

/** The settings of the deployed functions, as the stack's output `Settings` has them: nothing is typed in twice. */
export async function stackSettings(stackName: string): Promise<Readonly<Record<string, string>>> {
  const client = new CloudFormationClient({ maxAttempts: 3 });
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    return settingsOf(stackName, stack?.Outputs ?? []);
  } catch (error) {
    if (error instanceof Error && error.name === 'ValidationError') throw noStack(stackName);
    throw error;
  } finally {
    client.destroy();
  }
}

const Settings = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.string()));

/** CDK puts the construct's own path in front of an output's name and a hash behind it. */
function settingsOf(stackName: string, outputs: readonly Output[]): Readonly<Record<string, string>> {
  const [found, another] = outputs.filter(({ OutputKey = '' }) =>
    /(^|[A-Za-z0-9])Settings[0-9A-F]{8}$/.test(OutputKey),
  );
  if (another !== undefined) {
    throw usage(
      `More than one Stepgate is in the stack ${stackName}.`,
      'Give --table and --key of the one that is meant.',
    );
  }
  const settings = v.safeParse(Settings, found?.OutputValue);
  if (settings.success) return settings.output;
  throw usage(
    `The stack ${stackName} does not say how Stepgate is set: it has no output Settings.`,
    'Deploy this version of Stepgate, or give --table and --key.',
  );
}

const noStack = (stackName: string): CommandFailure =>
  new CommandFailure({
    exitCode: EXIT.refused,
    code: 'no-stack',
    message: `There is no stack ${stackName} in this account and region.`,
    next: 'Give --stack, --region or --profile; --local is the run on this machine; --table and --key do without a stack.',
  });
