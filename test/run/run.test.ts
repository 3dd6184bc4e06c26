import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memorySource } from '../../adapters/memory/memory.ts';
import { Fault } from '../../src/fault.ts';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import { condition } from '../../src/query/filter.ts';
import type { Include, Item, ListRequest, Page, Related, Request } from '../../src/query/request.ts';
import { createExecute } from '../../src/run/run.ts';
import type { Query, Row, Source } from '../../src/spi.ts';

const int32 = { kind: 'int32' } as const;
const int64 = { kind: 'int64' } as const;
const string = { kind: 'string' } as const;

const customers = Array.from({ length: 7 }, (_, i): Row => ({ id: i + 1, name: `C${i + 1}` }));
const accounts = Array.from(
  { length: 20 },
  (_, i): Row => ({ no: BigInt(i + 1), custId: BigInt((i % 6) + 1), kind: i % 2 === 0 ? 'A' : 'B' }),
);
const events = Array.from({ length: 9 }, (_, i): Row => ({ custId: (i % 3) + 1, code: `E${i}` }));

const bank = memorySource([
  {
    name: 'customers',
    key: ['id'],
    fields: [
      { name: 'id', type: int32 },
      { name: 'name', type: string },
    ],
    rows: customers,
  },
]);
const ledger = memorySource([
  {
    name: 'accounts',
    key: ['no'],
    fields: [
      { name: 'no', type: int64 },
      { name: 'custId', type: int64 },
      { name: 'kind', type: string },
    ],
    rows: accounts,
  },
  {
    name: 'events',
    key: [],
    fields: [
      { name: 'custId', type: int32 },
      { name: 'code', type: string },
    ],
    rows: events,
  },
]);

const { catalog, problems } = buildCatalog(
  [
    { source: 'bank', ...bank.model },
    { source: 'ledger', ...ledger.model },
  ],
  [
    { from: 'customers.accounts', to: 'accounts', on: { id: 'custId' }, inverse: 'owner' },
    { from: 'customers.events', to: 'events', on: { id: 'custId' } },
  ],
);
assert.deepEqual(problems, []);

/** The gateway over these sources; `reads` notes every query that reached one. */
function gateway(sources: Readonly<Record<string, Source>> = { bank, ledger }, policy = DEFAULT_POLICY) {
  const reads: Query[] = [];
  const watched = (source: Source): Source => ({
    ...source,
    access: (query) => {
      reads.push(query);
      return source.access(query);
    },
  });
  const execute = createExecute({
    catalog,
    policy,
    source: (name) => {
      const source = sources[name];
      if (source === undefined) throw new Fault('unavailable', 'down', { source: name });
      return watched(source);
    },
  });
  const run = async (request: Request) => {
    const result = await execute(request, { requestId: 'r', signal: new AbortController().signal });
    const items: Item[] = [];
    for await (const batch of result.batches) {
      for (let i = 0; i < batch.length; i++) {
        items.push({ row: batch.row(i), related: batch.related?.(i) ?? new Map(), cursor: batch.cursor(i) });
      }
    }
    return { items, result };
  };
  return { run, reads };
}

const list: ListRequest = {
  kind: 'list',
  collection: 'customers',
  selection: { fields: ['id', 'name'], include: [] },
  where: [],
  order: [],
  count: false,
};
const include = (relation: string, fields: readonly string[], more: Partial<Include> = {}): Include => ({
  as: relation,
  relation,
  where: [],
  order: [],
  count: false,
  selection: { fields, include: [] },
  ...more,
});

function page(related: Related | undefined): Page {
  assert.ok(related !== null && related !== undefined && 'items' in related);
  return related;
}

