// What writing into PostgreSQL promises beyond the suite of writes: values kept or refused, keys that the database takes for the same,
// triggers, locks, lost connections.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type Change, Fault, type Row, type Source } from '#spi';
import { assertKept, columnsOf, type Kept } from '../sql/kept.ts';
import { connected, fault, never, openSource, readAll, schema, skip } from './server.ts';

/** What a column keeps, and what it would cut, round, or cannot hold. */
const TYPES: readonly Kept[] = [
  ['smallint', [-32_768, 32_767], [32_768]],
  ['integer', [-2_147_483_648, 2_147_483_647], []],
  ['bigint', [2n ** 63n - 1n, -(2n ** 63n)], []],
  ['numeric(9,2)', ['0.00', '-1234567.89'], ['1.005', '12345678.00']],
  ['numeric(5,-2)', ['12300'], ['12345']],
  ['numeric', ['0.00000000000000000001', '12345678901234567890.5'], []],
  ['numeric(2,2)', ['0.05'], ['1.00']],
  ['real', [0.1, -1.5e30, 0, Number.NaN, Number.POSITIVE_INFINITY], [0.123456789, 1e39]],
  ['double precision', [0.1, 5e-324, 1.7976931348623157e308, Number.NaN], []],
  ['boolean', [true, false], []],
  ['varchar(3)', ['', 'abc', 'äöü', '💙💙💙'], ['abcd', 'ab  ', 'a\0', '\ud800']],
  ['char(4)', ['ab', ' ab', ''], ['ab ', 'abcde']],
  ['text', ['  both  ', "'; drop table t; --", '💙'], ['a\0b', '\udc00']],
  ['name', ['n'.repeat(63)], ['n'.repeat(64), 'ä'.repeat(40)]],
  ['"char"', ['a'], ['ab', 'ä']],
  ['bytea', [Uint8Array.of(), Uint8Array.of(0, 92, 255)], []],
  ['date', ['0001-01-01', '9999-12-31'], ['+010000-01-01', '0000-01-01']],
  ['time', ['00:00:00', '23:59:59.999999'], ['10:00:00.1234567']],
  ['time(0)', ['10:00:00'], ['10:00:00.5']],
  ['timestamp', ['2024-02-29T10:00:00.5'], ['2024-02-29T10:00:00.1234567']],
  ['timestamp(3)', ['2024-02-29T10:00:00.123'], ['2024-02-29T10:00:00.1234']],
  ['timestamptz', ['2024-02-29T10:00:00Z', '1883-01-01T00:00:00.000001Z'], ['+012024-01-01T00:00:00Z']],
  ['uuid', ['123e4567-e89b-12d3-a456-426614174000'], ['123E4567-E89B-12D3-A456-426614174000', 'no']],
  ['mood', ['ok', 'not so'], ['OK', '']],
  ['jsonb', [{ a: [1, null, 'ä'] }, 'text', 7, true, []], [{ a: '\0' }]],
  ['json', [{ b: 1, a: { c: [] } }], []],
  ['bit(4)', ['1010'], ['10101', '1']],
  ['inet', ['10.0.0.1', '::1'], ['10.0.0.256']],
  ['interval', ['P1DT2H'], ['soon']],
];

