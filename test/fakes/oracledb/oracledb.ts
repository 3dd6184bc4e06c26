// A stand-in for the npm package `oracledb` as far as the adapter uses it: it runs statements on SQLite, and keeps what it was
// asked: statements with their binds, pools, breaks, pings, closed connections. It speaks no protocol of Oracle.

import { DatabaseSync } from 'node:sqlite';
import type {
  Bind,
  Connection,
  ExecuteOptions,
  OracleModule,
  Pool,
  PoolAttributes,
  Result,
  ResultSet,
} from '../../../adapters/oracle/driver-module.ts';
import { addRow, createDictionary } from './dictionary.ts';
import { njsError, oraError } from './errors.ts';
import { type Routine, runBlock } from './plsql.ts';
import { constrained, resultOf, rowsOf } from './rows.ts';
import { createTable, type TestTable } from './schema.ts';
import { defineFunctions } from './sql.ts';
import { type Turn, turnsOn } from './turns.ts';
import { CONSTANTS, TYPES } from './types.ts';

export { njsError, oraError } from './errors.ts';

export interface Seen {
  readonly sql: string;
  readonly binds: readonly Bind[];
  readonly options: ExecuteOptions;
}

/** What becomes of a statement instead of running it. */
export type Scripted =
  | { readonly error: Error }
  /** Until it is broken off. */
  | { readonly hangs: true }
  | { readonly rows: readonly (readonly unknown[])[] }
  | { readonly result: Result };

export interface FakeOracle {
  readonly module: OracleModule;
  readonly database: DatabaseSync;
  /** Statements but those that prepare a session. */
  readonly statements: Seen[];
  readonly session: string[];
  readonly pools: PoolAttributes[];
  readonly events: string[];
  readonly clients: { readonly libDir: string }[];
  /** Connections that are neither free nor closed. */
  readonly taken: () => number;
  script: (sql: string, binds: readonly Bind[]) => Scripted | undefined;
  /** What a connection says that it was made by. */
  protocol: string;
  /** Thrown when a connection is opened. */
  refusal: Error | undefined;
  /** Instead of a commit. */
  commit: () => Promise<void>;
  /** What is broken off ends. */
  breaks: boolean;
  readonly turn: Turn;
  /** By schema, package and name: `BANK.RATES.RATE_OF`. */
  readonly routines: Map<string, Routine>;
}

export function fakeOracle(schema: string, tables: readonly TestTable[], charset = 'AL32UTF8'): FakeOracle {
  const database = new DatabaseSync(':memory:', { returnArrays: true, readBigInts: true });
  defineFunctions(database);
  createDictionary(database);
  database.exec(`attach ':memory:' as "${schema}"`);
  addRow(database, 'product_component_version', { product: 'Oracle Database 19c', version: '19.0.0.0.0' });
  addRow(database, 'nls_database_parameters', { parameter: 'NLS_CHARACTERSET', value: charset });
  addRow(database, 'all_users', { username: schema, oracle_maintained: 'N' });
  for (const table of tables) createTable(database, schema, table);

  const taken = new Set<Connection>();
  const fake: FakeOracle = {
    database,
    statements: [],
    session: [],
    pools: [],
    events: [],
    clients: [],
    taken: () => taken.size,
    script: () => undefined,
    protocol: 'TCP',
    refusal: undefined,
    commit: async () => {},
    breaks: true,
    turn: turnsOn(database),
    routines: new Map(),
    module: {
      ...TYPES,
      ...CONSTANTS,
      initOracleClient: (options) => void fake.clients.push(options),
      async createPool(attributes) {
        fake.pools.push(attributes);
        return openPool(attributes);
      },
    },
  };

  function openPool(attributes: PoolAttributes): Pool {
    const idle: ReturnType<typeof connect>[] = [];
    const waiting: (() => void)[] = [];
    let open = 0;
    const wake = (): void => waiting.shift()?.();
    return {
      async getConnection() {
        for (;;) {
          const known = idle.pop();
          if (known !== undefined) return known.lend();
          if (open < attributes.poolMax) break;
          await turn(waiting, attributes.queueTimeout);
        }
        if (fake.refusal !== undefined) throw fake.refusal;
        open++;
        const made = connect(fake, taken, (whole) => {
          if (whole) idle.push(made);
          else open--;
          wake();
        });
        const connection = made.lend();
        try {
          await new Promise<void>((resolve, reject) =>
            attributes.sessionCallback(connection, '', (error) =>
              error == null ? resolve() : reject(error),
            ),
          );
        } catch (error) {
          await connection.close({ drop: true });
          throw error;
        }
        return connection;
      },
      async close(drainTime) {
        fake.events.push(`pool closed (${drainTime})`);
      },
    };
  }
  return fake;
}

