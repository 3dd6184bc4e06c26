// Every statement of statements.txt, and those of tables with hostile names, read by a parser of each product's SQL that is not ours.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Dialect as Language } from '@polyglot-sql/sdk';
import type { Conjunct, Order, Scalar } from '#spi';
import { mssqlDialect } from '../../../adapters/mssql/dialect.ts';
import { mysqlDialect } from '../../../adapters/mysql/dialect.ts';
import { oracleDialect } from '../../../adapters/oracle/dialect.ts';
import { postgresDialect } from '../../../adapters/postgres/dialect.ts';
import { rowsStatement } from '../../../adapters/sql/compile.ts';
import { comparedColumns, conditionOf } from '../../../adapters/sql/condition.ts';
import type { Dialect } from '../../../adapters/sql/dialect.ts';
import { columnNamed } from '../../../adapters/sql/expression.ts';
import type { DatabaseModel } from '../../../adapters/sql/model.ts';
import { tableOptions } from '../../../adapters/sql/options.ts';
import { tableOf } from '../../../adapters/sql/table.ts';
import { sqliteDialect } from '../../../adapters/sqlite/dialect.ts';
import { NAMES, TEXTS } from './hostile.ts';
import { readingOf } from './parsed.ts';

interface Product {
  readonly language: Language;
  /** Texts of ours that its statements hold: all others are values, and those are bound. */
  readonly constants: readonly string[];
  /** With the declared type of a text; absent: only what stands in statements.txt is read. */
  readonly dialect?: Dialect;
  readonly text?: string;
  /** Statements that go together, where that is more than one. */
  readonly count?: (sql: string) => number;
  /** Variables of its own, which the parser takes for parameters. */
  readonly variables?: readonly string[];
}

const ORACLE_CONSTANTS = ['|', ' ', 'YYYY-MM-DD"T"HH24:MI:SS', 'YYYY-MM-DD"T"HH24:MI:SS.FF9'];

/** By the names of statements.txt. */
const PRODUCTS: Readonly<Record<string, Product>> = {
  sqlite: {
    language: Language.SQLite,
    constants: ['', ' ', 'T', '.', '0', ':00'],
    dialect: sqliteDialect('UTF-8'),
    text: 'TEXT',
  },
  postgres: { language: Language.PostgreSQL, constants: [], dialect: postgresDialect('UTF8'), text: 'text' },
  mysql: { language: Language.MySQL, constants: ['|'], dialect: mysqlDialect, text: 'varchar(200)' },
  // The statements for it that MySQL does not have.
  mariadb: { language: Language.MySQL, constants: ['|'] },
  mssql: {
    language: Language.TSQL,
    constants: ['|', '01', ' ', ''],
    dialect: mssqlDialect('SQL_Latin1_General_CP1_CI_AS'),
    text: 'varchar(200)',
    // New keys come back through a table variable; numbers that are given are allowed first.
    count: (sql) => (sql.startsWith('declare @new') ? 3 : sql.startsWith('set identity_insert') ? 4 : 1),
    variables: ['@new'],
  },
  oracle: {
    language: Language.Oracle,
    constants: ORACLE_CONSTANTS,
    dialect: oracleDialect({ charset: 'AL32UTF8', version: 12 }),
    text: 'VARCHAR2(200)',
  },
  oracle11: {
    language: Language.Oracle,
    constants: ORACLE_CONSTANTS,
    dialect: oracleDialect({ charset: 'AL32UTF8', version: 11 }),
    text: 'VARCHAR2(200)',
  },
};

/** A name without quotes is a word of the product (`inserted`, `rownum`) or an alias of ours. */
const PLAIN_WORD = /^[a-z]\w*$/i;

const ODD = 'odd "table`; --';
const LINE = /^ {2}(\S+)\s+((?!\().*?)(?: {2}-- (.*))?$/;
const VALUE = /"(?:[^"\\]|\\.)*"|[^,\s][^,]*/g;

const statements = readFileSync(join(import.meta.dirname, 'statements.txt'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, product = '', sql = '', values = ''] = LINE.exec(line) ?? [];
    return sql === '' ? [] : [{ product, sql, values: values.match(VALUE)?.length ?? 0 }];
  });

