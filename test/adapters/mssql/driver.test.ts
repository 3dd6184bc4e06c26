// How the real driver talks to the server: types of parameters, stopping, sessions, faults, transactions. What the server saw is asked of
// the stand-in.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Conjunct, Scalar, Value } from '#spi';
import { connectionConfig } from '../../../adapters/mssql/connect.ts';
import { mssqlDriver } from '../../../adapters/mssql/driver.ts';
import { options } from '../../../adapters/mssql/options.ts';
import type { Driver } from '../../../adapters/sql/driver.ts';
import type { Asked, StandIn } from '../../fakes/tds/server.ts';
import { access, fake, fault, host, never, openSource, readAll, schema, skipOnReal } from './server.ts';

async function openDriver(more: object = {}): Promise<Driver> {
  const parsed = options.parse({ ...access, collections: {}, readOnly: false, ...more });
  const { readOnly, settings, pool } = parsed;
  const connection = await connectionConfig(parsed, host);
  return mssqlDriver({ connection, maxLifetimeMs: pool.maxLifetimeMs, readOnly, settings });
}

async function rowsOf(driver: Driver, sql: string, signal = never): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const rows of driver.stream({ sql, parameters: [] }, signal)) all.push(...rows);
  return all;
}

async function soon(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await wait(10);
  assert.ok(condition(), 'in five seconds');
}

function seen(): StandIn['seen'] {
  assert.ok(fake !== undefined);
  return fake.seen;
}

function lastAsked(word: string): Asked {
  const found = seen().statements.findLast(({ sql }) => sql.includes(word));
  assert.ok(found !== undefined, word);
  return found;
}

/** As many rows as take a while on their way. */
/** 20 MB: more than the system's own buffers take on the way, 4 MB at the sender on some machines. */
async function large(): Promise<string> {
  const inserts = Array.from({ length: 20 }, (_, at) => {
    const rows = Array.from({ length: 1000 }, (_, i) => `(${at * 1000 + i}, '${'x'.repeat(1_000)}')`);
    return `insert into $S.[t] values ${rows.join(', ')}`;
  });
  return schema(
    ['t'],
    'create table $S.[t] ([id] int not null primary key, [name] varchar(1000) not null)',
    ...inserts,
  );
}

