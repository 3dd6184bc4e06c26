import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Fault } from '../../src/fault.ts';
import type { ByteSink } from '../../src/model/byte-sink.ts';
import type { Context, Execute, Request, ResultBatch } from '../../src/query/request.ts';
import { bank } from '../rest/bank.ts';
import { open, serve } from './serving.ts';

const NDJSON = { accept: 'application/x-ndjson' };
const ROWS_PER_BATCH = 100;
const FILLING = 'x'.repeat(1_000);

interface Endless {
  readonly execute: Execute;
  /** Rows that were taken from the source so far. */
  readonly produced: () => number;
  /** Settled when the source was told to end. */
  readonly ended: Promise<void>;
  readonly contexts: Context[];
  readonly requests: Request[];
}

/** Rows of about 1 KB without end, or up to `rows`; `failAt`: the row whose bytes do not decode. */
function endless({
  rows = Number.POSITIVE_INFINITY,
  failAt = Number.POSITIVE_INFINITY,
  direct = true,
} = {}): Endless {
  let produced = 0;
  const ended = Promise.withResolvers<void>();
  const contexts: Context[] = [];
  const requests: Request[] = [];
  async function* batches(): AsyncGenerator<ResultBatch> {
    try {
      while (produced < rows) {
        const before = produced;
        produced += Math.min(ROWS_PER_BATCH, rows - produced);
        const row = (i: number) => {
          if (before + i >= failAt) {
            throw new Fault('corrupt', 'Byte 0 is no digit', { record: before + i + 1, field: 'points' });
          }
          return { custId: String(before + i), name: FILLING };
        };
        yield {
          length: produced - before,
          row,
          ...(direct ? { json: (i: number, out: ByteSink) => out.text(JSON.stringify(row(i))) } : {}),
          cursor: (i) => `c${before + i}`,
        };
        await null;
      }
    } finally {
      ended.resolve();
    }
  }
  return {
    execute: async (request, context) => {
      requests.push(request);
      contexts.push(context);
      return {
        batches: batches(),
        hasNextPage: () => true,
        freshness: () => [],
      };
    },
    produced: () => produced,
    ended: ended.promise,
    contexts,
    requests,
  };
}

