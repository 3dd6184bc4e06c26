// What writing into MariaDB and MySQL promises beyond the suite of writes: values kept or refused, keys that fold, engines without
// transactions, locks.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Change, Row, Source } from '#spi';
import { assertKept, columnsOf, type Kept } from '../sql/kept.ts';
import { connected, database, fault, never, openSource, readAll, skip } from './server.ts';

/** What a column keeps, and what even a strict session would cut, round, fill up, or cannot hold. */
const TYPES: readonly Kept[] = [
  ['tinyint', [-128, 127], [128]],
  ['tinyint(1)', [true, false], []],
  ['smallint unsigned', [0, 65_535], [-1, 65_536]],
  ['mediumint', [-8_388_608], [8_388_608]],
  ['int unsigned', [4_294_967_295n], [-1n]],
  ['bigint', [-(2n ** 63n), 2n ** 63n - 1n], []],
  ['bigint unsigned', ['18446744073709551615', '0'], ['-1', '18446744073709551616']],
  ['year', [1901, 2155], [1900, 0]],
  ['decimal(9,2)', ['-1234567.89', '0.00'], ['1.005', '12345678.00']],
  ['decimal(65,30)', ['12345678901234567890123456789012345.123456789012345678901234567890'], []],
  ['float', [0.1, -1.5e30, 0], [0.123456789, 1e39, Number.NaN]],
  ['float(7,2)', [12.5], [0.125]],
  ['double', [0.1, 5e-324, 1.7976931348623157e308], [Number.NaN, Number.POSITIVE_INFINITY]],
  ['double(7,2)', [12.25], [0.125]],
  ['varchar(3)', ['', 'abc', 'a  ', '💙💙💙'], ['abcd', 'ab   ', '\ud800']],
  ['varchar(10) character set latin1', ['Müller', 'a\0b'], ['日本', '💙']],
  ['varchar(10) character set utf8mb3', ['日本'], ['💙']],
  ['char(4)', ['ab', ' ab', ''], ['ab ', 'abcde']],
  ['text', ['  both  ', "'; drop table t; --"], ['\udc00']],
  ['tinytext', ['x'.repeat(255)], ['x'.repeat(256), `${'x'.repeat(255)} `, 'ä'.repeat(128)]],
  ['binary(3)', [Uint8Array.of(1, 0, 0)], [Uint8Array.of(1), Uint8Array.of(1, 2, 3, 4)]],
  ['varbinary(3)', [Uint8Array.of(), Uint8Array.of(0, 92, 255)], [Uint8Array.of(1, 2, 3, 4)]],
  ['blob', [Uint8Array.of(), Uint8Array.of(0, 39)], []],
  ['bit(1)', [true, false], []],
  ['bit(12)', [Uint8Array.of(15, 255)], [Uint8Array.of(1), Uint8Array.of(255, 255)]],
  ['date', ['1000-01-01', '9999-12-31'], ['+010000-01-01', '0000-01-01']],
  ['time', ['00:00:00', '23:59:59'], ['10:00:00.5']],
  ['time(6)', ['23:59:59.999999'], ['10:00:00.1234567']],
  ['datetime', ['2024-02-29T10:00:00'], ['2024-02-29T10:00:00.5']],
  ['datetime(6)', ['2024-02-29T10:00:00.123456'], ['2024-02-29T10:00:00.1234567']],
  ['timestamp(3)', ['2024-03-31T02:30:00.123Z'], ['2024-02-29T10:00:00.1234Z', '1960-01-01T00:00:00Z']],
  ["enum('ok','not so')", ['ok', 'not so'], ['OK', '']],
  ['json', ['{"b": 1, "a": [2.50]}', '"text"'], ['{"b"']],
];

const writing = (table: string, writes: readonly string[], more = {}) => ({
  readOnly: false,
  collections: { rows: { table, writes } },
  ...more,
});

async function rowsOf(source: Source): Promise<readonly Row[]> {
  return (await readAll(source)).map((row) => ({ id: row['id'] ?? null, n: row['n'] ?? null }));
}

