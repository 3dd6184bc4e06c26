// What the driver asks of `oracledb`, seen by its stand-in: sessions, binds, groups of rows, breaking off, LOBs, transactions, faults.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Source } from '#spi';
import { oracleDriver } from '../../../adapters/oracle/driver.ts';
import type { OracleParameter } from '../../../adapters/oracle/parameter.ts';
import type { Driver, Statement } from '../../../adapters/sql/driver.ts';
import { type FakeOracle, fakeOracle, njsError, oraError } from '../../fakes/oracledb/oracledb.ts';
import type { TestTable } from '../../fakes/oracledb/schema.ts';
import { byId, everything, fault, filled, never, openFake, readAll } from './server.ts';

const ROWS: TestTable = {
  name: 'T',
  columns: [
    { name: 'id', type: 'NUMBER(9)', nullable: false },
    { name: 'name', type: 'VARCHAR2(20 CHAR)' },
  ],
  key: ['id'],
  rows: Array.from({ length: 1_200 }, (_, i) => [String(i + 1), `name ${i + 1}`]),
};
const collections = { rows: { table: 'BANK.T' } };

async function opened(options: object = {}): Promise<{ readonly source: Source; readonly fake: FakeOracle }> {
  const { fake, open } = await filled([ROWS], { real: false });
  assert.ok(fake);
  const source = await open({ collections, ...options });
  fake.statements.length = 0;
  fake.events.length = 0;
  return { source, fake };
}

const ATTRIBUTES = {
  connectString: 'db',
  poolMin: 0,
  poolMax: 2,
  poolIncrement: 1,
  poolTimeout: 30,
  poolPingInterval: 30,
  maxLifetimeSession: 0,
  queueTimeout: 500,
  queueMax: -1,
  connectTimeout: 5,
  transportConnectTimeout: 5,
  expireTime: 2,
  sessionCallback: (_connection: unknown, _tag: string, done: () => void) => done(),
};

function driverOf(fake: FakeOracle, readOnly = false, maxLobLength = 1_000): Driver {
  return oracleDriver(fake.module, { attributes: ATTRIBUTES, waitMs: 500, maxLobLength, readOnly });
}

const statement = (sql: string, ...parameters: readonly OracleParameter[]): Statement => ({
  sql,
  parameters,
});

async function all(driver: Driver, asked: Statement, signal = never): Promise<readonly unknown[]> {
  const rows: unknown[] = [];
  for await (const group of driver.stream(asked, signal)) rows.push(...group);
  return rows;
}

/** Until the connections that are being brought back are back. */
async function settled(fake: FakeOracle): Promise<void> {
  for (let i = 0; i < 200 && fake.taken() > 0; i++) await wait(5);
  assert.equal(fake.taken(), 0, 'every connection is given back or closed');
}

