import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundPort } from '../../../infra/local/ports.ts';
import { boundedFetch } from '../../../shared/idp/bounded-fetch.ts';

let server: Server;
let host = '';
beforeAll(async () => {
  server = createServer((_, response) => void response.end('here'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${boundPort(server)}`;
});
afterAll(() => void server.close());

const call = (url: string, hosts: readonly string[], loopback: boolean) =>
  boundedFetch({ hosts, loopback, deadline: AbortSignal.timeout(1_000) })(url, {
    method: 'GET',
    headers: {},
    body: undefined,
    redirect: 'manual',
  });

describe('boundedFetch', () => {
  it('calls no other address and no other host from this machine either', async () => {
    for (const [url, listed] of [
      ['https://10.0.0.1/', '10.0.0.1'],
      ['http://id.example/', 'id.example'],
      [`http://${host}/`, '127.0.0.1:1'],
    ] as const) {
      await expect(call(url, [listed], true)).rejects.toMatchObject({ name: 'RefusedCall' });
    }
  });

  it('reaches this machine where the service itself runs on it', async () => {
    expect(await (await call(`http://${host}/`, [host], true)).text()).toBe('here');
  });

  it('does not reach it from a deployed service, whatever the configuration lists', async () => {
    await expect(call(`http://${host}/`, [host], false)).rejects.toThrow(/not https/);
    await expect(call(`https://${host}/`, [host], false)).rejects.toThrow(/no host name/);
  });

  it.each([
    ['http://id.example/', ['id.example']],
    ['https://10.0.0.1/', ['10.0.0.1']],
    ['https://[::1]/', ['[::1]']],
    ['https://[fd00::1]/', ['[fd00::1]']],
    ['https://0x7f.1/', ['0x7f.1', '127.0.0.1']],
    ['https://2130706433/', ['127.0.0.1']],
    ['https://id.example.evil/', ['id.example']],
    ['https://id.example:444/', ['id.example']],
    ['https://id.example@evil/', ['id.example']],
  ])('never calls %s from a deployed service', async (url, hosts) => {
    await expect(call(url, hosts, false)).rejects.toMatchObject({ name: 'RefusedCall' });
  });
});
