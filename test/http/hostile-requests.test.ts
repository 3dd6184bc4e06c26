import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import { bank } from '../rest/bank.ts';
import { writable } from '../rest/writable.ts';
import { open, serve } from './serving.ts';
import { brief, send } from './writing.ts';

const policy = {
  ...DEFAULT_POLICY,
  http: { ...DEFAULT_POLICY.http, maxBodyBytes: 10_000, requestMs: 2_000 },
};
const parts = { ...writable(), policy };

/** Posts bytes as they are. */
async function post(
  url: string,
  body: Uint8Array,
  headers: Record<string, string>,
): Promise<readonly [number, string]> {
  const response = await fetch(`${url}/api/accounts`, {
    method: 'POST',
    body: Uint8Array.from(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
  const { code = '' } = await response.json();
  return [response.status, code];
}

describe('a request that is too large', () => {
  it('is measured as it is, however it is packed: a bomb is not unpacked', async (t) => {
    const { url } = await serve(t, parts);
    const bomb = Buffer.from(`{"owner":"${'x'.repeat(50_000_000)}"}`);
    const packed: readonly (readonly [string, Uint8Array])[] = [
      ['gzip', gzipSync(bomb)],
      ['deflate', deflateSync(bomb)],
      ['br', brotliCompressSync(Buffer.from(bomb.subarray(0, 2_000_000)))],
      ['zstd', zstdCompressSync(bomb)],
    ];
    for (const [encoding, bytes] of packed) {
      for (const key of [undefined, 'key-1']) {
        const before = process.memoryUsage().arrayBuffers;
        const answer = await post(url, bytes, {
          'content-encoding': encoding,
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        });
        assert.deepEqual(answer, [422, 'body-limit'], encoding);
        assert.ok(process.memoryUsage().arrayBuffers - before < 20_000_000, encoding);
      }
    }
    assert.deepEqual(await post(url, gzipSync('{"a":1}'), { 'content-encoding': 'gzip, gzip' }), [
      415,
      'unsupported-media-type',
    ]);
  });

  it('is refused whether it says its length or comes in pieces without end', async (t) => {
    const { url } = await serve(t, parts);
    assert.deepEqual(await post(url, Buffer.alloc(10_001, ' '), {}), [422, 'body-limit']);
    const sending = request(`${url}/api/accounts`, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
    });
    sending.on('error', () => {});
    const pouring = setInterval(() => sending.write(' '.repeat(1_000)), 5);
    const [response]: IncomingMessage[] = await once(sending, 'response');
    clearInterval(pouring);
    sending.destroy();
    assert.ok([408, 422].includes(response?.statusCode ?? 0));
    assert.equal(response?.headers.connection, 'close');
  });

  it('has a bounded address, bounded headers, and a bounded number of them', async (t) => {
    const { url, port } = await serve(t, parts);
    assert.equal((await open(`${url}/api/accounts?filter=${'x'.repeat(100_000)}`)).statusCode, 431);
    assert.equal((await open(`${url}/api/accounts`, { 'x-long': 'x'.repeat(100_000) })).statusCode, 431);
    const many = Array.from({ length: 5_000 }, (_, i) => `X-${i}: 1\r\n`).join('');
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
    });
    socket.end(
      `GET /api/accounts HTTP/1.1\r\nHost: x\r\n${many}Idempotency-Key: late\r\nConnection: close\r\n\r\n`,
    );
    await once(socket, 'close');
    // None of them is passed over: the last might be a condition.
    assert.match(text, /^HTTP\/1\.1 431 [\s\S]*"code":"header-limit"/);
  });

  it('has bounded nesting and bounded parameters, and neither is a crash', async (t) => {
    const { url } = await serve(t, parts);
    const deep = `${'{"a":'.repeat(1_500)}1${'}'.repeat(1_500)}`;
    assert.equal(brief(await send('POST', `${url}/api/accounts`, deep)), '422 body-depth');
    assert.equal(
      brief(await send('POST', `${url}/api/accounts`, deep, { 'idempotency-key': 'k' })),
      '422 body-depth',
    );
    const many = Array.from({ length: 5_000 }, (_, i) => `p${i}=1`).join('&');
    const began = performance.now();
    assert.equal((await send('GET', `${url}/api/accounts?${many}`)).status, 400);
    const repeated = Array.from({ length: 5_000 }, () => 'owner=1').join('&');
    assert.equal(brief(await send('GET', `${url}/api/accounts?${repeated}`)), '422 filter-limit');
    assert.ok(performance.now() - began < 2_000);
  });

  it('that hides a second one in its body is not answered twice', async (t) => {
    const { port } = await serve(t, parts);
    const inner = 'GET /api/accounts HTTP/1.1\r\nHost: x\r\n\r\n';
    for (const head of [
      `Content-Length: ${inner.length}\r\nTransfer-Encoding: chunked`,
      'Content-Length: 0\r\nContent-Length: 43',
      'Transfer-Encoding: xchunked',
    ]) {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.setEncoding('latin1').on('data', (chunk) => {
        text += chunk;
      });
      socket.write(
        `POST /api/accounts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${head}\r\n\r\n${inner}`,
      );
      await once(socket, 'close');
      assert.equal(text.match(/HTTP\/1\.1 /g)?.length, 1, head);
      assert.match(text, /^HTTP\/1\.1 4\d\d /, head);
    }
  });
});

describe('an answer that is too large', () => {
  const limited = (http: Partial<typeof policy.http>) => {
    const own = { ...DEFAULT_POLICY, http: { ...DEFAULT_POLICY.http, ...http } };
    return bank(() => own);
  };

  it('of rows, those of relations included, is refused while it can be told', async (t) => {
    const { url } = await serve(t, limited({ maxAnswerRows: 3 }));
    assert.equal((await send('GET', `${url}/api/customers?first=2`)).status, 200);
    assert.equal(
      brief(await send('GET', `${url}/api/customers?first=2&include=accounts`)),
      '422 answer-rows',
    );
  });

  it('of bytes is refused while it can be told, and cut off afterwards', async (t) => {
    const small = await serve(t, limited({ maxAnswerBytes: 100 }));
    assert.equal(brief(await send('GET', `${small.url}/api/customers`)), '422 answer-bytes');
    const streaming = await serve(t, limited({ maxAnswerBytes: 100, bufferedBytes: 0 }));
    const response = await open(`${streaming.url}/api/customers`, { accept: 'application/x-ndjson' });
    let bytes = 0;
    const cut = await new Promise<boolean>((resolve) => {
      response.on('data', (chunk) => {
        bytes += chunk.length;
      });
      response.on('end', () => resolve(false));
      response.on('error', () => resolve(true));
    });
    assert.ok(response.statusCode === 422 || cut);
    assert.ok(response.statusCode === 422 || bytes <= 100);
  });
});
