// Every statement that the compiler makes of a query for SQLite, as text with its parameters.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Conjunct, Order, Query, Scalar, Value } from '#spi';
import { offer } from '../../../adapters/sql/access.ts';
import { comparedColumns } from '../../../adapters/sql/condition.ts';
import type { Dialect } from '../../../adapters/sql/dialect.ts';
import type { Driver, Statement } from '../../../adapters/sql/driver.ts';
import type { DatabaseModel } from '../../../adapters/sql/model.ts';
import { tableOptions } from '../../../adapters/sql/options.ts';
import { tableOf } from '../../../adapters/sql/table.ts';
import { sqliteDialect } from '../../../adapters/sqlite/dialect.ts';
import { sqliteFault } from '../../../adapters/sqlite/faults.ts';

const column = (name: string, type: string, more: { collation?: string; trusted?: boolean } = {}) => ({
  name,
  type,
  nullable: true,
  ...more,
});

const MODEL: DatabaseModel = {
  format: 'overpunch-database/1',
  product: 'sqlite',
  tables: [
    {
      name: 't',
      kind: 'table',
      columns: [
        { ...column('id', 'INTEGER', { trusted: true }), nullable: false },
        column('n', 'INTEGER'),
        column('amount', 'DECIMAL(9,2)'),
        column('name', 'TEXT'),
        column('sure', 'TEXT', { trusted: true }),
        column('folded', 'TEXT', { collation: 'nocase', trusted: true }),
        column('code', 'CHAR(4)', { trusted: true }),
        column('odd', 'UUID', { trusted: true }),
        column('day', 'DATE'),
        column('sureDay', 'DATE', { trusted: true }),
        column('at', 'TIMESTAMP', { trusted: true }),
        column('flag', 'BOOLEAN', { trusted: true }),
        column('raw', 'BLOB'),
        column('since', 'TIMESTAMPTZ'),
        column('size', 'REAL', { trusted: true }),
      ],
      key: ['id'],
      unique: [],
      indexes: [['day']],
      foreignKeys: [],
      position: 'rowid',
    },
    {
      name: 'odd "name"; --',
      kind: 'view',
      columns: [column('a.b as c', 'INTEGER', { trusted: true }), column('"', 'TEXT', { trusted: true })],
      key: [],
      unique: [],
      indexes: [],
      foreignKeys: [],
    },
  ],
  omitted: [],
};

const signal = new AbortController().signal;

/** The statements of one read, and what was offered for it. */
async function statementsOf(
  query: Query,
  table = 't',
  more: { limit?: number; maxParameters?: number } = {},
) {
  const seen: Statement[] = [];
  const driver: Driver = {
    async *stream(statement) {
      seen.push(statement);
      yield* [];
    },
    ping: async () => {},
    fault: sqliteFault,
    async [Symbol.asyncDispose]() {},
  };
  const sqlite = sqliteDialect('UTF-8');
  const dialect: Dialect = { ...sqlite, maxParameters: more.maxParameters ?? sqlite.maxParameters };
  const shown = tableOf('rows', tableOptions.parse({ table }), MODEL, dialect);
  const decoded = new Map(
    [...shown.columns].map(([name, own]) => [name, { column: own, decode: dialect.decoder(own) }]),
  );
  const access = offer(
    query,
    { table: shown, compared: comparedColumns(shown, dialect), decoded },
    dialect,
    driver,
  );
  const [field = ''] = shown.columns.keys();
  const limit = more.limit === undefined ? {} : { limit: more.limit };
  for await (const _ of access.read({ fields: [field], signal, ...limit })) assert.fail('no rows here');
  return {
    access,
    statements: seen.map(({ sql, parameters }) => ({
      sql,
      parameters: parameters.map(({ value }) => value),
    })),
  };
}