describe('parameters of SQL Server', { skip: skipOnReal }, () => {
  const declaredFor = async (own: string, where: readonly Conjunct[]): Promise<string> => {
    const source = await openSource({ schemas: [own], collections: { rows: { table: `${own}.t` } } });
    await readAll(source, { collection: 'rows', where, order: [] });
    return lastAsked(own)
      .parameters.map(({ declared }) => declared)
      .join(', ');
  };

  it('have the type of their column: a text of varchar is never compared as nvarchar with it', async () => {
    const own = await schema(
      ['t'],
      'create table $S.[t] ([id] int not null primary key, [name] varchar(40), [wide] nvarchar(40), [code] char(4), [amount] decimal(9,2), [tiny] tinyint, [flag] bit, [guid] uniqueidentifier, [raw] varbinary(10))',
    );
    const string = { kind: 'string' } as const;
    const eq = (field: string, type: Scalar, value: Value): Conjunct => ({
      op: 'eq',
      field,
      type,
      value,
    });
    // The second stands beside an expression of its own type, which makes the answer exact.
    assert.equal(await declaredFor(own, [eq('name', string, 'Müller')]), 'varchar(40), nvarchar(41)');
    assert.match(lastAsked(own).sql, /\[name\] in \(@1\) and \(convert\(nvarchar\(40\), \[name\]\)/);
    assert.equal(await declaredFor(own, [eq('code', string, 'AB')]), 'varchar(4), nvarchar(5)');
    assert.equal(await declaredFor(own, [eq('wide', string, 'Ж')]), 'nvarchar(40), nvarchar(41)');
    assert.equal(await declaredFor(own, [eq('id', { kind: 'int32' }, 7)]), 'int');
    assert.equal(await declaredFor(own, [eq('tiny', { kind: 'int32' }, 7)]), 'tinyint');
    assert.equal(await declaredFor(own, [eq('flag', { kind: 'boolean' }, true)]), 'bit');
    assert.equal(
      await declaredFor(own, [eq('guid', string, '6F9619FF-8B86-D011-B42D-00C04FC964FF')]),
      'uniqueidentifier',
    );
    assert.equal(
      await declaredFor(own, [eq('raw', { kind: 'bytes' }, Uint8Array.of(1))]),
      'varbinary(10), varbinary(11)',
    );
    // Decimals go as their digits, and the server makes the column's type of them.
    assert.equal(
      await declaredFor(own, [eq('amount', { kind: 'decimal', precision: 9, scale: 2 }, '12.50')]),
      'varchar(100)',
    );
    assert.match(lastAsked(own).sql, /\[amount\] = cast\(@1 as decimal\(9,2\)\)/);
  });

  it('a text that the code page of the database does not have is not asked of varchar by its own type', async () => {
    const own = await schema(
      ['t'],
      'create table $S.[t] ([id] int not null primary key, [name] varchar(40))',
    );
    const where = [{ op: 'eq', field: 'name', type: { kind: 'string' }, value: 'Ж' }] as const;
    assert.equal(await declaredFor(own, where), 'nvarchar(41)');
  });

  it('of a megabyte travel in many packets', async () => {
    const own = await schema(
      ['t'],
      'create table $S.[t] ([id] int not null primary key, [memo] nvarchar(max))',
    );
    const source = await openSource({ schemas: [own], collections: { rows: { table: `${own}.t` } } });
    const value = "'];--\0".repeat(100_000);
    const where = [{ op: 'eq', field: 'memo', type: { kind: 'string' }, value }] as const;
    assert.deepEqual(await readAll(source, { collection: 'rows', where, order: [] }), []);
    assert.ok(seen().packets > 100, String(seen().packets));
  });
});

describe('statements on a SQL Server', () => {
  it('rows come as they are asked for, and who stops early stops the server', async () => {
    const own = await large();
    const driver = await openDriver({ pool: { max: 1 } });
    const before = { rows: fake?.seen.rows ?? 0, attentions: fake?.seen.attentions ?? 0 };
    const sql = `select [id], [name] from [${own}].[t]`;
    for await (const rows of driver.stream({ sql, parameters: [] }, never)) {
      assert.ok(rows.length > 0 && rows.length <= 2_000, String(rows.length));
      await wait(200);
      break;
    }
    // The only connection of the pool is free again.
    assert.deepEqual(await rowsOf(driver, `select count(*) from [${own}].[t]`), [[20_000]]);
    if (fake !== undefined) {
      assert.equal(fake.seen.attentions, before.attentions + 1);
      assert.ok(fake.seen.rows - before.rows < 20_000, `${fake.seen.rows - before.rows} rows were sent`);
    }
    await driver[Symbol.asyncDispose]();
  });

  it('all rows come to a slow reader', async () => {
    const own = await large();
    const driver = await openDriver();
    let rows = 0;
    const sql = `select [id], [name] from [${own}].[t] order by [id]`;
    for await (const group of driver.stream({ sql, parameters: [] }, never)) {
      if (rows === 0) await wait(50);
      rows += group.length;
    }
    assert.equal(rows, 20_000);
    await driver[Symbol.asyncDispose]();
  });

  it('an abort stops what runs on the server, and the connection goes back to the pool', async () => {
    const driver = await openDriver({ pool: { max: 1 } });
    await driver.ping(never);
    const logins = fake?.seen.logins.length;
    const abort = new AbortController();
    const running = rowsOf(driver, "waitfor delay '00:01:00'; select 1", abort.signal);
    const [before] = [fake?.seen.attentions ?? 0];
    setTimeout(() => abort.abort(new Error('enough')), 100);
    await assert.rejects(running, /enough/);
    assert.deepEqual(await rowsOf(driver, 'select 7'), [[7]]);
    assert.equal(fake?.seen.attentions, fake === undefined ? undefined : before + 1);
    assert.equal(fake?.seen.logins.length, logins);
    await driver[Symbol.asyncDispose]();
  });

  it('who waits too long for a connection is told so', async () => {
    const driver = await openDriver({ pool: { max: 1, waitMs: 300 } });
    await driver.ping(never);
    const abort = new AbortController();
    const running = rowsOf(driver, "waitfor delay '00:01:00'", abort.signal);
    await assert.rejects(rowsOf(driver, 'select 1'), (error) =>
      fault('unavailable', 'no-connection')(driver.fault(error)),
    );
    abort.abort(new Error('enough'));
    await assert.rejects(running, /enough/);
    await driver[Symbol.asyncDispose]();
  });

  it('a connection that is lost is a fault, and the next statement has another', {
    skip: skipOnReal,
  }, async () => {
    const driver = await openDriver();
    await driver.ping(never);
    const before = seen().statements.length;
    const running = rowsOf(driver, "waitfor delay '00:01:00'");
    await soon(() => seen().statements.length > before);
    fake?.cut();
    await assert.rejects(running, (error) => fault('unavailable', 'connection-lost')(driver.fault(error)));
    assert.deepEqual(await rowsOf(driver, 'select 7'), [[7]]);
    await driver[Symbol.asyncDispose]();
  });

  it('a wrong password or database, and a server that is not there, are faults', async () => {
    const cases = [
      [{ user: 'nobody' }, 'login'],
      [{ database: 'nowhere' }, 'login'],
      [{ port: 1 }, 'cannot-connect'],
    ] as const;
    for (const [more, code] of cases) {
      const driver = await openDriver(more);
      await assert.rejects(driver.ping(never), (error) => fault('unavailable', code)(driver.fault(error)));
      await driver[Symbol.asyncDispose]();
    }
  });

  it('sessions have their name, their intent and their settings', { skip: skipOnReal }, async () => {
    const driver = await openDriver({
      applicationName: 'ledger',
      readOnlyIntent: true,
      settings: { lock_timeout: 5000, deadlock_priority: 'low' },
    });
    await rowsOf(driver, 'select 7');
    const { application, readOnlyIntent, database, secure } = seen().logins.at(-1) ?? {};
    assert.deepEqual(
      { application, readOnlyIntent, database, secure },
      {
        application: 'ledger',
        readOnlyIntent: true,
        database: 'bank',
        secure: false,
      },
    );
    assert.equal(lastAsked('select 7').sql, 'set lock_timeout 5000; set deadlock_priority low; select 7');
    await driver[Symbol.asyncDispose]();
  });

  it('a connection is replaced when it has lived long enough', { skip: skipOnReal }, async () => {
    const driver = await openDriver({ pool: { maxLifetimeMs: 50 } });
    await driver.ping(never);
    const before = seen().logins.length;
    await driver.ping(never);
    await wait(60);
    await driver.ping(never);
    assert.ok(seen().logins.length > before);
    await driver[Symbol.asyncDispose]();
  });

  it('errors of the server are faults by their number, without a word of it', async () => {
    const own = await schema(
      ['t'],
      'create table $S.[t] ([id] int not null primary key, [name] varchar(3) not null)',
      "insert into $S.[t] values (1, 'a')",
    );
    const driver = await openDriver();
    const cases = [
      [`insert into [${own}].[t] values (1, 'b')`, 'conflict', 'duplicate'],
      [`insert into [${own}].[t] values (2, null)`, 'rejected', 'not-null'],
      [`insert into [${own}].[t] values (2, 'abcd')`, 'rejected', 'bad-value'],
      [`select [nothing] from [${own}].[t]`, 'upstream', 'sql-error'],
      [`select [id] from [${own}].[nowhere]`, 'upstream', 'sql-error'],
    ] as const;
    for (const [sql, kind, code] of cases) {
      await assert.rejects(rowsOf(driver, sql), (error) => fault(kind, code)(driver.fault(error)), sql);
    }
    await driver[Symbol.asyncDispose]();
  });
});

describe('transactions on a SQL Server', () => {
  const counted = (driver: Driver, own: string) => rowsOf(driver, `select count(*) from [${own}].[t]`);
  const table = () => schema(['t'], 'create table $S.[t] ([id] int not null primary key)');
  const insert = (own: string, id: number) => ({
    sql: `insert into [${own}].[t] values (${id})`,
    parameters: [],
  });

  it('end with a commit, or take everything back', async () => {
    const own = await table();
    const driver = await openDriver({ pool: { max: 1 } });
    const kept = await driver.transaction?.(async (session) => {
      await session.run(insert(own, 1));
      return await session.run(insert(own, 2));
    }, never);
    assert.equal(kept?.affected, 1);
    assert.deepEqual(await counted(driver, own), [[2]]);
    const failing = async () =>
      driver.transaction?.(async (session) => {
        await session.run(insert(own, 3));
        await session.run(insert(own, 1));
      }, never);
    await assert.rejects(failing, (error) => fault('conflict', 'duplicate')(driver.fault(error)));
    assert.deepEqual(await counted(driver, own), [[2]]);
    assert.deepEqual(fake?.seen.transactions.slice(-4), fake && ['begin', 'commit', 'begin', 'rollback']);
    await driver[Symbol.asyncDispose]();
  });

  it('an abort stops the statement and takes everything back', async () => {
    const own = await table();
    const driver = await openDriver({ pool: { max: 1 } });
    const abort = new AbortController();
    const working = async () =>
      driver.transaction?.(async (session) => {
        await session.run(insert(own, 1));
        setTimeout(() => abort.abort(new Error('enough')), 50);
        await session.run({ sql: "waitfor delay '00:01:00'", parameters: [] });
      }, abort.signal);
    await assert.rejects(working, /enough/);
    assert.deepEqual(await counted(driver, own), [[0]]);
    await driver[Symbol.asyncDispose]();
  });

  it('are not there where the source only reads', async () => {
    const driver = await openDriver({ readOnly: true });
    assert.equal(driver.transaction, undefined);
    await driver[Symbol.asyncDispose]();
  });
});