describe('writing into MySQL', { skip }, () => {
  it('a value is kept as it is, or refused, whatever the server and the configuration say of strictness', async () => {
    const own = await database(`create table t (id int primary key, ${columnsOf(TYPES)})`);
    const more = { database: own, settings: { sql_mode: 'ANSI_QUOTES' } };
    const source = await openSource(writing(`${own}.t`, ['insert', 'update'], more));
    await assertKept(source, TYPES);
  });

  it('a key that the database takes for the same as another is not that other', async () => {
    const own = await database(
      "create table t (id varchar(20) collate utf8mb4_general_ci primary key, n int not null); insert into t values ('Abc', 1)",
    );
    const source = await openSource(
      writing(`${own}.t`, ['insert', 'update', 'upsert', 'delete'], { database: own }),
    );
    const { write } = source;
    assert.ok(write);
    const change = (verb: Change['verb'], key: string, n?: number) =>
      write([{ collection: 'rows', verb, key: [key], values: n === undefined ? {} : { n } }], {
        signal: never,
      });
    await assert.rejects(change('update', 'abc', 2), fault('not-found', 'no-row'));
    await assert.rejects(change('update', 'Abc ', 2), fault('not-found', 'no-row'));
    await assert.rejects(change('delete', 'ÀBC'), fault('not-found', 'no-row'));
    await assert.rejects(change('upsert', 'ABC', 2), fault('conflict', 'duplicate'));
    assert.deepEqual(await rowsOf(source), [{ id: 'Abc', n: 1 }]);
    assert.deepEqual(await change('upsert', 'Abc', 3), [{ key: ['Abc'], created: false }]);
    assert.deepEqual(await rowsOf(source), [{ id: 'Abc', n: 3 }]);
  });

  it('zero and numbers beyond 53 bits are keys like others', async () => {
    const own = await database(
      'create table t (id bigint auto_increment primary key, n int) auto_increment = 9007199254740993',
    );
    const source = await openSource(writing(`${own}.t`, ['insert'], { database: own }));
    const { write } = source;
    assert.ok(write);
    const insert = (values: Change['values']) =>
      write([{ collection: 'rows', verb: 'insert', values }], { signal: never });
    assert.deepEqual(await insert({ n: 1 }), [{ key: [9_007_199_254_740_993n], created: true }]);
    assert.deepEqual(await insert({ id: 0n, n: 2 }), [{ key: [0n], created: true }]);
    assert.deepEqual(await insert({ n: 3 }), [{ key: [9_007_199_254_740_994n], created: true }]);
  });

  it('a table that cannot roll back is only read', async () => {
    const own = await database('create table t (id int primary key) engine = MyISAM');
    await assert.rejects(
      openSource(writing(`${own}.t`, ['insert'], { database: own })),
      fault('invalid', 'bad-writes', true),
    );
    await openSource({ database: own, collections: { rows: { table: `${own}.t` } } });
  });

  it('a key that a trigger makes comes back where the server gives it', async () => {
    const own = await database(
      'create table t (id varchar(36) not null default (uuid()) primary key, n int)',
    );
    const source = await openSource(writing(`${own}.t`, ['insert'], { database: own }));
    const { write } = source;
    assert.ok(write);
    const [made] = await write([{ collection: 'rows', verb: 'insert', values: { n: 1 } }], { signal: never });
    assert.match(String(made?.key[0]), /^[0-9a-f-]{36}$/);
    assert.deepEqual(await rowsOf(source), [{ id: made?.key[0], n: 1 }]);
  });

  it('two that wait for each other: one is told of the deadlock, and nothing of its request is kept', async () => {
    const own = await database(
      'create table t (id int primary key, n int); insert into t values (1, 0), (2, 0)',
    );
    const source = await openSource(writing(`${own}.t`, ['update', 'insert'], { database: own }));
    const { write } = source;
    assert.ok(write);
    const update = (id: number): Change => ({
      collection: 'rows',
      verb: 'update',
      key: [id],
      values: { n: 1 },
    });
    const client = await connected();
    await client.query(
      `begin; update ${own}.t set n = 5 where id = 2; insert into ${own}.t values (8, 0), (9, 0)`,
    );
    const insert: Change = { collection: 'rows', verb: 'insert', values: { id: 3, n: 1 } };
    const first = write([insert, update(1), update(2)], { signal: never }).catch((error: unknown) => error);
    await setTimeout(300);
    const second = client.query(`update ${own}.t set n = 5 where id = 1`).catch((error: unknown) => error);
    const [ours, theirs] = await Promise.all([first, second]);
    await client.query('rollback');
    await client.end();
    assert.equal([ours, theirs].filter((result) => result instanceof Error).length, 1);
    if (ours instanceof Error) {
      fault('conflict', 'deadlock')(ours);
      assert.deepEqual(await rowsOf(source), [
        { id: 1, n: 0 },
        { id: 2, n: 0 },
      ]);
    }
  });

  it('a lock that another holds ends by the setting of the session, and nothing is kept', async () => {
    const own = await database('create table t (id int primary key, n int); insert into t values (1, 0)');
    const client = await connected();
    await client.query(`begin; update ${own}.t set n = 5 where id = 1`);
    const more = { database: own, settings: { innodb_lock_wait_timeout: 1 }, pool: { max: 1 } };
    const source = await openSource(writing(`${own}.t`, ['update', 'insert'], more));
    const { write } = source;
    assert.ok(write);
    const insert: Change = { collection: 'rows', verb: 'insert', values: { id: 3, n: 1 } };
    const update: Change = { collection: 'rows', verb: 'update', key: [1], values: { n: 1 } };
    await assert.rejects(write([insert, update], { signal: never }), fault('timeout', 'lock-timeout'));
    await client.query('rollback');
    await client.end();
    assert.deepEqual(await rowsOf(source), [{ id: 1, n: 0 }]);
  });
});
