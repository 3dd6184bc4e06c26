// Knows: how a call of a procedure or function is written for PostgreSQL, and which values its answer has.
// Must not know: connections, the API. Kysely has no words for CALL, for named arguments and for functions as tables: the
// words are text here, names and values are nodes that its compiler quotes and binds.

import { Fault } from '#spi';
import { rawStatement } from '../sql/compile.ts';
import type { Statement } from '../sql/driver.ts';
import {
  bound,
  columnNamed,
  constant,
  type Expression,
  identifier,
  separated,
  text,
} from '../sql/expression.ts';
import type { Argument, RoutineCall } from '../sql/routine-call.ts';
import type { Column } from '../sql/table.ts';
import type { TypedParameter } from '../sql/typed-parameter.ts';
import { selectedAs } from './comparison.ts';
import { compiler } from './parameter.ts';
import { argumentType, castType } from './types.ts';

/**
 * Of a procedure a row with a value for each `out` and `inout` parameter, of a function the same or the value returned,
 * of a table function its rows, of a function that returns cursors their names.
 */
export function callStatement(call: RoutineCall): Statement {
  const { kind } = call.routine;
  const invocation = text(['', '(', ')'], nameOf(call), argumentList(call));
  if (kind === 'procedure') return statement(text(['call ', ''], invocation));
  return statement(kind === 'table function' ? rowsOf(call, invocation) : oneRow(call, invocation));
}

/** At most one row more than the call may have: that the limit is broken is then seen. */
function rowsOf({ rows, maxRows }: RoutineCall, invocation: Expression): Expression {
  const limit: TypedParameter = { value: maxRows + 1, sqlType: 'bigint' };
  if (rows === undefined) return text(['select * from ', ' limit ', ''], invocation, bound(limit));
  const from =
    rows.declared === undefined
      ? invocation
      : text(['', ' as t(', ')'], invocation, separated(rows.declared.map(definition)));
  return text(
    ['select ', ' from ', ' limit ', ''],
    separated(rows.columns.map(selection)),
    from,
    bound(limit),
  );
}

/** The columns have names of ours: those of the function may be missing or be twice the same. */
function oneRow(call: RoutineCall, invocation: Expression): Expression {
  if (call.returnsCursor) return text(['select * from ', ''], invocation);
  const values = answered(call).map((column, i): Column => ({ ...column, name: `v${i + 1}` }));
  if (values.length === 0) return text(['select ', ' from ', ''], constant(1), invocation);
  const names = separated(values.map(({ name }) => identifier(name)));
  return text(['select ', ' from ', ' as t(', ')'], separated(values.map(selection)), invocation, names);
}

/** What the one row of the answer has values for, cursors included. */
function answered({ arguments: all, returns }: RoutineCall): readonly Column[] {
  const out = all.filter(({ mode }) => mode !== 'in').map(({ column }) => column);
  return out.length > 0 || returns === undefined ? out : [returns];
}

/** The next rows of a cursor that the call has opened. */
export function fetchStatement(cursor: string, rows: number): Statement {
  return statement(text([`fetch forward ${Math.trunc(rows)} from `, ''], identifier(cursor)));
}

function nameOf({ routine: { schema, name } }: RoutineCall): Expression {
  return schema === undefined ? identifier(name) : identifier(schema, name);
}

/** By name, so that any of those with a default may be left out; by place where one has no name. */
function argumentList({ routine, arguments: all }: RoutineCall): Expression {
  // A procedure takes something for what it gives back, a function does not.
  const taken = all.filter(({ mode }) => mode !== 'out' || routine.kind === 'procedure');
  const filled = taken.filter(isFilled);
  if (filled.every(({ column }) => column.name !== '')) return separated(filled.map(named));
  const gap = taken.findIndex((argument) => !isFilled(argument));
  const missing = taken[gap]?.column.field.name;
  if (missing !== undefined && taken.slice(gap).some(isFilled)) {
    throw new Fault('invalid', `"${missing}" is missing: arguments behind it are given`, {
      code: 'missing-argument',
      parameter: missing,
    });
  }
  return separated(filled.map(value));
}

/** Something must stand there for what only comes back. */
function isFilled({ mode, cursor, given }: Argument): boolean {
  return given !== undefined || mode === 'out' || cursor !== undefined;
}

function named(argument: Argument): Expression {
  return text(['', ' => ', ''], identifier(argument.column.name), value(argument));
}

/** Cast to what is declared: of several routines of one name it is the one that was meant. */
function value({ column, given = { value: null } }: Argument): Expression {
  const typed: TypedParameter = { ...given, sqlType: argumentType(column.declared) };
  return bound(typed);
}

/** The column of a set, or what is selected to read it exactly. */
function selection(column: Column): Expression {
  return selectedAs(column) ?? columnNamed(column.name);
}

function definition({ name, declared }: Column): Expression {
  return text(['', ` ${castType(declared)}`], identifier(name));
}

function statement(expression: Expression): Statement {
  return rawStatement(expression, compiler());
}
