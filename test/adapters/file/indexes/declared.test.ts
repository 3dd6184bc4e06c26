// Declared indexes: what they answer, in which order, and that no query fails because of one.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Conjunct, Order, Query, Row, Source } from '#spi';
import { adapter, fileSource } from '../../../../adapters/file/file.ts';
import type { ByteStore } from '../../../../adapters/file/store/byte-store.ts';
import { diskStore } from '../../../../adapters/file/store/disk.ts';
import { collect, type Folder, faultOf, folder, hostAt, never, openFiles } from '../opening.ts';
import { counting, settle } from './counting.ts';

const COPYBOOK = `
       01  ROW.
           05  ID        PIC 9(6).
           05  BRANCH    PIC X(3).
           05  AMOUNT    PIC 9(5).
           05  NOTE      PIC X(2).
`;

const ROWS = 20_000;
const INT = { kind: 'int32' } as const;
const TEXT = { kind: 'string', length: 3 } as const;

/** The ids stand in another order than that of the file; half of all rows are in branch H, 20 in each of the others; the last one is bad. */
function rowAt(row: number): { readonly id: number; readonly branch: string; readonly amount: number } {
  const branch = row % 2 === 0 ? 'H' : `B${String(row % 500).padStart(2, '0')}`.slice(0, 3);
  return { id: (row * 7) % ROWS, branch, amount: row % 1_000 };
}

function line(row: number): string {
  const { id, branch, amount } = rowAt(row);
  return `${String(id).padStart(6, '0')}${branch.padEnd(3)}${String(amount).padStart(5, '0')}xy`;
}

const all = Array.from({ length: ROWS }, (_, row) => rowAt(row));

function data(last = ''): Folder {
  const rows = all.map((_, row) => line(row)).join('');
  const at = folder({ 'row.cpy': COPYBOOK, ROWS: rows + last });
  settle(at, 'ROWS');
  return at;
}

const COLLECTION = {
  path: 'ROWS',
  copybook: 'row.cpy',
  charset: 'ascii',
  key: ['ID'],
  indexes: [['BRANCH'], ['amount', 'BRANCH']],
};

function open(
  at: Folder,
  { store = diskStore(at.path), ...more }: { store?: ByteStore; indexes?: unknown } = {},
): Promise<Source> {
  const options = adapter.options.parse({
    collections: { rows: { ...COLLECTION, ...more } },
    cache: { indexFromBytes: 0 },
  });
  return fileSource(options, store, hostAt(at.path));
}

const branch = (value: string): Conjunct => ({ op: 'eq', field: 'branch', type: TEXT, value });
const amount = (op: 'eq' | 'ge' | 'lt', value: number): Conjunct => ({
  op,
  field: 'amount',
  type: INT,
  value,
});
const by = (...fields: readonly string[]): Order =>
  fields.map((field) => ({
    field: field.replace('-', ''),
    type: field === 'branch' ? TEXT : INT,
    descending: field.startsWith('-'),
  }));
const ids = (rows: readonly Row[]) => rows.map(({ id }) => id);
const idsOf = (rows: readonly { readonly id: number }[]) => rows.map(({ id }) => id);
const sorted = (rows: typeof all) => rows.toSorted((a, b) => a.id - b.id);

