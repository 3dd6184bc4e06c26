// Every kind of statement, for every product side by side: statements.txt is made to be read. After a change of the compiler, look at what
// changed there; `node --test --test-update-snapshots` writes it again.

import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Conjunct, Order, OrderKey, Query, Scalar, Value } from '#spi';
import { mssqlDialect } from '../../../adapters/mssql/dialect.ts';
import { dialectOf, mysqlDialect } from '../../../adapters/mysql/dialect.ts';
import { oracleDialect } from '../../../adapters/oracle/dialect.ts';
import { postgresDialect } from '../../../adapters/postgres/dialect.ts';
import { offer } from '../../../adapters/sql/access.ts';
import { comparedColumns } from '../../../adapters/sql/condition.ts';
import type { Dialect } from '../../../adapters/sql/dialect.ts';
import type { Driver, Statement } from '../../../adapters/sql/driver.ts';
import type { DatabaseModel, SavedColumn } from '../../../adapters/sql/model.ts';
import { tableOptions } from '../../../adapters/sql/options.ts';
import { tableOf } from '../../../adapters/sql/table.ts';
import { sqliteDialect } from '../../../adapters/sqlite/dialect.ts';
import { writeStatementsOf, writesOf } from './write-statements.ts';

interface Product {
  readonly dialect: Dialect;
  /** Declared types of the columns below, in the words of the product. */
  readonly types: Readonly<Record<string, string>>;
  /** How the catalog names the collation of texts; absent: it compares code points. */
  readonly collation?: string;
  /** Columns whose values need not fit their types. */
  readonly untrusted?: readonly string[];
}

const ORACLE_TYPES = {
  id: 'NUMBER(18)',
  name: 'VARCHAR2(40 CHAR)',
  code: 'CHAR(4 BYTE)',
  amount: 'NUMBER(9,2)',
  day: 'DATE',
  at: 'TIMESTAMP(6)',
  flag: 'BOOLEAN',
  ratio: 'BINARY_FLOAT',
  raw: 'RAW(40)',
};

const MYSQL: Product = {
  dialect: mysqlDialect,
  types: {
    id: 'bigint(20)',
    name: 'varchar(40)',
    code: 'char(4)',
    amount: 'decimal(9,2)',
    day: 'date',
    at: 'datetime(6)',
    flag: 'tinyint(1)',
    ratio: 'float',
    raw: 'varbinary(40)',
  },
  collation: 'utf8mb4_general_ci',
};

const PRODUCTS: Readonly<Record<string, Product>> = {
  sqlite: {
    dialect: sqliteDialect('UTF-8'),
    types: {
      id: 'INTEGER',
      name: 'TEXT',
      code: 'CHAR(4)',
      amount: 'DECIMAL(9,2)',
      day: 'DATE',
      at: 'TIMESTAMP',
      flag: 'BOOLEAN',
      ratio: 'REAL',
      raw: 'BLOB',
    },
  },
  postgres: {
    dialect: postgresDialect('UTF8'),
    types: {
      id: 'bigint',
      name: 'character varying(40)',
      code: 'character(4)',
      amount: 'numeric(9,2)',
      day: 'date',
      at: 'timestamp without time zone',
      flag: 'boolean',
      ratio: 'real',
      raw: 'bytea',
    },
    collation: 'de_DE.utf8',
  },
  mysql: MYSQL,
  oracle: {
    dialect: oracleDialect({ charset: 'AL32UTF8', version: 12 }),
    types: ORACLE_TYPES,
    untrusted: ['code'],
  },
  oracle11: {
    dialect: oracleDialect({ charset: 'WE8MSWIN1252', version: 11 }),
    types: { ...ORACLE_TYPES, flag: 'NUMBER(1)' },
    untrusted: ['name', 'code'],
  },
  mssql: {
    dialect: mssqlDialect('SQL_Latin1_General_CP1_CI_AS'),
    types: {
      id: 'bigint',
      name: 'varchar(40)',
      code: 'char(4)',
      amount: 'decimal(9,2)',
      day: 'date',
      at: 'datetime2(7)',
      flag: 'bit',
      ratio: 'real',
      raw: 'varbinary(40)',
    },
    collation: 'SQL_Latin1_General_CP1_CI_AS',
  },
};

