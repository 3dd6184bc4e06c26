// A second database of the server, a saved model, and many keys at once.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { connectionOptions } from '../../../adapters/mysql/connect.ts';
import { mysqlDriver } from '../../../adapters/mysql/driver.ts';
import { adapter } from '../../../adapters/mysql/mysql.ts';
import { options } from '../../../adapters/mysql/options.ts';
import { access, byId, database, fault, host, never, openSource, readAll, skip } from './server.ts';

describe('a MySQL source, further', { skip }, () => {
  it('tables of another database of the server are named with it in front', async () => {
    const one = await database('create table t (id int primary key); insert into t values (1)');
    const other = await database('create table t (id int primary key); insert into t values (2)');
    const source = await openSource({
      databases: [one, other],
      collections: { rows: { table: `${other}.t` } },
    });
    assert.deepEqual(await readAll(source), [{ id: 2 }]);
  });

  it('with a saved model it opens while the server is down, and says that it is down when asked', async () => {
    const own = await database('create table t (id int primary key)');
    const parsed = adapter.options.parse({ ...access, database: own, collections: {} });
    const description = await adapter.describe?.(parsed, host, never);
    const folder = mkdtempSync(join(tmpdir(), 'overpunch-mysql-'));
    try {
      const model = join(folder, 'db.json');
      writeFileSync(model, description?.text ?? '');
      const source = await openSource({
        database: own,
        port: 1,
        model,
        collections: { rows: { table: 't' } },
      });
      assert.equal(source.model.collections.length, 1);
      await assert.rejects(source.check(never), fault('unavailable', 'cannot-connect'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('thousands of keys of several columns are looked up at once', async () => {
    const own = await database(
      "create table t (id int primary key, name varchar(20) not null, n int not null, unique (name, n)); insert into t select seq, concat('name ', seq), seq from seq_1_to_3000",
    );
    const source = await openSource({ database: own, collections: { rows: { table: 't' } } });
    const fields = [
      { field: 'name', type: { kind: 'string' } },
      { field: 'n', type: { kind: 'int32' } },
    ] as const;
    const keys = Array.from({ length: 3_000 }, (_, i) => [`name ${i + 1}`, i % 2 === 0 ? i + 1 : 0]);
    const query = { collection: 'rows', where: [{ op: 'keys', fields, keys }], order: byId } as const;
    assert.deepEqual(source.access(query).where, ['exact']);
    assert.equal((await readAll(source, query)).length, 1_500);
  });

  it('an abort in a transaction stops its statement and takes everything back', async () => {
    const own = await database('create table t (id int primary key) engine=innodb');
    const parsed = options.parse({ ...access, database: own, pool: { max: 1 }, collections: {} });
    const connection = await connectionOptions(parsed, host);
    const driver = mysqlDriver({ connection, pool: parsed.pool, readOnly: false, settings: {} });
    const abort = new AbortController();
    const working = driver.transaction?.(async (session) => {
      await session.run({ sql: 'insert into t values (1)', parameters: [] });
      setTimeout(() => abort.abort(new Error('enough')), 50);
      await session.run({ sql: 'select sleep(60)', parameters: [] });
    }, abort.signal);
    await assert.rejects(async () => working, /enough/);
    const seen: unknown[] = [];
    const sql = 'select count(*), @@in_transaction from t';
    for await (const group of driver.stream({ sql, parameters: [] }, never)) seen.push(...group);
    assert.deepEqual(seen, [['0', '0']]);
    await driver[Symbol.asyncDispose]();
  });
});