describe('a declared index', () => {
  it('is named by the explanation and by the cost of what it answers', async () => {
    using at = data();
    await using source = await open(at);
    const offer = (where: readonly Conjunct[], order: Order = []) =>
      source.access({ collection: 'rows', where, order });
    const equal = offer([branch('B01')]);
    assert.equal(equal.cost, 'index');
    assert.deepEqual(equal.where, ['exact']);
    assert.equal(equal.explain, 'ROWS: a range of the index by branch (branch, id)');
    assert.match(
      offer([branch('B01'), amount('eq', 1)]).explain,
      /^ROWS: a range of the index by amount, branch /,
    );
    assert.match(offer([branch('B01')], by('id')).explain, /index by branch .*, in its ascending order$/);
    assert.match(offer([branch('B01')], by('-id')).explain, /index by branch .*, in its descending order$/);
    assert.match(offer([amount('eq', 1)], by('id')).explain, /in ascending order of id$/);
    assert.match(offer([amount('ge', 5)], by('id')).explain, /^ROWS: records in ascending order of id/);
    assert.equal(offer([amount('ge', 5)], by('amount', 'branch', 'id')).ordered, true);
    assert.equal(offer([amount('ge', 5)], by('amount', 'id')).ordered, false);
    assert.equal(offer([], by('branch', 'id')).ordered, true);
    assert.equal(offer([], by('branch', '-id')).ordered, false);
  });

  it('counts without a look at the file, after a restart as well', async () => {
    using at = data();
    {
      await using source = await open(at);
      await source.check(never);
    }
    const store = counting(at);
    await using source = await open(at, { store });
    const count = (...where: readonly Conjunct[]) =>
      source.access({ collection: 'rows', where, order: [] }).count?.({ signal: never });
    assert.equal(await count(branch('H')), ROWS / 2);
    assert.equal(await count(branch('none')), 0);
    assert.equal(
      await count(branch('H'), amount('eq', 6)),
      all.filter((row) => row.branch === 'H' && row.amount === 6).length,
    );
    assert.equal(
      await count(amount('ge', 10), amount('lt', 20)),
      all.filter((row) => row.amount >= 10 && row.amount < 20).length,
    );
    assert.equal(store.bytes, 0);
  });

  it('finds few rows and many, in its own order, in that of the key, and in that of the file', async () => {
    using at = data();
    await using source = await open(at);
    const read = async (query: Partial<Query>, limit?: number) =>
      ids(await collect(source, { collection: 'rows', ...query }, limit));
    const half = all.filter((row) => row.branch === 'H');
    const few = all.filter((row) => row.amount === 6);
    assert.deepEqual(await read({ where: [branch('H')] }), idsOf(half));
    assert.deepEqual(await read({ where: [amount('eq', 6)] }), idsOf(few));
    assert.deepEqual(await read({ where: [amount('eq', 6)], order: by('id') }), idsOf(sorted(few)));
    assert.deepEqual(
      await read({ where: [amount('eq', 6)], order: by('-id') }, 7),
      idsOf(sorted(few)).toReversed().slice(0, 7),
    );
    assert.deepEqual(
      await read({ where: [branch('H')], order: by('-id') }, 9),
      idsOf(sorted(half)).toReversed().slice(0, 9),
    );
    // Ordered by the key along which the index does not go, and more of them than are sorted at once.
    const low: Conjunct = {
      op: 'in',
      field: 'amount',
      type: INT,
      values: Array.from({ length: 600 }, (_, i) => i),
    };
    const most = sorted(all.filter((row) => row.amount < 600));
    assert.deepEqual(await read({ where: [low], order: by('id') }), idsOf(most));
    assert.deepEqual(
      await read({ where: [low, branch('H')], order: by('-id') }, 5),
      idsOf(most.filter((row) => row.branch === 'H').slice(-5)).toReversed(),
    );
  });

  it('finds rows in the order of the key in a file that stands in that order', async () => {
    using at = folder({
      'row.cpy': COPYBOOK,
      ROWS: all
        .map((_, row) => line(row))
        .sort()
        .join(''),
    });
    settle(at, 'ROWS');
    await using source = await open(at);
    const found = sorted(all.filter((row) => row.amount < 3));
    for (const [order, expected] of [
      [by('id'), idsOf(found)],
      [by('-id'), idsOf(found).toReversed()],
    ] as const) {
      const few: Conjunct = { op: 'in', field: 'amount', type: INT, values: [2, 0, 1] };
      const query: Query = { collection: 'rows', where: [few], order };
      assert.match(
        source.access(query).explain,
        order[0]?.descending ? /descending order of id$/ : /ascending order of id$/,
      );
      assert.deepEqual(ids(await collect(source, query)), expected);
      assert.deepEqual(ids(await collect(source, query, 5)), expected.slice(0, 5));
    }
  });

  it('finds the rows of many keys of others at once', async () => {
    using at = data();
    await using source = await open(at);
    const keys = [['B01'], ['none'], ['B03'], ['B01']];
    const where: readonly Conjunct[] = [{ op: 'keys', fields: [{ field: 'branch', type: TEXT }], keys }];
    const access = source.access({ collection: 'rows', where, order: [] });
    assert.equal(access.cost, 'index');
    const expected = all.filter((row) => row.branch === 'B01' || row.branch === 'B03');
    assert.deepEqual(ids(await collect(source, { collection: 'rows', where })), idsOf(expected));
  });

  it('that a bad record keeps from being made is told by a check, and queries are answered without it', async () => {
    using at = data('999999H  1234?xy');
    await using source = await open(at);
    await source.check(never);
    assert.deepEqual(
      source.model.remarks?.map(({ message }) => message.slice(0, 47)),
      ['the index by amount, branch cannot be made: The'],
    );
    const rows = (where: readonly Conjunct[], order: Order = []) =>
      collect(source, { collection: 'rows', where, order });
    const expected = all.filter((row) => row.branch === 'B01' && row.amount === 1);
    const where = [branch('B01'), amount('eq', 1)];
    assert.deepEqual(ids(await rows(where)), idsOf(expected));
    assert.deepEqual(ids(await rows(where, by('-id'))), idsOf(sorted(expected)).toReversed());
    const fault = await faultOf(() => rows([amount('eq', 1)]));
    assert.equal(fault.kind, 'corrupt');
    assert.equal(fault.place.record, ROWS + 1);
  });

  it('of what cannot be in one is refused with the place', async () => {
    using at = data();
    for (const [indexes, code, message] of [
      [[['BRANSH']], 'unknown-index', /An index names "BRANSH".*BRANCH/],
      [[['BRANCH', 'branch']], 'bad-index', /names "branch" twice/],
      [[['BRANCH'], ['branch']], 'bad-index', /the index by branch is declared twice/i],
    ] as const) {
      const fault = await faultOf(() =>
        openFiles(hostAt(at.path), { collections: { rows: { ...COLLECTION, indexes } } }),
      );
      assert.equal(fault.code, code);
      assert.equal(fault.misconfigured, true);
      assert.match(fault.message, message);
    }
  });
});
