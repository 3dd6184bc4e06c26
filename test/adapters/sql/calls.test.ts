// The statements of calls, of every kind and for every product that writes them as text, side by side in calls.txt: what changes in one is seen. To
// write the file anew: node --test --test-update-snapshots

import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Value } from '#spi';
import { mssqlDialect } from '../../../adapters/mssql/dialect.ts';
import * as mssql from '../../../adapters/mssql/routine.ts';
import { mysqlDialect } from '../../../adapters/mysql/dialect.ts';
import * as mysql from '../../../adapters/mysql/routine.ts';
import { postgresDialect } from '../../../adapters/postgres/dialect.ts';
import * as postgres from '../../../adapters/postgres/routine.ts';
import type { Dialect } from '../../../adapters/sql/dialect.ts';
import type { Statement } from '../../../adapters/sql/driver.ts';
import type { SavedRoutine } from '../../../adapters/sql/model.ts';
import type { RoutineCall } from '../../../adapters/sql/routine-call.ts';
import { called, modelOf, operations, routine } from './calling.ts';

interface Product {
  readonly dialect: Dialect;
  statements(call: RoutineCall): readonly (Statement | undefined)[];
}

const POSTGRES: Product = {
  dialect: postgresDialect('UTF8'),
  statements: (call) => [
    postgres.callStatement(call),
    ...(call.returnsCursor || call.arguments.some(({ cursor }) => cursor === 'read')
      ? [postgres.fetchStatement('<unnamed "portal" 1>', call.maxRows + 1)]
      : []),
  ],
};
const MYSQL: Product = {
  dialect: mysqlDialect,
  statements: (call) => [mysql.variablesStatement(call), mysql.callStatement(call), mysql.outStatement(call)],
};

const MSSQL: Product = {
  dialect: mssqlDialect('Latin1_General_CI_AS'),
  statements: (call) => [mssql.callStatement(call)],
};

interface Case {
  readonly words: string;
  readonly products: Readonly<Record<string, Product>>;
  readonly routine: SavedRoutine;
  readonly options?: object;
  readonly input?: Readonly<Record<string, Value>>;
}

const ALL = { postgres: POSTGRES, mysql: MYSQL, mssql: MSSQL };
const BOTH = { postgres: POSTGRES, mysql: MYSQL };
const ONLY_MSSQL = { mssql: MSSQL };
const ONLY_POSTGRES = { postgres: POSTGRES };
const ONLY_MYSQL = { mysql: MYSQL };

