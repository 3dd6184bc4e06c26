import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Conjunct, Order, Scalar, Value } from '#spi';
import { mysqlDialect } from '../../../adapters/mysql/dialect.ts';
import { postgresDialect } from '../../../adapters/postgres/dialect.ts';
import { offer } from '../../../adapters/sql/access.ts';
import { comparedColumns } from '../../../adapters/sql/condition.ts';
import type { Dialect } from '../../../adapters/sql/dialect.ts';
import type { Statement } from '../../../adapters/sql/driver.ts';
import type { Table } from '../../../adapters/sql/table.ts';
import { sqliteDialect } from '../../../adapters/sqlite/dialect.ts';

const TYPES: Readonly<Record<string, readonly [declared: string, Scalar]>> = {
  id: ['bigint', { kind: 'int64' }],
  name: ['varchar(40)', { kind: 'string', length: 40 }],
  amount: ['decimal(9,2)', { kind: 'decimal', precision: 9, scale: 2 }],
};

function table(): Table {
  const columns = Object.entries(TYPES).map(([name, [declared, type]]) => ({
    name,
    declared,
    meant: declared,
    type,
    padded: false,
    nullable: name !== 'id',
    trusted: true,
    numbered: false,
    field: { name, type },
  }));
  const named = new Map(columns.map((column) => [column.name, column]));
  return {
    collection: { name: 'rows', fields: columns.map(({ field }) => field), key: ['id'] },
    name: 'rows',
    columns: named,
    key: columns.slice(0, 1),
    enforced: columns.slice(0, 1),
    indexes: [],
    unwritten: [],
    transactional: true,
    indexedOnly: false,
    maxValueBytes: 1_000,
  };
}

const typeOf = (field: string): Scalar => TYPES[field]?.[1] ?? { kind: 'string' };
const leaf = (op: 'eq' | 'ne' | 'gt', field: string, value: Value): Conjunct => ({
  op,
  field,
  type: typeOf(field),
  value,
});
const keys = (...values: Value[]): Conjunct => ({
  op: 'keys',
  fields: [{ field: 'id', type: typeOf('id') }],
  keys: values.map((value) => [value]),
});
const behind = (order: Order, ...values: Value[]): Conjunct => ({ op: 'after', order, values });
const by = (...fields: string[]): Order =>
  fields.map((field) => ({ field, type: typeOf(field), descending: false }));

interface Asked {
  readonly where: readonly Conjunct[];
  readonly order?: Order;
  readonly fields?: readonly string[];
  readonly limit?: number;
}

/** Neighbours differ in values alone, or in just what may not be taken for a value. */
const ASKED: readonly Asked[] = [
  { where: [] },
  { where: [], limit: 1 },
  { where: [], order: by('id'), limit: 1 },
  { where: [], order: by('id'), limit: 2 },
  { where: [], order: [{ field: 'id', type: typeOf('id'), descending: true }], limit: 2 },
  { where: [leaf('eq', 'id', 7n)] },
  { where: [leaf('eq', 'id', 7n)], fields: ['id', 'name'] },
  { where: [leaf('eq', 'id', 8n)] },
  { where: [leaf('eq', 'id', 2n ** 40n)] },
  { where: [leaf('eq', 'amount', '1.00')] },
  { where: [leaf('eq', 'amount', '2.00'), leaf('gt', 'amount', '1.00')] },
  { where: [leaf('eq', 'amount', '1.00'), leaf('gt', 'amount', '1.00')] },
  { where: [leaf('eq', 'name', "a'")] },
  { where: [leaf('eq', 'name', 'b"?{')] },
  { where: [leaf('ne', 'name', 'c')] },
  { where: [leaf('ne', 'name', '\0')] },
  { where: [{ op: 'contains', field: 'name', type: typeOf('name'), value: 'x' }] },
  { where: [{ op: 'contains', field: 'name', type: typeOf('name'), value: 'y' }] },
  { where: [keys(1n, 2n)] },
  { where: [keys(3n, 4n)] },
  { where: [keys(5n, 6n, 7n)] },
  { where: [keys(...Array.from({ length: 300 }, (_, i) => BigInt(i)))] },
  { where: [behind(by('amount', 'id'), '1.00', 1n)], order: by('amount', 'id'), limit: 9 },
  { where: [behind(by('amount', 'id'), '2.00', 2n)], order: by('amount', 'id'), limit: 9 },
  { where: [behind(by('amount', 'id'), null, 3n)], order: by('amount', 'id'), limit: 9 },
];

async function statementOf(
  { where, order = [], fields = ['id'], limit }: Asked,
  shown: Table,
  dialect: Dialect,
): Promise<readonly Statement[]> {
  const seen: Statement[] = [];
  const decoded = new Map([...shown.columns].map(([name, column]) => [name, { column, decode: () => null }]));
  const access = offer(
    { collection: 'rows', where, order },
    { table: shown, compared: comparedColumns(shown, dialect), decoded },
    dialect,
    {
      async *stream(statement) {
        seen.push(statement);
        yield* [];
      },
      ping: async () => {},
      fault: (error) => {
        throw error;
      },
      async [Symbol.asyncDispose]() {},
    },
  );
  const { signal } = new AbortController();
  for await (const _ of access.read({ fields, signal, ...(limit === undefined ? {} : { limit }) }))
    throw new Error('no rows here');
  return seen.map(({ sql, parameters }) => ({ sql, parameters: parameters.map(({ value }) => ({ value })) }));
}

const PRODUCTS = {
  sqlite: sqliteDialect('UTF-8'),
  postgres: postgresDialect('UTF8'),
  mysql: mysqlDialect,
} as const;

describe('statement shapes', () => {
  for (const [name, dialect] of Object.entries(PRODUCTS)) {
    it(`a statement is the same whether its shape was compiled before or not (${name})`, async () => {
      const shared = table();
      for (const asked of [...ASKED, ...ASKED]) {
        const fresh = await statementOf(asked, table(), dialect);
        assert.deepEqual(await statementOf(asked, shared, dialect), fresh);
      }
    });
  }
});
