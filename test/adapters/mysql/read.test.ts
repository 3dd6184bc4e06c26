// What a MySQL source does beside answering queries: types, catalog, faults, stopping, the pool, indexes, changes.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RowDataPacket } from 'mysql2';
import { type Conjunct, Fault } from '#spi';
import { readCatalog } from '../../../adapters/mysql/catalog.ts';
import { connectionOptions } from '../../../adapters/mysql/connect.ts';
import { mysqlDialect } from '../../../adapters/mysql/dialect.ts';
import { mysqlDriver } from '../../../adapters/mysql/driver.ts';
import { mysqlFault } from '../../../adapters/mysql/faults.ts';
import { adapter } from '../../../adapters/mysql/mysql.ts';
import { options } from '../../../adapters/mysql/options.ts';
import type { Driver } from '../../../adapters/sql/driver.ts';
import { shortest, stand } from '../../../adapters/sql/floats.ts';
import { databaseModel } from '../../../adapters/sql/model.ts';
import { sqlSource } from '../../../adapters/sql/source.ts';
import { tableOf } from '../../../adapters/sql/table.ts';
import {
  access,
  byId,
  connected,
  database,
  fault,
  host,
  killSleeping,
  never,
  openSource,
  readAll,
  skip,
} from './server.ts';

const rows = { rows: { table: 't' } };

async function driverOf(given: object) {
  const parsed = options.parse({ ...access, collections: {}, ...given });
  const { pool, readOnly, settings } = parsed;
  return mysqlDriver({ connection: await connectionOptions(parsed, host), pool, readOnly, settings });
}

/** Statements of the gateway that run in this database now. */
async function running(name: string): Promise<readonly unknown[]> {
  const connection = await connected();
  const [found] = await connection.query<RowDataPacket[]>(
    "select id, info from information_schema.processlist where db = ? and command <> 'Sleep'",
    [name],
  );
  await connection.end();
  return found;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await condition()) return;
    await sleep(50);
  }
  assert.fail('it did not come to that');
}

const TYPES: readonly (readonly [declared: string, literal: string, value: unknown])[] = [
  ['tinyint(1)', '1', true],
  ['bit(1)', "b'1'", true],
  ['bit(12)', "b'100000000001'", new Uint8Array([8, 1])],
  ['tinyint(4)', '-128', -128],
  ['tinyint(3) unsigned', '255', 255],
  ['smallint', '-32768', -32_768],
  ['mediumint unsigned', '16777215', 16_777_215],
  ['int', '-2147483648', -2_147_483_648],
  ['int unsigned', '4294967295', 4_294_967_295n],
  ['int(8) zerofill', '42', 42n],
  ['bigint', '-9223372036854775808', -9_223_372_036_854_775_808n],
  ['bigint unsigned', '18446744073709551615', '18446744073709551615'],
  ['decimal(65,30)', '12345678901234567890.5', '12345678901234567890.500000000000000000000000000000'],
  ['float', '0.1', 0.1],
  ['float', '16777216', 16_777_216],
  ['double', '0.30000000000000004', 0.300_000_000_000_000_04],
  ['char(5)', "'ab  '", 'ab'],
  ['varchar(5)', "'ab  '", 'ab  '],
  ['varchar(5) character set latin1', "'ä€'", 'ä€'],
  ['longtext', "'😀'", '😀'],
  ['binary(3)', "x'01'", new Uint8Array([1, 0, 0])],
  ['varbinary(3)', "x'0100'", new Uint8Array([1, 0])],
  ['blob', "x''", new Uint8Array(0)],
  ['date', "'2024-02-29'", '2024-02-29'],
  ['time(3)', "'23:59:59.120'", '23:59:59.12'],
  ['datetime', "'2024-02-29 10:00:00'", '2024-02-29T10:00:00'],
  ['datetime(6)', "'2024-02-29 10:00:00.000001'", '2024-02-29T10:00:00.000001'],
  ['timestamp(3)', "'2024-02-29 10:00:00.5'", '2024-02-29T10:00:00.5Z'],
  ['year', '2024', 2024],
  ["enum('it''s','b')", "'it''s'", "it's"],
  ["set('x','y')", "'y,x'", 'x,y'],
  ['json', '\'{"a": 12345678901234567890}\'', '{"a": 12345678901234567890}'],
  ['uuid', "'123e4567-e89b-12d3-a456-426655440000'", '123e4567-e89b-12d3-a456-426655440000'],
  ['inet6', "'2001:db8::1'", '2001:db8::1'],
  ['time', "'-25:00:00'", 'corrupt'],
  ['date', "'0000-00-00'", 'corrupt'],
  ['datetime', "'0000-00-00 00:00:00'", 'corrupt'],
  ['tinyint(1)', '2', 'corrupt'],
];