describe('run', () => {
  it('pages follow each other without gap or overlap, and the last one says so', async () => {
    const { run } = gateway();
    const seen: unknown[] = [];
    let after: string | undefined;
    let pages = 0;
    for (;;) {
      const { items, result } = await run({ ...list, first: 3, ...(after === undefined ? {} : { after }) });
      seen.push(...items.map(({ row }) => row['id']));
      pages++;
      if (!result.hasNextPage()) break;
      after = items.at(-1)?.cursor;
    }
    assert.deepEqual(seen, [1, 2, 3, 4, 5, 6, 7]);
    assert.equal(pages, 3);
  });

  it('a page that ends exactly with the rows has no next one', async () => {
    const { items, result } = await gateway().run({ ...list, first: 7 });
    assert.equal(items.length, 7);
    assert.equal(result.hasNextPage(), false);
  });

  it('a keyless collection pages by position', async () => {
    const { run } = gateway();
    const request: ListRequest = {
      ...list,
      collection: 'events',
      selection: { fields: ['code'], include: [] },
      first: 4,
    };
    const one = await run(request);
    const two = await run({ ...request, after: one.items.at(-1)?.cursor ?? '' });
    const three = await run({ ...request, after: two.items.at(-1)?.cursor ?? '' });
    assert.deepEqual(
      [...one.items, ...two.items, ...three.items].map(({ row }) => row['code']),
      events.map((row) => row['code']),
    );
    assert.equal(three.result.hasNextPage(), false);
  });

  it('the total is counted without the cursor and only when asked for', async () => {
    const { run, reads } = gateway();
    const one = await run({ ...list, first: 3, count: true });
    assert.equal(reads.length, 1, 'not before it is called');
    assert.equal(await one.result.totalCount?.(), 7);
    const two = await run({ ...list, first: 3, count: true, after: one.items.at(-1)?.cursor ?? '' });
    assert.equal(await two.result.totalCount?.(), 7);
    assert.equal((await run(list)).result.totalCount, undefined);
  });

  it('a relation is one read for all parents, across sources and number types', async () => {
    const { run, reads } = gateway();
    const { items } = await run({
      ...list,
      selection: { fields: ['id'], include: [include('accounts', ['no', 'kind'])] },
    });
    assert.equal(reads.length, 2);
    for (const { row, related } of items) {
      const wanted = accounts.filter((account) => account['custId'] === BigInt(Number(row['id'])));
      assert.deepEqual(
        page(related.get('accounts')).items.map((item) => item.row['no']),
        wanted.map((account) => account['no']),
      );
    }
    assert.deepEqual(
      page(items[6]?.related.get('accounts')).items,
      [],
      'a parent without children has an empty list',
    );
  });

  it('the way back leads to the one row, and levels nest with one read each', async () => {
    const { run, reads } = gateway();
    const { items } = await run({
      ...list,
      collection: 'accounts',
      selection: {
        fields: ['no'],
        include: [
          include('owner', ['name'], {
            selection: { fields: ['name'], include: [include('events', ['code'])] },
          }),
        ],
      },
    });
    assert.equal(reads.length, 3);
    const owner = items[1]?.related.get('owner');
    assert.ok(owner !== null && owner !== undefined && 'row' in owner);
    assert.equal(owner.row['name'], 'C2');
    assert.deepEqual(
      page(owner.related.get('events')).items.map((item) => item.row['code']),
      ['E1', 'E4', 'E7'],
    );
  });

  it('each parent has a page of its own, with its own count and its own cursors', async () => {
    const { run } = gateway();
    const accountsOf = (more: Partial<Include>) => ({
      ...list,
      selection: {
        fields: ['id'],
        include: [include('accounts', ['no'], { first: 2, count: true, ...more })],
      },
    });
    const one = await run(accountsOf({}));
    const first = page(one.items[0]?.related.get('accounts'));
    assert.deepEqual(
      first.items.map((item) => item.row['no']),
      [1n, 7n],
    );
    assert.deepEqual([first.hasNextPage, first.totalCount], [true, 4]);
    const two = await run(accountsOf({ after: first.items.at(-1)?.cursor ?? '' }));
    const next = page(two.items[0]?.related.get('accounts'));
    assert.deepEqual(
      next.items.map((item) => item.row['no']),
      [13n, 19n],
    );
    assert.deepEqual(
      [next.hasNextPage, next.totalCount],
      [false, 4],
      'the total does not depend on the cursor',
    );
  });

  it('what a relation cut off goes on in the related collection’s own list', async () => {
    const { run } = gateway();
    const { items } = await run({
      ...list,
      first: 1,
      selection: { fields: ['id'], include: [include('accounts', ['no'], { first: 3 })] },
    });
    const after = page(items[0]?.related.get('accounts')).nextCursor ?? '';
    const rest = await run({
      ...list,
      collection: 'accounts',
      selection: { fields: ['no'], include: [] },
      where: [condition({ field: 'custId', type: int64 }, 'eq', [1n])],
      after,
    });
    assert.deepEqual(
      rest.items.map(({ row }) => row['no']),
      [19n],
    );
  });

  it('a relation to a keyless collection pages by position, each parent from its own', async () => {
    const { run } = gateway();
    const eventsOf = (parents: number, more: Partial<Include>) => ({
      ...list,
      first: parents,
      selection: {
        fields: ['id'],
        include: [include('events', ['code'], { first: 2, count: true, ...more })],
      },
    });
    const codes = (related: Related | undefined) => page(related).items.map((item) => item.row['code']);
    for (const parents of [1, 2]) {
      const one = (await run(eventsOf(parents, {}))).items[0]?.related.get('events');
      assert.deepEqual(codes(one), ['E0', 'E3']);
      const after = page(one).items.at(-1)?.cursor ?? '';
      const two = (await run(eventsOf(parents, { after }))).items[0]?.related.get('events');
      assert.deepEqual(codes(two), ['E6']);
      assert.deepEqual([page(two).hasNextPage, page(two).totalCount], [false, 3]);
    }
  });

  it('what a page of a keyless relation cut off goes on in the related collection’s own list', async () => {
    const { run } = gateway();
    const events = (more: Partial<Include>) => ({
      ...list,
      first: 1,
      selection: { fields: ['id'], include: [include('events', ['code'], { first: 1, ...more })] },
    });
    const one = page((await run(events({}))).items[0]?.related.get('events'));
    const two = page(
      (await run(events({ after: one.items[0]?.cursor ?? '' }))).items[0]?.related.get('events'),
    );
    const rest = await run({
      ...list,
      collection: 'events',
      selection: { fields: ['code'], include: [] },
      where: [condition({ field: 'custId', type: int32 }, 'eq', [1])],
      after: two.nextCursor ?? '',
    });
    assert.deepEqual(
      rest.items.map(({ row }) => row['code']),
      ['E6'],
    );
  });

  it('a cursor of a relation is no cursor of the collection’s own list', async () => {
    const { run } = gateway();
    for (const [relation, collection, field] of [
      ['events', 'events', 'code'],
      ['accounts', 'accounts', 'no'],
    ] as const) {
      const { items } = await run({
        ...list,
        first: 1,
        selection: { fields: ['id'], include: [include(relation, [field], { first: 1 })] },
      });
      const after = page(items[0]?.related.get(relation)).items[0]?.cursor ?? '';
      const own = { ...list, collection, selection: { fields: [field], include: [] }, after };
      await assert.rejects(run(own), (error) => error instanceof Fault && error.code === 'bad-cursor');
    }
  });

  it('filters and orders of a relation hold for every parent', async () => {
    const where = [condition({ field: 'kind', type: string }, 'eq', ['A'])];
    const order = [{ field: 'no', type: int64, descending: true }];
    const { items } = await gateway().run({
      ...list,
      selection: { fields: ['id'], include: [include('accounts', ['no'], { where, order })] },
    });
    assert.deepEqual(
      page(items[0]?.related.get('accounts')).items.map((item) => item.row['no']),
      [19n, 13n, 7n, 1n],
    );
  });

  it('the same relation can be followed twice under two names', async () => {
    const { items } = await gateway().run({
      ...list,
      first: 1,
      selection: {
        fields: ['id'],
        include: [
          include('accounts', ['no'], { as: 'a', first: 1 }),
          include('accounts', ['no'], { as: 'b' }),
        ],
      },
    });
    assert.deepEqual(
      [page(items[0]?.related.get('a')).items.length, page(items[0]?.related.get('b')).items.length],
      [1, 4],
    );
  });

  it('a relation whose source is down is a fault in its place, the rest stands', async () => {
    const { items } = await gateway({ bank }).run({
      ...list,
      selection: { fields: ['name'], include: [include('accounts', ['no'])] },
    });
    assert.equal(items.length, 7);
    const related = items[3]?.related.get('accounts');
    assert.ok(related instanceof Fault && related.kind === 'unavailable');
    assert.equal(items[3]?.row['name'], 'C4');
  });

  it('a root source that is down is the answer', async () => {
    await assert.rejects(
      gateway({ ledger }).run(list),
      (error) => error instanceof Fault && error.kind === 'unavailable',
    );
  });

  it('a parent whose joining field could not be decoded carries that fault, the others their rows', async () => {
    const bad = new Fault('corrupt', 'bad digit');
    const damaged = memorySource([
      { ...(bank.model.collections[0] ?? assert.fail()), rows: [] },
      { name: 'x', key: [], fields: [], rows: [] },
    ]);
    const rows: Row[] = [
      { id: 1, name: 'a', other: bad },
      { id: 2, name: 'b', other: 3 },
    ];
    const other = { name: 'other', type: int32 };
    const source: Source = {
      ...damaged,
      access: ({ where, order }) => ({
        where: where.map(() => 'none'),
        ordered: order.length > 0,
        limits: false,
        cost: 'scan',
        explain: 'two rows',
        async *read() {
          yield { length: 2, row: (i) => rows[i] ?? {} };
        },
      }),
    };
    const built = buildCatalog(
      [
        {
          source: 'bank',
          operations: [],
          collections: [{ name: 'customers', key: ['id'], fields: [{ name: 'id', type: int32 }, other] }],
        },
        { source: 'ledger', ...ledger.model },
      ],
      [{ from: 'customers.events', to: 'events', on: { other: 'custId' } }],
    );
    const execute = createExecute({
      catalog: built.catalog,
      policy: DEFAULT_POLICY,
      source: (name) => (name === 'bank' ? source : ledger),
    });
    const result = await execute(
      { ...list, selection: { fields: ['id'], include: [include('events', ['code'])] } },
      { requestId: 'r', signal: new AbortController().signal },
    );
    for await (const batch of result.batches) {
      assert.equal(batch.related?.(0).get('events'), bad);
      assert.equal(page(batch.related?.(1).get('events')).items.length, 3);
    }
  });

  it('a relation that would read too many rows is too costly', async () => {
    const policy = { ...DEFAULT_POLICY, query: { ...DEFAULT_POLICY.query, maxRelationRows: 10 } };
    const { items } = await gateway({ bank, ledger }, policy).run({
      ...list,
      selection: { fields: [], include: [include('accounts', ['no'])] },
    });
    const related = items[0]?.related.get('accounts');
    assert.ok(related instanceof Fault && related.code === 'relation-limit');
  });

  it('an item is found by its key or not at all', async () => {
    const { run } = gateway();
    const selection = { fields: ['name'], include: [] };
    assert.equal(
      (await run({ kind: 'item', collection: 'customers', key: [3], selection })).items[0]?.row['name'],
      'C3',
    );
    assert.equal(
      (await run({ kind: 'item', collection: 'customers', key: [99], selection })).items.length,
      0,
    );
  });
});
