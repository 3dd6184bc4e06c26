// What the shared part of writes does with a product that compares less exactly than SQLite, and with answers that none of the products
// gives on demand.

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type Change, Fault, type Source } from '#spi';
import type { Dialect } from '../../../adapters/sql/dialect.ts';
import type { Driver, Statement } from '../../../adapters/sql/driver.ts';
import { columnNamed } from '../../../adapters/sql/expression.ts';
import { tableOptions } from '../../../adapters/sql/options.ts';
import {
  DEADLOCK,
  DUPLICATE,
  type Meaning,
  meant,
  outcomeUnknown,
} from '../../../adapters/sql/server-faults.ts';
import { sqlSource } from '../../../adapters/sql/source.ts';
import { tableOf } from '../../../adapters/sql/table.ts';
import { readCatalog } from '../../../adapters/sqlite/catalog.ts';
import { sqliteDialect } from '../../../adapters/sqlite/dialect.ts';
import { sqliteDriver } from '../../../adapters/sqlite/driver.ts';
import { database } from '../sqlite/file.ts';
import { fault, never, readAll } from './reading.ts';

/** Compares by the column's own collation, as a product does that has no exact comparison. */
const folding: Dialect = {
  ...sqliteDialect('UTF-8'),
  comparison: (column) => ({
    operand: columnNamed(column.name),
    equality: 'inexact',
    order: 'none',
    bind: (value) => (typeof value === 'string' ? { value, column } : undefined),
  }),
};

function opened(sql: string, options: object): Source {
  const path = database((db) => db.exec(sql));
  const table = tableOf(
    'rows',
    tableOptions.parse({ table: 't', ...options }),
    readCatalog(path, true),
    folding,
  );
  const source = sqlSource(
    [table],
    folding,
    sqliteDriver({ path, readOnly: false, waitMs: 1_000, sliceMs: 10 }),
  );
  after(() => source[Symbol.asyncDispose]());
  return source;
}

const change = (verb: Change['verb'], id: string, n?: number): Change =>
  verb === 'insert'
    ? { collection: 'rows', verb, values: { id, n: n ?? null } }
    : { collection: 'rows', verb, key: [id], values: n === undefined ? {} : { n } };

const ALL = ['insert', 'update', 'upsert', 'delete'];

async function write(source: Source, ...changes: readonly Change[]) {
  assert.ok(source.write);
  return await source.write(changes, { signal: never });
}

async function rowsOf(source: Source) {
  return await readAll(source, { collection: 'rows', where: [], order: [] });
}

describe('writes where the database takes more keys for equal than there are', () => {
  const ONE = 'create table t (id TEXT collate nocase primary key not null, n INT)';

  it('the row is looked at first: one of another key is not there', async () => {
    const source = opened(`${ONE}; insert into t values ('Abc', 1)`, { writes: ALL });
    await assert.rejects(write(source, change('update', 'abc', 2)), fault('not-found', 'no-row'));
    await assert.rejects(write(source, change('delete', 'ABC')), fault('not-found', 'no-row'));
    await assert.rejects(write(source, change('upsert', 'abc', 2)), fault('conflict', 'duplicate'));
    assert.deepEqual(await rowsOf(source), [{ id: 'Abc', n: 1 }]);
    assert.deepEqual(
      await write(source, change('update', 'Abc', 2), change('upsert', 'Abc', 3), change('upsert', 'x', 1)),
      [
        { key: ['Abc'], created: false },
        { key: ['Abc'], created: false },
        { key: ['x'], created: true },
      ],
    );
    assert.deepEqual(await write(source, change('delete', 'Abc')), [{ key: ['Abc'], created: false }]);
    assert.deepEqual(await rowsOf(source), [{ id: 'x', n: 1 }]);
  });

  it('a row that the database cannot tell from others is not changed', async () => {
    const sql =
      "create table t (id TEXT collate nocase not null, n INT); insert into t values ('Abc', 1), ('ABC', 2)";
    const source = opened(sql, { key: ['id'], writes: ['update', 'delete'] });
    await assert.rejects(write(source, change('update', 'Abc', 9)), fault('conflict', 'key-not-unique'));
    await assert.rejects(write(source, change('delete', 'ABC')), fault('conflict', 'key-not-unique'));
    await assert.rejects(write(source, change('delete', 'abc')), fault('not-found', 'no-row'));
    assert.deepEqual((await rowsOf(source)).map(({ n }) => n).sort(), [1, 2]);
  });
});

describe('writes of many rows in one statement', () => {
  /** Refuses what `refuses` says, by the number of the statement in its transaction and the rows in it. */
  function recording(refuses: (rows: number) => Meaning | undefined, end: () => void = () => {}) {
    const transactions: string[][] = [];
    const dialect: Dialect = sqliteDialect('UTF-8');
    const { writing } = dialect;
    assert.ok(writing);
    const together: Dialect = { ...dialect, writing: { ...writing, rowsPerInsert: 3 } };
    const run = async ({ sql, parameters }: Statement) => {
      transactions.at(-1)?.push(sql);
      const count = parameters.length / 2;
      const refusal = refuses(count);
      if (refusal !== undefined) throw meant(refusal, undefined);
      return { rows: Array.from({ length: count }, (_, i) => [parameters[2 * i]?.value]), affected: count };
    };
    const driver: Driver = {
      async *stream() {
        yield* [];
      },
      async transaction(work) {
        transactions.push([]);
        const result = await work({ run });
        end();
        return result;
      },
      ping: async () => {},
      fault: (error) => (error instanceof Fault ? error : new Fault('internal', String(error))),
      async [Symbol.asyncDispose]() {},
    };
    const path = database((db) => db.exec('create table t (id TEXT primary key not null, n INT)'));
    const table = tableOf(
      'rows',
      tableOptions.parse({ table: 't', writes: ['insert'] }),
      readCatalog(path, true),
      together,
    );
    return { source: sqlSource([table], together, driver), transactions };
  }

  const five = ['a', 'b', 'c', 'd', 'e'].map((id, n) => change('insert', id, n));

  it('they go in as few statements as the product takes, and each has its key', async () => {
    const { source, transactions } = recording(() => undefined);
    const outcomes = await write(source, ...five);
    assert.deepEqual(
      outcomes.map(({ key }) => key[0]),
      ['a', 'b', 'c', 'd', 'e'],
    );
    assert.deepEqual(
      transactions.map((statements) => statements.length),
      [2],
    );
  });

  it('rows that are refused together are done again one by one, in a new transaction', async () => {
    const { source, transactions } = recording((rows) => (rows > 1 ? DUPLICATE : undefined));
    assert.equal((await write(source, ...five)).length, 5);
    assert.deepEqual(
      transactions.map((statements) => statements.length),
      [1, 5],
    );
  });

  it('what the database rolled back for others’ sake is not done again', async () => {
    const { source, transactions } = recording(() => DEADLOCK);
    await assert.rejects(write(source, ...five), fault('conflict', 'deadlock'));
    assert.deepEqual(
      transactions.map((statements) => statements.length),
      [1],
    );
  });

  it('a commit of which nobody knows is told, even to who has given up', async () => {
    const leaving = new AbortController();
    const { source, transactions } = recording(
      () => undefined,
      () => {
        leaving.abort(new Error('the client left'));
        throw outcomeUnknown(undefined);
      },
    );
    const answer = source.write?.(five, { signal: leaving.signal });
    await assert.rejects(answer ?? Promise.resolve(), fault('upstream', 'outcome-unknown'));
    assert.equal(transactions.length, 1);
  });
});
