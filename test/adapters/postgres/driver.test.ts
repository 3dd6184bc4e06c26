// What the driver promises: rows in groups and no more than asked for, statements that end on the server when nobody
// wants them, connections that come back clean, transactions.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Fault } from '#spi';
import { postgresDriver } from '../../../adapters/postgres/driver.ts';
import type { Driver } from '../../../adapters/sql/driver.ts';
import { activity, open, rowsOf, terminate, until } from './driving.ts';
import { ADDRESS, fault, never, schema, skip } from './server.ts';

async function failureOf(driver: Driver, work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => assert.fail('it should fail'),
    (error: unknown) => driver.fault(error),
  );
}

const rejects = async (driver: Driver, work: Promise<unknown>, wanted: (error: unknown) => true) =>
  wanted(await failureOf(driver, work));

describe('the driver of PostgreSQL', { skip }, () => {
  const READS = [
    ['in portions', {}],
    ['in one round trip', { atMost: 1 }],
  ] as const;
  for (const [way, bound] of READS) {
    it(`${way}: an abort ends the statement on the server, at once for who waits, and the connection is used again`, async () => {
      const { driver, name } = open({ max: 1 });
      const [[before] = []] = await rowsOf(driver, 'select pg_backend_pid()');
      const stop = new AbortController();
      const reading = rowsOf(driver, 'select pg_sleep(60)', stop.signal, bound);
      reading.catch(() => {});
      await until(name, ['active']);
      const reason = new Error('the client left');
      stop.abort(reason);
      await assert.rejects(reading, (error) => error === reason);
      await until(name, ['idle']);
      assert.deepEqual(await rowsOf(driver, 'select pg_backend_pid()'), [[before]]);
      assert.equal((await activity(name)).length, 1);
    });
  }

  it('an abort between two groups, and an end of the reading, leave nothing open', async () => {
    const { driver, name } = open({ max: 1 });
    const stop = new AbortController();
    const many = {
      sql: 'select i, repeat(i::text, 100) from generate_series(1, 1000000) g(i)',
      parameters: [],
    };
    await assert.rejects(async () => {
      for await (const _ of driver.stream(many, stop.signal)) stop.abort(new Error('enough'));
    }, /enough/);
    await until(name, ['idle']);
    for await (const rows of driver.stream(many, never)) {
      assert.equal(rows.length, 500);
      break;
    }
    await until(name, ['idle']);
    assert.deepEqual(await rowsOf(driver, 'select 1'), [['1']]);
  });

  it('the server makes no more rows than were taken', async () => {
    const own = await schema('create sequence s');
    const { driver } = open({ readOnly: false });
    let groups = 0;
    const sql = `select nextval('${own}.s') from generate_series(1, 100000)`;
    for await (const _ of driver.stream({ sql, parameters: [] }, never)) {
      if (++groups < 2) continue;
      const [[made] = []] = await rowsOf(driver, `select last_value from ${own}.s`);
      assert.equal(made, '1000');
      break;
    }
  });

  it('all rows come, whether or not they fill their last group', async () => {
    const { driver } = open();
    for (const count of [0, 1, 499, 500, 501, 1000]) {
      assert.equal((await rowsOf(driver, `select generate_series(1, ${count})`)).length, count);
    }
  });

  for (const [way, bound] of READS) {
    it(`${way}: a connection that the server ends is a fault, and the next statement has a new one`, async () => {
      const { driver, name } = open({ max: 1 });
      const reading = rowsOf(driver, 'select pg_sleep(60)', never, bound);
      reading.catch(() => {});
      await until(name, ['active']);
      await terminate(name);
      await rejects(driver, reading, fault('unavailable', 'shutting-down'));
      assert.deepEqual(await rowsOf(driver, 'select 1'), [['1']]);
      await terminate(name);
      await setTimeout(100);
      assert.deepEqual(await rowsOf(driver, 'select 1'), [['1']], 'an idle one too');
    });
  }

  it('a full pool makes wait, as long as it may, and who waits can leave', async () => {
    const { driver } = open({ max: 1, waitMs: 300 });
    const first = driver
      .stream({ sql: 'select generate_series(1, 10000)', parameters: [] }, never)
      [Symbol.asyncIterator]();
    await first.next();
    await rejects(driver, rowsOf(driver, 'select 1'), fault('unavailable', 'no-connection'));
    const stop = new AbortController();
    const waiting = rowsOf(driver, 'select 1', stop.signal);
    waiting.catch(() => {});
    stop.abort(new Error('left'));
    await assert.rejects(waiting, /left/);
    await first.return?.();
    assert.deepEqual(await rowsOf(driver, 'select 1'), [['1']]);
  });

  it('sessions only read, have our output formats, and the settings of the configuration', async () => {
    const own = await schema('create table t (id int)');
    const { driver } = open({ settings: { work_mem: '5MB', datestyle: 'SQL, DMY', timezone: 'Asia/Tokyo' } });
    const [row] = await rowsOf(
      driver,
      "select current_setting('work_mem'), current_setting('datestyle'), current_setting('timezone')",
    );
    assert.deepEqual(row, ['5MB', 'ISO, YMD', 'UTC']);
    await rejects(
      driver,
      rowsOf(driver, `insert into ${own}.t values (1)`),
      fault('unsupported', 'read-only'),
    );
    assert.equal(driver.transaction, undefined);
  });

  it('the server’s refusals are faults by their code, and the connection is usable after them', async () => {
    const own = await schema(
      'create table t (id int primary key, n int not null check (n > 0)); create table u (id int references t); insert into t values (1, 1)',
    );
    const { driver } = open({ readOnly: false, max: 1 });
    for (const [sql, kind, code] of [
      ['select 1/0', 'rejected', 'bad-value'],
      ['select * from missing', 'upstream', 'sql-error'],
      [`insert into ${own}.t values (1, 1)`, 'conflict', 'duplicate'],
      [`insert into ${own}.t values (2, null)`, 'rejected', 'not-null'],
      [`insert into ${own}.t values (2, 0)`, 'rejected', 'check-constraint'],
      [`insert into ${own}.u values (9)`, 'conflict', 'foreign-key'],
      ["do $$ begin raise exception 'no' ; end $$", 'rejected', 'raised'],
    ] as const) {
      await rejects(driver, rowsOf(driver, sql), fault(kind, code));
      assert.deepEqual(await rowsOf(driver, 'select 1'), [['1']]);
    }
    const slow = open({ settings: { statement_timeout: '50' } });
    await rejects(slow.driver, rowsOf(slow.driver, 'select pg_sleep(10)'), fault('timeout', 'cancelled'));
  });

  it('a server that is not there, a login and a database that it does not know', async () => {
    for (const [changed, code] of [
      [{ port: 1 }, 'cannot-connect'],
      [{ host: 'no-such-host.invalid' }, 'cannot-connect'],
      [{ user: 'nobody_here' }, 'login'],
      [{ database: 'nothing_here' }, 'no-database'],
    ] as const) {
      const driver = postgresDriver({
        connection: { ...ADDRESS, ssl: false, ...changed },
        pool: { max: 1, idleMs: 1, maxLifetimeMs: 0, waitMs: 5_000 },
        readOnly: true,
        settings: {},
      });
      await rejects(driver, driver.ping(never), fault('unavailable', code));
      await driver[Symbol.asyncDispose]();
    }
  });

  it('a transaction is whole or not at all', async () => {
    const own = await schema('create table t (id int primary key)');
    const { driver, name } = open({ readOnly: false, max: 2 });
    const { transaction } = driver;
    assert.ok(transaction);
    const insert = (id: number) => ({
      sql: `insert into ${own}.t values ($1::int) returning id`,
      parameters: [{ value: id }],
    });
    const ids = async () => (await rowsOf(driver, `select id from ${own}.t order by id`)).flat();

    const made = await transaction(
      async (session) => [await session.run(insert(1)), await session.run(insert(2))],
      never,
    );
    assert.deepEqual(made, [
      { rows: [['1']], affected: 1 },
      { rows: [['2']], affected: 1 },
    ]);
    assert.deepEqual(await ids(), ['1', '2']);

    await rejects(
      driver,
      transaction(async (session) => {
        await session.run(insert(3));
        await session.run(insert(1));
      }, never),
      fault('conflict', 'duplicate'),
    );
    await rejects(
      driver,
      transaction(async (session) => {
        await session.run(insert(3));
        await session.run(insert(1)).catch(() => {});
      }, never),
      fault('conflict', 'rolled-back'),
    );
    const stop = new AbortController();
    const stopped = transaction(async (session) => {
      await session.run(insert(4));
      await session.run({ sql: 'select pg_sleep(60)', parameters: [] });
    }, stop.signal);
    stopped.catch(() => {});
    await setTimeout(100);
    stop.abort(new Error('left'));
    await assert.rejects(stopped, /left/);
    assert.deepEqual(await ids(), ['1', '2']);

    await rejects(
      driver,
      transaction(async (session) => {
        await session.run(insert(5));
        await terminate(name, 'idle in transaction');
        await setTimeout(100);
      }, never),
      fault('upstream', 'outcome-unknown'),
    );
    assert.deepEqual(await ids(), ['1', '2']);
  });

  it('two that wait for each other: one of them is told', async () => {
    const own = await schema(
      'create table t (id int primary key, n int); insert into t values (1, 0), (2, 0)',
    );
    const { driver } = open({ readOnly: false });
    const both = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    const change = (first: number, second: number, mine: 0 | 1) =>
      driver.transaction?.(async (session) => {
        await session.run({ sql: `update ${own}.t set n = n + 1 where id = ${first}`, parameters: [] });
        both[mine].resolve();
        await Promise.all(both.map(({ promise }) => promise));
        await session.run({ sql: `update ${own}.t set n = n + 1 where id = ${second}`, parameters: [] });
      }, never);
    const results = await Promise.allSettled([change(1, 2, 0), change(2, 1, 1)]);
    const failed = results.flatMap((result) =>
      result.status === 'rejected' ? [driver.fault(result.reason)] : [],
    );
    assert.deepEqual(
      failed.map(({ kind, code }) => [kind, code]),
      [['conflict', 'deadlock']],
    );
  });

  it('an error that no driver gave is ours', () => {
    const { driver } = open();
    assert.equal(driver.fault(new TypeError('x')).kind, 'internal');
    const known = new Fault('stale', 'x');
    assert.equal(driver.fault(known), known);
  });
});