describe('the sessions of an Oracle source', () => {
  it('compare by bytes and speak of UTC, after the settings of the configuration', async () => {
    const { fake } = await opened({ settings: { nls_territory: "GER'MANY", current_schema: 'Bank' } });
    assert.deepEqual(fake.session.slice(0, 3), [
      "alter session set nls_territory = 'GER''MANY'",
      'alter session set current_schema = "Bank"',
      "alter session set nls_sort = 'BINARY' nls_comp = 'BINARY' nls_numeric_characters = '.,' nls_calendar = 'GREGORIAN' time_zone = '+00:00'",
    ]);
  });

  it('come from a pool with the limits of the options', async () => {
    const { source, fake } = await opened({
      pool: { max: 3, idleMs: 1_500, maxLifetimeMs: 60_000, waitMs: 2_000 },
      applicationName: 'my (gateway)',
    });
    await readAll(source);
    const [, attributes] = fake.pools;
    assert.ok(attributes);
    const { poolMin, poolMax, poolTimeout, maxLifetimeSession, queueTimeout, connectTimeout, program } =
      attributes;
    assert.deepEqual(
      { poolMin, poolMax, poolTimeout, maxLifetimeSession, queueTimeout, connectTimeout, program },
      {
        poolMin: 0,
        poolMax: 3,
        poolTimeout: 2,
        maxLifetimeSession: 60,
        queueTimeout: 2_000,
        connectTimeout: 2,
        program: 'my__gateway_',
      },
    );
  });

  it('an error while one is prepared closes it', async () => {
    const { fake } = await filled([ROWS], { real: false });
    assert.ok(fake);
    fake.protocol = 'TCP';
    await assert.rejects(openFake(fake, { collections, tls: {} }), fault('unavailable', 'tls'));
    assert.deepEqual(
      fake.events.filter((event) => event === 'dropped'),
      ['dropped'],
    );
    assert.equal(fake.taken(), 0);
  });

  it('who waits too long for a free one is told so', async () => {
    const fake = fakeOracle('BANK', []);
    const driver = driverOf(fake);
    fake.script = () => ({ rows: Array.from({ length: 600 }, (_, i) => [i]) });
    const reading = [1, 2].map(() => driver.stream(statement('select 1'), never)[Symbol.asyncIterator]());
    for (const reader of reading) await reader.next();
    await assert.rejects(all(driver, statement('select 1')), (error) =>
      fault('unavailable', 'no-connection')(driver.fault(error)),
    );
    for (const reader of reading) await reader.return?.();
    assert.equal((await all(driver, statement('select 1'))).length, 600);
    await settled(fake);
  });
});

