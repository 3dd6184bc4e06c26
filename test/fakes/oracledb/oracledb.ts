// A stand-in for the npm package `oracledb` as far as the adapter uses it: it runs statements on SQLite, and keeps what it was
// asked: statements with their binds, pools, breaks, pings, closed connections. It speaks no protocol of Oracle.

import { DatabaseSync } from 'node:sqlite';
import {
  type Bind,
  type Connection,
  DB_TYPES,
  type DbType,
  type ExecuteOptions,
  type Lob,
  type OracleModule,
  type Pool,
  type PoolAttributes,
  type Result,
} from '../../../adapters/oracle/driver-module.ts';
import { addRow, createDictionary } from './dictionary.ts';
import { numberKey, numberText } from './numbers.ts';
import { createTable, isPadded, lengthOf, PADDING, type TestTable } from './schema.ts';
import { defineFunctions, translate } from './sql.ts';

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
}

/** SQLite has one transaction at a time: while one changes something, the others wait. */
interface Turn {
  /** `asked`: whether whoever waits still wants it. */
  begin(owner: object, changes: boolean, asked: () => boolean): Promise<void>;
  end(owner: object, how: 'commit' | 'rollback'): void;
}

function turnsOn(database: DatabaseSync): Turn {
  let holder: object | undefined;
  const waiting: (() => void)[] = [];
  return {
    async begin(owner, changes, asked) {
      while (holder !== undefined && holder !== owner) {
        await new Promise<void>((resolve) => waiting.push(resolve));
        if (!asked()) throw oraError(1013);
      }
      if (!changes || holder === owner) return;
      holder = owner;
      database.exec('begin');
    },
    end(owner, how) {
      if (holder !== owner) return;
      holder = undefined;
      database.exec(how);
      for (const wake of waiting.splice(0)) wake();
    },
  };
}

export function oraError(errorNum: number, more: object = {}): Error {
  const code = `ORA-${String(errorNum).padStart(5, '0')}`;
  return Object.assign(new Error(`${code}: something about "SECRET"`), { errorNum, code, ...more });
}

export function njsError(code: string): Error {
  return Object.assign(new Error(`${code}: something about "SECRET"`), { code });
}

