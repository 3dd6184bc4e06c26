// Subscriptions over HTTP: their life, their limits, what becomes of faults; on a memory source that is written meanwhile.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { printType } from 'graphql';
import { memorySource } from '../../adapters/memory/memory.ts';
import { Fault } from '../../src/fault.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import type { Collection } from '../../src/model/type.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import type { Watch, WatchEvent } from '../../src/query/watching.ts';
import { createExecute } from '../../src/run/run.ts';
import { createWatch } from '../../src/run/watch.ts';
import type { Source, WatchHow } from '../../src/spi.ts';
import { listenTo } from '../http/event-stream.ts';
import { serve } from './serve.ts';

const ACCOUNTS: Collection = {
  name: 'accounts',
  key: ['number'],
  watchable: true,
  writes: ['upsert'],
  fields: [
    { name: 'number', type: { kind: 'int64' } },
    { name: 'owner', type: { kind: 'string' } },
  ],
};
const NOTES: Collection = {
  name: 'notes',
  key: [],
  watchable: true,
  fields: [{ name: 'text', type: { kind: 'string' } }],
};

/** A source that tells when a watch of it has ended. */
function bank() {
  const inner = memorySource([
    { ...ACCOUNTS, rows: [] },
    { ...NOTES, rows: [] },
  ]);
  const ended: AbortSignal[] = [];
  let failure: Fault | undefined;
  const source: Source = {
    ...inner,
    async *watch(collection: string, how: WatchHow) {
      how.signal.addEventListener('abort', () => ended.push(how.signal));
      if (failure?.code === 'at-once') throw failure;
      for await (const event of inner.watch?.(collection, how) ?? []) {
        yield event;
        if (failure !== undefined) throw failure;
      }
    },
  };
  const stopping = new AbortController();
  const { catalog } = buildCatalog([{ source: 'ledger', ...source.model }], []);
  const parts = { catalog, policy: DEFAULT_POLICY, source: () => source };
  return {
    catalog,
    execute: createExecute(parts),
    watch: createWatch({ ...parts, stopping: stopping.signal }) satisfies Watch,
    stop: () => stopping.abort(),
    ended,
    fail: (fault: Fault) => {
      failure = fault;
    },
    put: (number: bigint, owner: string) =>
      source.write?.([{ collection: 'accounts', verb: 'upsert', key: [number], values: { owner } }], {
        signal: new AbortController().signal,
      }),
  };
}

const QUERY = 'subscription { accountsChanges { kind key { number } node { owner } } }';