const string: Scalar = { kind: 'string' };
const int64: Scalar = { kind: 'int64' };
const decimal: Scalar = { kind: 'decimal', precision: 9, scale: 2 };
const date: Scalar = { kind: 'date' };
const timestamp: Scalar = { kind: 'timestamp' };
const AT =
  "case when length(replace(\"at\", ' ', 'T')) = 16 then replace(\"at\", ' ', 'T') || ':00' when instr(replace(\"at\", ' ', 'T'), '.') > 0 then rtrim(rtrim(replace(\"at\", ' ', 'T'), '0'), '.') else replace(\"at\", ' ', 'T') end";

type Row = readonly [
  conjunct: Conjunct,
  coverage: 'exact' | 'inexact' | 'none',
  where: string,
  ...parameters: (Value | undefined)[],
];
const eq = (field: string, type: Scalar, value: Value): Conjunct => ({ op: 'eq', field, type, value });
const ne = (field: string, type: Scalar, value: Value): Conjunct => ({ op: 'ne', field, type, value });
const lt = (field: string, type: Scalar, value: Value): Conjunct => ({ op: 'lt', field, type, value });
const ge = (field: string, type: Scalar, value: Value): Conjunct => ({ op: 'ge', field, type, value });

const CONDITIONS: readonly Row[] = [
  [eq('id', int64, 5n), 'exact', '"id" = ?', 5n],
  [ne('id', int64, 5n), 'exact', '"id" <> ?', 5n],
  [lt('id', int64, 5n), 'exact', '"id" < ?', 5n],
  [ge('id', int64, 5n), 'exact', '"id" >= ?', 5n],
  [{ op: 'le', field: 'id', type: int64, value: 5n }, 'exact', '"id" <= ?', 5n],
  [{ op: 'gt', field: 'id', type: int64, value: 5n }, 'exact', '"id" > ?', 5n],
  [eq('id', int64, null), 'exact', '1 = 0'],
  [lt('n', int64, 5n), 'inexact', `("n" < ? or "n" >= '')`, 5n],
  [ge('n', int64, 5n), 'inexact', '"n" >= ?', 5n],
  [{ op: 'in', field: 'id', type: int64, values: [1n, 2n] }, 'exact', '"id" in (?, ?)', 1n, 2n],
  [{ op: 'in', field: 'id', type: int64, values: [] }, 'exact', '1 = 0'],
  [{ op: 'null', field: 'n', type: int64, is: true }, 'exact', '"n" is null'],
  [{ op: 'null', field: 'n', type: int64, is: false }, 'exact', '"n" is not null'],
  [eq('amount', decimal, '12.50'), 'exact', '"amount" = ?', 12.5],
  [eq('amount', decimal, '-3.00'), 'exact', '"amount" = ?', -3n],
  // No stored amount is this one, but the binary fraction of 12.50 is the nearest to it.
  [eq('amount', decimal, '12.500000000000000000001'), 'exact', '1 = 0'],
  [lt('amount', decimal, '12.50'), 'inexact', `("amount" < ? or "amount" >= '')`, 12.5],
  [lt('amount', decimal, '12.505'), 'none', ''],
  [lt('amount', decimal, '12345678901234567.89'), 'none', ''],
  [
    lt('amount', decimal, '12345678901234567'),
    'inexact',
    `("amount" < ? or "amount" >= '')`,
    12345678901234567n,
  ],
  [eq('name', string, "x' or 1=1 --"), 'exact', '"name" = ?', "x' or 1=1 --"],
  [lt('name', string, 'm'), 'inexact', `("name" < ? or "name" >= x'')`, 'm'],
  [lt('sure', string, 'm'), 'exact', '"sure" < ?', 'm'],
  [eq('sure', string, '\ud800'), 'exact', '1 = 0'],
  [ne('sure', string, '\ud800'), 'exact', '"sure" is not null'],
  [lt('sure', string, '\ud800'), 'none', ''],
  [eq('folded', string, 'Ab'), 'exact', '"folded" in (?) and "folded" collate "binary" = ?', 'Ab', 'Ab'],
  [lt('folded', string, 'Ab'), 'exact', '"folded" collate "binary" < ?', 'Ab'],
  [
    eq('code', string, 'AB'),
    'exact',
    `"code" >= ? and "code" < ? and rtrim("code", ' ') = ?`,
    'AB',
    'AB!',
    'AB',
  ],
  [
    { op: 'in', field: 'code', type: string, values: ['A', 'B'] },
    'exact',
    `("code" >= ? and "code" < ? or "code" >= ? and "code" < ?) and rtrim("code", ' ') in (?, ?)`,
    'A',
    'A!',
    'B',
    'B!',
    'A',
    'B',
  ],
  [eq('odd', string, '12'), 'exact', '+"odd" = ?', '12'],
  [
    { op: 'startsWith', field: 'sure', type: string, value: 'a%' },
    'exact',
    '"sure" >= ? and "sure" < ?',
    'a%',
    'a&',
  ],
  [
    { op: 'startsWith', field: 'sure', type: string, value: 'x\ud7ff' },
    'exact',
    '"sure" >= ? and "sure" < ?',
    'x\ud7ff',
    'x\ue000',
  ],
  [
    { op: 'startsWith', field: 'sure', type: string, value: 'x\u{10ffff}' },
    'exact',
    '"sure" >= ? and "sure" < ?',
    'x\u{10ffff}',
    'y',
  ],
  [
    { op: 'startsWith', field: 'sure', type: string, value: '\u{10ffff}' },
    'exact',
    '"sure" >= ?',
    '\u{10ffff}',
  ],
  [{ op: 'contains', field: 'sure', type: string, value: '_' }, 'exact', 'instr("sure", ?) > 0', '_'],
  [{ op: 'contains', field: 'sure', type: string, value: '' }, 'exact', '"sure" >= \'\''],
  [
    { op: 'endsWith', field: 'sure', type: string, value: 'é' },
    'exact',
    `"sure" <> '' and substr(cast("sure" as blob), ?) = ?`,
    -2n,
    new Uint8Array([0xc3, 0xa9]),
  ],
  [
    { op: 'contains', field: 'name', type: string, value: 'x' },
    'inexact',
    `(instr("name", ?) > 0 or "name" >= x'')`,
    'x',
  ],
  [eq('day', date, '2024-02-29'), 'exact', '"day" = ?', '2024-02-29'],
  [ge('day', date, '2024-02-29'), 'inexact', '("day" >= ? or "day" is not date("day"))', '2024-02-29'],
  [ge('sureDay', date, '2024-02-29'), 'exact', '"sureDay" >= ?', '2024-02-29'],
  [ge('sureDay', date, '+012024-02-29'), 'none', ''],
  [
    eq('at', timestamp, '2024-02-29T10:00:00'),
    'exact',
    `"at" >= ? and "at" < ? and ${AT} = ?`,
    '2024-02-29',
    '2024-02-29U',
    '2024-02-29T10:00:00',
  ],
  [
    lt('at', timestamp, '2024-02-29T10:00:00'),
    'exact',
    `"at" < ? and ${AT} < ?`,
    '2024-02-29U',
    '2024-02-29T10:00:00',
  ],
  [eq('flag', { kind: 'boolean' }, true), 'exact', '"flag" = ?', 1n],
  [eq('raw', { kind: 'bytes' }, new Uint8Array([1])), 'exact', '"raw" = ?', new Uint8Array([1])],
  [eq('since', { kind: 'instant' }, '2024-02-29T10:00:00Z'), 'none', ''],
  [eq('size', { kind: 'float64' }, 0.5), 'exact', '"size" = ?', 0.5],
  [lt('size', { kind: 'float64' }, Number.NaN), 'none', ''],
  [
    { op: 'not', of: [eq('id', int64, 1n), lt('id', int64, 2n)] },
    'exact',
    '("id" <> ? or "id" >= ?)',
    1n,
    2n,
  ],
  [
    { op: 'not', of: [{ op: 'in', field: 'id', type: int64, values: [1n, 2n] }] },
    'exact',
    'not ("id" in (?, ?))',
    1n,
    2n,
  ],
  [{ op: 'not', of: [{ op: 'not', of: [eq('id', int64, 1n)] }] }, 'exact', '"id" = ?', 1n],
  [
    { op: 'any', of: [[eq('id', int64, 1n), eq('sure', string, 'a')], [eq('id', int64, 2n)]] },
    'exact',
    '("id" = ? and "sure" = ? or "id" = ?)',
    1n,
    'a',
    2n,
  ],
  [{ op: 'any', of: [] }, 'exact', '1 = 0'],
  [
    { op: 'any', of: [[eq('id', int64, 1n)], [eq('since', { kind: 'instant' }, '2024-02-29T10:00:00Z')]] },
    'none',
    '',
  ],
  [
    { op: 'any', of: [[eq('id', int64, 1n), eq('since', { kind: 'instant' }, '2024-02-29T10:00:00Z')]] },
    'inexact',
    '"id" = ?',
    1n,
  ],
  [
    { op: 'keys', fields: [{ field: 'id', type: int64 }], keys: [[1n], [2n], [1n]] },
    'exact',
    '"id" in (?, ?)',
    1n,
    2n,
  ],
  [
    {
      op: 'keys',
      fields: [
        { field: 'id', type: int64 },
        { field: 'sure', type: string },
      ],
      keys: [
        [1n, 'a'],
        [2n, 'b'],
      ],
    },
    'exact',
    '("id", "sure") in (values (?, ?), (?, ?))',
    1n,
    'a',
    2n,
    'b',
  ],
  [{ op: 'keys', fields: [{ field: 'id', type: int64 }], keys: [] }, 'exact', '1 = 0'],
];

