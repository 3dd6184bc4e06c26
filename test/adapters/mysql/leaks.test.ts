// What clients are told when MySQL or MariaDB fails.

import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { RowDataPacket } from 'mysql2';
import type { FaultKind } from '#spi';
import { connectionOptions } from '../../../adapters/mysql/connect.ts';
import { mysqlDriver } from '../../../adapters/mysql/driver.ts';
import { options } from '../../../adapters/mysql/options.ts';
import { CANARY, serve, silent, silentHealth, silentReference } from '../sql/leaks.ts';
import { ADDRESS, access, connected, database, host, never, skip } from './server.ts';

const FILL = `
  create table ${CANARY}_table (shown_id int primary key, shown_column varchar(20), ${CANARY}_hidden text,
    constraint ${CANARY}_check check (shown_column <> 'bad'), unique ${CANARY}_unique (shown_column)) engine=innodb;
  insert into ${CANARY}_table values (1, 'one', 'x'), (2, 'two', 'y');
`;
const columns = { shown_id: 'id', shown_column: 'v', [`${CANARY}_hidden`]: { hidden: true } };

const signalling = (how: string): string =>
  `create function ${CANARY}_function() returns varchar(20) reads sql data begin ${how}; return 'x'; end`;

/** What the view's column is, what is created in front of it, the fault. */
const FAILURES: readonly (readonly [string, string, FaultKind, string])[] = [
  [
    `${CANARY}_function()`,
    signalling(
      `signal sqlstate '45000' set message_text = '${CANARY} message', constraint_name = '${CANARY}', table_name = '${CANARY}'`,
    ),
    'rejected',
    'raised',
  ],
  [
    `${CANARY}_function()`,
    signalling(`signal sqlstate '42S02' set message_text = '${CANARY} message', mysql_errno = 1146`),
    'upstream',
    'sql-error',
  ],
  [`(select shown_column from ${CANARY}_table as many)`, '', 'upstream', 'sql-error'],
  [`~0 + shown_id`, '', 'upstream', 'sql-error'],
  [`concat('', sleep(60))`, '', 'timeout', 'cancelled'],
];

