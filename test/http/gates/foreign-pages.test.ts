// What pages of other sites try in the browser of somebody who may ask the gateway without typing anything.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { adapters } from '../../../adapters/index.ts';
import { folderWith } from '../../config/written.ts';
import { serveBoth } from '../../parity/both.ts';

const CONFIG = `
access: { development: true }
server: { cors: { origins: [https://app.example.com] } }
sources:
  core:
    adapter: memory
    collections:
      entries: { writes: [insert], fields: { text: string }, rows: [] }
`;

async function opened() {
  const both = await serveBoth(join(folderWith({ 'c.yaml': CONFIG }), 'c.yaml'), adapters);
  const { port } = new URL(both.url);
  /** `fetch` would set some of these headers itself. */
  const ask = async (method: string, path: string, headers: Record<string, string>, body = '') => {
    const asked = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
    asked.end(body);
    const [res] = await once(asked, 'response');
    let text = '';
    for await (const piece of res) text += String(piece);
    return `${res.statusCode} ${/"code":"([\w-]+)"/.exec(text)?.[1] ?? ''}`.trim();
  };
  return { ask, port, [Symbol.asyncDispose]: () => both[Symbol.asyncDispose]() };
}

describe('a form of another site', () => {
  it('changes nothing, whatever its type and even without a body', async () => {
    await using gateway = await opened();
    for (const origin of [
      'https://evil.example',
      'null',
      'http://127.0.0.1:1',
      'https://app.example.com.evil.example',
    ])
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        undefined,
      ])
        for (const path of ['/api/entries', '/api', '/graphql'])
          assert.equal(
            await gateway.ask('POST', path, {
              origin,
              ...(type === undefined ? {} : { 'content-type': type }),
            }),
            '403 foreign-origin',
            `${origin} ${type} ${path}`,
          );
    const own = { 'content-type': 'text/plain', 'sec-fetch-site': 'cross-site' };
    assert.equal(
      await gateway.ask('POST', '/api/entries', { origin: `http://127.0.0.1:${gateway.port}`, ...own }),
      '403 foreign-origin',
    );
  });

  it('is told from pages of our own, from pages that are named, and from clients that are no browsers', async () => {
    await using gateway = await opened();
    for (const headers of [
      { origin: `http://127.0.0.1:${gateway.port}` },
      { origin: 'http://localhost:5173', 'sec-fetch-site': 'same-origin' },
      { origin: 'https://app.example.com' },
      { origin: 'https://evil.example', 'content-type': 'application/json' },
      {},
    ]) {
      const answer = await gateway.ask('POST', '/api/entries', headers);
      assert.notEqual(answer, '403 foreign-origin', JSON.stringify(headers));
    }
    const json = { 'content-type': 'application/json' };
    assert.equal(await gateway.ask('POST', '/api/entries', json, '{"text":"x"}'), '201');
  });
});

describe('in development mode', () => {
  it('a name that somebody on the internet can have is not answered: his page would read everything', async () => {
    await using gateway = await opened();
    for (const host of [
      'evil.example',
      'evil.example:4000',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      'a.local.com',
    ])
      for (const path of ['/api/entries', '/graphql?query={__typename}', '/openapi.json', '/health', '/'])
        assert.equal(await gateway.ask('GET', path, { host }), '403 foreign-host', `${host} ${path}`);
    assert.equal(await gateway.ask('GET', '/health/live', { host: 'evil.example' }), '200');
  });

  it('addresses, and names of this machine and its network, are', async () => {
    await using gateway = await opened();
    for (const host of [
      '127.0.0.1:4000',
      '[::1]:4000',
      'localhost',
      'LOCALHOST:4000',
      'app.localhost',
      'overpunch:4000',
      'gateway.bank.svc.cluster.local',
      'host.docker.internal',
    ])
      assert.equal(await gateway.ask('GET', '/api/entries', { host }), '200', host);
  });
});
