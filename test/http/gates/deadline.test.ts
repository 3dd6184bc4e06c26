import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { createGraphql } from '../../../src/graphql/yoga.ts';
import { type Listening, listen } from '../../../src/http/listen.ts';
import { createApp } from '../../../src/http/server.ts';
import type { Observation } from '../../../src/observe.ts';
import { DEFAULT_POLICY, type Policy } from '../../../src/policy.ts';
import type { Context, Execute } from '../../../src/query/request.ts';
import type { Watch } from '../../../src/query/watching.ts';
import { bank } from '../../rest/bank.ts';
import { writable } from '../../rest/writable.ts';
import { listenTo } from '../event-stream.ts';
import { open } from '../serving.ts';
import { brief, send } from '../writing.ts';

const REQUEST_MS = 300;
/** What an answer may take beyond its deadline. */
const LATE_MS = 100;

function policyOf(requestMs = REQUEST_MS): Policy {
  return { ...DEFAULT_POLICY, http: { ...DEFAULT_POLICY.http, requestMs } };
}

async function serve(
  t: TestContext,
  parts: Partial<Parameters<typeof createApp>[0]> = {},
  requestMs = REQUEST_MS,
): Promise<Listening & { readonly seen: Observation[] }> {
  const seen: Observation[] = [];
  const policy = policyOf(requestMs);
  const app = createApp({
    ...bank(),
    health: () => [],
    observe: (observation) => seen.push(observation),
    ...parts,
    policy,
  });
  const listening = await listen(app, { host: '127.0.0.1', port: 0, requestMs });
  t.after(() => listening.close(0));
  return { ...listening, seen };
}

