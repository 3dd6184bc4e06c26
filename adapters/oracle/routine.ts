// Knows: how a call of a procedure or function is written for Oracle: a block of PL/SQL with arguments by name, whose results come
// through binds. What a bind would change is turned into text in the block itself: numbers, moments, intervals.
// Must not know: connections, the API. Kysely has no words for PL/SQL: the words are text here, names and values are nodes that its
// compiler quotes and binds.

import { rawStatement } from '../sql/compile.ts';
import type { Parameter, Statement } from '../sql/driver.ts';
import { bound, call, constant, type Expression, identifier, separated, text } from '../sql/expression.ts';
import type { Argument, RoutineCall } from '../sql/routine-call.ts';
import type { Column } from '../sql/table.ts';
import { MOST_PLSQL } from './argument.ts';
import { plainBind } from './bind-type.ts';
import { SHOWN, selectedAs } from './comparison.ts';
import { type BindType, compiler, isOracleParameter, type OracleParameter } from './parameter.ts';
import { knownType, type Storage } from './types.ts';

/** A value that a bind does not bring as it is: the type of the variable that takes it, and the text made of it. */
interface Passed {
  readonly type: string;
  shown(variable: Expression): Expression;
}

const PASSED: Partial<Readonly<Record<Storage, Passed>>> = {
  number: { type: 'number', shown: (variable) => call('to_char', variable, constant('TM9')) },
  date: { type: 'date', shown: (variable) => call('to_char', variable, constant(SHOWN)) },
  timestamp: {
    type: 'timestamp(9)',
    shown: (variable) => call('to_char', variable, constant(`${SHOWN}.FF9`)),
  },
  timestamptz: { type: 'timestamp(9) with time zone', shown: utc },
  timestampltz: { type: 'timestamp(9) with local time zone', shown: utc },
  rowid: { type: 'rowid', shown: (variable) => call('rowidtochar', variable) },
};

function utc(variable: Expression): Expression {
  return call('to_char', call('sys_extract_utc', variable), constant(`${SHOWN}.FF9"Z"`));
}

function passedAs({ declared }: Column): Passed | undefined {
  const { storage } = knownType(declared);
  if (storage !== 'interval') return PASSED[storage];
  const type = /YEAR/i.test(declared) ? 'interval year(9) to month' : 'interval day(9) to second(9)';
  return { type, shown: (variable) => call('to_char', variable) };
}

/** What a bind brings: the value returned, or that of a parameter by its place. */
export type Coming = { readonly of: 'returned' } | { readonly of: 'parameter'; readonly at: number };

export interface Block {
  readonly statement: Statement;
  /** In the order of the binds that bring something. */
  readonly coming: readonly Coming[];
}

export function blockOf({ routine, arguments: all, returns, returnsCursor }: RoutineCall): Block {
  const declarations: Expression[] = [];
  const before: Expression[] = [];
  const after: Expression[] = [];
  const direct: Coming[] = [];
  const late: Coming[] = [];

  const variableFor = (
    column: Column,
    passed: Passed,
    coming: Coming,
    given?: OracleParameter,
  ): Expression => {
    const variable = text([`v${declarations.length + 1}`]);
    declarations.push(text(['', ` ${passed.type};`], variable));
    if (given !== undefined) before.push(text(['', ' := ', ';'], variable, bound(given)));
    late.push(coming);
    after.push(text(['', ' := ', ';'], bound(outgoing(column, 'varchar')), passed.shown(variable)));
    return variable;
  };

  const result = (): Expression | undefined => {
    const coming: Coming = { of: 'returned' };
    if (returnsCursor) {
      direct.push(coming);
      return bound(CURSOR);
    }
    if (returns === undefined) return undefined;
    const passed = passedAs(returns);
    if (passed !== undefined) return variableFor(returns, passed, coming);
    direct.push(coming);
    return bound(outgoing(returns));
  };
  const target = result();

  const named = all.flatMap((argument, at): readonly Expression[] => {
    const value = valueFor(argument, at);
    return value === undefined
      ? []
      : [
          argument.column.name === ''
            ? value
            : text(['', ' => ', ''], identifier(argument.column.name), value),
        ];
  });

  function valueFor({ column, mode, cursor, given }: Argument, at: number): Expression | undefined {
    const coming: Coming = { of: 'parameter', at };
    if (cursor !== undefined) {
      direct.push(coming);
      return bound(CURSOR);
    }
    // Left out: the default of the database counts.
    if (mode === 'in') return given === undefined ? undefined : bound(typed(column, given));
    const passed = passedAs(column);
    if (passed !== undefined)
      return variableFor(column, passed, coming, mode === 'inout' ? typed(column, given) : undefined);
    direct.push(coming);
    const out = outgoing(column);
    const both: OracleParameter = { ...out, value: given?.value ?? null, mode: 'inout' };
    return bound(mode === 'out' ? out : both);
  }

  const { schema, package: inside, name } = routine;
  const path = [schema, inside, name].filter((part) => part !== undefined);
  const list = named.length === 0 ? text(['']) : text(['(', ')'], separated(named));
  const invocation = text(['', '', ''], identifier(...path), list);
  const words = [
    ...(declarations.length === 0 ? [] : [text(['declare'])]),
    ...declarations,
    text(['begin']),
    ...before,
    target === undefined ? text(['', ';'], invocation) : text(['', ' := ', ';'], target, invocation),
    ...after,
    text(['end;']),
  ];
  return {
    statement: rawStatement(separated(words, ' '), compiler()),
    coming: [...direct, ...late],
  };
}

/** Null is given as one of the type, too: of several routines of one name it is the one that was meant. */
const NULLS: Partial<Readonly<Record<Storage, BindType>>> = {
  number: 'decimal',
  date: 'date',
  timestamp: 'timestamp',
  timestamptz: 'timestamptz',
  timestampltz: 'timestampltz',
  rowid: 'rowid',
};

function typed(column: Column, given: Parameter = { value: null }): OracleParameter {
  if (isOracleParameter(given)) return given;
  const { storage } = knownType(column.declared);
  const interval: BindType = /YEAR/i.test(column.declared) ? 'yminterval' : 'dsinterval';
  return { ...given, sqlType: storage === 'interval' ? interval : (NULLS[storage] ?? plainBind(column)) };
}

const CURSOR: OracleParameter = { value: null, sqlType: 'cursor', mode: 'out' };

function outgoing(column: Column, sqlType?: BindType): OracleParameter {
  return { value: null, column, sqlType: sqlType ?? plainBind(column), mode: 'out', room: MOST_PLSQL };
}

/** The rows of a table function. */
export function rowsStatement({ routine, arguments: all, rows }: RoutineCall): Statement {
  const { schema, package: inside, name } = routine;
  const path = [schema, inside, name].filter((part) => part !== undefined);
  const given = all.flatMap(({ column, given: value }) =>
    value === undefined ? [] : [text(['', ' => ', ''], identifier(column.name), bound(typed(column, value)))],
  );
  const columns = (rows?.columns ?? []).map((column) => selectedAs(column) ?? identifier(column.name));
  return rawStatement(
    text(
      ['select ', ' from table(', '(', '))'],
      columns.length === 0 ? text(['1']) : separated(columns),
      identifier(...path),
      separated(given),
    ),
    compiler(),
  );
}