describe('statements on Oracle', () => {
  it('values are bound with the type of their column', async () => {
    const types: readonly (readonly [string, string, OracleParameter['value'], string, unknown?])[] = [
      ['NUMBER(18)', 'eq', 7n, 'DB_TYPE_NUMBER', 7],
      ['NUMBER(18)', 'eq', 9007199254740993n, 'DB_TYPE_VARCHAR', '9007199254740993'],
      ['VARCHAR2(20)', 'eq', 'x', 'DB_TYPE_VARCHAR'],
      ['NVARCHAR2(20)', 'eq', 'x', 'DB_TYPE_NVARCHAR'],
      ['CHAR(20)', 'eq', 'x', 'DB_TYPE_CHAR'],
      ['NCHAR(20)', 'eq', 'x', 'DB_TYPE_NCHAR'],
      ['CHAR(20)', 'eq', '', 'DB_TYPE_CHAR', ' '],
      ['BINARY_DOUBLE', 'eq', 0.5, 'DB_TYPE_BINARY_DOUBLE'],
      ['BOOLEAN', 'eq', true, 'DB_TYPE_BOOLEAN'],
      ['DATE', 'eq', '2024-02-29T10:00:00', 'DB_TYPE_VARCHAR'],
      ['RAW(20)', 'eq', Uint8Array.of(1), 'DB_TYPE_RAW', Buffer.from([1])],
    ];
    for (const [declared, op, value, type, bound = value] of types) {
      const table: TestTable = {
        name: 'T',
        columns: [{ name: 'x', type: declared }],
        rows: [],
      };
      const { fake, open } = await filled([table], { real: false });
      assert.ok(fake);
      const source = await open({ collections });
      fake.statements.length = 0;
      const field = source.model.collections[0]?.fields[0];
      assert.ok(field && 'kind' in field.type && field.type.kind !== 'object');
      const where = [{ op, field: 'x', type: field.type, value }];
      // cast: the operator is one of a conjunct
      await readAll(source, { collection: 'rows', where: where as never, order: [] });
      const [bind] = fake.statements[0]?.binds ?? [];
      assert.deepEqual([bind?.type?.name, bind?.val], [type, bound], declared);
    }
  });

  it('rows come in groups as they are asked for, and a short group is the last', async () => {
    const { source, fake } = await opened();
    const reader = source
      .access(everything)
      .read({ fields: ['id'], signal: never })
      [Symbol.asyncIterator]();
    assert.equal((await reader.next()).value?.length, 500);
    assert.deepEqual(fake.events, []);
    await reader.next();
    assert.equal((await reader.next()).value?.length, 200);
    assert.deepEqual(fake.events, ['released']);
    const [{ options } = {}] = fake.statements;
    assert.deepEqual(
      [options?.resultSet, options?.prefetchRows, options?.fetchArraySize, options?.outFormat],
      [true, 501, 500, fake.module.OUT_FORMAT_ARRAY],
    );
    assert.equal((await reader.next()).done, true);
  });

  it('a statement that can bring few rows prefetches no more', async () => {
    const { source, fake } = await opened();
    const query = {
      collection: 'rows',
      where: [{ op: 'eq', field: 'id', type: { kind: 'int32' }, value: 7 }],
      order: byId,
    } as const;
    assert.deepEqual(await readAll(source, query), [{ id: 7, name: 'name 7' }]);
    assert.equal(fake.statements[0]?.options.prefetchRows, 2);
  });

  it('more than 1000 values of IN go in several lists of one statement', async () => {
    const { source, fake } = await opened();
    const keys = Array.from({ length: 2_500 }, (_, i) => [i + 1]);
    const fields = [{ field: 'id', type: { kind: 'int32' } }] as const;
    const query = { collection: 'rows', where: [{ op: 'keys', fields, keys }], order: byId } as const;
    assert.equal((await readAll(source, query)).length, 1_200);
    assert.deepEqual(fake.statements.length, 1);
    assert.equal(fake.statements[0]?.sql.match(/"id" in \(/g)?.length, 3);
  });

  it('a reader that leaves between groups closes the result set and gives the connection back', async () => {
    const { source, fake } = await opened();
    for await (const batch of source.access(everything).read({ fields: ['id'], signal: never })) {
      assert.equal(batch.length, 500);
      break;
    }
    assert.deepEqual(fake.events, ['released']);
  });

  it('an abort breaks the statement off, tries the connection and gives it back', async () => {
    const { source, fake } = await opened();
    fake.script = () => ({ hangs: true });
    const abort = new AbortController();
    const reading = readAll(source, everything, abort.signal);
    await wait(10);
    abort.abort(new Error('the client left'));
    await assert.rejects(reading, /the client left/);
    await settled(fake);
    assert.deepEqual(fake.events, ['break', 'ping', 'ping', 'released']);
    fake.script = () => undefined;
    assert.equal((await readAll(source)).length, 1_200);
  });

  it('a connection that does not answer after a break is closed', async () => {
    const fake = fakeOracle('BANK', []);
    const driver = driverOf(fake);
    fake.script = () => ({ hangs: true });
    const abort = new AbortController();
    const reading = all(driver, statement('select 1'), abort.signal);
    await wait(10);
    // The break is lost with the server.
    fake.breaks = false;
    abort.abort(new Error('enough'));
    await assert.rejects(reading, /enough/);
    await settled(fake);
    assert.deepEqual(fake.events, ['break', 'dropped']);
  });

  it('a lost connection is closed, after another error it is given back', async () => {
    const { source, fake } = await opened();
    for (const [number, event, kind, code] of [
      [3113, 'dropped', 'unavailable', 'connection-lost'],
      [942, 'released', 'upstream', 'sql-error'],
    ] as const) {
      fake.events.length = 0;
      fake.script = () => ({ error: oraError(number) });
      await assert.rejects(readAll(source), fault(kind, code));
      assert.deepEqual(fake.events, [event]);
    }
  });

  it('numbers are fetched as texts, so that no digit is lost', async () => {
    const table: TestTable = {
      name: 'T',
      columns: [{ name: 'x', type: 'NUMBER' }],
      rows: [['12345678901234567890.123456789'], ['-0.5'], ['1000']],
    };
    const { open } = await filled([table], { real: false });
    const source = await open({ collections });
    const rows = await readAll(source, { collection: 'rows', where: [], order: [] });
    assert.deepEqual(
      rows.map(({ x }) => x),
      ['12345678901234567890.123456789', '-0.5', '1000'],
    );
  });
});

describe('LOBs of Oracle', () => {
  const table: TestTable = {
    name: 'T',
    columns: [
      { name: 'id', type: 'NUMBER(9)', nullable: false },
      { name: 'note', type: 'CLOB' },
      { name: 'scan', type: 'BLOB' },
      { name: 'doc', type: 'JSON' },
      { name: 'xml', type: 'XMLTYPE' },
    ],
    key: ['id'],
    rows: [
      ['1', 'a text', Uint8Array.of(1, 2), '{"n":12345678901234567890.5,"list":[1]}', '<a/>'],
      ['2', 'x'.repeat(101), Uint8Array.of(3), null, null],
      ['3', null, null, null, null],
    ],
  };

  it('are read up to the limit; a longer one is the fault of its field and is never cut', async () => {
    const { open } = await filled([table], { real: false });
    const limit = { rows: { table: 'BANK.T', maxValueBytes: 100 } };
    const source = await open({ collections: limit });
    const [first, second, third] = await readAll(source);
    assert.deepEqual(first, {
      id: 1,
      note: 'a text',
      scan: Uint8Array.of(1, 2),
      doc: { n: '12345678901234567890.5', list: [1] },
      xml: '<a/>',
    });
    fault('too-costly', 'value-limit')(second?.['note']);
    assert.deepEqual(second?.['scan'], Uint8Array.of(3));
    assert.deepEqual(third, { id: 3, note: null, scan: null, doc: null, xml: null });
  });

  it('documents are selected as their text', async () => {
    const { fake, open } = await filled([table], { real: false });
    await readAll(await open({ collections }));
    const asked = fake?.statements.at(-1)?.sql ?? '';
    assert.match(asked, /json_serialize\("doc" returning clob\) as "doc "/);
    assert.match(asked, /xmlserialize\(content "xml" as clob\) as "xml "/);
  });
});

describe('transactions on Oracle', () => {
  const change = statement(
    'insert into "BANK"."T" values (:1, :2)',
    {
      value: 5_000,
      sqlType: 'number',
    },
    { value: 'new', sqlType: 'varchar' },
  );

  it('are committed when the work ends, and say how many rows were changed', async () => {
    const fake = fakeOracle('BANK', [ROWS]);
    const driver = driverOf(fake);
    const affected = await driver.transaction?.(
      async (session) => (await session.run(change)).affected,
      never,
    );
    assert.equal(affected, 1);
    assert.deepEqual(fake.events, ['commit', 'released']);
  });

  it('are rolled back when the work throws', async () => {
    const fake = fakeOracle('BANK', [ROWS]);
    const driver = driverOf(fake);
    const working = driver.transaction?.(async (session) => {
      await session.run(change);
      throw new Error('no');
    }, never);
    await assert.rejects(async () => working, /no/);
    assert.deepEqual(fake.events, ['rollback', 'released']);
  });

  it('an abort breaks the statement off and rolls back', async () => {
    const fake = fakeOracle('BANK', [ROWS]);
    const driver = driverOf(fake);
    fake.script = () => ({ hangs: true });
    const abort = new AbortController();
    const working = driver.transaction?.((session) => session.run(change), abort.signal);
    await wait(10);
    abort.abort(new Error('enough'));
    await assert.rejects(async () => working, /enough/);
    await settled(fake);
    assert.deepEqual(fake.events, ['break', 'ping', 'rollback', 'ping', 'released']);
  });

  it('a connection that is lost during the commit leaves the outcome unknown', async () => {
    const fake = fakeOracle('BANK', [ROWS]);
    const driver = driverOf(fake);
    fake.commit = () => Promise.reject(njsError('NJS-500'));
    const working = driver.transaction?.((session) => session.run(change), never);
    await assert.rejects(
      async () => working,
      (error) => fault('upstream', 'outcome-unknown')(driver.fault(error)),
    );
    assert.deepEqual(fake.events, ['commit', 'dropped']);
  });

  it('there are none where the source only reads', () => {
    assert.equal(driverOf(fakeOracle('BANK', []), true).transaction, undefined);
  });
});
