// Changes over HTTP: the stream's life, its pace, what becomes of faults; on a watch that does what each test tells it.

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Fault } from '../../src/fault.ts';
import type { Catalog } from '../../src/model/catalog.ts';
import type { Observation } from '../../src/observe.ts';
import type { Context } from '../../src/query/request.ts';
import type { Happening, Watch, WatchEvent, WatchRequest } from '../../src/query/watching.ts';
import { bank } from '../rest/bank.ts';
import { listenTo } from './event-stream.ts';
import { serve } from './serving.ts';
import { brief, send } from './writing.ts';

interface Scripted {
  readonly watch: Watch;
  readonly asked: { readonly request: WatchRequest; readonly context: Context }[];
  /** Settled when the events were given up. */
  readonly ended: Promise<void>;
}

/** A watch whose events are these; it goes on for ever behind them unless `ends`. */
function scripted(events: () => AsyncIterable<WatchEvent> | Iterable<WatchEvent>, ends = false): Scripted {
  const asked: { request: WatchRequest; context: Context }[] = [];
  const ended = Promise.withResolvers<void>();
  return {
    asked,
    ended: ended.promise,
    async watch(request, context) {
      asked.push({ request, context });
      async function* told(): AsyncGenerator<WatchEvent> {
        try {
          yield* events();
          if (ends) return;
          await new Promise((_resolve, reject) => {
            context.signal.addEventListener('abort', () => reject(context.signal.reason));
          });
        } finally {
          ended.resolve();
        }
      }
      return { events: told(), over: context.signal };
    },
  };
}

/** The bank with everything in it watchable. */
function watchable(): { readonly catalog: Catalog } {
  const { catalog } = bank();
  const collections = new Map(
    [...catalog.collections].map(([name, collection]) => [name, { ...collection, watchable: true }]),
  );
  return { catalog: { ...catalog, collections } };
}

function event(n: number, name: unknown = `Name ${n}`): Happening {
  return {
    kind: 'update',
    key: [`C${n}`],
    item: { row: { custId: `C${n}`, name: name as string }, related: new Map(), cursor: '' },
    changed: ['name'],
    position: `p${n}`,
  };
}

function serving(t: TestContext, { watch }: Pick<Scripted, 'watch'>, seen: Observation[] = []) {
  return serve(t, { ...watchable(), watch, observe: (one) => seen.push(one) });
}

const PATH = '/api/customers/changes?select=name';