/** Resolves when it is one's turn. */
function turn(waiting: (() => void)[], timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      waiting.splice(waiting.indexOf(mine), 1);
      reject(njsError('NJS-040'));
    }, timeoutMs);
    const mine = (): void => {
      clearTimeout(timer);
      resolve();
    };
    waiting.push(mine);
  });
}

/** A session, lent again and again. One thing at a time is asked of it, but for a break. */
function connect(fake: FakeOracle, taken: Set<Connection>, back: (whole: boolean) => void) {
  const lend = () => {
    let closed = false;
    let running: { readonly stop: (error: Error) => void } | undefined;
    let openResults = 0;
    let readOnly = false;
    const alone = async <T>(work: () => Promise<T> | T): Promise<T> => {
      if (closed) throw njsError('NJS-003');
      if (running !== undefined) throw new Error('two things at once on one connection');
      const { promise, reject } = Promise.withResolvers<never>();
      promise.catch(() => {});
      running = { stop: reject };
      try {
        return await Promise.race([Promise.resolve().then(work), promise]);
      } finally {
        running = undefined;
      }
    };
    const resultSetOf = (rows: Iterator<unknown>, names: readonly string[] = []): ResultSet => {
      openResults++;
      return {
        metaData: names.map((name) => ({ name })),
        getRows: (count) => alone(() => nextOf(rows, count)),
        close: async () => {
          openResults--;
          rows.return?.(undefined);
        },
      };
    };
    const connection: Connection & { protocol: string; module?: string } = {
      protocol: fake.protocol,
      execute: (sql, binds, options) =>
        alone(async () => {
          if (sql.startsWith('alter session')) {
            fake.session.push(sql);
            return {};
          }
          const mine = running;
          const block = /^(?:declare|begin)\b/.test(sql);
          if (sql === 'set transaction read only') {
            readOnly = true;
            return {};
          }
          const changes = block || /^(?:insert|update|delete)|for update$/.test(sql);
          await fake.turn.begin(connection, changes, () => running === mine);
          fake.statements.push({ sql, binds, options });
          const scripted = fake.script(sql, binds);
          if (scripted !== undefined && 'error' in scripted) throw scripted.error;
          if (scripted !== undefined && 'hangs' in scripted) return new Promise<never>(() => {});
          if (scripted !== undefined && 'result' in scripted) return scripted.result;
          if (block && scripted === undefined) {
            const { database, routines } = fake;
            return await runBlock({ database, routines, readOnly, resultSetOf }, sql, binds, options);
          }
          const rows = scripted?.rows.values() ?? rowsOf(fake.database, sql, binds, options);
          if (options.resultSet !== true) return resultOf(sql, constrained(rows), binds, fake.database);
          return { resultSet: resultSetOf(rows) };
        }),
      async break() {
        fake.events.push('break');
        if (fake.breaks) running?.stop(oraError(1013));
      },
      ping: () => alone(() => void fake.events.push('ping')),
      commit: () =>
        alone(async () => {
          fake.events.push('commit');
          await fake.commit();
          readOnly = false;
          fake.turn.end(connection, 'commit');
        }),
      rollback: () =>
        alone(() => {
          fake.events.push('rollback');
          fake.turn.end(connection, 'rollback');
        }),
      async close(options) {
        if (closed) throw njsError('NJS-003');
        closed = true;
        fake.turn.end(connection, 'rollback');
        taken.delete(connection);
        const drop = options?.drop === true;
        fake.events.push(
          drop ? 'dropped' : openResults > 0 ? 'released with an open result set' : 'released',
        );
        back(!drop);
      },
    };
    taken.add(connection);
    return connection;
  };
  return { lend };
}

/** The next rows, and no more; the others stay. */
function nextOf(rows: Iterator<unknown>, count: number): readonly unknown[] {
  const some: unknown[] = [];
  while (some.length < count) {
    const { value, done } = rows.next();
    if (done === true) break;
    some.push(value);
  }
  return some;
}