describe('what clients are told when MySQL or MariaDB fails', { skip }, () => {
  const server = { adapter: 'mysql', ...access };
  const opened = (own: string, more: object = {}, table = `${CANARY}_table`) =>
    serve({
      own: {
        ...server,
        database: own,
        collections: {
          items:
            table === `${CANARY}_table`
              ? { table, columns }
              : { table, key: ['shown_id'], columns: { shown_id: 'id', shown_column: 'v' } },
        },
        ...more,
      },
    });

  it('the reference shows columns and nothing else of the database', async () => {
    await using served = await opened(await database(FILL));
    await silentReference(served.both);
  });

  it('a table or a column that is gone is not named', async () => {
    await using admin = await connected();
    for (const sql of [
      `drop table ${CANARY}_table`,
      `alter table ${CANARY}_table change shown_column ${CANARY}_other text`,
    ]) {
      const own = await database(FILL.replace(`, unique ${CANARY}_unique (shown_column)`, ''));
      await using served = await opened(own);
      await admin.query(`use ${own}; ${sql}`);
      await silent(served.both, 'items', 'upstream', 'sql-error');
      await silentHealth(served.both, 'schema-drift');
    }
  });

  it('what a view fails with is not told', async () => {
    for (const [expression, before, kind, code] of FAILURES) {
      const own = await database(FILL);
      await using admin = await connected();
      await admin.query(`use ${own}`);
      if (before !== '') await admin.query(before);
      await admin.query(
        `create view ${CANARY}_view as select shown_id, ${expression} as shown_column from ${CANARY}_table`,
      );
      await using served = await opened(own, { settings: { max_statement_time: 1 } }, `${CANARY}_view`);
      await silent(served.both, 'items', kind, code, kind === 'timeout');
    }
  });

  it('a view over what is gone, or of one who is gone, is not told of', async () => {
    const own = await database(
      `${FILL} create view ${CANARY}_view as select shown_id, shown_column from ${CANARY}_table`,
    );
    await using served = await opened(own, {}, `${CANARY}_view`);
    await using admin = await connected();
    await admin.query(
      `use ${own}; create or replace definer = '${CANARY}'@'nowhere' sql security definer view ${CANARY}_view as select shown_id, shown_column from ${CANARY}_table`,
    );
    await silent(served.both, 'items', 'upstream', ['sql-error', 'permission']);
    await admin.query(`drop table ${CANARY}_table`);
    await silent(served.both, 'items', 'upstream', ['sql-error', 'permission']);
  });

  it('a lock that is waited for in vain is not told of', async () => {
    const own = await database(FILL);
    await using admin = await connected();
    await using served = await opened(own, { settings: { lock_wait_timeout: 1 } });
    await admin.query(`use ${own}; lock tables ${CANARY}_table write`);
    await silent(served.both, 'items', 'timeout', 'lock-timeout', true);
  });

  it('a connection that is ended or cut while its statement runs is told of at once, and not how', async () => {
    const own = await database(
      `${FILL} create view ${CANARY}_view as select shown_id, concat('', sleep(60)) as shown_column from ${CANARY}_table`,
    );
    await using admin = await connected();
    const running = async (): Promise<readonly number[]> => {
      for (;;) {
        const [found] = await admin.query<RowDataPacket[]>(
          `select id from information_schema.processlist where db = '${own}' and state = 'User sleep'`,
        );
        if (found.length > 0) return found.map(({ id }) => Number(id));
      }
    };
    const sockets = new Set<Socket>();
    const proxy = createServer((socket) => {
      const server = connect(ADDRESS.port, ADDRESS.host);
      for (const each of [socket, server]) each.on('error', () => {});
      sockets.add(socket);
      socket.pipe(server).pipe(socket);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', () => resolve()));
    const listening = proxy.address();
    assert.ok(typeof listening === 'object' && listening !== null);
    for (const [more, end] of [
      [{}, (id: number) => admin.query(`kill ${id}`)],
      [
        { port: listening.port },
        async (id: number) => {
          for (const socket of sockets) socket.destroy();
          await admin.query(`kill ${id}`);
        },
      ],
    ] as const) {
      // A further attempt would be told of its own end.
      const once = { guards: { retries: 0 } };
      await using served = await opened(own, { ...more, ...once }, `${CANARY}_view`);
      const asked = served.both.rest('items');
      for (const id of await running()) await end(id);
      const { text, body } = await asked;
      assert.deepEqual([body.code, /canary|kill/i.test(text)], ['connection-lost', false], text);
    }
    proxy.close();
  });

  it('a login that may not do it, is refused, or has no database or server is not named', async () => {
    const own = await database(FILL);
    const user = `${CANARY}_${own.slice(-12)}`;
    await using admin = await connected();
    await admin.query(
      `create user '${user}'@'%' identified by '${CANARY}-password'; grant select on ${own}.${CANARY}_table to '${user}'@'%'; create table ${own}.${CANARY}_rest (a int); grant select on ${own}.${CANARY}_rest to '${user}'@'%'`,
    );
    try {
      const source = (more: object = {}) => ({
        ...server,
        database: own,
        user,
        password: { file: 'password' },
        pool: { max: 1, idleMs: 1 },
        collections: { items: { table: `${CANARY}_table`, columns } },
        ...more,
      });
      const secrets = { password: `${CANARY}-password`, wrong: `${CANARY}-wrong` };
      {
        await using served = await serve({ own: source() }, secrets);
        await admin.query(`revoke select on ${own}.${CANARY}_table from '${user}'@'%'`);
        await silent(served.both, 'items', 'upstream', 'permission');
      }
      for (const [more, code] of [
        [{ password: { file: 'wrong' } }, 'login'],
        [{ user: 'root', password: undefined, database: `${CANARY}_database` }, 'no-database'],
        [{ port: 1 }, 'cannot-connect'],
        [{ host: `${CANARY}.invalid` }, 'cannot-connect'],
      ] as const) {
        await using served = await serve({ own: source(more) }, secrets);
        await silentHealth(served.both, code);
      }
    } finally {
      await admin.query(`drop user '${user}'@'%'`);
    }
  });

  it('a constraint that forbids a change is not named', async () => {
    const own = await database(FILL);
    const parsed = options.parse({ ...access, database: own, collections: {} });
    const driver = mysqlDriver({
      connection: await connectionOptions(parsed, host),
      pool: parsed.pool,
      readOnly: false,
      settings: {},
    });
    for (const values of [
      `1, 'x', ''`,
      `3, 'bad', ''`,
      `null, 'x', ''`,
      `'${CANARY}', 'x', ''`,
      `3, 'one', ''`,
    ]) {
      const sql = `insert into ${CANARY}_table values (${values})`;
      const work = driver.transaction?.((session) => session.run({ sql, parameters: [] }), never);
      const error = await work?.then(
        () => assert.fail('it is forbidden'),
        (thrown: unknown) => driver.fault(thrown),
      );
      assert.ok(error !== undefined && ['conflict', 'rejected', 'invalid'].includes(error.kind));
      assert.doesNotMatch(JSON.stringify(error.told) + error.message, /canary|constraint [`"]/i);
    }
    await driver[Symbol.asyncDispose]();
  });
});
