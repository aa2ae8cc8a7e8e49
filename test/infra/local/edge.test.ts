import { createHash } from 'node:crypto';
import { createServer, get } from 'node:http';
import { once } from 'node:events';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localEdge } from '../../../infra/local/edge.ts';
import { boundPort } from '../../../infra/local/ports.ts';
import { viewerOf } from '../../../shared/http/edge.ts';

describe.each([undefined, 'HU'])('the local edge, started with the country %j', (country) => {
  const edge = localEdge(country);
  const server = createServer(
    edge.inFrontOf(({ headers, socket }, response) => {
      const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
      response.end(JSON.stringify(viewerOf(sent, socket.remoteAddress ?? '', edge.config)));
    }),
  );
  beforeAll(async () => void (await once(server.listen(0, '127.0.0.1'), 'listening')));
  afterAll(() => server.close());

  async function viewer(headers: Record<string, string> = {}) {
    const [reply] = await once(get({ host: '127.0.0.1', port: boundPort(server), headers, agent: false }), 'response');
    return json(reply);
  }

  it('is known by its token, which is another at each start', async () => {
    expect(await viewer()).toMatchObject({ isThroughEdge: true, ip: '127.0.0.1', country: country ?? '' });
    expect(localEdge(country).config.EDGE_TOKEN_SHA256).not.toEqual(edge.config.EDGE_TOKEN_SHA256);
  });

  it('takes the country of a single request from the header that CloudFront writes', async () => {
    expect(await viewer({ 'CloudFront-Viewer-Country': 'NO' })).toMatchObject({ country: 'NO' });
    expect(await viewer({ 'CloudFront-Viewer-Country': 'nowhere' })).toMatchObject({ country: '' });
  });

  it('writes over what a client says in its name', async () => {
    const token = 'x'.repeat(43);
    const headers = { 'x-stepgate-edge': token, 'x-stepgate-viewer': '203.0.113.1', 'x-stepgate-country': 'NO' };
    expect(await viewer(headers)).toMatchObject({ isThroughEdge: true, ip: '127.0.0.1', country: country ?? '' });
    expect(edge.config.EDGE_TOKEN_SHA256).not.toContain(createHash('sha256').update(token).digest('hex'));
  });
});