/** What came of it, and how long the server had it, in milliseconds: the test itself may be kept waiting by others. */
async function timed<T>(seen: readonly Observation[], ask: () => Promise<T>): Promise<readonly [T, number]> {
  const durations = (): readonly number[] =>
    seen.flatMap((one) => (one.kind === 'request' ? [one.durationMs] : []));
  const before = durations().length;
  const came = await ask();
  for (let i = 0; i < 100 && durations().length === before; i++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  return [came, durations()[before] ?? assert.fail('the server has seen it')];
}

function inTime(ms: number, from = REQUEST_MS): void {
  assert.ok(ms >= from - 5 && ms <= from + LATE_MS, `${Math.round(ms)} ms`);
}

const hangs: Execute = () => new Promise(() => {});
/** A source that hears when it is told to stop. */
const hears: Execute = (_request, { signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

describe('the deadline of a request', () => {
  it('ends one whose source hangs, whether or not it hears that it is told to stop', async (t) => {
    for (const execute of [hangs, hears]) {
      const { url, seen } = await serve(t, { execute });
      const [reply, ms] = await timed(seen, () => send('GET', `${url}/api/customers`));
      assert.equal(brief(reply), '504 request-timeout');
      inTime(ms);
      const faults = seen.flatMap((one) => (one.kind === 'fault' ? [one.fault.code] : []));
      assert.deepEqual(faults, ['request-timeout'], 'told once');
    }
  });

  it('ends a GraphQL document as a fault of GraphQL, and one that nobody ends as a problem', async (t) => {
    for (const [execute, answered] of [
      [hears, /"errors":\[\{"message":"The request was not answered within 300 ms"/],
      [hangs, /"code":"request-timeout"/],
    ] as const) {
      const { catalog } = bank();
      const graphql = createGraphql({ catalog, execute, policy: policyOf(), onFault: () => {} });
      const { url, seen } = await serve(t, { execute, graphql: () => graphql });
      const [reply, ms] = await timed(seen, () =>
        send('POST', `${url}/graphql`, { query: '{ customers { items { name } } }' }),
      );
      assert.match(reply.text, answered);
      inTime(ms);
    }
  });

  it('ends a write that hangs', async (t) => {
    const { url, seen } = await serve(t, { ...writable(), write: () => new Promise(() => {}) });
    const [reply, ms] = await timed(seen, () =>
      send('PATCH', `${url}/api/accounts/a%2Cb,1`, { owner: 'X' }, { prefer: 'return=minimal' }),
    );
    assert.equal(brief(reply), '504 request-timeout');
    inTime(ms);
  });

  it('cuts off an answer that is under way', async (t) => {
    const execute: Execute = async () => ({
      batches: (async function* () {
        yield { length: 2_000, row: () => ({ custId: 'x', name: 'y'.repeat(500) }), cursor: () => 'c' };
        await new Promise(() => {});
      })(),
      hasNextPage: () => false,
      freshness: () => [],
    });
    const { url, seen } = await serve(t, { execute });
    const [failure, ms] = await timed(seen, async () => {
      const response = await open(`${url}/api/customers?select=custId,name`, {
        accept: 'application/x-ndjson',
      });
      assert.equal(response.statusCode, 200);
      return once(response.resume(), 'end').then(
        () => undefined,
        (error: Error) => error,
      );
    });
    assert.ok(failure instanceof Error, 'nobody may take it for the whole');
    inTime(ms);
  });

  it('ends one whose body does not come, and its connection', async (t) => {
    const { url, seen } = await serve(t, writable());
    for (const more of [{ 'content-length': '100' }, { 'transfer-encoding': 'chunked' }]) {
      const sending = request(`${url}/api/accounts`, {
        method: 'POST',
        agent: false,
        headers: { 'content-type': 'application/json', ...more },
      });
      sending.on('error', () => {});
      const [[response], ms] = await timed(seen, () => {
        sending.write('{"own');
        return once(sending, 'response');
      });
      assert.equal(response.statusCode, 408);
      assert.equal(response.headers.connection, 'close');
      inTime(ms);
      response.resume();
      await once(sending, 'close');
    }
  });

  it('ends one whose body comes byte by byte', async (t) => {
    const { url, seen } = await serve(t, writable());
    const sending = request(`${url}/api/accounts`, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', 'content-length': '100000' },
    });
    sending.on('error', () => {});
    const dripping = setInterval(() => sending.write(' '), 20);
    const [[response], ms] = await timed(seen, () => once(sending, 'response'));
    clearInterval(dripping);
    assert.equal(response.statusCode, 408);
    inTime(ms);
    sending.destroy();
  });

  it('ends a connection whose headers do not come', async (t) => {
    const { port } = await serve(t);
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /api/customers HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    await once(socket, 'close');
    assert.match(text, /^HTTP\/1\.1 408 [\s\S]*"code":"slow-request"/);
  });

  it('ends one whose client does not read', async (t) => {
    const row = { custId: 'x', name: 'y'.repeat(1_000) };
    let ended = false;
    const execute: Execute = async () => ({
      batches: (async function* () {
        try {
          for (;;) yield { length: 500, row: () => row, cursor: () => 'c' };
        } finally {
          ended = true;
        }
      })(),
      hasNextPage: () => false,
      freshness: () => [],
    });
    const { url, seen } = await serve(t, { execute });
    const response = await open(`${url}/api/customers?select=custId,name`, {
      accept: 'application/x-ndjson',
    });
    response.on('error', () => {});
    response.pause();
    for (let i = 0; i < 100 && !ended; i++) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(ended, 'the source is free again');
    const [observed] = seen.flatMap((one) => (one.kind === 'request' ? [one.durationMs] : []));
    inTime(observed ?? 0);
  });

  it('is shorter where the client wants to wait no longer, and it is told that this was heard', async (t) => {
    const { url, seen } = await serve(t, { execute: hears }, 5_000);
    const [reply, ms] = await timed(seen, () =>
      send('GET', `${url}/api/customers`, undefined, { prefer: 'wait=1' }),
    );
    assert.equal(brief(reply), '504 request-timeout');
    assert.equal(reply.headers.get('preference-applied'), 'wait=1');
    inTime(ms, 1_000);
  });

  it("is not longer than the policy's, and what makes no sense is passed over", async (t) => {
    const { url } = await serve(t);
    for (const prefer of ['wait=100', 'wait=0', 'wait=-1', 'wait=1.5', 'wait=soon', 'wait', 'await=1']) {
      const reply = await send('GET', `${url}/api/customers`, undefined, { prefer });
      assert.deepEqual([reply.status, reply.headers.get('preference-applied')], [200, null], prefer);
    }
    const slow = await serve(t, { execute: hears });
    const [, ms] = await timed(slow.seen, () =>
      send('GET', `${slow.url}/api/customers`, undefined, { prefer: 'wait=100' }),
    );
    inTime(ms);
  });

  it('stands beside other preferences', async (t) => {
    const { url } = await serve(t, writable(), 5_000);
    const made = await send(
      'PATCH',
      `${url}/api/accounts/a%2Cb,1`,
      { owner: 'X' },
      { prefer: 'return=minimal, wait=3' },
    );
    assert.deepEqual([made.status, made.headers.get('preference-applied')], [204, 'wait=3, return=minimal']);
  });

  it('is lifted from a stream of changes, by whoever lets it begin', async (t) => {
    const contexts: Context[] = [];
    const watch: Watch = async (_request, context) => {
      contexts.push(context);
      context.lift?.();
      return {
        over: new AbortController().signal,
        events: (async function* () {
          await new Promise((resolve) => setTimeout(resolve, 3 * REQUEST_MS));
          yield { kind: 'position' as const, position: 'p1' };
        })(),
      };
    };
    const { catalog } = bank();
    const [name, collection] = [...catalog.collections][0] ?? assert.fail();
    const collections = new Map([...catalog.collections, [name, { ...collection, watchable: true }]]);
    const { url } = await serve(t, { catalog: { ...catalog, collections }, watch });
    using stream = await listenTo(`${url}/api/${name}/changes`);
    assert.equal((await stream.next()).id, 'p1');
    assert.equal(contexts[0]?.signal.aborted, false);
  });

  it('leaves nothing behind of a request that has ended', async (t) => {
    const contexts: Context[] = [];
    const { execute } = bank();
    const { url } = await serve(t, {
      execute: (asked, context) => {
        contexts.push(context);
        return execute(asked, context);
      },
    });
    assert.equal((await send('GET', `${url}/api/customers`)).status, 200);
    await new Promise((resolve) => setTimeout(resolve, REQUEST_MS + LATE_MS));
    assert.deepEqual(
      contexts.map(({ signal }) => signal.aborted),
      [false],
    );
  });
});