describe('subscriptions', () => {
  it('have fields of what can be watched, and rows only where they have a key', () => {
    const schema = createSchema(bank().catalog, DEFAULT_POLICY);
    const textOf = (name: string): string => {
      const type = schema.getType(name) ?? assert.fail(name);
      return printType(type)
        .replaceAll(/"""[\s\S]*?"""/g, '')
        .replaceAll(/\s+/g, ' ')
        .trim();
    };
    assert.deepEqual(
      ['Subscription', 'AccountChange', 'AccountKey', 'NoteChange', 'ChangeKind'].map(textOf),
      [
        'type Subscription { accountsChanges( after: String ): AccountChange! notesChanges( after: String ): NoteChange! }',
        'type AccountChange { kind: ChangeKind! key: AccountKey node: Account changed: [String!] asOf: DateTime position: String! }',
        'type AccountKey { number: Long! }',
        'type NoteChange { kind: ChangeKind! asOf: DateTime position: String! }',
        'enum ChangeKind { INSERT UPDATE DELETE RESET POSITION }',
      ],
    );
  });

  it('there are none where nothing can be watched', () => {
    const { model } = memorySource([{ ...ACCOUNTS, watchable: false, rows: [] }]);
    const { catalog } = buildCatalog([{ source: 'ledger', ...model }], []);
    assert.equal(createSchema(catalog, DEFAULT_POLICY).getSubscriptionType() ?? null, null);
  });

  it('answer event by event, each with its request', async () => {
    const parts = bank();
    await using served = await serve(parts);
    using stream = await listenTo(served.url, { 'x-request-id': 'seven' }, { query: QUERY });
    assert.deepEqual([stream.status, stream.headers['content-type']], [200, 'text/event-stream']);
    const { data: start } = await stream.next();
    assert.deepEqual(start.data, { accountsChanges: { kind: 'POSITION', key: null, node: null } });
    await parts.put(7n, 'Ann');
    const { event, data } = await stream.next();
    assert.equal(event, 'next');
    assert.deepEqual(data, {
      data: { accountsChanges: { kind: 'INSERT', key: { number: '7' }, node: { owner: 'Ann' } } },
      extensions: { requestId: 'seven' },
    });
  });

  it('a client that leaves ends its watch', async () => {
    const parts = bank();
    await using served = await serve(parts);
    const stream = await listenTo(served.url, {}, { query: QUERY });
    await stream.next();
    assert.equal(parts.ended.length, 0);
    stream[Symbol.dispose]();
    for (let waits = 0; parts.ended.length === 0; waits++) {
      assert.ok(waits < 500, 'the watch goes on');
      await setTimeout(10);
    }
    assert.deepEqual(served.faults, []);
  });

  it('a slow client holds up its watch, and memory stays bounded', async () => {
    const { catalog, execute } = bank();
    let produced = 0;
    const watch: Watch = async (_request, { signal }) => {
      async function* told(): AsyncGenerator<WatchEvent> {
        const owner = 'x'.repeat(10_000);
        while (!signal.aborted) {
          produced++;
          const item = { row: { number: 1n, owner }, related: new Map(), cursor: '' };
          yield { kind: 'insert', key: [1n], item, position: `p${produced}` };
        }
      }
      return { events: told(), over: signal };
    };
    await using served = await serve({ catalog, execute, watch });
    using stream = await listenTo(served.url, {}, { query: QUERY });
    stream.response.pause();
    let before = -1;
    for (let waits = 0; before !== produced; waits++) {
      assert.ok(waits < 100, 'the watch never paused');
      before = produced;
      await setTimeout(100);
    }
    assert.ok(produced > 0);
  });

  it('a gateway that stops says so, and ends the stream', async () => {
    const parts = bank();
    await using served = await serve(parts);
    using stream = await listenTo(served.url, {}, { query: QUERY });
    await stream.next();
    parts.stop();
    const { data } = await stream.next();
    assert.deepEqual(
      [data.errors[0].extensions.code, data.errors[0].extensions.kind],
      ['stopping', 'unavailable'],
    );
    assert.equal((await stream.next()).event, 'complete');
    assert.equal(await stream.block(), undefined);
  });

  it('a fault in the middle is told with its place, and ends the stream', async () => {
    const parts = bank();
    await using served = await serve(parts);
    using stream = await listenTo(served.url, {}, { query: QUERY });
    await stream.next();
    parts.fail(new Fault('unavailable', 'The host is away'));
    await parts.put(1n, 'x');
    const told = [await stream.next(), await stream.next()];
    const { errors } = told.find(({ data }) => data.errors !== undefined)?.data ?? assert.fail();
    assert.deepEqual(
      [errors[0].message, errors[0].extensions.source, errors[0].extensions.collection],
      ['The host is away', 'ledger', 'accounts'],
    );
    assert.deepEqual(
      served.faults.map(({ fault }) => fault.kind),
      ['unavailable'],
    );
  });

  it('a fault before the first event is an answer with errors', async () => {
    const parts = bank();
    parts.fail(new Fault('unavailable', 'The host is away', { code: 'at-once' }));
    await using served = await serve(parts);
    using stream = await listenTo(served.url, {}, { query: QUERY });
    const { data } = await stream.next();
    assert.deepEqual(
      [data.errors[0].extensions.code, data.errors[0].extensions.source],
      ['at-once', 'ledger'],
    );
    assert.equal((await stream.next()).event, 'complete');
  });

  it('are asked for as a stream of events, and are no query', async () => {
    const parts = bank();
    await using served = await serve(parts);
    const refused = await served.ask(QUERY, undefined, { accept: 'application/json' });
    assert.equal(refused.status, 406);
    const document = `query Read { accounts { items { number } } } ${QUERY.replace('subscription', 'subscription Watch')}`;
    for (let times = 0; times < 3; times++) {
      const read = await served.send({
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: document, operationName: 'Read' }),
      });
      assert.deepEqual(read.data, { accounts: { items: [] } });
      // What accepts anything may come by the short way of known queries.
      using stream = await listenTo(
        served.url,
        { accept: '*/*' },
        { query: document, operationName: 'Watch' },
      );
      assert.equal((await stream.next()).data.data.accountsChanges.kind, 'POSITION');
    }
  });

  it('keep to the limits of every document', async () => {
    const parts = bank();
    await using served = await serve({
      ...parts,
      policy: { ...DEFAULT_POLICY, graphql: { ...DEFAULT_POLICY.graphql, maxDepth: 2, maxTokens: 60 } },
    });
    const deep = await served.ask(QUERY, undefined, { accept: 'application/graphql-response+json' });
    assert.deepEqual(deep.errors[0]?.extensions['code'], 'depth-limit');
    const long = await served.ask(`subscription { accountsChanges { ${'kind '.repeat(70)} } }`);
    assert.deepEqual(long.errors[0]?.extensions['code'], 'token-limit');
    const two = await served.ask('subscription { accountsChanges { kind } notesChanges { kind } }');
    assert.match(two.errors[0]?.message ?? '', /only one/i);
  });
});