describe('SQLite statements', () => {
  for (const [conjunct, coverage, where, ...parameters] of CONDITIONS) {
    const shown = JSON.stringify(conjunct, (_name, value: unknown) =>
      typeof value === 'bigint' ? Number(value) : value,
    );
    it(`${coverage}: ${shown}`, async () => {
      const { access, statements } = await statementsOf({ collection: 'rows', where: [conjunct], order: [] });
      assert.deepEqual(access.where, [coverage]);
      assert.equal(access.count === undefined, coverage !== 'exact');
      const sql = where === '' ? 'select "id" from "t"' : `select "id" from "t" where ${where}`;
      assert.deepEqual(statements, [{ sql, parameters }]);
    });
  }

  const order = (...keys: readonly (readonly [string, Scalar, boolean])[]): Order =>
    keys.map(([field, type, descending]) => ({ field, type, descending }));

  it('an order is given with its directions, and a limit is bound', async () => {
    const query: Query = {
      collection: 'rows',
      where: [],
      order: order(['amount', decimal, true], ['id', int64, false]),
    };
    const { access, statements } = await statementsOf(query, 't', { limit: 50 });
    assert.equal(access.ordered && access.limits, true);
    assert.deepEqual(statements, [
      { sql: 'select "id" from "t" order by "amount" desc, "id" limit ?', parameters: [50] },
    ]);
  });

  it('an order that SQLite cannot give is not asked for', async () => {
    const query: Query = {
      collection: 'rows',
      where: [],
      order: order(['since', { kind: 'instant' }, false]),
    };
    const { access, statements } = await statementsOf(query);
    assert.equal(access.ordered, false);
    assert.deepEqual(statements, [{ sql: 'select "id" from "t"', parameters: [] }]);
  });

  it('a cursor on one key is one comparison', async () => {
    const by = order(['id', int64, false]);
    const query: Query = { collection: 'rows', where: [{ op: 'after', order: by, values: [7n] }], order: by };
    const { statements } = await statementsOf(query);
    assert.deepEqual(statements, [
      { sql: 'select "id" from "t" where "id" > ? order by "id"', parameters: [7n] },
    ]);
  });

  it('a cursor on several keys bounds the first and is mindful of nulls and directions', async () => {
    const by = order(['amount', decimal, true], ['n', int64, false], ['id', int64, false]);
    const after = (...values: readonly Value[]): Query => ({
      collection: 'rows',
      where: [{ op: 'after', order: by, values }],
      order: by,
    });
    const tail = ' order by "amount" desc, "n", "id"';
    assert.deepEqual((await statementsOf(after('1.50', 2n, 3n))).statements, [
      {
        sql: `select "id" from "t" where ("amount" <= ? or "amount" is null) and (("amount" < ? or "amount" is null) or "amount" = ? and "n" > ? or "amount" = ? and "n" = ? and "id" > ?)${tail}`,
        parameters: [1.5, 1.5, 1.5, 2n, 1.5, 2n, 3n],
      },
    ]);
    assert.deepEqual((await statementsOf(after(null, null, 3n))).statements, [
      {
        sql: `select "id" from "t" where ("amount" is null and "n" is not null or "amount" is null and "n" is null and "id" > ?)${tail}`,
        parameters: [3n],
      },
    ]);
  });

  it('keys beyond the parameters of one statement are read in several, without an order', async () => {
    const keys = Array.from({ length: 10 }, (_, i) => [BigInt(i)]);
    const query: Query = {
      collection: 'rows',
      where: [
        { op: 'keys', fields: [{ field: 'id', type: int64 }], keys: [...keys, [3n]] },
        eq('n', int64, 1n),
      ],
      order: order(['id', int64, false]),
    };
    const { access, statements } = await statementsOf(query, 't', { maxParameters: 17 });
    assert.deepEqual([access.ordered, access.limits, access.where], [false, false, ['exact', 'exact']]);
    assert.deepEqual(
      statements.map(({ parameters }) => parameters),
      [
        [0n, 1n, 2n, 3n, 1n],
        [4n, 5n, 6n, 7n, 1n],
        [8n, 9n, 1n],
      ],
    );
  });

  it('a list beyond the parameters of one statement is left to the gateway', async () => {
    const values = Array.from({ length: 20 }, (_, i) => BigInt(i));
    const query: Query = {
      collection: 'rows',
      where: [{ op: 'in', field: 'id', type: int64, values }],
      order: [],
    };
    assert.deepEqual((await statementsOf(query, 't', { maxParameters: 17 })).access.where, ['none']);
  });

  it('names are quoted as a whole, whatever they look like, and a keyless view has the order of its columns', async () => {
    const { access, statements } = await statementsOf(
      { collection: 'rows', where: [], order: [] },
      'odd "name"; --',
    );
    assert.equal(access.ordered, true);
    assert.deepEqual(statements, [
      {
        sql: 'select "a.b as c" from "odd ""name""; --" order by "a.b as c", """"',
        parameters: [],
      },
    ]);
  });

  it('an explanation shows the statement and no value', async () => {
    const { access } = await statementsOf({
      collection: 'rows',
      where: [eq('sure', string, 'secret')],
      order: [],
    });
    assert.match(access.explain, /where "sure" = \?$/);
    assert.doesNotMatch(access.explain, /secret/);
  });

  it('the cost is told by key, index and order', async () => {
    const cost = async (where: readonly Conjunct[], by: Order = []) =>
      (await statementsOf({ collection: 'rows', where, order: by })).access.cost;
    assert.equal(await cost([eq('id', int64, 1n)]), 'keys');
    assert.equal(await cost([ge('id', int64, 1n)]), 'index');
    assert.equal(await cost([eq('day', date, '2024-02-29')]), 'index');
    assert.equal(await cost([eq('name', string, 'a')]), 'scan');
    assert.equal(await cost([], order(['id', int64, false])), 'index');
    assert.equal(await cost([], order(['name', string, false])), 'scan');
  });
});