const id: Scalar = { kind: 'int64' };
const string: Scalar = { kind: 'string' };
const decimal: Scalar = { kind: 'decimal', precision: 9, scale: 2 };
const VALUES: Readonly<Record<string, readonly [Scalar, Value]>> = {
  id: [id, 7n],
  name: [string, "O'Brien"],
  code: [string, 'AB'],
  amount: [decimal, '12.50'],
  day: [{ kind: 'date' }, '2024-02-29'],
  at: [{ kind: 'timestamp' }, '2024-02-29T10:00:00.5'],
  flag: [{ kind: 'boolean' }, true],
  ratio: [{ kind: 'float64' }, 0.5],
  raw: [{ kind: 'bytes' }, Uint8Array.of(0, 255)],
};

function sampleOf(field: string): readonly [Scalar, Value] {
  const found = VALUES[field];
  if (found === undefined) throw new TypeError(`no value for ${field}`);
  return found;
}

const compare = (op: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge', field: string): Conjunct => {
  const [type, value] = sampleOf(field);
  return { op, field, type, value };
};
const by = (field: string, descending = false): OrderKey => ({ field, type: sampleOf(field)[0], descending });
const KEY: Order = [by('id')];
const asked = (where: readonly Conjunct[], order: Order = []): Query => ({
  collection: 'rows',
  where,
  order,
});

/** What is asked, in words, and the query; a limit where the words say so. */
const QUERIES: readonly (readonly [words: string, query: Query, limit?: number])[] = [
  ['everything', asked([])],
  ['a page in key order', asked([], KEY), 51],
  ['a page of a table without a key', { ...asked([]), collection: 'heap' }, 51],
  [
    'an ordered page of a table without a key',
    { ...asked([], [by('amount', true)]), collection: 'heap' },
    51,
  ],
  ...Object.keys(VALUES).map((field) => [`${field} eq`, asked([compare('eq', field)])] as const),
  ['name ne', asked([compare('ne', 'name')])],
  ...(['lt', 'le', 'gt', 'ge'] as const).map(
    (op) => [`amount ${op}`, asked([compare(op, 'amount')])] as const,
  ),
  ['name lt', asked([compare('lt', 'name')])],
  ['day ge', asked([compare('ge', 'day')])],
  ['id in', asked([{ op: 'in', field: 'id', type: id, values: [1n, 2n] }])],
  ['name in', asked([{ op: 'in', field: 'name', type: string, values: ['a', 'b'] }])],
  ...(['startsWith', 'endsWith', 'contains'] as const).map(
    (op) => [`name ${op}`, asked([{ op, field: 'name', type: string, value: '50%_\\[' }])] as const,
  ),
  ['name is null', asked([{ op: 'null', field: 'name', type: string, is: true }])],
  ['name is not null', asked([{ op: 'null', field: 'name', type: string, is: false }])],
  [
    'one of two',
    asked([{ op: 'any', of: [[compare('eq', 'id')], [compare('gt', 'amount'), compare('eq', 'flag')]] }]),
  ],
  ['not both', asked([{ op: 'not', of: [compare('eq', 'id'), compare('gt', 'amount')] }])],
  ['keys', asked([{ op: 'keys', fields: [{ field: 'id', type: id }], keys: [[1n], [2n]] }], KEY)],
  [
    'pairs of keys',
    asked([
      {
        op: 'keys',
        fields: [
          { field: 'code', type: string },
          { field: 'id', type: id },
        ],
        keys: [
          ['AB', 1n],
          ['CD', 2n],
        ],
      },
    ]),
  ],
  [
    'the next page',
    asked(
      [{ op: 'after', order: [by('amount', true), by('id')], values: ['12.50', 7n] }],
      [by('amount', true), by('id')],
    ),
    51,
  ],
  [
    'the next page behind a null',
    asked([{ op: 'after', order: [by('day'), by('id')], values: [null, 7n] }], [by('day'), by('id')]),
    51,
  ],
  ['ordered by name', asked([], [by('name'), by('id')]), 51],
  ['ordered by code', asked([], [by('code'), by('id')]), 51],
  ['code endsWith', asked([{ op: 'endsWith', field: 'code', type: string, value: 'B' }])],
];

