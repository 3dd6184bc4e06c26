// What writing into SQLite promises beyond the suite of writes: values kept or refused, keys that fold, triggers, other programs that
// hold the file.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Change, Row, Source } from '#spi';
import { assertKept, columnsOf, type Kept } from '../sql/kept.ts';
import { database, fault, folder, never, openSource, readAll } from './file.ts';

/** What a column keeps, and what its affinity would make of it or its type does not hold. */
const TYPES: readonly Kept[] = [
  ['INT', [-2_147_483_648, 0], []],
  ['BIGINT', [2n ** 63n - 1n, -(2n ** 63n)], []],
  ['REAL', [0.1, 5, -1e300, Number.POSITIVE_INFINITY], [Number.NaN]],
  ['NUMERIC', [0.1, 5, 1e300], [Number.NaN]],
  ['DECIMAL(9,2)', ['12.50', '-0.01', '7.00'], ['1.005', '12345678.00']],
  ['DECIMAL(30,10)', ['1234567890123.0000000000', '0.1000000000'], ['12345678901234567890.1234567891']],
  ['BOOLEAN', [true, false], []],
  ['DATE', ['2024-02-29', '0001-01-01'], ['+010000-01-01']],
  ['TIME', ['10:00:00', '23:59:59.123456789'], []],
  ['TIMESTAMP', ['2024-02-29T10:00:00', '2024-02-29T10:00:00.5'], ['+012024-01-01T00:00:00']],
  ['TIMESTAMPTZ', ['2024-02-29T10:00:00Z'], []],
  ['VARCHAR(5)', ['', '007', ' 1 ', '💙💙💙💙💙'], ['123456', '\ud800', 'a\ufffd']],
  ['TEXT', ["'; drop table t; --", 'a\0b'], []],
  ['CHAR(4)', ['ab', ' ab'], ['ab ', 'abcde']],
  // Texts of numeric affinity: what reads as a number would become one.
  ['STRING', ['abc', '12 apples', ''], ['007', ' 1e5 ', '-.5', '+3.']],
  ['BLOB', [Uint8Array.of(), Uint8Array.of(0, 39, 255)], []],
];

const STRICT: readonly Kept[] = [
  ['INTEGER', [2n ** 63n - 1n], []],
  ['REAL', [0.5, 3], [Number.NaN]],
  ['TEXT', ['007'], ['\udc00']],
  ['BLOB', [Uint8Array.of(1)], []],
];

const writing = (file: string, table: string, writes: readonly string[], more = {}) => ({
  file,
  readOnly: false,
  collections: { rows: { table, writes } },
  ...more,
});

async function rowsOf(source: Source): Promise<readonly Row[]> {
  return (await readAll(source)).map((row) => ({ id: row['id'] ?? null, n: row['n'] ?? null }));
}

const insert = (id: number | string, n: number): Change => ({
  collection: 'rows',
  verb: 'insert',
  values: { id, n },
});

