import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '../../src/fault.ts';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import type { AuditObservation } from '../../src/observe.ts';
import type { Context, ListRequest, Related, ResultBatch } from '../../src/query/request.ts';
import type { WatchEvent } from '../../src/query/watching.ts';
import { type Audited, audited } from '../../src/run/audited.ts';

const { catalog } = buildCatalog(
  [
    {
      source: 'bank',
      collections: [
        {
          name: 'customers',
          fields: [
            { name: 'id', type: { kind: 'int32' } },
            { name: 'name', type: { kind: 'string' } },
          ],
          key: ['id'],
          writes: ['insert', 'update'],
          watchable: true,
        },
        { name: 'accounts', fields: [{ name: 'owner', type: { kind: 'int32' } }], key: [] },
      ],
      operations: [],
    },
  ],
  [{ from: 'customers.accounts', to: 'accounts', on: { id: 'owner' } }],
);

const REQUEST: ListRequest = {
  kind: 'list',
  collection: 'customers',
  where: [],
  order: [],
  count: false,
  selection: { fields: ['id'], include: [] },
};
const WITH_ACCOUNTS: ListRequest = {
  ...REQUEST,
  selection: {
    fields: ['id'],
    include: [
      {
        as: 'a',
        relation: 'accounts',
        where: [],
        order: [],
        count: false,
        selection: { fields: ['owner'], include: [] },
      },
    ],
  },
};

function batch(rows: number, related?: Related): ResultBatch {
  return {
    length: rows,
    row: () => ({}),
    cursor: () => '',
    ...(related === undefined ? {} : { related: () => new Map([['a', related]]) }),
  };
}

async function* stream<T>(values: readonly T[], failure?: Fault): AsyncGenerator<T> {
  yield* values;
  if (failure !== undefined) throw failure;
}

interface Scripted {
  readonly gateway: Audited;
  readonly told: AuditObservation[];
  readonly context: Context;
  readonly leaving: AbortController;
}

function scripted(own: Partial<Audited>, refusal?: Fault): Scripted {
  const unasked = async (): Promise<never> => assert.fail('asked');
  const told: AuditObservation[] = [];
  const leaving = new AbortController();
  const caller = { client: 'app', roles: ['teller'], claims: {}, by: 'key' } as const;
  return {
    gateway: audited(
      { execute: unasked, invoke: unasked, write: unasked, watch: unasked, ...own },
      {
        catalog,
        refusal: () => refusal,
        observe: (observation) => {
          if (observation.kind === 'audit') told.push(observation);
        },
      },
    ),
    told,
    context: { requestId: 'r1', signal: leaving.signal, caller },
    leaving,
  };
}

function reading(batches: () => AsyncIterable<ResultBatch>): Partial<Audited> {
  return { execute: async () => ({ batches: batches(), hasNextPage: () => false, freshness: () => [] }) };
}

const summary = ({ action, target, rows, outcome, code }: AuditObservation) =>
  [action, target, rows, outcome, code ?? ''].join(' ').trim();

async function read({ gateway, context }: Scripted, request: ListRequest, stopAfter = 99): Promise<void> {
  let seen = 0;
  for await (const _ of (await gateway.execute(request, context)).batches) if (++seen === stopAfter) break;
}