describe('streams', () => {
  for (const direct of [true, false]) {
    it(`a long answer arrives whole and in order, ${direct ? 'straight from bytes' : 'by way of values'}`, async (t) => {
      const { execute } = endless({ rows: 5_000, direct });
      const { url } = await serve(t, { execute });
      const response = await fetch(`${url}/api/customers?select=custId,name`, { headers: NDJSON });
      assert.equal(response.headers.get('etag'), null);
      const lines = (await response.text()).split('\n');
      assert.equal(lines.pop(), '');
      assert.equal(lines.length, 5_000);
      for (const [i, line] of lines.entries())
        assert.ok(line.startsWith(`{"custId":"${i}","name":"x`), line.slice(0, 40));
    });
  }

  it('a long JSON list is streamed as well and stays one document', async (t) => {
    const { execute } = endless({ rows: 1_000 });
    const { url } = await serve(t, { execute });
    const response = await fetch(`${url}/api/customers?first=1000`);
    assert.equal(response.headers.get('content-length'), null);
    const body: unknown = await response.json();
    assert.ok(typeof body === 'object' && body !== null && 'value' in body && 'nextLink' in body);
    assert.ok(Array.isArray(body.value) && body.value.length === 1_000);
    assert.equal(body.nextLink, '/api/customers?first=1000&after=c999');
  });

  it('a long page without a body member for it names the next page in a trailer', async (t) => {
    const { execute } = endless({ rows: 1_000 });
    const { url } = await serve(t, { execute });
    const response = await open(`${url}/api/customers?first=1000`, NDJSON);
    response.resume();
    await once(response, 'end');
    assert.equal(response.trailers['link'], '</api/customers?first=1000&after=c999>; rel="next"');
  });

  it('a slow reader holds up the source, and memory stays bounded', async (t) => {
    const source = endless();
    const { url } = await serve(t, { execute: source.execute });
    const response = await open(`${url}/api/customers`, NDJSON);
    response.pause();
    // The socket's own buffers fill first; then nothing may move any more.
    let before = -1;
    for (let waits = 0; before !== source.produced(); waits++) {
      assert.ok(waits < 100, 'the source never paused');
      before = source.produced();
      await setTimeout(100);
    }
    const paused = source.produced();
    assert.ok(paused < 40_000, `${paused} KB were taken from the source for a reader that takes nothing`);
    for (let taken = 0; taken < 2_000_000; ) {
      const piece: unknown = response.read();
      if (piece instanceof Buffer) taken += piece.length;
      else await once(response, 'readable');
    }
    await setTimeout(200);
    assert.ok(source.produced() > paused, 'the source goes on when the reader does');
    response.destroy();
    await source.ended;
  });

  it('a client that leaves ends the source', async (t) => {
    const source = endless();
    const { url } = await serve(t, { execute: source.execute });
    const response = await open(`${url}/api/customers`, NDJSON);
    await once(response, 'readable');
    response.destroy();
    await source.ended;
    assert.equal(source.contexts[0]?.signal.aborted, true);
  });

  it('a client that leaves while the source is thinking aborts it', async (t) => {
    const started = Promise.withResolvers<AbortSignal>();
    const { url } = await serve(t, {
      execute: (_request, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
          started.resolve(signal);
        }),
    });
    const leaving = new AbortController();
    const left = assert.rejects(fetch(`${url}/api/customers`, { signal: leaving.signal }));
    const signal = await started.promise;
    leaving.abort();
    await left;
    if (!signal.aborted) await once(signal, 'abort');
    assert.ok(signal.reason instanceof Fault && signal.reason.code === 'cancelled');
  });

  it('an answer that ended well aborts nothing', async (t) => {
    const source = endless({ rows: 10 });
    const { url } = await serve(t, { execute: source.execute });
    await (await fetch(`${url}/api/customers`)).text();
    await setTimeout(20);
    assert.equal(source.contexts[0]?.signal.aborted, false);
  });

  it('a bad record within the buffer is a problem with its status', async (t) => {
    const source = endless({ failAt: 150, direct: true });
    const { url } = await serve(t, { execute: source.execute });
    const response = await fetch(`${url}/api/customers`, { headers: NDJSON });
    assert.equal(response.status, 502);
    assert.equal(response.headers.get('content-type'), 'application/problem+json');
    const problem: unknown = await response.json();
    assert.ok(typeof problem === 'object' && problem !== null);
    assert.equal(Object(problem).record, 151);
    await source.ended;
  });

  it('a bad record behind the buffer cuts the connection: a part is never taken for the whole', async (t) => {
    const source = endless({ failAt: 1_000 });
    const { url } = await serve(t, { execute: source.execute });
    const response = await fetch(`${url}/api/customers`, { headers: NDJSON });
    assert.equal(response.status, 200);
    await assert.rejects(response.text());
    await source.ended;
  });

  it('the buffer of one answer does not leak into the next', async (t) => {
    const failing = endless({ failAt: 50 });
    const fine = endless({ rows: 1 });
    let turn = 0;
    const { url } = await serve(t, {
      execute: (request, context) => (turn++ % 2 === 0 ? failing : fine).execute(request, context),
    });
    assert.equal((await fetch(`${url}/api/customers?select=custId`, { headers: NDJSON })).status, 502);
    const text = await (await fetch(`${url}/api/customers?select=custId`, { headers: NDJSON })).text();
    assert.match(text, /^\{"custId":"0","name":"x+"\}\n$/);
  });

  it('HEAD of a long answer reads no more than the buffer', async (t) => {
    const source = endless();
    const { url } = await serve(t, { execute: source.execute });
    const response = await fetch(`${url}/api/customers`, { method: 'HEAD', headers: NDJSON });
    assert.equal(response.status, 200);
    await source.ended;
    assert.ok(source.produced() <= 400);
  });

  it('an item reads one row', async (t) => {
    const source = endless({ rows: 1 });
    const { url } = await serve(t, { execute: source.execute });
    const response = await fetch(`${url}/api/customers/x`);
    assert.match(await response.text(), /^\{"custId":"0","name":"x+"\}$/);
  });

  it('the same URL is understood once', async (t) => {
    const source = endless({ rows: 0 });
    const { url } = await serve(t, { execute: source.execute });
    for (let i = 0; i < 2; i++) await fetch(`${url}/api/customers?first=1`);
    await fetch(`${url}/api/customers?first=1`, { headers: NDJSON });
    const [first, second, third] = source.requests;
    assert.equal(first, second);
    assert.notEqual(first, third);
  });

  it('a related collection that failed fails the whole answer with its own status', async (t) => {
    const { execute } = bank();
    const { url } = await serve(t, {
      execute: async (request, context) => {
        const result = await execute(request, context);
        const fault = new Fault('timeout', 'No answer in time', { source: 'ledger' });
        return {
          ...result,
          batches: (async function* () {
            for await (const batch of result.batches) {
              yield { ...batch, related: () => new Map([['accounts', fault]]) };
            }
          })(),
        };
      },
    });
    const response = await fetch(`${url}/api/customers?include=accounts`);
    assert.equal(response.status, 504);
  });
});