describe('writing into SQLite', () => {
  for (const [name, types, trailer] of [
    ['of the usual kind', TYPES, ''],
    ['of a strict table', STRICT, ' strict'],
  ] as const) {
    it(`a value is kept as it is, or refused, in columns ${name}`, async () => {
      const file = database((db) =>
        db.exec(`create table t (id INT primary key not null, ${columnsOf(types)})${trailer}`),
      );
      const source = await openSource(writing(file, 't', ['insert', 'update']));
      await assertKept(source, types);
    });
  }

  it('a column whose type the configuration mends keeps values of that type, or cannot be written', async () => {
    const file = database((db) => db.exec('create table t (id INT primary key not null, a TEXT, b REAL, c)'));
    const columns = { a: { type: 'DECIMAL(9,2)' }, b: { type: 'INT' }, c: { type: 'DATE' } };
    const collections = { rows: { table: 't', writes: ['insert'], columns } };
    const source = await openSource({ file, readOnly: false, collections });
    const fields = source.model.collections[0]?.fields.map(({ readOnly }) => readOnly === true);
    assert.deepEqual(fields, [false, false, true, false]);
    const { write } = source;
    assert.ok(write);
    const values = { id: 1, a: '12345678901.50', c: '2024-02-29' };
    await assert.rejects(
      write([{ collection: 'rows', verb: 'insert', values }], { signal: never }),
      fault('invalid', 'bad-value'),
    );
    await write([{ collection: 'rows', verb: 'insert', values: { ...values, a: '12.50' } }], {
      signal: never,
    });
    assert.deepEqual(await readAll(source), [{ id: 1, a: '12.50', b: null, c: '2024-02-29' }]);
  });

  it('a key that the database takes for the same as another is not that other', async () => {
    const file = database((db) =>
      db.exec(
        "create table t (id TEXT collate nocase primary key not null, n INT); insert into t values ('Abc', 1)",
      ),
    );
    const source = await openSource(writing(file, 't', ['update', 'upsert', 'delete']));
    const { write } = source;
    assert.ok(write);
    const change = (verb: Change['verb'], key: string, n?: number) =>
      write([{ collection: 'rows', verb, key: [key], values: n === undefined ? {} : { n } }], {
        signal: never,
      });
    await assert.rejects(change('update', 'abc', 2), fault('not-found', 'no-row'));
    await assert.rejects(change('delete', 'ABC'), fault('not-found', 'no-row'));
    await assert.rejects(change('upsert', 'abc', 2), fault('conflict', 'duplicate'));
    assert.deepEqual(await change('upsert', 'Abc', 3), [{ key: ['Abc'], created: false }]);
    assert.deepEqual(await rowsOf(source), [{ id: 'Abc', n: 3 }]);
  });

  it('a trigger that refuses, even one that rolls back by itself, leaves nothing and the source usable', async () => {
    const file = database((db) =>
      db.exec(`create table t (id INT primary key not null, n INT);
        create trigger a before insert on t when new.n = 13 begin select raise(abort, 'secret'); end;
        create trigger b before insert on t when new.n = 14 begin select raise(rollback, 'secret'); end`),
    );
    const source = await openSource(writing(file, 't', ['insert']));
    const { write } = source;
    assert.ok(write);
    for (const n of [13, 14]) {
      await assert.rejects(
        write([insert(1, 1), insert(2, n)], { signal: never }),
        fault('rejected', 'raised'),
      );
      assert.deepEqual(await rowsOf(source), []);
    }
    await write([insert(1, 1)], { signal: never });
  });

  it('another program that holds the file is waited for, and no longer than the option says', async () => {
    const file = join(folder(), 'data.db');
    const other = new DatabaseSync(file);
    other.exec('create table t (id INT primary key not null, n INT)');
    const patient = await openSource(writing(file, 't', ['insert']));
    const hasty = await openSource(writing(file, 't', ['insert'], { waitMs: 50 }));
    assert.ok(patient.write && hasty.write);
    other.exec('begin immediate');
    await assert.rejects(hasty.write([insert(1, 1)], { signal: never }), fault('unavailable', 'locked'));
    const waiting = patient.write([insert(1, 1)], { signal: never });
    // The event loop is free meanwhile.
    await setTimeout(100);
    other.exec('insert into t values (7, 7); commit');
    assert.deepEqual(await waiting, [{ key: [1], created: true }]);
    other.close();
    assert.equal((await rowsOf(hasty)).length, 2);
  });

  it('two gateways on one file: of two that expect the same one wins, and the other is told that it is stale', async () => {
    const file = database((db) =>
      db.exec('create table t (id INT primary key not null, n INT); insert into t values (1, 0)'),
    );
    const sources = [
      await openSource(writing(file, 't', ['update'])),
      await openSource(writing(file, 't', ['update'])),
    ];
    for (let n = 0; n < 10; n++) {
      const answers = await Promise.allSettled(
        sources.map(async ({ write }) => {
          const change: Change = {
            collection: 'rows',
            verb: 'update',
            key: [1],
            values: { n: n + 1 },
            expected: { n },
          };
          return await write?.([change], { signal: never });
        }),
      );
      const lost = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
      assert.equal(lost.length, 1);
      fault('stale', 'changed-row')(lost[0]);
    }
  });

  it('a commit waits for readers, and lets those that come meanwhile wait for it', async () => {
    const file = database((db) =>
      db.exec(
        'create table t (id INTEGER primary key, n INT); with recursive c(i) as (select 1 union all select i + 1 from c where i < 5000) insert into t select i, 0 from c',
      ),
    );
    const source = await openSource(writing(file, 't', ['update', 'insert']));
    const { write } = source;
    assert.ok(write);
    const query = { collection: 'rows', where: [], order: [] };
    const batches = source
      .access(query)
      .read({ fields: ['n'], signal: never })
      [Symbol.asyncIterator]();
    await batches.next();
    let done = false;
    const update: Change = { collection: 'rows', verb: 'update', key: [1n], values: { n: 1 } };
    const writingNow = write([update], { signal: never }).then(() => {
      done = true;
    });
    await setTimeout(60);
    const later = readAll(source, query);
    await setTimeout(60);
    assert.equal(done, false);
    await batches.return?.();
    await writingNow;
    assert.equal((await later)[0]?.['n'], 1);
    // And a commit that cannot be had in time leaves nothing behind.
    const hasty = await openSource(writing(file, 't', ['update'], { waitMs: 30 }));
    assert.ok(hasty.write);
    const reading = source
      .access(query)
      .read({ fields: ['n'], signal: never })
      [Symbol.asyncIterator]();
    await reading.next();
    const again: Change = { ...update, values: { n: 2 } };
    await assert.rejects(hasty.write([again], { signal: never }), fault('unavailable', 'locked'));
    await reading.return?.();
    assert.equal((await readAll(source, query))[0]?.['n'], 1);
  });

  const REFUSED: readonly (readonly [what: string, table: string, options: object, source?: object])[] = [
    [
      'writes of a source that only reads',
      'create table t (id INTEGER primary key, n INT)',
      {},
      { readOnly: true },
    ],
    ['update of rows without a key', 'create table t (id INT, n INT)', { writes: ['update'] }],
    [
      'upsert without a unique index',
      'create table t (id INT not null, n INT)',
      { writes: ['upsert'], key: ['id'] },
    ],
    [
      'upsert of a key that may be null',
      'create table t (id INT unique, n INT)',
      { writes: ['upsert'], key: ['id'] },
    ],
    [
      'insert without a column that must have a value',
      'create table t (id INTEGER primary key, n INT not null)',
      { writes: ['insert'], columns: { n: { hidden: true } } },
    ],
    ['update of nothing but a key', 'create table t (id INTEGER primary key)', { writes: ['update'] }],
    [
      'a key of decimals kept as texts',
      'create table t (id TEXT primary key, n INT)',
      {
        writes: ['delete'],
        columns: { id: { type: 'DECIMAL(9,2)' } },
      },
    ],
  ];
  for (const [what, table, options, more = {}] of REFUSED) {
    it(`a configuration is refused: ${what}`, async () => {
      const file = database((db) => db.exec(table));
      const collections = { rows: { table: 't', writes: ['insert'], ...options } };
      await assert.rejects(
        openSource({ file, readOnly: false, collections, ...more }),
        fault('invalid', 'bad-writes', true),
      );
    });
  }

  it('a hidden column that has a default does not stand in the way', async () => {
    const file = database((db) =>
      db.exec('create table t (id INTEGER primary key, n INT not null default 7)'),
    );
    const collections = { rows: { table: 't', writes: ['insert'], columns: { n: { hidden: true } } } };
    const source = await openSource({ file, readOnly: false, collections });
    const { write } = source;
    assert.ok(write);
    await write([{ collection: 'rows', verb: 'insert', values: {} }], { signal: never });
    assert.deepEqual(await readAll(source), [{ id: 1n }]);
  });
});
