import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll } from 'vitest';
import { functions } from '../../functions/index.ts';
import { boundPort } from '../../infra/local/ports.ts';
import { seedKeys } from '../../infra/local/sample.ts';
import { hashPassword } from '../../shared/account/password.ts';
import { newAccount } from '../../shared/account/sign-up.ts';
import { allPorts, type App } from '../../shared/app.ts';
import { type ConfigInput, readConfig } from '../../shared/config.ts';
import { toNode } from '../../shared/http/node.ts';
import type { Log } from '../../shared/ports.ts';
import { useAws } from './aws.ts';
import { type Browser, browser, type Mode } from './browser.ts';
import { useTable } from './dynamodb.ts';

export const PASSWORD = 'correct horse battery staple';

/** Time that only moves when told to, from now on. */
export function movableClock() {
  let offset = 0;
  let frozen: number | undefined;
  return {
    now: () => (frozen ?? Date.now()) + offset,
    advance: (ms: number) => {
      offset += ms;
    },
    freeze: () => {
      frozen = Date.now();
    },
  };
}

export interface LogLine {
  readonly level: 'info' | 'error';
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * The whole service for one test file: all endpoints over HTTP, on an embedded DynamoDB and sinks of the file's own.
 *
 * Limits that only guard against nuisance are wide unless `config` says otherwise; guess budgets are the real ones.
 */
export function useStepgate(options: { readonly config?: Partial<ConfigInput> } = {}) {
  const table = useTable();
  const aws = useAws();
  const clock = movableClock();
  const lines: LogLine[] = [];
  const log: Log = {
    info: (event, fields = {}) => lines.push({ level: 'info', event, fields }),
    error: (event, fields = {}) => {
      if (process.env['STEPGATE_DEBUG'] !== undefined) process.stderr.write(`${event} ${JSON.stringify(fields)}\n`);
      lines.push({ level: 'error', event, fields });
    },
  };
  let server: Server | undefined;
  let app: App | undefined;
  let url = '';

  beforeAll(async () => {
    const config = readConfig({
      TABLE_NAME: table.tableName,
      KMS_KEY_ID: 'alias/stepgate-test',
      PUBLIC_URL: 'http://localhost:3001',
      MAIL_FROM: 'Stepgate <no-reply@example.com>',
      SMS_COUNTRIES: '*',
      LIMIT_SCALE: '20',
      TENANT_CACHE_SECONDS: '0',
      ...options.config,
    });
    app = allPorts(config, { clock, log });
    await seedKeys(app);
    server = createServer(toNode(Object.values(functions).flat(), app));
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${boundPort(server)}`;
  });
  afterAll(async () => {
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
    app?.table.db.destroy();
  });

  const started = (): App => {
    if (app === undefined) throw new Error('the service is there from beforeAll on');
    return app;
  };

  return {
    app: started,
    url: () => url,
    clock,
    aws,
    logged: lines,
    browser: (mode: Mode = 'cookie', tenantId?: string): Browser => browser(url, mode, tenantId),
    /** Writes an item as a person would, by hand. */
    put: async (item: Readonly<Record<string, unknown>>) => {
      await started().table.db.send(new PutCommand({ TableName: table.tableName, Item: item }));
    },
    tenant: async (tenantId: string, attributes: Readonly<Record<string, unknown>>) => {
      await started().table.db.send(
        new PutCommand({
          TableName: table.tableName,
          Item: { ...attributes, pk: `TENANT#${tenantId}`, sk: 'CONFIG' },
        }),
      );
    },
    /** An account with PASSWORD, made a day ago. */
    user: async (
      email: string,
      about: { readonly tenantId?: string; readonly roles?: readonly string[]; readonly metadata?: object } = {},
    ): Promise<string> => {
      const tenantId = about.tenantId ?? 'public';
      const { user, method } = newAccount({
        tenant: { tenantId },
        email,
        passwordHash: await hash(),
        now: clock.now() - 86_400_000,
        metadata: { ...about.metadata },
      });
      if (!(await started().users.create(user, method))) throw new Error(`${email} exists`);
      for (const role of about.roles ?? []) await started().userAdmin.setRole(user.userId, tenantId, role, true);
      return user.userId;
    },
    /** The newest message to an address, as the sinks received it. */
    lastMessage: (to: string) => aws.inbox().messages(to).at(-1),
    lastLink: (to: string): string => {
      const link = aws.inbox().messages(to).at(-1)?.link;
      if (link === undefined) throw new Error(`no link was sent to ${to}`);
      return link;
    },
    lastCode: (to: string): string => {
      const code = aws
        .inbox()
        .messages(to)
        .findLast((message) => message.code !== undefined)?.code;
      if (code === undefined) throw new Error(`no code was sent to ${to}`);
      return code;
    },
  };
}

export type Stepgate = ReturnType<typeof useStepgate>;

let hashed: Promise<string> | undefined;
const hash = (): Promise<string> => (hashed ??= hashPassword(PASSWORD));
