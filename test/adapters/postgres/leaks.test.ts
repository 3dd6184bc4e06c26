// What clients are told when PostgreSQL fails.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FaultKind } from '#spi';
import { clientConfig } from '../../../adapters/postgres/connect.ts';
import { postgresDriver } from '../../../adapters/postgres/driver.ts';
import { options } from '../../../adapters/postgres/options.ts';
import { CANARY, serve, silent, silentHealth, silentReference } from '../sql/leaks.ts';
import { access, connected, host, never, schema, skip } from './server.ts';

const FILL = `
  create table ${CANARY}_table (shown_id integer constraint ${CANARY}_key primary key, shown_column text, ${CANARY}_hidden text,
    constraint ${CANARY}_check check (shown_column <> 'bad'));
  insert into ${CANARY}_table values (1, 'one', 'x'), (2, 'two', 'y');
`;
const columns = { shown_id: 'id', shown_column: 'v', [`${CANARY}_hidden`]: { hidden: true } };

const raising = (how: string): string =>
  `create function ${CANARY}_function() returns text language plpgsql as $$ begin ${how}; end $$`;

/** What the view's column is, what is created in front of it, the fault. */
const FAILURES: readonly (readonly [string, string, FaultKind, string])[] = [
  ['(1 / (shown_id - 1))::text', '', 'upstream', 'not-computed'],
  [`('${CANARY}' || shown_column)::int::text`, '', 'upstream', 'not-computed'],
  [`('${CANARY}' || shown_column)::date::text`, '', 'upstream', 'not-computed'],
  [`('{"${CANARY}": ' || shown_column)::json::text`, '', 'upstream', 'not-computed'],
  [`regexp_replace('a', '(' || '${CANARY}', shown_column)`, '', 'upstream', 'not-computed'],
  [
    `${CANARY}_function()`,
    raising(
      `raise exception '${CANARY} message' using detail = '${CANARY} detail', hint = '${CANARY} hint', errcode = 'P0001', constraint = '${CANARY}', table = '${CANARY}'`,
    ),
    'rejected',
    'raised',
  ],
  [
    `${CANARY}_function()`,
    raising(`raise exception '${CANARY} message' using errcode = '${'XX000'}', hint = '${CANARY} hint'`),
    'upstream',
    'sql-error',
  ],
  [
    `${CANARY}_function()`,
    raising(`execute 'select ${CANARY} from ${CANARY}'; return 'x'`),
    'upstream',
    'sql-error',
  ],
  [
    `${CANARY}_function()`,
    raising(`perform pg_terminate_backend(pg_backend_pid()); return 'x'`),
    'unavailable',
    'shutting-down',
  ],
  [`${CANARY}_function()`, raising(`perform pg_sleep(60); return 'x'`), 'timeout', 'cancelled'],
];

describe('what clients are told when PostgreSQL fails', { skip }, () => {
  const server = { adapter: 'postgres', ...access };
  const opened = (own: string, more: object = {}, table = `${CANARY}_table`, key?: readonly string[]) =>
    serve({
      own: {
        ...server,
        schemas: [own],
        collections: {
          items: {
            table: `${own}.${table}`,
            columns: table === `${CANARY}_table` ? columns : { shown_id: 'id', shown_column: 'v' },
            ...(key === undefined ? {} : { key }),
          },
        },
        ...more,
      },
    });

  it('the reference shows columns and nothing else of the database', async () => {
    await using served = await opened(await schema(FILL));
    await silentReference(served.both);
  });

  it('a table or a column that is gone, or may not be read, is not named', async () => {
    const admin = await connected();
    for (const [sql, code] of [
      [`drop table ${CANARY}_table`, 'sql-error'],
      [`alter table ${CANARY}_table rename column shown_column to ${CANARY}_other`, 'sql-error'],
    ] as const) {
      const own = await schema(FILL);
      await using served = await opened(own);
      await admin.query(`set search_path = ${own}; ${sql}`);
      await silent(served.both, 'items', 'upstream', code);
      await silentHealth(served.both, 'schema-drift');
    }
    await admin.end();
  });

  it('what a view fails with is not told', async () => {
    for (const [expression, before, kind, code] of FAILURES) {
      const own = await schema(
        `${FILL} ${before}; create view ${CANARY}_view as select shown_id, ${expression} as shown_column from ${CANARY}_table`,
      );
      await using served = await opened(own, { settings: { statement_timeout: '200ms' } }, `${CANARY}_view`, [
        'shown_id',
      ]);
      await silent(served.both, 'items', kind, code, kind === 'timeout');
    }
  });

  it('a lock that is waited for in vain is not told of', async () => {
    const own = await schema(FILL);
    await using served = await opened(own, { settings: { lock_timeout: '50ms' } });
    const admin = await connected();
    await admin.query(`begin; lock table ${own}.${CANARY}_table in access exclusive mode`);
    try {
      await silent(served.both, 'items', 'timeout', 'lock-timeout');
    } finally {
      await admin.query('rollback');
      await admin.end();
    }
  });

  it('a login that may not do it, is refused, or has no database or server is not named', async () => {
    const own = await schema(FILL);
    const role = `${own}_${CANARY}`;
    const admin = await connected();
    await admin.query(
      `create role ${role} login password '${CANARY}'; grant usage on schema ${own} to ${role}; grant select on all tables in schema ${own} to ${role}`,
    );
    try {
      const password = { file: 'password' };
      const source = (more: object) => ({
        ...server,
        schemas: [own],
        user: role,
        password,
        pool: { max: 1, idleMs: 1 },
        collections: { items: { table: `${own}.${CANARY}_table`, columns } },
        ...more,
      });
      const secrets = { password: `${CANARY}-password` };
      {
        await using served = await serve({ own: source({}) }, secrets);
        await admin.query(`revoke select on ${own}.${CANARY}_table from ${role}`);
        await silent(served.both, 'items', 'upstream', 'permission');
        await admin.query(`alter role ${role} nologin`);
        await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role}'`);
        await silent(served.both, 'items', 'unavailable', ['login', 'connection-lost', 'shutting-down']);
        await silentHealth(served.both, 'login');
      }
      for (const [more, code] of [
        [{}, 'login'],
        [{ user: 'postgres', database: `${CANARY}_database` }, 'no-database'],
        [{ port: 1 }, 'cannot-connect'],
        [{ host: `${CANARY}.invalid` }, 'cannot-connect'],
      ] as const) {
        await using served = await serve({ own: source(more) }, secrets);
        await silentHealth(served.both, code);
      }
    } finally {
      await admin.query(`drop owned by ${role}; drop role ${role}`);
      await admin.end();
    }
  });

  it('a constraint that forbids a change is not named', async () => {
    const own = await schema(FILL);
    const parsed = options.parse({ ...access, collections: {} });
    const driver = postgresDriver({
      connection: await clientConfig(parsed, host),
      pool: parsed.pool,
      readOnly: false,
      settings: {},
    });
    for (const values of [`1, 'x'`, `3, 'bad'`, `null, 'x'`, `'${CANARY}', 'x'`]) {
      const sql = `insert into ${own}.${CANARY}_table values (${values})`;
      const work = driver.transaction?.((session) => session.run({ sql, parameters: [] }), never);
      const error = await work?.then(
        () => assert.fail('it is forbidden'),
        (thrown: unknown) => driver.fault(thrown),
      );
      assert.ok(error !== undefined && ['conflict', 'rejected', 'invalid'].includes(error.kind));
      assert.doesNotMatch(JSON.stringify(error.told) + error.message, /canary|constraint "/);
    }
    await driver[Symbol.asyncDispose]();
  });
});