describe('a MySQL source', { skip }, () => {
  it('values of every type come as they are, and what fits no type is named', async () => {
    const columns = TYPES.map(([declared], i) => `c${i} ${declared} null`);
    const own = await database(
      `set sql_mode = ''; create table t (id int primary key, ${columns.join(', ')}); insert into t values (1, ${TYPES.map(([, literal]) => literal).join(', ')})`,
    );
    const source = await openSource({ database: own, collections: rows });
    const [row] = await readAll(source);
    for (const [i, [declared, , value]] of TYPES.entries()) {
      const cell = row?.[`c${i}`];
      if (value === 'corrupt') assert.ok(cell instanceof Fault && cell.kind === 'corrupt', declared);
      else assert.deepEqual(cell, value, declared);
    }
  });

  it('a span of time can be shown as text', async () => {
    const own = await database(
      "create table t (id int primary key, span time); insert into t values (1, '-25:00:00')",
    );
    const columns = { span: { type: 'varchar(17)' } };
    const source = await openSource({ database: own, collections: { rows: { table: 't', columns } } });
    assert.deepEqual(await readAll(source), [{ id: 1, span: '-25:00:00' }]);
  });

  it('a float stands between its neighbours as its text does', () => {
    assert.equal(shortest(Math.fround(0.1)), 0.1);
    assert.equal(stand(0.1), Math.fround(0.1));
    assert.ok(stand(0.100000001) > Math.fround(0.1));
    assert.ok(stand(0.0999999999) < Math.fround(0.1));
  });

  it('conditions on texts, numbers and days use the index of their column', async () => {
    const own = await database(
      `create table t (id int primary key, name varchar(40), n bigint, amount decimal(12,2), day date, latin varchar(20) character set latin1, index (name), index (n), index (amount), index (day), index (latin), index pair (name, n));
       insert into t select seq, concat('name ', seq), seq, seq / 4, '2000-01-01' + interval seq day, concat('l', seq) from seq_1_to_5000;
       analyze table t`,
    );
    const string = { kind: 'string' } as const;
    const conjuncts: readonly Conjunct[] = [
      { op: 'eq', field: 'name', type: string, value: 'name 77' },
      { op: 'in', field: 'name', type: string, values: ['name 77', 'name 78'] },
      { op: 'startsWith', field: 'name', type: string, value: 'name 77' },
      { op: 'eq', field: 'latin', type: string, value: 'l77' },
      { op: 'eq', field: 'n', type: { kind: 'int64' }, value: 77n },
      { op: 'lt', field: 'n', type: { kind: 'int64' }, value: 7n },
      { op: 'eq', field: 'amount', type: { kind: 'decimal' }, value: '19.25' },
      { op: 'le', field: 'day', type: { kind: 'date' }, value: '2000-01-09' },
      {
        op: 'keys',
        fields: [
          { field: 'name', type: string },
          { field: 'n', type: { kind: 'int64' } },
        ],
        keys: [
          ['name 77', 77n],
          ['name 78', 78n],
        ],
      },
    ];
    // The statements themselves are explained, with their values bound as they are when rows are read.
    const driver = await driverOf({ database: own });
    const plans: unknown[][] = [];
    const shown = () => JSON.stringify(plans);
    const explaining: Driver = {
      ...driver,
      async *stream({ sql, parameters }, signal) {
        for await (const group of driver.stream({ sql: `explain ${sql}`, parameters }, signal)) {
          plans.push(...group.map((line) => [...line]));
        }
        yield* driver.stream({ sql, parameters }, signal);
      },
    };
    const parsed = options.parse({ ...access, database: own, collections: rows });
    const model = await readCatalog(await connectionOptions(parsed, host), undefined, never);
    const tables = Object.entries(parsed.collections).map(([name, table]) =>
      tableOf(name, table, model, mysqlDialect),
    );
    const source = sqlSource(tables, mysqlDialect, explaining);
    for (const conjunct of conjuncts) {
      plans.length = 0;
      const found = await readAll(source, { collection: 'rows', where: [conjunct], order: byId });
      assert.ok(found.length > 0 && found.length < 20, shown());
      const [[, , , type, , key, , , estimate] = []] = plans;
      assert.ok(type !== 'ALL' && type !== 'index' && key !== null, shown());
      assert.ok(Number(estimate) < 500, shown());
    }
    await driver[Symbol.asyncDispose]();
  });

  it('an abort ends the statement on the server, and the connection serves the next', async () => {
    const own = await database('create table t (id int primary key); insert into t values (1)');
    const driver = await driverOf({ database: own, pool: { max: 1 } });
    const abort = new AbortController();
    const reading = (async () => {
      for await (const _ of driver.stream({ sql: 'select sleep(60)', parameters: [] }, abort.signal));
    })();
    await until(async () => (await running(own)).length === 1);
    abort.abort(new Error('enough'));
    await assert.rejects(reading, /enough/);
    await until(async () => (await running(own)).length === 0);
    const seen: unknown[] = [];
    for await (const group of driver.stream({ sql: 'select id from t', parameters: [] }, never))
      seen.push(...group);
    assert.deepEqual(seen, [[1]]);
    await driver[Symbol.asyncDispose]();
  });

  it('an early end stops the statement; a slow reader holds the server back', async () => {
    const own = await database('create table t (id int primary key)');
    const driver = await driverOf({ database: own, pool: { max: 1 } });
    const sql = "select seq, repeat('x', 2000) from seq_1_to_200000";
    let groups = 0;
    for await (const group of driver.stream({ sql, parameters: [] }, never)) {
      assert.ok(group.length <= 1_000, String(group.length));
      groups++;
      if (groups === 1) {
        await sleep(300);
        assert.equal((await running(own)).length, 1, 'it waits for its reader');
      }
      if (groups === 3) break;
    }
    await until(async () => (await running(own)).length === 0);
    await driver.ping(never);
    await driver[Symbol.asyncDispose]();
  });

  it('settings are of each session, and a connection too old is replaced', async () => {
    const settings = { max_statement_time: 7, lc_time_names: 'de_DE', time_zone: '+05:00' };
    const driver = await driverOf({ settings, pool: { max: 1, maxLifetimeMs: 1 } });
    const seen: unknown[][] = [];
    const sql = 'select connection_id(), cast(@@max_statement_time as signed), @@lc_time_names, @@time_zone';
    for (let i = 0; i < 2; i++) {
      for await (const group of driver.stream({ sql, parameters: [] }, never)) {
        seen.push(...group.map((row) => [...row]));
      }
      await sleep(5);
    }
    // The zone is ours: what a moment means depends on it.
    for (const [, ...values] of seen) assert.deepEqual(values.map(String), ['7', 'de_DE', '+00:00']);
    assert.notEqual(seen[0]?.[0], seen[1]?.[0]);
    await driver[Symbol.asyncDispose]();
  });

  it('who waits too long for a connection is told so', async () => {
    const driver = await driverOf({ pool: { max: 1, waitMs: 300 } });
    const abort = new AbortController();
    const busy = (async () => {
      for await (const _ of driver.stream({ sql: 'select sleep(20)', parameters: [] }, abort.signal));
    })();
    await sleep(100);
    await assert.rejects(driver.ping(never), fault('unavailable', 'no-connection'));
    abort.abort(new Error('enough'));
    await assert.rejects(busy, /enough/);
    await driver[Symbol.asyncDispose]();
  });

  it('errors of the server are faults by their number', async () => {
    const own = await database(
      `create table p (id int primary key) engine=innodb;
       create table t (id int primary key, n tinyint not null, name varchar(3), p int, check (n < 100), foreign key (p) references p (id)) engine=innodb;
       insert into t values (1, 1, 'a', null)`,
    );
    const driver = await driverOf({ database: own, readOnly: false });
    const attempt = (sql: string) => async () => {
      try {
        await driver.transaction?.((session) => session.run({ sql, parameters: [] }), never);
      } catch (error) {
        throw driver.fault(error);
      }
    };
    for (const [sql, kind, code] of [
      ["insert into t values (1, 1, 'a', null)", 'conflict', 'duplicate'],
      ["insert into t values (2, 1, 'a', 7)", 'conflict', 'foreign-key'],
      ["insert into t values (2, null, 'a', null)", 'rejected', 'not-null'],
      ["insert into t values (2, 101, 'a', null)", 'rejected', 'check-constraint'],
      ["insert into t values (2, 1000, 'a', null)", 'invalid', 'bad-value'],
      ["insert into t values (2, 1, 'abcd', null)", 'invalid', 'bad-value'],
      ['select * from nothing', 'upstream', 'sql-error'],
      ['select nonsense from', 'upstream', 'sql-error'],
    ] as const) {
      await assert.rejects(attempt(sql), fault(kind, code), sql);
    }
    await driver.transaction?.(async (session) => {
      const { affected } = await session.run({
        sql: 'update t set n = ? where id = ?',
        parameters: [{ value: 5n }, { value: 1n }],
      });
      assert.equal(affected, 1);
    }, never);
    await assert.rejects(
      async () =>
        driver.transaction?.(async (session) => {
          await session.run({ sql: 'update t set n = 9', parameters: [] });
          throw new Error('not so');
        }, never),
      /not so/,
    );
    const seen: unknown[] = [];
    for await (const group of driver.stream({ sql: 'select n from t', parameters: [] }, never))
      seen.push(...group);
    assert.deepEqual(seen, [[5]]);
    await driver[Symbol.asyncDispose]();
  });

  it('a source for reading only has no changes, and its sessions refuse them', async () => {
    const own = await database('create table t (id int primary key)');
    const driver = await driverOf({ database: own });
    assert.equal(driver.transaction, undefined);
    await assert.rejects(
      async () => {
        try {
          for await (const _ of driver.stream({ sql: 'insert into t values (1)', parameters: [] }, never));
        } catch (error) {
          throw driver.fault(error);
        }
      },
      fault('unsupported', 'read-only'),
    );
    await driver[Symbol.asyncDispose]();
  });

  it('a server that is not there, a wrong login and a server without TLS are unavailable', async () => {
    const check = (given: object) => async () => {
      const driver = await driverOf(given);
      try {
        await driver.ping(never);
      } catch (error) {
        throw driver.fault(error);
      } finally {
        await driver[Symbol.asyncDispose]();
      }
    };
    await assert.rejects(check({ port: 1 }), fault('unavailable', 'cannot-connect'));
    await assert.rejects(check({ user: 'nobody-here' }), fault('unavailable', 'login'));
    await assert.rejects(check({ tls: {} }), fault('unavailable', 'tls'));
    await assert.rejects(check({ database: 'not_there_at_all' }), fault('unavailable', 'no-database'));
  });

  it('the catalog becomes a model: names, keys, indexes, references, routines, and what is left out', async () => {
    const own = await database(
      `create table \`Cust Table\` (\`Cust\`\`Id\` int auto_increment primary key comment 'the number', \`order\` varchar(10) not null default 'x', up varchar(10) as (upper(\`order\`)) stored, doc json, place point, unique u (\`order\`), index prefix (up(3)), index plain (up)) comment 'customers';
       create table orders (id int primary key, cust_id int, foreign key (cust_id) references \`Cust Table\` (\`Cust\`\`Id\`));
       create view v as select id from orders;
       create view broken as select id from orders; 
       create procedure p (in a int, out b varchar(3)) comment 'does' select 1;
       create function f (x decimal(5,2)) returns int deterministic return 1`,
    );
    const parsed = adapter.options.parse({ ...access, database: own, model: 'db.json', collections: {} });
    const description = await adapter.describe?.(parsed, host, never);
    assert.ok(description);
    assert.equal(description.file, 'db.json');
    const model = databaseModel.parse(JSON.parse(description.text));
    const [table, broken, orders, view] = model.tables;
    assert.deepEqual(
      [table?.name, broken?.name, orders?.name, view?.name],
      ['Cust Table', 'broken', 'orders', 'v'],
    );
    assert.deepEqual(table?.key, ['Cust`Id']);
    assert.deepEqual(table?.unique, [['order']]);
    assert.deepEqual(table?.indexes, [['up']]);
    assert.deepEqual(
      table?.columns.map(({ name, type, nullable, generated, default: standard, comment }) => [
        name,
        type,
        nullable,
        generated,
        standard,
        comment,
      ]),
      [
        ['Cust`Id', 'int(11)', false, 'identity', true, 'the number'],
        ['order', 'varchar(10)', false, undefined, true, undefined],
        ['up', 'varchar(10)', true, 'always', undefined, undefined],
        ['doc', 'json', true, undefined, undefined, undefined],
      ],
    );
    assert.deepEqual(orders?.foreignKeys, [
      { columns: ['cust_id'], table: `${own}.Cust Table`, references: ['Cust`Id'] },
    ]);
    assert.equal(view?.kind, 'view');
    assert.deepEqual(model.omitted, [
      { name: `${own}.Cust Table.place`, reason: 'its type point has no values to show' },
    ]);
    assert.deepEqual(
      model.routines?.map(({ name, kind, parameters, returns }) => [
        name,
        kind,
        parameters.map(({ mode, type }) => `${mode} ${type}`),
        returns,
      ]),
      [
        ['f', 'function', ['in decimal(5,2)'], 'int(11)'],
        ['p', 'procedure', ['in int(11)', 'out varchar(3)'], undefined],
      ],
    );
    assert.ok(
      description.summary.some((line) => line.includes('orders.cust')),
      description.summary.join('\n'),
    );
    const source = await openSource({ database: own, collections: { rows: { table: `${own}.cust table` } } });
    await source.check(never);
  });
});

