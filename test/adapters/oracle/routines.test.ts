// How calls are written for Oracle, and what the driver's own types do to what comes back.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Dialect, parse } from '@polyglot-sql/sdk';
import { Fault } from '#spi';
import { oracleDialect } from '../../../adapters/oracle/dialect.ts';
import type { DbType } from '../../../adapters/oracle/driver-module.ts';
import { fetchHandler } from '../../../adapters/oracle/fetching.ts';
import { instant, localMoment } from '../../../adapters/oracle/moments.ts';
import { modeOf } from '../../../adapters/oracle/parameter.ts';
import { blockOf, rowsStatement } from '../../../adapters/oracle/routine.ts';
import type { Argument, RoutineCall } from '../../../adapters/sql/routine-call.ts';
import { type Column, columnOf } from '../../../adapters/sql/table.ts';
import { fakeOracle } from '../../fakes/oracledb/oracledb.ts';

const dialect = oracleDialect({ charset: 'AL32UTF8', version: 12 });

function column(name: string, type: string): Column {
  return columnOf({ name, type, nullable: true, trusted: true }, 'x', {}, dialect.typeOf);
}

function argument(name: string, type: string, mode: Argument['mode'], value?: string): Argument {
  const own = column(name, type);
  const given = value === undefined ? undefined : dialect.argument?.(own, value);
  return { column: own, mode, ...(given === undefined ? {} : { given }) };
}

function call(more: Partial<RoutineCall>): RoutineCall {
  return {
    routine: { schema: 'BANK', name: 'P', kind: 'procedure' },
    arguments: [],
    returnsCursor: false,
    readOnly: false,
    transaction: true,
    maxRows: 10,
    ...more,
  };
}

describe('calls of Oracle', () => {
  it('numbers and moments come back as text that the block makes of them', () => {
    const { statement, coming } = blockOf(
      call({
        routine: { schema: 'BANK', package: 'Odd "name', name: 'F', kind: 'function' },
        returns: column('', 'NUMBER'),
        arguments: [
          argument('P_DAY', 'DATE', 'in', '2024-02-29T10:00:00'),
          argument('P_NOTE', 'VARCHAR2', 'inout', 'x'),
          argument('P_AT', 'TIMESTAMP WITH TIME ZONE', 'out'),
          { ...argument('P_ROWS', 'REF CURSOR', 'out'), cursor: 'read' },
          argument('P_LEFT_OUT', 'NUMBER', 'in'),
        ],
      }),
    );
    assert.equal(
      statement.sql,
      'declare v1 number; v2 timestamp(9) with time zone; begin ' +
        `v1 := "BANK"."Odd ""name"."F"("P_DAY" => to_date(:1, 'YYYY-MM-DD"T"HH24:MI:SS'), "P_NOTE" => :2, "P_AT" => v2, "P_ROWS" => :3); ` +
        `:4 := to_char(v1, 'TM9'); :5 := to_char(sys_extract_utc(v2), 'SYYYY-MM-DD"T"HH24:MI:SS.FF9"Z"'); end;`,
    );
    assert.deepEqual(statement.parameters.map(modeOf), ['in', 'inout', 'out', 'out', 'out']);
    assert.deepEqual(coming, [
      { of: 'parameter', at: 1 },
      { of: 'parameter', at: 3 },
      { of: 'returned' },
      { of: 'parameter', at: 2 },
    ]);
  });

  it('null is given as one of the type', () => {
    const given = { value: null };
    const { statement } = blockOf(
      call({
        arguments: [
          { ...argument('A', 'NUMBER', 'in'), given },
          { ...argument('B', 'BOOLEAN', 'in'), given },
          { ...argument('C', 'INTERVAL DAY TO SECOND', 'in'), given },
        ],
      }),
    );
    assert.equal(
      statement.sql,
      'begin "BANK"."P"("A" => to_number(:1), "B" => :2, "C" => to_dsinterval(:3)); end;',
    );
  });

  it('the rows of a table function are selected as those of a table', () => {
    const columns = [column('NO', 'NUMBER(9)'), column('DAY', 'DATE')];
    const { sql } = rowsStatement(
      call({
        routine: { schema: 'BANK', name: 'MOVES', kind: 'table function' },
        arguments: [argument('P_NO', 'NUMBER', 'in', '1.5')],
        rows: { columns },
      }),
    );
    assert.equal(
      sql,
      `select "NO", to_char("DAY", 'SYYYY-MM-DD"T"HH24:MI:SS') from table("BANK"."MOVES"("P_NO" => to_number(:1)))`,
    );
    assert.equal(parse(sql, Dialect.Oracle).error, null);
  });

  it('what a type of PL/SQL would change is no argument', () => {
    for (const [type, value] of [
      ['VARCHAR2', 'x'.repeat(32_768)],
      ['VARCHAR2', '\ud800'],
      ['DATE', '2024-02-29T10:00:00.5'],
      ['NUMBER', `1${'1'.repeat(40)}`],
    ] as const) {
      assert.equal(dialect.argument?.(column('X', type), value), undefined, type);
    }
  });
});

describe('moments that the driver gives as a Date', () => {
  const { module } = fakeOracle('BANK', []);
  const handler = fetchHandler(module);
  const given = (dbType: DbType, precision: number | undefined, value: unknown) =>
    handler({ name: 'x', dbType, precision })?.converter?.(value);

  it('are text down to milliseconds; what has finer fractions is a fault and not cut', () => {
    const noon = new Date(2024, 1, 29, 12, 0, 0, 125);
    assert.equal(given(module.DB_TYPE_DATE, undefined, noon), '2024-02-29T12:00:00.125');
    assert.equal(given(module.DB_TYPE_TIMESTAMP, 3, noon), '2024-02-29T12:00:00.125');
    assert.equal(given(module.DB_TYPE_TIMESTAMP_TZ, 0, noon), noon.toISOString());
    assert.equal(given(module.DB_TYPE_DATE, undefined, null), null);
    const fine = given(module.DB_TYPE_TIMESTAMP, 6, noon);
    assert.ok(fine instanceof Fault);
    assert.equal(fine.code, 'unclear-moment');
  });

  it('are a fault where clocks are put forward, because the driver moves such a time', () => {
    const summer = {
      getTime: () => Date.UTC(2024, 2, 31, 1, 30),
      getTimezoneOffset: () => 12_345,
    };
    assert.ok(localMoment(Object.assign(new Date(summer.getTime()), summer)) instanceof Fault);
    assert.equal(instant(new Date(0)), '1970-01-01T00:00:00.000Z');
  });
});
