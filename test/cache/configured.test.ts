// Freshness as it stands in the configuration: names that do not exist, what is said over HTTP, and what a reload leaves.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { type Adapters, loadConfig } from '../../src/config/config.ts';
import { problemText } from '../../src/config/problem.ts';
import { createSecrets } from '../../src/config/secrets.ts';
import { createFacades } from '../../src/gateway/facades.ts';
import { createLasting, type Lasting, openGateway } from '../../src/gateway.ts';
import { listen } from '../../src/http/listen.ts';
import type { Observation } from '../../src/observe.ts';
import { defineAdapter, Fault, type Field, type Operation, type Source } from '../../src/spi.ts';
import { folderWith } from '../config/written.ts';
import { answering, row, scripted, THINGS } from './caching.ts';

const INPUT: readonly Field[] = [{ name: 'id', type: { kind: 'int32' } }];
const OPERATIONS: readonly Operation[] = [
  { name: 'rate', effect: 'read', idempotent: true, input: INPUT, output: { kind: 'string' } },
  { name: 'draw', effect: 'read', idempotent: false, input: [], output: { kind: 'string' } },
  { name: 'book', effect: 'write', idempotent: true, input: [], output: { kind: 'string' } },
];

/** A source of which a test sees how often it is asked; `down`: it does not answer. */
function asked() {
  const own = scripted([{ ...THINGS, name: 'things' }]);
  const state = { own, down: false, opened: 0 };
  own.script.read = async function* (question) {
    if (state.down) throw new Fault('unavailable', 'The host is down');
    yield* answering(row(1), row(2))(question);
  };
  own.script.invoke = async (name) => {
    if (state.down) throw new Fault('timeout', 'No answer');
    return name;
  };
  const adapter = defineAdapter({
    name: 'asked',
    options: z.strictObject({
      label: z.string().optional(),
      collections: z.record(z.string(), z.strictObject({})).default({}),
    }),
    async open({ collections }): Promise<Source> {
      state.opened++;
      const own = Object.keys(collections).map((name) => ({ ...THINGS, name }));
      return { ...state.own.source, model: { collections: own, operations: OPERATIONS } };
    },
  });
  const adapters: Adapters = {
    asked: async () => adapter,
    memory: async () => (await import('../../adapters/memory/memory.ts')).adapter,
  };
  return { ...state, state, adapters };
}

async function opened(text: string, adapters: Adapters, lasting?: Lasting) {
  const folder = folderWith({ 'c.yaml': text });
  const { config, problems } = await loadConfig(join(folder, 'c.yaml'), adapters);
  assert.ok(config, JSON.stringify(problems));
  const seen: Observation[] = [];
  const observe = (observation: Observation) => void seen.push(observation);
  const gateway = await openGateway(
    config,
    createSecrets(folder, {}),
    observe,
    lasting === undefined ? {} : { lasting },
  );
  return { config, gateway, seen, observe, folder };
}

async function served(t: TestContext, text: string, adapters: Adapters) {
  const { config, gateway, seen, observe } = await opened(text, adapters);
  assert.deepEqual(gateway.problems, []);
  const app = await createFacades(gateway, config, { version: '0', observe });
  const listening = await listen(app, { host: '127.0.0.1', port: 0 });
  t.after(async () => {
    await listening.close(100);
    await gateway[Symbol.asyncDispose]();
  });
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(listening.url + path, init);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const graphql = async (query: string) => {
    const headers = { 'content-type': 'application/json' };
    const { text: body } = await ask('/graphql', {
      method: 'POST',
      headers,
      body: JSON.stringify({ query }),
    });
    return JSON.parse(body);
  };
  return { ask, graphql, seen };
}

const ACCESS = 'access: { development: true }\n';
const SOURCES = `${ACCESS}sources:
  one: { adapter: asked, collections: { things: {}, views: {} } }
  two: { adapter: memory, collections: { notes: { fields: { text: string }, rows: [] } } }
`;