describe('writing into PostgreSQL', { skip }, () => {
  it('a value is kept as it is, or refused', async () => {
    const own = await schema(
      `create type mood as enum ('ok', 'not so'); create table t (id integer primary key, ${columnsOf(TYPES)})`,
    );
    const source = await openSource({
      readOnly: false,
      schemas: [own],
      collections: { rows: { table: `${own}.t`, writes: ['insert', 'update'] } },
    });
    await assertKept(source, TYPES);
  });

  it('columns whose values depend on the server, or are not shown as they are kept, cannot be written', async () => {
    const own = await schema(
      'create table t (id integer primary key, price money, tags text[], span interval(0), at timetz(3), n integer generated always as (id * 2) stored)',
    );
    const source = await openSource({
      readOnly: false,
      schemas: [own],
      collections: { rows: { table: `${own}.t`, writes: ['insert'] } },
    });
    const made = source.model.collections[0]?.fields.flatMap(({ name, readOnly }) =>
      readOnly ? [name] : [],
    );
    assert.deepEqual(made, ['price', 'tags', 'span', 'at', 'n']);
  });

  it('a key that the database takes for the same as another is not that other', async () => {
    const own = await schema(
      `create collation folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
       create table t (id text collate folding primary key, n integer not null);
       insert into t values ('Abc', 1)`,
    );
    const source = await openSource({
      readOnly: false,
      schemas: [own],
      collections: { rows: { table: `${own}.t`, writes: ['insert', 'update', 'upsert', 'delete'] } },
    });
    const { write } = source;
    assert.ok(write);
    const change = (verb: Change['verb'], key: string, n?: number) =>
      write([{ collection: 'rows', verb, key: [key], values: n === undefined ? {} : { n } }], {
        signal: never,
      });
    await assert.rejects(change('update', 'abc', 2), fault('not-found', 'no-row'));
    await assert.rejects(change('delete', 'ABC'), fault('not-found', 'no-row'));
    await assert.rejects(change('upsert', 'abc', 2), fault('conflict', 'duplicate'));
    assert.deepEqual(await rowsOf(source), [{ id: 'Abc', n: 1 }]);
    assert.deepEqual(await change('upsert', 'Abc', 3), [{ key: ['Abc'], created: false }]);
    assert.deepEqual(await rowsOf(source), [{ id: 'Abc', n: 3 }]);
  });

  it('what triggers do is told: another key, no row at all, a row that stays', async () => {
    const own = await schema(
      `create table t (id text primary key, n integer);
       create function change() returns trigger language plpgsql as $$ begin
         if new.n = 13 then return null; end if;
         if new.n = 14 then raise exception 'secret'; end if;
         if tg_op = 'INSERT' then new.id = upper(new.id); end if;
         return new; end $$;
       create trigger change before insert or update on t for each row execute function change()`,
    );
    const source = await openSource({
      readOnly: false,
      schemas: [own],
      collections: { rows: { table: `${own}.t`, writes: ['insert', 'update', 'upsert', 'delete'] } },
    });
    const { write } = source;
    assert.ok(write);
    const insert = (id: string, n: number): Change => ({
      collection: 'rows',
      verb: 'insert',
      values: { id, n },
    });
    const update = (n: number): Change => ({ collection: 'rows', verb: 'update', key: ['A'], values: { n } });
    const all = { signal: never };
    assert.deepEqual(await write([insert('a', 1), insert('b', 2)], all), [
      { key: ['A'], created: true },
      { key: ['B'], created: true },
    ]);
    await assert.rejects(write([insert('c', 13)], all), fault('rejected', 'not-taken'));
    await assert.rejects(write([insert('c', 1), insert('d', 13)], all), fault('rejected', 'not-taken'));
    await assert.rejects(write([update(13)], all), fault('rejected', 'not-taken'));
    await assert.rejects(write([update(14)], all), fault('rejected', 'raised'));
    assert.deepEqual(await rowsOf(source), [
      { id: 'A', n: 1 },
      { id: 'B', n: 2 },
    ]);
  });

  it('a constraint that is looked at last undoes all of the request', async () => {
    const own = await schema(
      `create table t (id integer primary key, other integer references t (id) deferrable initially deferred)`,
    );
    const source = await openSource({
      readOnly: false,
      schemas: [own],
      collections: { rows: { table: `${own}.t`, writes: ['insert'] } },
    });
    const { write } = source;
    assert.ok(write);
    const insert = (id: number, other: number): Change => ({
      collection: 'rows',
      verb: 'insert',
      values: { id, other },
    });
    await assert.rejects(
      write([insert(1, 2), insert(2, 9)], { signal: never }),
      fault('conflict', 'foreign-key'),
    );
    assert.deepEqual(await readAll(source), []);
    await write([insert(1, 2), insert(2, 1)], { signal: never });
    assert.equal((await readAll(source)).length, 2);
  });

  it('a key that the database does not keep unique is counted, and more than one row is none', async () => {
    const own = await schema(
      'create table t (id integer not null, n integer); insert into t values (1, 1), (2, 1)',
    );
    const options = { table: `${own}.t`, key: ['id'], writes: ['update', 'delete'] };
    const source = await openSource({ readOnly: false, schemas: [own], collections: { rows: options } });
    await source.check(never);
    const client = await connected();
    await client.query(`insert into ${own}.t values (1, 2)`);
    await client.end();
    const { write } = source;
    assert.ok(write);
    const update: Change = { collection: 'rows', verb: 'update', key: [1], values: { n: 7 } };
    const expecting: Change = { ...update, expected: { n: 1 } };
    for (const change of [update, expecting, { ...update, verb: 'delete' as const, values: {} }]) {
      await assert.rejects(write([change], { signal: never }), fault('conflict', 'key-not-unique'));
    }
    assert.deepEqual((await rowsOf(source)).map(({ n }) => Number(n)).sort(), [1, 1, 2]);
  });

  it('two that wait for each other: one is told of the deadlock, the other goes through', async () => {
    const own = await schema(
      'create table t (id integer primary key, n integer); insert into t values (1, 0), (2, 0)',
    );
    const source = await openSource({
      readOnly: false,
      schemas: [own],
      settings: { deadlock_timeout: '50ms' },
      collections: { rows: { table: `${own}.t`, writes: ['update'] } },
    });
    const { write } = source;
    assert.ok(write);
    const update = (id: number): Change => ({
      collection: 'rows',
      verb: 'update',
      key: [id],
      values: { n: 1 },
    });
    // Each holds its row while it waits for the other's: a client in between makes sure of that.
    const client = await connected();
    await client.query(`begin; select 1 from ${own}.t where id = 2 for update`);
    const first = write([update(1), update(2)], { signal: never }).catch((error: unknown) => error);
    await setTimeout(300);
    const second = client.query(`update ${own}.t set n = 5 where id = 1`).catch((error: unknown) => error);
    const [ours, theirs] = await Promise.all([first, second]);
    await client.query('rollback');
    await client.end();
    const lost = [ours, theirs].filter((result) => result instanceof Error);
    assert.equal(lost.length, 1);
    if (ours instanceof Error) fault('conflict', 'deadlock')(ours);
  });

  it('locks that others hold end by the settings of the session, and the connection is used again', async () => {
    const own = await schema(
      'create table t (id integer primary key, n integer); insert into t values (1, 0)',
    );
    const client = await connected();
    await client.query(`begin; select 1 from ${own}.t where id = 1 for update`);
    const waits = [
      [{ lock_timeout: '50ms' }, 'timeout', 'lock-timeout'],
      [{ statement_timeout: '50ms' }, 'timeout', 'cancelled'],
    ] as const;
    for (const [settings, kind, code] of waits) {
      const source = await openSource({
        readOnly: false,
        schemas: [own],
        settings,
        pool: { max: 1 },
        collections: { rows: { table: `${own}.t`, writes: ['update'] } },
      });
      const { write } = source;
      assert.ok(write);
      const update: Change = { collection: 'rows', verb: 'update', key: [1], values: { n: 1 } };
      for (const expected of [undefined, { n: 0 }]) {
        const change = expected === undefined ? update : { ...update, expected };
        await assert.rejects(write([change], { signal: never }), fault(kind, code));
      }
      assert.equal((await readAll(source)).length, 1);
    }
    await client.query('rollback');
    await client.end();
  });

  it('a connection that is lost in between has changed nothing', async () => {
    const own = await schema(
      `create table t (id integer primary key, n integer);
       create function stop() returns trigger language plpgsql as $$ begin
         if new.n = 1 then perform pg_terminate_backend(pg_backend_pid()); end if; return new; end $$;
       create trigger stop before insert on t for each row execute function stop()`,
    );
    const source = await openSource({
      readOnly: false,
      schemas: [own],
      collections: { rows: { table: `${own}.t`, writes: ['insert'] } },
    });
    const { write } = source;
    assert.ok(write);
    const insert = (id: number, n: number): Change => ({
      collection: 'rows',
      verb: 'insert',
      values: { id, n },
    });
    const lost = await write([insert(1, 0), { ...insert(2, 1), values: { n: 1, id: 2 } }], {
      signal: never,
    }).catch((error: unknown) => error);
    assert.ok(lost instanceof Fault);
    assert.equal(lost.kind, 'unavailable');
    assert.deepEqual(await readAll(source), []);
    assert.deepEqual(await write([insert(1, 0)], { signal: never }), [{ key: [1], created: true }]);
  });

  it('a view is written if it is declared, and the database decides', async () => {
    const own = await schema(
      `create table t (id integer generated always as identity primary key, n integer not null);
       create view v as select id, n from t where n > 0 with check option;
       create view sums as select n as id, count(*) as n from t group by n`,
    );
    const source = await openSource({
      readOnly: false,
      schemas: [own],
      collections: {
        rows: { table: `${own}.v`, key: ['id'], writes: ['insert', 'update', 'delete'] },
        sums: { table: `${own}.sums`, key: ['id'], writes: ['delete'] },
      },
    });
    const { write } = source;
    assert.ok(write);
    const all = { signal: never };
    assert.deepEqual(await write([{ collection: 'rows', verb: 'insert', values: { n: 5 } }], all), [
      { key: [1], created: true },
    ]);
    const refused: Change = { collection: 'rows', verb: 'update', key: [1], values: { n: -1 } };
    await assert.rejects(write([refused], all), fault('rejected', 'check-option'));
    const grouped: Change = { collection: 'sums', verb: 'delete', key: [5], values: {} };
    await assert.rejects(
      write([grouped], all),
      (error) => error instanceof Fault && error.kind === 'upstream',
    );
    assert.deepEqual(await rowsOf(source), [{ id: 1, n: 5 }]);
  });
});

async function rowsOf(source: Source): Promise<readonly Row[]> {
  return (await readAll(source)).map((row) => ({ id: row['id'] ?? null, n: row['n'] ?? null }));
}