describe('changes over HTTP', () => {
  it('are blocks of an event stream, with signs of life where nothing happens', async (t) => {
    const { url } = await serving(
      t,
      scripted(() => [event(1, 'a\nb'), { kind: 'idle' }, { kind: 'reset', position: 'p2' }]),
    );
    using stream = await listenTo(url + PATH, { 'x-request-id': 'seven' });
    const { 'content-type': type, 'cache-control': cache, 'x-request-id': id } = stream.headers;
    assert.deepEqual([stream.status, type, cache, id], [200, 'text/event-stream', 'no-store', 'seven']);
    assert.deepEqual(
      [await stream.block(), await stream.block(), await stream.block(), await stream.block()],
      [
        { retry: '3000' },
        {
          event: 'update',
          id: 'p1',
          data: {
            kind: 'update',
            key: { custId: 'C1' },
            row: { name: 'a\nb' },
            changed: ['name'],
            position: 'p1',
          },
        },
        { comment: '' },
        { event: 'reset', id: 'p2', data: { kind: 'reset', position: 'p2' } },
      ],
    );
  });

  it('are a stream where nothing else is asked for, NDJSON where that is, and never a table', async (t) => {
    const { url } = await serving(
      t,
      scripted(() => [event(1), { kind: 'position', position: 'p1' }], true),
    );
    for (const [accept, type] of [
      ['*/*', 'text/event-stream'],
      ['text/html,*/*;q=0.8', 'text/event-stream'],
      ['application/x-ndjson', 'application/x-ndjson'],
      ['application/ndjson, text/event-stream;q=0.5', 'application/x-ndjson'],
    ] as const) {
      const response = await fetch(url + PATH, { headers: { accept } });
      assert.equal(response.headers.get('content-type'), type, accept);
      const text = await response.text();
      if (type !== 'text/event-stream')
        assert.deepEqual(
          text.split('\n').map((line) => line.slice(0, 16)),
          ['{"kind":"update"', '{"kind":"positio', ''],
        );
    }
    for (const accept of ['text/csv', 'application/json'])
      assert.equal(brief(await send('GET', url + PATH, undefined, { accept })), '406 not-acceptable Accept');
  });

  it('take select, include and a position, and refuse everything else by name', async (t) => {
    const { watch, asked } = scripted(() => []);
    const { url } = await serving(t, { watch });
    const path = `${url}/api/customers/changes`;
    for (const [query, answer] of [
      ['filter=x', '400 unknown-parameter filter'],
      ['status=OPEN', '400 unknown-parameter status'],
      ['aftr=p', '400 unknown-parameter aftr'],
      ['select=nam', '400 unknown-field select'],
      ['after=a&after=b', '400 repeated-parameter after'],
      ['after=a&lastEventId=b', '400 repeated-parameter lastEventId'],
      ['after=', '400 bad-position after'],
      ['after=%C3%A4', '400 bad-position after'],
      [`after=${'x'.repeat(201)}`, '400 bad-position after'],
    ] as const)
      assert.equal(brief(await send('GET', `${path}?${query}`)), answer);
    assert.equal(
      brief(await send('GET', path, undefined, { 'last-event-id': 'a b' })),
      '400 bad-position Last-Event-ID',
    );
    assert.equal(asked.length, 0);
    using _stream = await listenTo(`${path}?$select=name,accounts.balance&include=accounts&$after=here`, {
      'last-event-id': '',
    });
    const { request } = asked[0] ?? assert.fail();
    assert.deepEqual([request.after, request.live, request.selection.fields], ['here', true, ['name']]);
    assert.deepEqual(request.selection.include[0]?.selection.fields, ['balance']);
  });

  it('a client that leaves ends its watch', async (t) => {
    const seen: Observation[] = [];
    const { watch, ended, asked } = scripted(() => [event(1), event(2)]);
    const { url } = await serving(t, { watch }, seen);
    const stream = await listenTo(url + PATH);
    assert.equal((await stream.next()).id, 'p1');
    assert.equal((await stream.next()).id, 'p2');
    stream[Symbol.dispose]();
    await ended;
    assert.equal(asked[0]?.context.signal.aborted, true);
    await until(() => seen.length > 1);
    const [begun, { kind, ...line } = assert.fail()] = seen;
    assert.equal(begun?.kind, 'begun');
    assert.ok(kind === 'request' && 'events' in line);
    assert.deepEqual(
      [seen.length, line.path, line.status, line.events],
      [2, '/api/customers/changes', 200, 2],
    );
  });

  it('a slow client holds up its watch, and memory stays bounded', async (t) => {
    let produced = 0;
    const { watch } = scripted(async function* () {
      for (;;) yield event(++produced, 'x'.repeat(10_000));
    });
    const { url } = await serving(t, { watch });
    using stream = await listenTo(url + PATH);
    stream.response.pause();
    // The socket's own buffers fill first; then nothing may move any more.
    let before = -1;
    for (let waits = 0; before !== produced; waits++) {
      assert.ok(waits < 100, 'the watch never paused');
      before = produced;
      await setTimeout(100);
    }
    stream.response.resume();
    await until(() => produced > before);
  });

  it('a client that does not read does not hold up the end of the gateway', async (t) => {
    const stopping = new AbortController();
    const seen: Observation[] = [];
    let produced = 0;
    const script: Pick<Scripted, 'watch'> = {
      async watch(_request, { signal }) {
        async function* told(): AsyncGenerator<WatchEvent> {
          while (!signal.aborted && !stopping.signal.aborted) yield event(++produced, 'x'.repeat(10_000));
          throw new Fault('unavailable', 'The gateway is stopping', { code: 'stopping' });
        }
        return { events: told(), over: stopping.signal };
      },
    };
    const { url } = await serving(t, script, seen);
    using stream = await listenTo(url + PATH);
    stream.response.pause();
    for (let before = -1; before !== produced; await setTimeout(100)) before = produced;
    assert.ok(produced > 0);
    stopping.abort();
    // A request is observed when its connection has been given up.
    await until(() => seen.some(({ kind }) => kind === 'request'));
  });

  it('a fault before the first event has its status', async (t) => {
    const { url } = await serving(t, {
      watch: async () => {
        throw new Fault('unavailable', 'The host is away', { source: 'mainframe' });
      },
    });
    for (const accept of ['text/event-stream', 'application/x-ndjson']) {
      const refused = await send('GET', url + PATH, undefined, { accept });
      assert.equal(brief(refused), '503 unavailable');
      assert.equal(refused.headers.get('content-type'), 'application/problem+json');
      assert.equal(refused.headers.get('retry-after'), '1');
    }
  });

  it('a fault in the middle is the last event of a stream, and breaks NDJSON off', async (t) => {
    const seen: Observation[] = [];
    const failing = () =>
      scripted(async function* () {
        for (let n = 1; n <= 10; n++) yield event(n, 'x'.repeat(10_000));
        throw new Fault('corrupt', 'Byte 7 is no digit', { record: 3, field: 'points' });
      });
    const { url } = await serving(t, failing(), seen);
    using stream = await listenTo(url + PATH);
    for (let n = 1; n <= 10; n++) assert.equal((await stream.next()).id, `p${n}`);
    const { event: last, id, data } = await stream.next();
    assert.deepEqual(
      [last, id, data.status, data.code, data.record],
      ['fault', undefined, 502, 'corrupt', 3],
    );
    assert.equal(data.instance, '/api/customers/changes');
    assert.equal(await stream.block(), undefined);
    const response = await fetch(url + PATH, { headers: { accept: 'application/x-ndjson' } });
    assert.equal(response.status, 200);
    await assert.rejects(response.text());
    assert.deepEqual(seen.filter(({ kind }) => kind === 'fault').length, 2, 'both are observed');
  });

  it('a row that does not decode is told as such, and what happens behind it too', async (t) => {
    const broken = new Fault('corrupt', 'Byte 7 is no digit', { record: 3, field: 'name' });
    const { url } = await serving(
      t,
      scripted(() => [event(1, broken), event(2)]),
    );
    using stream = await listenTo(url + PATH);
    const { data } = await stream.next();
    assert.deepEqual(
      [data.kind, data.key, data.row, data.fault.code, data.fault.record, data.fault.collection],
      ['update', { custId: 'C1' }, undefined, 'corrupt', 3, 'customers'],
    );
    assert.deepEqual((await stream.next()).data.row, { name: 'Name 2' });
  });

  it('are read only; HEAD tells the type and watches nothing', async (t) => {
    const { watch, asked } = scripted(() => []);
    const { url } = await serving(t, { watch });
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const refused = await send(method, url + PATH, {});
      assert.equal(brief(refused), '405 method-not-allowed');
      assert.equal(refused.headers.get('allow'), 'GET, HEAD, OPTIONS');
    }
    const head = await fetch(url + PATH, { method: 'HEAD' });
    assert.deepEqual([head.status, head.headers.get('content-type')], [200, 'text/event-stream']);
    assert.equal(asked.length, 0);
  });

  it('a row whose key is the word itself is found below another spelling, and by a filter', async (t) => {
    const { watch } = scripted(() => [], true);
    const { url } = await serving(t, { watch });
    const missing = await send('GET', `${url}/api/customers/%63hanges`);
    assert.equal(brief(missing), '404 no-such-item');
    assert.equal((await send('GET', `${url}/api/customers?custId=changes`)).status, 200);
    assert.equal(brief(await send('GET', `${url}/api/customers/changes/1`)), '404 unknown-path');
  });
});

async function until(condition: () => boolean): Promise<void> {
  for (let waits = 0; !condition(); waits++) {
    assert.ok(waits < 500, 'it never came about');
    await setTimeout(10);
  }
}