describe('statements, read by another parser', () => {
  for (const [product, listed] of Map.groupBy(statements, (each) => each.product)) {
    it(`every one for ${product} is understood to its end; its names are quoted and its values are bound`, () => {
      const {
        language,
        constants,
        count,
        variables = [],
      } = PRODUCTS[product] ?? assert.fail(`no parser is named for ${product}`);
      let odd = 0;
      for (const { sql, values } of listed) {
        const { quoted, bare, texts, parameters } = readingOf(sql, language, count?.(sql));
        assert.deepEqual(
          bare.filter((name) => !PLAIN_WORD.test(name)),
          [],
          sql,
        );
        assert.deepEqual(
          texts.filter((text) => !constants.includes(text)),
          [],
          sql,
        );
        const own = variables.filter((name) => sql.includes(name)).length;
        assert.equal(parameters, values + own, sql);
        if (sql.includes('odd')) {
          assert.ok(quoted.includes(ODD), sql);
          odd++;
        }
      }
      assert.ok(odd > 30 || product === 'mariadb', `statements with the odd name: ${odd}`);
    });
  }

  for (const [product, { language, constants, dialect, text }] of Object.entries(PRODUCTS)) {
    if (dialect === undefined || text === undefined) continue;
    it(`a hostile name is one quoted name for ${product}, and a hostile value is a parameter`, () => {
      // The parser takes three quotes at the beginning for something else than a name.
      const readable = NAMES.map((name) => name.replace(/^"/, 'x"'));
      for (const [i, name] of readable.entries()) {
        const sql = statementFor(name, TEXTS[i % TEXTS.length] ?? '', dialect, text);
        const { quoted, bare, texts } = readingOf(sql, language);
        const others = new Set([name, `${name} `, `${name}2`, 'one']);
        assert.ok(quoted.includes(name) && quoted.includes(`${name}2`), sql);
        assert.deepEqual(
          quoted.filter((each) => !others.has(each)),
          [],
          sql,
        );
        assert.deepEqual([bare, texts.filter((each) => !constants.includes(each))], [[], []], sql);
      }
    });
  }

  it('what is broken, unknown or more than one statement is found', () => {
    for (const [sql, language] of [
      ['select "a" from "t" where "b" = = ?', Language.SQLite],
      ['select "a" from "t" where "b" = $1 limit', Language.PostgreSQL],
      ['select `a` from `t` where `b` = ? order by', Language.MySQL],
      ['select [a] from [odd];] where [b] = @p1', Language.TSQL],
      ['select [a] from [t] where [b] = @p1; drop table [t]', Language.TSQL],
      ['select "a" from "t" where "b" = = :1', Language.Oracle],
      ['begin "p"(:1); end;', Language.Oracle],
    ] as const) {
      assert.throws(() => readingOf(sql, language), assert.AssertionError, sql);
    }
  });

  it('a name that is not quoted to its end, and a value in the text, are seen', () => {
    const injected = readingOf(`select "a" from "t" where "b" = 'x' or "c" = $1`, Language.PostgreSQL);
    assert.deepEqual(injected, { quoted: ['a', 't', 'b', 'c'], bare: [], texts: ['x'], parameters: 1 });
    assert.deepEqual(readingOf('select [a] from t', Language.TSQL).bare, ['t']);
    assert.deepEqual(readingOf('select [a]]b] from [s].[t] where [c] = @p1 and [d] = @p1', Language.TSQL), {
      quoted: ['a]b', 't', 's', 'c', 'd'],
      bare: [],
      texts: [],
      parameters: 1,
    });
  });
});

/** Reads a page behind a cursor of a table with this name, whose columns are named alike. */
function statementFor(name: string, value: string, dialect: Dialect, declared: string): string {
  const column = (own: string) => ({ name: own, type: declared, nullable: true, trusted: true });
  const model: DatabaseModel = {
    format: 'overpunch-database/1',
    product: 'any',
    tables: [
      {
        schema: name,
        name,
        kind: 'table',
        columns: [column(name), column(`${name}2`)],
        key: [name],
        unique: [],
        indexes: [],
        foreignKeys: [],
      },
    ],
    omitted: [],
  };
  const options = tableOptions.parse({
    table: `${name}.${name}`,
    columns: { [name]: 'a', [`${name}2`]: 'b' },
  });
  const table = tableOf('rows', options, model, dialect);
  const compared = comparedColumns(table, dialect);
  const type: Scalar = { kind: 'string' };
  const order: Order = [{ field: 'a', type, descending: false }];
  const conjuncts: readonly Conjunct[] = [
    { op: 'after', order, values: [value] },
    { op: 'in', field: 'b', type, values: [value, ''] },
    { op: 'contains', field: 'b', type, value },
  ];
  return rowsStatement(
    table,
    {
      columns: [...table.columns.values()],
      where: conjuncts.flatMap((conjunct) => conditionOf(conjunct, compared, dialect).expression ?? []),
      order: [{ operand: columnNamed(name), descending: true, nullable: true }],
      limit: 10,
    },
    dialect,
  ).sql;
}