describe('accesses are told', () => {
  it('when the rows have been read, not before, with who asked', async () => {
    const bank = scripted(reading(() => stream([batch(2), batch(3)])));
    const { batches } = await bank.gateway.execute(REQUEST, bank.context);
    for await (const _ of batches) assert.deepEqual(bank.told, []);
    assert.deepEqual(bank.told, [
      {
        kind: 'audit',
        requestId: 'r1',
        client: 'app',
        by: 'key',
        roles: ['teller'],
        action: 'read',
        source: 'bank',
        target: 'customers',
        fields: ['id'],
        rows: 5,
        outcome: 'ok',
      },
    ]);
  });

  it('when a stream breaks off, with the rows until then and the reason', async () => {
    const bank = scripted(
      reading(() => stream([batch(2)], new Fault('corrupt', 'bad', { code: 'bad-digit' }))),
    );
    await assert.rejects(read(bank, REQUEST), { kind: 'corrupt' });
    assert.deepEqual(bank.told.map(summary), ['read customers 2 corrupt bad-digit']);
  });

  it('when the client has left, as cancelled; when it had enough, as ok', async () => {
    const gone = scripted(reading(() => stream([batch(2), batch(2)])));
    gone.leaving.abort(new Fault('unavailable', 'The client left', { code: 'cancelled' }));
    await read(gone, REQUEST, 1);
    assert.deepEqual(gone.told.map(summary), ['read customers 2 cancelled cancelled']);
    const enough = scripted(reading(() => stream([batch(2), batch(2)])));
    await read(enough, REQUEST, 1);
    assert.deepEqual(enough.told.map(summary), ['read customers 2 ok']);
  });

  it('when they were refused; a name that does not exist is not repeated', async () => {
    const refusing = scripted({
      execute: async () => {
        throw new Fault('forbidden', 'no');
      },
    });
    await assert.rejects(read(refusing, REQUEST), { kind: 'forbidden' });
    await assert.rejects(read(refusing, { ...REQUEST, collection: 'whatever a client wrote' }));
    assert.deepEqual(refusing.told.map(summary), [
      'read customers 0 forbidden forbidden',
      'read  0 forbidden forbidden',
    ]);
    assert.deepEqual(refusing.told[1]?.fields, []);
  });

  it('each relation once, with all rows of it, or why it could not be read', async () => {
    const page = {
      items: [1, 2].map(() => ({ row: {}, related: new Map(), cursor: '' })),
      hasNextPage: false,
    };
    const bank = scripted(reading(() => stream([batch(2, page), batch(1, page)])));
    await read(bank, WITH_ACCOUNTS);
    assert.deepEqual(bank.told.map(summary), ['read customers 3 ok', 'read accounts 6 ok']);
    const down = scripted(reading(() => stream([batch(2, new Fault('timeout', 'late'))])));
    await read(down, WITH_ACCOUNTS);
    assert.deepEqual(down.told.map(summary), ['read customers 2 ok', 'read accounts 0 timeout timeout']);
  });

  it('changes by verb and collection, all of one transaction, with the names of the fields that were written', async () => {
    const bank = scripted({ write: async (changes) => changes.map(() => ({ key: [], created: true })) });
    const insert = { collection: 'customers', verb: 'insert', values: { id: 1 } } as const;
    await bank.gateway.write(
      [
        insert,
        { ...insert, values: { name: 'x', invented: 1 } },
        { collection: 'customers', verb: 'update', key: [1], values: { name: 'y' } },
      ],
      bank.context,
    );
    assert.deepEqual(
      bank.told.map((one) => [summary(one), one.fields]),
      [
        ['insert customers 2 ok', ['id', 'name']],
        ['update customers 1 ok', ['name']],
      ],
    );
  });

  it('a watch when it has begun, for its end may be far away, and when it ends, with the rows that were told', async () => {
    const events: readonly WatchEvent[] = [
      { kind: 'position', position: 'p0' },
      { kind: 'idle' },
      { kind: 'insert', key: [1], position: 'p1', item: { row: {}, related: new Map(), cursor: '' } },
      { kind: 'delete', key: [1], position: 'p2' },
    ];
    const over = new AbortController().signal;
    const bank = scripted({ watch: async () => ({ events: stream(events), over }) });
    const watching = await bank.gateway.watch(
      { collection: 'customers', selection: { fields: ['id'], include: [] }, live: true },
      bank.context,
    );
    const begun = 'watch-begun customers 0 ok';
    for await (const _ of watching.events) assert.deepEqual(bank.told.map(summary), [begun]);
    assert.deepEqual(bank.told.map(summary), [begun, 'watch customers 2 ok']);
  });

  it('nothing is asked while nothing can be recorded; what was refused is told all the same', async () => {
    const refusal = new Fault('unavailable', 'no records', { code: 'audit-unavailable' });
    const { gateway, told, context } = scripted({}, refusal);
    const watch = { collection: 'customers', selection: { fields: [], include: [] }, live: true };
    for (const ask of [
      () => gateway.execute(REQUEST, context),
      () => gateway.invoke('x', {}, context),
      () => gateway.write([{ collection: 'customers', verb: 'insert', values: {} }], context),
      () => gateway.watch(watch, context),
    ])
      await assert.rejects(ask, { code: 'audit-unavailable' });
    assert.equal(told.length, 4);
  });
});