describe('a lost connection of MySQL', { skip }, () => {
  it('ends a read at once, and the next one has another', async () => {
    const own = await database(
      'create table t (id int primary key); insert into t values (1); create view slow as select id, sleep(60 * id) as v from t',
    );
    const source = await openSource({
      database: own,
      collections: { rows: { table: `${own}.slow`, key: ['id'] } },
    });
    const reading = readAll(source);
    reading.catch(() => {});
    await killSleeping(own);
    await assert.rejects(reading, fault('unavailable', 'connection-lost'));
    const client = await connected();
    await client.query(`update ${own}.t set id = 0`);
    await client.end();
    assert.deepEqual(await readAll(source), [{ id: 0, v: 0 }]);
  });
});

describe('the options of a MySQL source', () => {
  it('TLS is on and checked, reading only is the rule', () => {
    const parsed = options.parse({ host: 'h', user: 'u', collections: {} });
    assert.deepEqual(parsed.tls, { verify: true, minVersion: 'TLSv1.2' });
    assert.equal(parsed.readOnly, true);
  });

  it('two addresses, none, and unknown words are refused', () => {
    for (const given of [
      { user: 'u' },
      { host: 'h', socket: '/s', user: 'u' },
      { url: { env: 'X' }, host: 'h' },
      { host: 'h', user: 'u', pasword: 'x' },
    ]) {
      assert.equal(options.safeParse({ collections: {}, ...given }).success, false, JSON.stringify(given));
    }
  });

  it('an address in a secret is read as it stands, and never shown', async () => {
    const of = (text: string) =>
      connectionOptions(options.parse({ url: { env: 'X' }, tls: false, collections: {} }), {
        ...host,
        secret: async () => text,
      });
    const {
      host: name,
      port,
      user,
      password,
      database: db,
      ssl,
    } = await of('mysql://a%40b:p%2Fw@db.example:3307/x\n');
    assert.deepEqual(
      [name, port, user, password, db, ssl],
      ['db.example', 3307, 'a@b', 'p/w', 'x', undefined],
    );
    for (const wrong of ['postgres://a@b/c', 'mysql://a:secret@b/c?ssl=false', 'nonsense secret']) {
      await assert.rejects(of(wrong), (error: unknown) => {
        assert.ok(error instanceof Fault && error.misconfigured);
        assert.doesNotMatch(error.message, /secret@|nonsense/);
        return true;
      });
    }
  });

  it('every number and code of an error has its fault', () => {
    const of = (errno: number | undefined, code = 'ER_X') => {
      const { kind, code: ours } = mysqlFault(
        Object.assign(new Error('text of the server'), { code, ...(errno === undefined ? {} : { errno }) }),
      );
      return `${kind} ${ours}`;
    };
    assert.equal(of(1205), 'timeout lock-timeout');
    assert.equal(of(1213), 'conflict deadlock');
    assert.equal(of(1317), 'timeout cancelled');
    assert.equal(of(3024), 'timeout cancelled');
    assert.equal(of(1142), 'upstream permission');
    assert.equal(of(1040), 'unavailable too-many-connections');
    assert.equal(of(-111, 'ECONNREFUSED'), 'unavailable cannot-connect');
    assert.equal(of(undefined, 'PROTOCOL_CONNECTION_LOST'), 'unavailable connection-lost');
    assert.equal(of(9999), 'upstream sql-error');
  });
});
