// Knows: how a call of a procedure or function is written for MySQL and MariaDB: what comes back through parameters goes through
// variables of the session, which keep numbers exact and texts and bytes apart.
// Must not know: connections, the API. Kysely has no words for CALL, SET and variables: the words are text here, names and
// values are nodes that its compiler quotes and binds.

import { rawStatement } from '../sql/compile.ts';
import type { Statement } from '../sql/driver.ts';
import { bound, type Expression, identifier, separated, text } from '../sql/expression.ts';
import type { Argument, RoutineCall } from '../sql/routine-call.ts';
import { compiler } from './parameter.ts';
import { bitsOf } from './types.ts';

/** Gives the variables of `inout` parameters their values; undefined where there are none. */
export function variablesStatement({ arguments: all }: RoutineCall): Statement | undefined {
  const settings = all.flatMap((argument, at) =>
    argument.mode === 'inout' ? [text([`${variable(at)} = `, ''], value(argument))] : [],
  );
  return settings.length === 0 ? undefined : statement(text(['set ', ''], separated(settings)));
}

/** Of a procedure its result sets, of a function one row with its value. */
export function callStatement({ routine, arguments: all }: RoutineCall): Statement {
  const { schema, name, kind } = routine;
  const given = all.map((argument, at) => (argument.mode === 'in' ? value(argument) : text([variable(at)])));
  const called = schema === undefined ? identifier(name) : identifier(schema, name);
  const invocation = text(['', '(', ')'], called, separated(given));
  return statement(text([kind === 'procedure' ? 'call ' : 'select ', ''], invocation));
}

/** One row with the values of `out` and `inout` parameters; undefined where there are none. */
export function outStatement({ arguments: all }: RoutineCall): Statement | undefined {
  const values = all.flatMap(({ mode, column }, at) =>
    mode === 'in' ? [] : [text([selected(variable(at), column.declared)])],
  );
  return values.length === 0 ? undefined : statement(text(['select ', ''], separated(values)));
}

function variable(at: number): string {
  return `@overpunch_${at + 1}`;
}

/** A variable holds the bits of a value as a number. */
function selected(name: string, declared: string): string {
  const bits = bitsOf(declared);
  return bits === undefined ? name : `unhex(lpad(hex(${name}), ${Math.ceil(bits / 8) * 2}, '0'))`;
}

function value({ given = { value: null } }: Argument): Expression {
  return bound(given);
}

function statement(expression: Expression): Statement {
  return rawStatement(expression, compiler());
}
