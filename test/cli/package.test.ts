/** `npm pack`, and what a project can do that has installed it: nothing of the checkout is in reach. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { commands } from '../../cli/commands.ts';
import { ENTRIES } from '../../infra/build/package.ts';
import { useInstalledPackage } from '../support/package.ts';

const ROOT = join(import.meta.dirname, '../..');
const installed = useInstalledPackage();
const entries = await readdir(join(ROOT, 'functions'), { withFileTypes: true });
const functions = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);

describe('the package', () => {
  it('has what it offers by name, with types', async () => {
    const { exports } = await installed.manifest();
    const targets = Object.values(exports).flatMap((target) =>
      typeof target === 'string' ? target : Object.values(target),
    );
    expect(targets.map((path) => path.replace('./', '')).filter((path) => !installed.files().includes(path))).toEqual(
      [],
    );
    expect(Object.keys(exports).toSorted()).toEqual(
      [...Object.keys(ENTRIES).map((name) => `./${name}`), './package.json'].toSorted(),
    );
  });

  it('has the bundle of every function, and no directory of dist/ beside those, the pages and the command', () => {
    const built = installed.files().flatMap((path) => /^dist\/([^/]+)\//.exec(path)?.[1] ?? []);
    expect([...new Set(built)].toSorted()).toEqual([...functions, 'command', 'package', 'pages'].toSorted());
    for (const name of functions) expect(installed.files()).toContain(`dist/${name}/index.mjs`);
  });

  it('has no source, test, map, dependency, or anything that begins with a dot', () => {
    const roots = new Set(installed.files().map((path) => path.split('/')[0]));
    expect([...roots].toSorted()).toEqual(
      ['CHANGELOG.md', 'LICENSE', 'README.md', 'cli', 'dist', 'docs', 'infra', 'package.json'].toSorted(),
    );
    const unwanted = /(^|\/)(\.|node_modules\/)|(?<!\.d)\.ts$|\.map$|\.(pem|key|env|tgz|png)$|meta\.json$/;
    expect(installed.files().filter((path) => unwanted.test(path))).toEqual([]);
  });

  it('has no key or credential in it', async () => {
    const secret = /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}|\b(AKIA|ASIA)[0-9A-Z]{16}\b|_authToken=/;
    for (const path of installed.files()) {
      const text = await readFile(join(installed.project(), 'node_modules/stepgate', path), 'utf8');
      if (secret.test(text)) expect.fail(`${path} looks as if a secret were in it`);
    }
  });

  it('has every page of the documentation that a command names', async () => {
    const said = JSON.stringify(commands);
    const named = [...said.matchAll(/docs\/[a-z-]+\.md/g)].map(([path]) => path);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((path) => !installed.files().includes(path))).toEqual([]);
  });
});

describe('a project that has installed it', () => {
  it('runs the command', async () => {
    const launcher = join(installed.project(), 'node_modules/stepgate/cli/stepgate.mjs');
    expect(await installed.node(launcher, '--help')).toContain('Usage: stepgate [options] [command]');
    expect(await installed.node(launcher, '--version')).toMatch(/^\d+\.\d+\.\d+$/);
    const policy = join(installed.project(), 'policy.json');
    await writeFile(policy, JSON.stringify({ rules: [{ id: 'all', require: ['otp-email'] }] }));
    expect(await installed.node(launcher, 'policy', 'validate', policy, '--offline')).toMatch(/0 errors, 0 warnings$/);
  });

  it('imports everything by name', async () => {
    const code = `
      import { requireSession } from 'stepgate/protect';
      import { checkSession } from 'stepgate/check-session';
      import { Stepgate } from 'stepgate/construct';
      import { PAGES_DIRECTORY } from 'stepgate/hosted-pages';
      await import('stepgate/sender');
      console.log(typeof requireSession, typeof checkSession, Stepgate.name, PAGES_DIRECTORY);`;
    expect(await installed.node('--input-type=module', '-e', code)).toBe(
      `function function Stepgate ${join(installed.project(), 'node_modules/stepgate/dist/pages')}`,
    );
    const required = "console.log(require('stepgate/construct').Stepgate.name)";
    expect(await installed.node('--input-type=commonjs', '-e', required)).toBe('Stepgate');
  });

  it('bundles the session check for a Lambda, without an AWS client in it', async () => {
    const { metafile } = await build({
      stdin: { contents: "export { requireSession } from 'stepgate/protect';", resolveDir: installed.project() },
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'node',
    });
    const inputs = Object.keys(metafile.inputs);
    expect(inputs.some((input) => input.endsWith('stepgate/dist/package/protect.mjs'))).toBe(true);
    expect(inputs.filter((input) => input.includes('@aws-sdk'))).toEqual([]);
  });

  it('deploys the construct, with functions and pages from the package', async () => {
    await writeFile(
      join(installed.project(), 'app.mjs'),
      `import { App, Stack } from 'aws-cdk-lib';
      import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
      import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
      import { Stepgate } from 'stepgate/construct';
      import { PAGES_DIRECTORY, PAGES_HEADERS } from 'stepgate/hosted-pages';
      const app = new App({ outdir: 'assembly', analyticsReporting: false });
      const stack = new Stack(app, 'Mine', { env: { account: '123456789012', region: 'eu-central-1' } });
      const auth = new Stepgate(stack, 'Auth', {
        mailFrom: 'no-reply@example.com',
        hostedPages: { directory: PAGES_DIRECTORY, headers: PAGES_HEADERS },
      });
      const code = Code.fromInline('exports.handler = async () => ({ statusCode: 200 })');
      const mine = new Function(stack, 'Orders', { code, handler: 'index.handler', runtime: Runtime.NODEJS_24_X });
      const integration = new HttpLambdaIntegration('Orders', mine);
      auth.protect(auth.api.addRoutes({ path: '/orders', integration }), { roles: ['clerk'] });
      app.synth();`,
    );
    await installed.node('app.mjs');
    const template = await readFile(join(installed.project(), 'assembly/Mine.template.json'), 'utf8');
    for (const name of functions) expect(template).toContain(`Stepgate: functions/${name}`);
    const assets = await readdir(join(installed.project(), 'assembly'));
    expect(assets.filter((name) => name.startsWith('asset.')).length).toBeGreaterThan(functions.length);
  }, 120_000);

  it('is typed, without a look at our sources', async () => {
    const { project } = installed;
    await writeFile(
      join(project(), 'handler.ts'),
      `import middy from '@middy/core';
      import { requireSession } from 'stepgate/protect';
      import type { EmailEvent } from 'stepgate/sender';
      import type { Stepgate } from 'stepgate/construct';
      export const handler = middy()
        .use(requireSession({ maxAge: 300 }))
        .handler(async (_event, { session }) => ({ statusCode: 200, body: \`Hello \${session.userId satisfies string}\` }));
      export const url = (auth: Stepgate): string => auth.handlerEnvironment.STEPGATE_URL;
      export const tenantOf = (event: EmailEvent): string => event.tenantId;
      // @ts-expect-error -- a word that is no option
      requireSession({ maxage: 300 });
      `,
    );
    const compilerOptions = {
      target: 'es2024',
      module: 'nodenext',
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      types: ['node'],
      skipLibCheck: true,
    };
    const config = { compilerOptions, files: ['handler.ts'] };
    await writeFile(join(project(), 'package.json'), JSON.stringify({ name: 'mine', type: 'module' }));
    await writeFile(join(project(), 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const said = await installed.node(tsc, '-p', '.').catch((error: { stdout?: string }) => error.stdout);
    expect(said).toBe('');
  }, 120_000);
});

describe('it reaches nothing else', () => {
  it.each(['stepgate/shared/parts.ts', 'stepgate/dist/package/protect.mjs', 'stepgate'])('%s', async (name) => {
    const code = `await import('${name}')`;
    await expect(installed.node('--input-type=module', '-e', code)).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });
});
