// The text of calls, and what the driver's numbers and Dates in the answers of procedures become.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Dialect, parse } from '@polyglot-sql/sdk';
import sql from 'mssql';
import { mssqlDialect } from '../../../adapters/mssql/dialect.ts';
import { plainCell } from '../../../adapters/mssql/plain-cell.ts';
import { callStatement } from '../../../adapters/mssql/routine.ts';
import type { Argument, RoutineCall } from '../../../adapters/sql/routine-call.ts';
import { columnOf } from '../../../adapters/sql/table.ts';
import { fault } from './server.ts';

const dialect = mssqlDialect('Latin1_General_CI_AS');
const column = (name: string, type: string) =>
  columnOf({ name, type, nullable: true, trusted: true }, name, {}, dialect.typeOf);

function argument(name: string, type: string, mode: Argument['mode'], value?: string | number): Argument {
  const own = column(name, type);
  const given = value === undefined ? undefined : dialect.argument?.(own, value);
  return { column: own, mode, ...(given === undefined ? {} : { given }) };
}

const call = (
  kind: RoutineCall['routine']['kind'],
  args: readonly Argument[],
  more: Partial<RoutineCall> = {},
): RoutineCall => ({
  routine: { schema: 'bank', name: "odd ]'; --", kind },
  arguments: args,
  returnsCursor: false,
  readOnly: false,
  transaction: true,
  maxRows: 10,
  ...more,
});

describe('calls of SQL Server', () => {
  it('go through variables of the declared types, by name; what is left out keeps its default', () => {
    const { sql: written, parameters } = callStatement(
      call('procedure', [
        argument('amount', 'decimal(11,2)', 'inout', '12.50'),
        argument('note', 'varchar(100)', 'in'),
        argument('at', 'datetime2(6)', 'out'),
        argument('what', 'text', 'in', 'x'),
      ]),
    );
    assert.equal(
      written,
      "declare @returned int; set nocount on; declare @a1 decimal(11,2) = cast(@1 as decimal(11,2)); declare @a3 datetime2(6); declare @a4 varchar(max) = @2; exec @returned = [bank].[odd ]]'; --] @amount = @a1 output, @at = @a3 output, @what = @a4; select convert(varchar(41), @a1), convert(varchar(34), @a3, 121)",
    );
    assert.deepEqual(
      parameters.map(({ value }) => value),
      ['12.50', 'x'],
    );
  });

  it('of functions give a value, or rows', () => {
    const given = [argument('a', 'int', 'in', 7), argument('b', 'int', 'in')];
    const value = callStatement(call('function', given, { returns: column('', 'money') }));
    assert.equal(
      value.sql,
      "set nocount on; declare @a1 int = @1; select convert(varchar(41), [bank].[odd ]]'; --](@a1, default), 2)",
    );
    const columns = [column('id', 'int'), column('amount', 'decimal(9,2)')];
    const rows = callStatement(call('table function', given, { rows: { columns } }));
    assert.equal(
      rows.sql,
      "set nocount on; declare @a1 int = @1; select [id] as [id], convert(varchar(41), [amount]) as [amount] from [bank].[odd ]]'; --](@a1, default)",
    );
    for (const { sql: text } of [value, rows]) assert.equal(parse(text, Dialect.TSQL).error, null, text);
  });
});

describe('result sets of procedures', () => {
  it('have the digits of decimals that the driver keeps, and no others', () => {
    const cents = plainCell({ name: 'c', type: sql.Decimal, scale: 2 });
    for (const text of ['0.00', '-0.01', '0.10', '12.50', '9999999999999.99'])
      assert.equal(cents(Number(text)), text);
    assert.equal(plainCell({ name: 'c', type: sql.Money })(-922_337.5807), '-922337.5807');
    assert.throws(() => cents(10_000_000_000_000.25), fault('unsupported', 'rounded-decimal'));
    assert.equal(cents(null), null);
  });

  it('have moments as texts, to the last digit', () => {
    const moment = (fraction: number) =>
      Object.assign(new Date('2024-02-29T10:00:00.123Z'), { nanosecondsDelta: fraction });
    assert.equal(
      plainCell({ name: 'c', type: sql.DateTime2 })(moment(0.000_456_7)),
      '2024-02-29 10:00:00.1234567',
    );
    assert.equal(
      plainCell({ name: 'c', type: sql.DateTime })(new Date('2024-02-29T10:00:00.003Z')),
      '2024-02-29 10:00:00.0030000',
    );
    assert.equal(plainCell({ name: 'c', type: sql.Date })(new Date('0001-01-01T00:00:00Z')), '0001-01-01');
    assert.equal(plainCell({ name: 'c', type: sql.Time })(moment(0.000_000_1)), '10:00:00.1230001');
    assert.equal(
      plainCell({ name: 'c', type: sql.DateTimeOffset })(moment(0)),
      '2024-02-29 10:00:00.1230000 +00:00',
    );
  });
});
