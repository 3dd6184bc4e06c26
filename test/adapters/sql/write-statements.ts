// The statements of every kind of write, as a recording driver is given them.

import type { Change, Value } from '#spi';
import { comparedColumns } from '../../../adapters/sql/condition.ts';
import type { Dialect } from '../../../adapters/sql/dialect.ts';
import type { Driver, Session, Statement, StatementResult } from '../../../adapters/sql/driver.ts';
import type { DatabaseModel, SavedColumn } from '../../../adapters/sql/model.ts';
import { tableOptions } from '../../../adapters/sql/options.ts';
import { type Table, tableOf } from '../../../adapters/sql/table.ts';
import { createWrite } from '../../../adapters/sql/transact.ts';
import { writableOf } from '../../../adapters/sql/writable.ts';

const change = (verb: Change['verb'], more: Partial<Change>): Change => ({
  collection: 'rows',
  verb,
  values: {},
  ...(verb === 'insert' ? {} : { key: [7n] }),
  ...more,
});

/** What is asked, in words; how many rows the database finds or changes, statement by statement. */
export function writesOf(
  values: Readonly<Record<string, Value>>,
): readonly (readonly [words: string, changes: readonly Change[], affected: readonly number[]])[] {
  const { name = null, amount = null } = values;
  return [
    ['insert of all columns', [change('insert', { values: { id: 7n, ...values } })], [1, 1]],
    ['insert of a new key', [change('insert', { values: { name } })], [1, 1]],
    ['insert of nothing but defaults', [change('insert', {})], [1, 1]],
    [
      'inserts together',
      [change('insert', { values: { id: 1n, name } }), change('insert', { values: { id: 2n, name: null } })],
      [2, 2],
    ],
    ['insert without a key', [change('insert', { collection: 'heap', values: { name } })], [1]],
    ['update', [change('update', { values: { name, amount } })], [1]],
    [
      'update of what is as expected',
      [change('update', { values: { name: null }, expected: { amount } })],
      [1, 1],
    ],
    [
      'update of a pair of keys',
      [change('update', { collection: 'pairs', key: ['AB', 7n], values: { name } })],
      [1],
    ],
    ['delete', [change('delete', {})], [1]],
    ['upsert of a row that is there', [change('upsert', { values: { name } })], [1]],
    ['upsert of a new row', [change('upsert', { values: { name } })], [0, 1, 1]],
    ['upsert of nothing but a key', [change('upsert', { collection: 'tags', key: ['AB'] })], [0, 1, 1]],
  ];
}

function tablesOf(columns: readonly SavedColumn[], dialect: Dialect): readonly Table[] {
  const kept = columns.map((column) => (column.name === 'code' ? { ...column, nullable: false } : column));
  const table = { kind: 'table' as const, unique: [], indexes: [], foreignKeys: [] };
  const model: DatabaseModel = {
    format: 'overpunch-database/1',
    product: 'any',
    tables: [
      { ...table, name: 'odd "table`; --', columns, key: ['id'] },
      { ...table, name: 'heap', columns, key: [] },
      { ...table, name: 'pairs', columns: kept, key: ['code', 'id'] },
      { ...table, name: 'tags', columns: kept.filter(({ name }) => name === 'code'), key: ['code'] },
    ],
    omitted: [],
  };
  return [
    { name: 'rows', table: 'odd "table`; --', writes: ['insert', 'update', 'upsert', 'delete'] },
    { name: 'heap', table: 'heap', writes: ['insert'] },
    { name: 'pairs', table: 'pairs', writes: ['update'] },
    { name: 'tags', table: 'tags', writes: ['upsert'] },
  ].map(({ name, ...options }) => tableOf(name, tableOptions.parse(options), model, dialect));
}

/** `affected`: rows of each answer in turn; a row that is selected or given back is the key with its values as expected. */
export async function writeStatementsOf(
  dialect: Dialect,
  columns: readonly SavedColumn[],
  changes: readonly Change[],
  affected: readonly number[],
): Promise<readonly Statement[]> {
  const seen: Statement[] = [];
  const session: Session = {
    async run(statement): Promise<StatementResult> {
      const count = affected[seen.length] ?? 0;
      seen.push(statement);
      const rows = Array.from({ length: count }, (_, i) => columns.map(() => i));
      return { rows, affected: count, numbered: '7' };
    },
  };
  const driver: Driver = {
    async *stream() {
      yield* [];
    },
    transaction: (work) => work(session),
    ping: async () => {},
    fault: (error) => {
      throw error;
    },
    async [Symbol.asyncDispose]() {},
  };
  const writables = tablesOf(columns, dialect).map((table) => {
    const decoded = new Map(
      [...table.columns].map(([field, column]) => {
        // A stored value says of which change it is.
        const decode = (stored: unknown) => sampleOf(changes[Number(stored)] ?? changes[0], field);
        return [field, { column, decode }] as const;
      }),
    );
    const open = { table, compared: comparedColumns(table, dialect), decoded };
    const writable = writableOf(open, dialect, driver);
    if (writable === undefined) throw new TypeError(`${table.name} is not written`);
    return [table.collection.name, writable] as const;
  });
  await createWrite(new Map(writables), driver)(changes, { signal: new AbortController().signal });
  return seen;
}

/** What the row of a change holds in a field. */
function sampleOf(asked: Change | undefined, field: string): Value {
  const { expected = {}, values = {}, key = [] } = asked ?? {};
  if (field === 'id') return values[field] ?? key.at(-1) ?? 7n;
  return expected[field] ?? values[field] ?? (field === 'code' ? key[0] : null) ?? null;
}
