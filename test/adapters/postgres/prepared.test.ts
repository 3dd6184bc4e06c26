// Statements that are asked again and again are kept on their connections, and nobody notices but the clock.

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { postgresDriver } from '../../../adapters/postgres/driver.ts';
import { preparedNames } from '../../../adapters/postgres/prepared.ts';
import type { Driver } from '../../../adapters/sql/driver.ts';
import { ADDRESS, connected, never, schema, skip } from './server.ts';

/** One connection, so that what it keeps can be seen through it. */
function open(prepare: boolean): Driver {
  const driver = postgresDriver({
    connection: { ...ADDRESS, ssl: false },
    pool: { max: 1, idleMs: 30_000, maxLifetimeMs: 0, waitMs: 5_000 },
    prepare,
    readOnly: true,
    settings: {},
  });
  after(() => driver[Symbol.asyncDispose]());
  return driver;
}

/** The only value of the only row, asked in one round trip. */
async function single(driver: Driver, sql: string): Promise<unknown> {
  const [rows] = await Array.fromAsync(driver.stream({ sql, parameters: [], atMost: 1 }, never));
  return rows?.[0]?.[0];
}

/** Each time another text, which is asked only once. */
let looks = 0;
const kept = (driver: Driver) =>
  single(driver, `select count(*), ${++looks} from pg_prepared_statements where name like 'overpunch%'`);

async function administer(sql: string): Promise<void> {
  const client = await connected();
  await client.query(sql);
  await client.end();
}

describe('prepared statements of PostgreSQL', { skip }, () => {
  it('what is asked often is kept once, unless the option says no', async () => {
    for (const prepare of [true, false]) {
      const driver = open(prepare);
      for (let i = 0; i < 6; i++) assert.equal(await single(driver, 'select 7'), '7');
      assert.equal(await kept(driver), prepare ? '1' : '0');
    }
  });

  it('a kept statement goes on when its column has changed its type, and is kept again', async () => {
    const own = await schema('create table t (a int); insert into t values (1)');
    const driver = open(true);
    const sql = `select a from ${own}.t`;
    for (let i = 0; i < 4; i++) assert.equal(await single(driver, sql), '1');
    assert.equal(await kept(driver), '1');
    await administer(`alter table ${own}.t alter a type numeric(5,2)`);
    for (let i = 0; i < 4; i++) assert.equal(await single(driver, sql), '1.00');
    assert.equal(await kept(driver), '2');
  });

  it('a session that has lost its statements is no failure, as behind a pooler', async () => {
    const driver = open(true);
    for (let i = 0; i < 4; i++) await single(driver, 'select 8');
    assert.equal(await kept(driver), '1');
    await single(driver, 'deallocate all');
    assert.equal(await single(driver, 'select 8'), '8');
  });

  it('a statement that fails is kept as well, and fails as before', async () => {
    const own = await schema('create table t (a int); insert into t values (0)');
    const driver = open(true);
    const sql = `select 1 / a from ${own}.t`;
    for (let i = 0; i < 5; i++) {
      await assert.rejects(single(driver, sql), (error) => driver.fault(error).code === 'bad-value');
    }
    assert.equal(await kept(driver), '1');
    await administer(`update ${own}.t set a = 1`);
    assert.equal(await single(driver, sql), '1');
  });

  it('so many statements are kept and no more', () => {
    const names = preparedNames();
    const given = new Set(
      Array.from({ length: 500 }, (_, i) => `select ${i}`).flatMap((sql) =>
        Array.from({ length: 4 }, () => names.nameOf(sql) ?? []).flat(),
      ),
    );
    assert.equal(given.size, 100);
    assert.notEqual(names.nameOf('select 0'), undefined);
    assert.equal(names.nameOf('select 499'), undefined);
  });
});