describe('freshness in the configuration', () => {
  it('what it names must exist, and only what reads and may be asked twice can be kept', async () => {
    const { adapters } = asked();
    const { gateway } = await opened(
      `${SOURCES}freshness:
  collections:
    thigns: { maxAgeMs: 1000 }
    things: { maxAgeMs: 1000, changedBy: [view, notes, views] }
  operations:
    rates: { maxAgeMs: 1000 }
    draw: { maxAgeMs: 1000 }
    book: { maxAgeMs: 1000 }
    rate: { maxAgeMs: 1000 }
`,
      adapters,
    );
    await gateway[Symbol.asyncDispose]();
    assert.deepEqual(
      gateway.problems.map((problem) => problemText({ ...problem, file: 'c.yaml' })),
      [
        'c.yaml:7:13 freshness.collections.thigns: There is no collection "thigns". Did you mean "things"?',
        'c.yaml:8:42 freshness.collections.things.changedBy: There is no collection "view". Did you mean "views"?',
        'c.yaml:8:42 freshness.collections.things.changedBy: "notes" is in source "two", and "things" in "one"',
        'c.yaml:10:12 freshness.operations.rates: There is no operation "rates". Did you mean "rate"?',
        'c.yaml:11:11 freshness.operations.draw: "draw" is not idempotent: calling it twice is not the same as calling it once',
        'c.yaml:12:11 freshness.operations.book: "book" changes something; only answers of what reads can be kept',
      ],
    );
  });

  it('operations that read say over HTTP how old their answer is, GET and POST alike, and over GraphQL', async (t) => {
    const { adapters, state } = asked();
    const { ask, graphql, seen } = await served(
      t,
      `${SOURCES}freshness: { operations: { rate: { maxAgeMs: 20, staleIfErrorMs: 600000 } } }
policy: { source: { retries: 0 } }
`,
      adapters,
    );
    const first = await ask('/api/rate?id=7');
    assert.equal(first.headers.get('cache-status'), 'overpunch; fwd=miss');
    const asOf = first.headers.get('x-as-of') ?? '';
    assert.match(asOf, /^\d{4}-.*Z$/);
    state.down = true;
    await new Promise((resolve) => setTimeout(resolve, 30));
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"id":7}' };
    for (const one of [await ask('/api/rate?id=7'), await ask('/api/rate', init)]) {
      assert.deepEqual([one.status, one.text, one.headers.get('x-as-of')], [200, '"rate"', asOf]);
      assert.equal(
        one.headers.get('cache-status'),
        'overpunch; fwd=stale; fwd-status=504; ttl=-1; detail=timeout',
      );
    }
    const { data, extensions } = await graphql('{ rate(id: 7) }');
    assert.deepEqual(data, { rate: 'rate' });
    assert.deepEqual(extensions.sources, [{ source: 'one', asOf, cache: 'stale' }]);
    const uses = seen.flatMap((one) => (one.kind === 'cache' ? [[one.target, one.use]] : []));
    assert.deepEqual(uses, [
      ['rate', 'miss'],
      ['rate', 'stale'],
      ['rate', 'stale'],
      ['rate', 'stale'],
    ]);
  });

  it('where nothing is kept no header speaks of a cache', async (t) => {
    const { adapters } = asked();
    const { ask } = await served(t, SOURCES, adapters);
    const { headers } = await ask('/api/things');
    assert.equal(headers.get('cache-status'), null);
    assert.equal(headers.get('cache-control'), 'private, no-cache');
  });

  it('a count and its rows are one answer: only a hit where both are', async (t) => {
    const { adapters } = asked();
    const { graphql } = await served(
      t,
      `${SOURCES}freshness: { collections: { things: { maxAgeMs: 600000 } } }\n`,
      adapters,
    );
    const use = async (query: string) =>
      (await graphql(query)).extensions.sources.map((one: { cache?: string }) => one.cache);
    assert.deepEqual(await use('{ things { items { id } } }'), ['miss']);
    assert.deepEqual(await use('{ things { items { id } } }'), ['hit']);
    assert.deepEqual(await use('{ things { totalCount items { id } } }'), ['miss']);
    assert.deepEqual(await use('{ things { totalCount items { id } } }'), ['hit']);
  });

  it('a reload leaves what is kept of a source that stays as it is', async () => {
    const { adapters, state } = asked();
    const lasting = createLasting();
    const text = `${SOURCES}freshness: { collections: { things: { maxAgeMs: 600000 } } }\n`;
    const before = await opened(text, adapters, lasting);
    const request = {
      kind: 'list',
      collection: 'things',
      selection: { fields: ['id'], include: [] },
      where: [],
      order: [],
      count: false,
    } as const;
    const use = async ({ gateway }: typeof before) => {
      const caller = { client: 'test', roles: [], claims: {}, by: 'development' } as const;
      const result = await gateway.execute(request, {
        requestId: 'r',
        signal: new AbortController().signal,
        caller,
      });
      for await (const _ of result.batches);
      return result.freshness()[0]?.cache?.use;
    };
    assert.equal(await use(before), 'miss');
    assert.equal(await use(before), 'hit');
    writeFileSync(join(before.folder, 'c.yaml'), text.replace('rows: []', 'rows: [], doc: More'));
    const { config } = await loadConfig(join(before.folder, 'c.yaml'), adapters);
    assert.ok(config);
    const gateway = await openGateway(config, createSecrets(before.folder, {}), before.observe, { lasting });
    await before.gateway[Symbol.asyncDispose]();
    assert.equal(await use({ ...before, gateway }), 'hit');
    assert.equal(state.opened, 1);
    await gateway[Symbol.asyncDispose]();
    assert.equal(lasting.memory.used, 0);
  });
});