function columnsOf({ types, collation, untrusted = [] }: Product): readonly SavedColumn[] {
  return Object.entries(types).map(
    ([name, type]): SavedColumn => ({
      name,
      type,
      nullable: name !== 'id',
      ...(collation !== undefined && ['name', 'code'].includes(name) ? { collation } : {}),
      trusted: !untrusted.includes(name),
    }),
  );
}

/** The statements of a read and of a count, if one is offered. */
async function statementsOf(product: Product, query: Query, limit?: number): Promise<readonly string[]> {
  const { dialect } = product;
  const columns = columnsOf(product);
  const table = { kind: 'table' as const, columns, unique: [], indexes: [], foreignKeys: [] };
  const model: DatabaseModel = {
    format: 'overpunch-database/1',
    product: 'any',
    tables: [
      { ...table, name: 'odd "table`; --', key: ['id'] },
      { ...table, name: 'heap', key: [] },
    ],
    omitted: [],
  };
  const seen: Statement[] = [];
  const driver: Driver = {
    async *stream(statement) {
      seen.push(statement);
      yield* [];
    },
    ping: async () => {},
    fault: (error) => {
      throw error;
    },
    async [Symbol.asyncDispose]() {},
  };
  const name = query.collection === 'heap' ? 'heap' : 'odd "table`; --';
  const shown = tableOf(query.collection, tableOptions.parse({ table: name }), model, dialect);
  const decoded = new Map(
    [...shown.columns].map(([field, column]) => [field, { column, decode: dialect.decoder(column) }]),
  );
  const access = offer(
    query,
    { table: shown, compared: comparedColumns(shown, dialect), decoded },
    dialect,
    driver,
  );
  const { signal } = new AbortController();
  const ask = { fields: ['id'], signal, ...(limit === undefined || !access.limits ? {} : { limit }) };
  for await (const _ of access.read(ask)) throw new Error('no rows here');
  await access.count?.({ signal });
  const offered = [...access.where, access.ordered ? 'ordered' : 'not ordered'].join(', ');
  return [`(${offered})`, ...seen.map(({ sql, parameters }) => `${sql}${shownParameters(parameters)}`)];
}

function shownParameters(parameters: Statement['parameters']): string {
  const texts = parameters.map(({ value }) =>
    value instanceof Uint8Array
      ? `0x${value.toHex()}`
      : typeof value === 'bigint'
        ? `${value}n`
        : JSON.stringify(value),
  );
  return texts.length === 0 ? '' : `  -- ${texts.join(', ')}`;
}

describe('statements', () => {
  it('of every kind stand side by side for every product', async (t) => {
    const lines: string[] = [];
    for (const [words, query, limit] of QUERIES) {
      lines.push(words);
      for (const [name, product] of Object.entries(PRODUCTS)) {
        for (const line of await statementsOf(product, query, limit))
          lines.push(`  ${name.padEnd(9)}${line}`);
      }
      lines.push('');
    }
    // Only writes tell MariaDB from MySQL.
    const mariadb = { ...MYSQL, dialect: dialectOf('10.11.6-MariaDB') };
    const written = { ...PRODUCTS, mariadb };
    const values = Object.fromEntries(Object.entries(VALUES).map(([field, [, value]]) => [field, value]));
    for (const [words, changes, affected] of writesOf(values)) {
      lines.push(words);
      for (const [name, product] of Object.entries(written)) {
        if (product.dialect.writing === undefined) continue;
        const columns = columnsOf(product).map((column) =>
          column.name === 'id' ? { ...column, generated: 'identity' as const, default: true } : column,
        );
        for (const { sql, parameters } of await writeStatementsOf(
          product.dialect,
          columns,
          changes,
          affected,
        ))
          lines.push(`  ${name.padEnd(9)}${sql}${shownParameters(parameters)}`);
      }
      lines.push('');
    }
    t.assert.fileSnapshot(lines.join('\n'), join(import.meta.dirname, 'statements.txt'), {
      serializers: [(value) => value],
    });
  });
});