const CASES: readonly Case[] = [
  { words: 'without parameters', products: ALL, routine: routine('close_day', []) },
  {
    words: 'in, inout and out',
    products: ALL,
    routine: routine('pay', [
      'amount decimal(11,2)',
      'inout balance decimal(11,2)',
      'out state varchar',
      'out at date',
    ]),
    input: { amount: '1.50', balance: '-7' },
  },
  {
    words: 'a null',
    products: ALL,
    routine: routine('pay', ['n bigint', 'inout t date']),
    options: { arguments: { n: { optional: true }, t: { optional: true } } },
    input: { n: null },
  },
  {
    words: 'a function',
    products: ALL,
    routine: routine('rate', ['d date', 'n bigint'], { kind: 'function', returns: 'decimal' }),
    input: { d: '2024-02-29', n: 9_223_372_036_854_775_807n },
  },
  {
    words: 'names that look like something else',
    products: BOTH,
    routine: routine('odd "p`(); --', ['" a"" b`" int', 'out "select" int'], { schema: 'od.d' }),
    input: { aB: 1 },
  },
  {
    words: 'what may be left out is left out',
    products: ONLY_POSTGRES,
    routine: routine('greet', ['name text', 'greeting text?', 'times integer?'], {
      kind: 'function',
      returns: 'text',
    }),
    input: { name: 'x', times: 2 },
  },
  {
    words: 'parameters without names',
    products: ONLY_POSTGRES,
    routine: routine('f', [' integer', ' character', ' bit?'], { kind: 'function', returns: 'integer' }),
    input: { argument1: 1, argument2: "'; --" },
  },
  {
    words: 'a function that gives back several values',
    products: ONLY_POSTGRES,
    routine: routine('f', ['inout a money', 'out b integer[]', 'out c bank."Grade"'], { kind: 'function' }),
    input: { a: '1.50' },
  },
  {
    words: 'a function that returns nothing',
    products: ONLY_POSTGRES,
    routine: routine('f', [], { kind: 'function' }),
  },
  {
    words: 'a function that returns rows, some of their columns',
    products: ONLY_POSTGRES,
    routine: routine('items', ['xs text[]'], {
      kind: 'table function',
      results: [
        ['id', 'price', 'hidden'].map((name) => ({ name, type: name === 'price' ? 'money' : 'integer' })),
      ],
    }),
    options: { results: [{ columns: { hidden: { hidden: true } } }] },
    input: { xs: ['a', null, '"'] },
  },
  {
    words: 'rows whose columns only the configuration knows',
    products: ONLY_POSTGRES,
    routine: routine('r', [], { kind: 'table function' }),
    options: { results: [{ columns: { a: 'decimal(11,2)', 'b c': { type: 'varchar(10)', hidden: true } } }] },
  },
  {
    words: 'a cursor that a function returns',
    products: ONLY_POSTGRES,
    routine: routine('c', [], { kind: 'function', returns: 'refcursor', returnsCursor: true }),
    options: { results: [{ columns: { a: 'int' } }] },
  },
  {
    words: 'cursors that come through parameters',
    products: ONLY_POSTGRES,
    routine: routine('c', ['n integer', 'out head refcursor', 'inout lines refcursor']),
    options: { results: [{ cursor: 'lines', columns: { a: 'int' } }] },
    input: { n: 1 },
  },
  {
    words: 'what a procedure answers and returns, and what may be left out',
    products: ONLY_MSSQL,
    routine: routine('p', ['n nvarchar(20)?', 'inout at datetime2(3)?', 'what text'], { returns: 'int' }),
    input: { what: 'x' },
  },
  {
    words: 'rows of a function',
    products: ONLY_MSSQL,
    routine: routine('items', ['n int'], {
      kind: 'table function',
      results: [['id', 'price'].map((name) => ({ name, type: name === 'price' ? 'money' : 'int' }))],
    }),
    input: { n: 1 },
  },
  {
    words: 'bits and bytes',
    products: ONLY_MYSQL,
    routine: routine('b', ['v bit(10)', 'out o bit(10)', 'inout io varbinary(4)']),
    input: { v: new Uint8Array([2, 1]), io: new Uint8Array([0, 255]) },
  },
];

function shown({ sql, parameters }: Statement): string {
  const texts = parameters.map(({ value }) =>
    value instanceof Uint8Array
      ? `0x${value.toHex()}`
      : typeof value === 'bigint'
        ? `${value}n`
        : JSON.stringify(value),
  );
  return texts.length === 0 ? sql : `${sql}  -- ${texts.join(', ')}`;
}

describe('statements of calls', () => {
  it('of every kind stand side by side for every product', async (t) => {
    const lines: string[] = [];
    for (const { words, products, routine: saved, options = {}, input = {} } of CASES) {
      lines.push(words);
      for (const [name, { dialect, statements }] of Object.entries(products)) {
        const { schema = '', name: own } = saved;
        const made = operations(
          { it: { procedure: `${schema}.${own}`, ...options } },
          modelOf([saved]),
          dialect,
        );
        const { call, answer } = await called(made, input, dialect);
        // The answer is that of no database.
        await answer.catch(() => {});
        const seen = call();
        if (seen === undefined) throw new Error(`no call: ${words}`);
        for (const statement of statements(seen)) {
          if (statement !== undefined) lines.push(`  ${name.padEnd(9)}${shown(statement)}`);
        }
      }
      lines.push('');
    }
    t.assert.fileSnapshot(lines.join('\n'), join(import.meta.dirname, 'calls.txt'), {
      serializers: [(value) => value],
    });
  });
});
