import { Annotations, App, type AppProps, Stack, type StackProps } from 'aws-cdk-lib';
import { Function as Lambda } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import * as v from 'valibot';
import cdk from '../cdk.json' with { type: 'json' };
import type { HostedPagesProps } from './constructs/hosted-pages.ts';
import type { StepgateProps } from './constructs/settings.ts';
import { Stepgate } from './constructs/stepgate.ts';
import { PAGES_DIRECTORY, PAGES_HEADERS } from './hosted-pages.ts';

const DEFAULT_SENDER = 'no-reply@example.com';

/** What sends in place of SES and SNS, where it is known by its ARN alone. */
interface SenderArns {
  readonly senderArns?: { readonly email?: string | undefined; readonly sms?: string | undefined };
}

/** A stack with one Stepgate in it. */
export class StepgateStack extends Stack {
  readonly stepgate: Stepgate;

  constructor(scope: Construct, id: string, { senderArns = {}, ...props }: StepgateProps & StackProps & SenderArns) {
    super(scope, id, { description: 'Stepgate: sign-in with a second factor where a policy says so', ...props });
    const emailSender = this.#sender('EmailSender', senderArns.email) ?? props.emailSender;
    const smsSender = this.#sender('SmsSender', senderArns.sms) ?? props.smsSender;
    this.stepgate = new Stepgate(this, 'Stepgate', { ...props, emailSender, smsSender });
    if (props.mailFrom === DEFAULT_SENDER) {
      Annotations.of(this).addWarningV2(
        'stepgate:defaultSender',
        `mailFrom is not set, and SES will not send for ${DEFAULT_SENDER}: cdk deploy -c mailFrom=no-reply@your.domain`,
      );
    }
  }

  #sender(id: string, arn: string | undefined) {
    return arn === undefined ? undefined : Lambda.fromFunctionArn(this, id, arn);
  }
}

const text = v.optional(v.string());
const flag = v.optional(
  v.pipe(
    v.picklist(['true', 'false'], 'must be true or false'),
    v.transform((is) => is === 'true'),
  ),
);

/** What `cdk -c name=value`, or `context` in cdk.json, can say. An empty value is none. */
const Context = v.object({
  /** Two stages in one account are two stacks: `Stepgate-dev`. */
  stage: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,32}$/, 'must be letters, digits and dashes'))),
  mailFrom: v.optional(v.string(), DEFAULT_SENDER),
  publicUrl: text,
  sesIdentity: text,
  sesSandbox: flag,
  /** Functions that exist already and send in place of SES and SNS. */
  emailSenderArn: text,
  smsSenderArn: text,
  appName: text,
  smsCountries: v.optional(
    v.pipe(
      v.string(),
      v.transform((countries) => countries.split(',')),
    ),
  ),
  antiCsrf: v.optional(
    v.picklist(['NONE', 'VIA_CUSTOM_HEADER', 'VIA_TOKEN'], 'must be NONE, VIA_CUSTOM_HEADER or VIA_TOKEN'),
  ),
  cookieDomain: text,
  olderCookieDomain: text,
  cookieSameSite: v.optional(v.picklist(['Lax', 'None'], 'must be Lax or None')),
  cookieProfile: v.optional(v.picklist(['plain', 'hardened'], 'must be plain or hardened')),
  alarmEmail: text,
  hostedPages: flag,
  /** Pages of one's own in place of ours. */
  pagesDirectory: v.optional(v.string(), PAGES_DIRECTORY),
  pagesDomain: text,
  pagesCertificateArn: text,
  webAclArn: text,
  onlyThroughCloudFront: flag,
  edgeTokenGeneration: v.optional(
    v.pipe(v.string(), v.regex(/^[1-9]\d{0,5}$/, 'must be 1, 2, 3 …'), v.transform(Number)),
  ),
});
type Context = v.InferOutput<typeof Context>;

/**
 * The app as `cdk.json` describes it, for `infra/app.ts`, the gate and the tests alike.
 *
 * Only the CDK command line reads `cdk.json`; without its feature flags CDK would make another template. They are
 * passed in here as defaults, so a value given with `-c` still wins.
 *
 * @param context over `cdk.json`'s.
 */
export function stepgateApp(
  context: Readonly<Record<string, unknown>> = {},
  props: AppProps = {},
): { readonly app: App; readonly stack: StepgateStack } {
  const app = new App({ ...props, context: { ...cdk.context, ...context } });
  const { stage, emailSenderArn, smsSenderArn, ...rest } = readContext(app);
  const senderArns = { email: emailSenderArn, sms: smsSenderArn };
  const settings = { ...rest, senderArns, hostedPages: rest.hostedPages === true ? hostedPages(rest) : undefined };
  return { app, stack: new StepgateStack(app, stage === undefined ? 'Stepgate' : `Stepgate-${stage}`, settings) };
}

/** Where our pages have to be before `stepgateApp` is called; undefined when they are off, or somebody's own. */
export function pagesToBuild(context: Readonly<Record<string, unknown>> = {}): string | undefined {
  // Read only: an app that synthesises by itself would write over the other one's output.
  const app = new App({ autoSynth: false, context: { ...cdk.context, ...context } });
  const { hostedPages: isOn, pagesDirectory } = readContext(app);
  return isOn === true && pagesDirectory === PAGES_DIRECTORY ? pagesDirectory : undefined;
}

function hostedPages(context: Context): HostedPagesProps {
  const { pagesDomain: name, pagesCertificateArn: certificateArn, ...others } = context;
  if ((name === undefined) !== (certificateArn === undefined)) {
    throw new Error('The context is wrong: pagesDomain and pagesCertificateArn go together');
  }
  return {
    directory: others.pagesDirectory,
    headers: PAGES_HEADERS,
    ...(name === undefined || certificateArn === undefined ? {} : { domain: { name, certificateArn } }),
    webAclArn: others.webAclArn,
    onlyThroughCloudFront: others.onlyThroughCloudFront,
    edgeTokenGeneration: others.edgeTokenGeneration,
  };
}

/** Values from the command line are strings; those from cdk.json need not be. */
function readContext(app: App): Context {
  const given = Object.keys(Context.entries).flatMap((name) => {
    const value = String(app.node.tryGetContext(name) ?? '');
    return value === '' ? [] : [[name, value]];
  });
  const parsed = v.safeParse(Context, Object.fromEntries(given));
  if (parsed.success) return parsed.output;
  const lines = parsed.issues.map((issue) => `  ${v.getDotPath(issue)}: ${issue.message}`);
  throw new Error(`The context is wrong (cdk -c name=value, or cdk.json):\n${lines.join('\n')}`);
}