const TYPES = Object.fromEntries(DB_TYPES.map((name) => [name, { name }])) as {
  readonly [name in (typeof DB_TYPES)[number]]: DbType;
};
const constants = { OUT_FORMAT_ARRAY: 4001, BIND_IN: 3001, BIND_INOUT: 3002, BIND_OUT: 3003 };

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
    module: {
      ...TYPES,
      ...constants,
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
    const connection: Connection & { protocol: string; module?: string } = {
      protocol: fake.protocol,
      execute: (sql, binds, options) =>
        alone(async () => {
          if (sql.startsWith('alter session')) {
            fake.session.push(sql);
            return {};
          }
          const mine = running;
          const changes = /^(?:insert|update|delete)|for update$/.test(sql);
          await fake.turn.begin(connection, changes, () => running === mine);
          fake.statements.push({ sql, binds, options });
          const scripted = fake.script(sql, binds);
          if (scripted !== undefined && 'error' in scripted) throw scripted.error;
          if (scripted !== undefined && 'hangs' in scripted) return new Promise<never>(() => {});
          if (scripted !== undefined && 'result' in scripted) return scripted.result;
          const rows = scripted?.rows.values() ?? rowsOf(fake, sql, binds, options);
          if (options.resultSet !== true) return resultOf(sql, constrained(rows), binds, fake);
          openResults++;
          return {
            resultSet: {
              getRows: (count) => alone(() => nextOf(rows, count)),
              close: async () => {
                openResults--;
                rows.return?.(undefined);
              },
            },
          };
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

/** Numbers of SQLite's errors → those of Oracle. */
const CONSTRAINTS: Readonly<Record<number, number>> = {
  275: 2290,
  787: 2291,
  1299: 1400,
  1555: 1,
  2067: 1,
};

function constrained(rows: Iterable<unknown>): readonly unknown[] {
  try {
    return [...rows];
  } catch (error) {
    const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
    const number = CONSTRAINTS[code];
    throw number === undefined ? error : oraError(number);
  }
}

/** Of RETURNING: a list for each bind. */
function resultOf(sql: string, rows: readonly unknown[], binds: readonly Bind[], fake: FakeOracle): Result {
  if (/^\s*(?:select|with)\b/i.test(sql)) return { rows };
  const changes = fake.database.prepare('select changes()').get();
  const rowsAffected = Number(Array.isArray(changes) ? changes[0] : 0);
  const out = binds.filter(({ dir }) => dir === constants.BIND_OUT);
  if (out.length === 0) return { rowsAffected };
  return {
    rowsAffected,
    outBinds: out.map((_, at) => rows.map((row) => (Array.isArray(row) ? row[at] : null))),
  };
}

function* rowsOf(
  { database }: FakeOracle,
  sql: string,
  binds: readonly Bind[],
  { fetchTypeHandler }: ExecuteOptions,
): Generator<unknown[]> {
  let statement: ReturnType<DatabaseSync['prepare']>;
  try {
    statement = database.prepare(translate(sql));
  } catch (error) {
    const missing = /no such (?:table|column)/.test(String(error));
    throw missing ? oraError(String(error).includes('table') ? 942 : 904) : error;
  }
  const columns = statement.columns().map(({ name, type }) => {
    const declared = (type ?? '').replace(/^TEXT /, '');
    const dbType = typeOf(declared);
    return { declared, asText: fetchTypeHandler({ name, dbType })?.type === TYPES.DB_TYPE_VARCHAR };
  });
  for (const row of statement.iterate(
    ...binds.filter(({ dir }) => dir !== constants.BIND_OUT).map(boundValue),
  )) {
    const values: unknown[] = Object.values(row);
    yield values.map((value, i) => fetched(value, columns[i]?.declared ?? '', columns[i]?.asText === true));
  }
}

/** Numbers of expressions are NUMBER too. */
function typeOf(declared: string): DbType {
  if (/^(?:NUMBER|FLOAT|INTEGER|$)/.test(declared)) return TYPES.DB_TYPE_NUMBER;
  if (declared.startsWith('DATE')) return TYPES.DB_TYPE_DATE;
  return declared.startsWith('TIMESTAMP') ? TYPES.DB_TYPE_TIMESTAMP : TYPES.DB_TYPE_VARCHAR;
}

/** What the driver gives: a number of JavaScript, a Date and so on where nobody asked for something better. */
function fetched(value: unknown, declared: string, asText: boolean): unknown {
  if (value === null) return null;
  if (/^(?:NUMBER|FLOAT|INTEGER)/.test(declared)) {
    const text = numberText(String(value));
    return asText ? text : Number.parseFloat(text);
  }
  if (/^(?:DATE|TIMESTAMP)/.test(declared)) return new Date(String(value).slice(0, 23));
  if (declared === 'BOOLEAN') return value === 1n;
  if (/^(?:N?CLOB|XMLTYPE|JSON)$/.test(declared)) return lob(String(value), TYPES.DB_TYPE_CLOB);
  if (declared === 'BLOB' && value instanceof Uint8Array) return lob(value, TYPES.DB_TYPE_BLOB);
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (isPadded(declared)) return String(value).slice(0, lengthOf(declared));
  return typeof value === 'bigint' ? (asText ? String(value) : Number(value)) : value;
}

function lob(data: string | Uint8Array, type: DbType): Lob {
  return { type, length: data.length, getData: async () => data, close: async () => {} };
}

/** The driver refuses what is not of the type; the server takes an empty text for null. */
function boundValue({ type, val, dir }: Bind): null | string | number | Uint8Array {
  if (type === undefined || dir === undefined) throw new Error('a bind without type or direction');
  const wanted: Readonly<Record<string, string>> = {
    DB_TYPE_NUMBER: 'number',
    DB_TYPE_BINARY_DOUBLE: 'number',
    DB_TYPE_BOOLEAN: 'boolean',
    DB_TYPE_RAW: 'object',
    DB_TYPE_BLOB: 'object',
  };
  if (val === null) return null;
  if (typeof val !== (wanted[type.name] ?? 'string')) throw njsError('NJS-011');
  if (typeof val === 'boolean') return Number(val);
  if (typeof val === 'number') return type === TYPES.DB_TYPE_NUMBER ? numberKey(String(val)) : val;
  if (val instanceof Uint8Array) return val.length === 0 ? null : val;
  const padded = type === TYPES.DB_TYPE_CHAR || type === TYPES.DB_TYPE_NCHAR;
  return val === '' ? null : padded ? String(val).padEnd(PADDING) : String(val);
}
