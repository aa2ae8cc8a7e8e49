import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { buildFunctions, overLimit } from './build.ts';
import { exampleApp, HANDLERS } from './example/stack.ts';
import { stepgateApp } from './stack.ts';

/** What the gate asks of the stack, beside the tests: one line per check, exit code 1 if one fails. */

const ROOT = join(import.meta.dirname, '..');
const TEMPLATE = 'Stepgate.template.json';
/** A sender, or the stack warns that there is none. */
const SENDER = 'no-reply@stepgate.example';
/** With everything that can be had, so that nothing is left unchecked. */
const pagesDirectory = (): string => join(work, 'pages');
const context = () => ({ mailFrom: SENDER, hostedPages: 'true', pagesDirectory: pagesDirectory() });

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly {
      readonly ruleName: string;
      readonly violatingConstructs: readonly { readonly constructPath?: string }[];
    }[];
  }[];
}

const work = await mkdtemp(join(tmpdir(), 'stepgate-check-'));
try {
  const sizes = await buildFunctions();
  await standInPages();
  verdict('bundle sizes', overLimit(sizes));
  const [fromCommandLine] = await Promise.all([
    synthByCommandLine(join(work, 'cli')),
    synthWithRules(join(work, 'nag')),
  ]);
  verdict('cdk synth without credentials', fromCommandLine);
  await buildFunctions(HANDLERS);
  const twilio = { accountSid: 'AC1', messagingServiceSid: 'MG1', secretName: 'twilio' };
  await validate(exampleApp({ mailFrom: SENDER, twilio }, { outdir: join(work, 'example') }).app);
  const findings = [...(await readFindings(join(work, 'nag'))), ...(await readFindings(join(work, 'example')))];
  const nag = findings.filter(([plugin]) => plugin === 'AwsSolutions');
  const others = findings.filter(([plugin]) => plugin !== 'AwsSolutions');
  verdict(
    'cdk-nag: no findings',
    nag.map(([, finding]) => finding),
  );
  verdict(
    'CloudFormation validation: no findings',
    others.map(([, finding]) => finding),
  );
  verdict('cdk and the tests see the same template', await differences(join(work, 'cli'), join(work, 'nag')));
} finally {
  await rm(work, { recursive: true, force: true });
}

function verdict(name: string, faults: readonly string[]): void {
  if (faults.length > 0) process.exitCode = 1;
  process.stdout.write(faults.length === 0 ? `ok - ${name}\n` : `not ok - ${name}: ${faults.join('; ')}\n`);
}

/** The rules look at how files are deployed, not at what is in them. */
async function standInPages(): Promise<void> {
  await mkdir(join(pagesDirectory(), 'assets'), { recursive: true });
  await writeFile(join(pagesDirectory(), 'index.html'), '<!doctype html>');
  await writeFile(join(pagesDirectory(), 'assets/pages-00000000.css'), '');
}

/** As somebody without an AWS account runs it: no credentials, no profile, nothing told to or fetched from AWS. */
async function synthByCommandLine(output: string): Promise<readonly string[]> {
  const env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: work, CDK_DISABLE_CLI_TELEMETRY: 'true' };
  const given = Object.entries(context()).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const options = ['synth', '--quiet', '--no-notices', '--output', output, ...given];
  try {
    await promisify(execFile)(join(ROOT, 'node_modules/.bin/cdk'), options, { cwd: ROOT, env });
    return [];
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? error.stderr : error;
    return [String(said).replaceAll(/\s+/g, ' ').trim().slice(0, 500)];
  }
}

/** Rules are asked on every synthesis but this one only: they take seconds. */
async function synthWithRules(outdir: string): Promise<void> {
  await validate(stepgateApp(context(), { outdir }).app);
}

async function validate(app: App): Promise<void> {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  try {
    app.synth();
  } catch (error) {
    // Findings are in the report, which is read next.
    if (!String(error).startsWith('ValidationFailed')) throw error;
  }
}

/** @returns plugin and finding; empty when nothing was found, for then no report is written. */
async function readFindings(outdir: string): Promise<readonly (readonly [string, string])[]> {
  const text = await readFile(join(outdir, 'validation-report.json'), 'utf8').catch(() => '{"pluginReports":[]}');
  const report: Report = JSON.parse(text);
  return report.pluginReports.flatMap(({ pluginName, violations }) =>
    violations.flatMap(({ ruleName, violatingConstructs }) =>
      violatingConstructs.map(
        ({ constructPath }) => [pluginName, `${ruleName} at ${constructPath ?? 'the stack'}`] as const,
      ),
    ),
  );
}

async function differences(one: string, other: string): Promise<readonly string[]> {
  const [a, b] = await Promise.all(
    [one, other].map((outdir) => readFile(join(outdir, TEMPLATE), 'utf8').then(JSON.parse)),
  );
  return isDeepStrictEqual(resources(a), resources(b)) ? [] : ['are the feature flags of cdk.json passed to the app?'];
}

/** The command line adds `Metadata` that only it needs. */
function resources({ Resources }: { readonly Resources: Readonly<Record<string, object>> }): unknown {
  return Object.entries(Resources)
    .filter(([id]) => id !== 'CDKMetadata')
    .map(([id, resource]) => [id, Object.entries(resource).filter(([name]) => name !== 'Metadata')]);
}
