// Knows: how a call of a procedure or function is written in T-SQL. Every argument goes through a variable of its declared type: EXEC
// takes no expressions, and what comes back through one is selected as a text that keeps all of it.
// Must not know: connections, the API. Kysely has no words for DECLARE and EXEC.

import { rawStatement } from '../sql/compile.ts';
import type { Statement } from '../sql/driver.ts';
import { bound, columnNamed, type Expression, identifier, separated, text } from '../sql/expression.ts';
import type { Argument, RoutineCall, RoutineResult, StoredSet } from '../sql/routine-call.ts';
import { convertedText, selectedOf } from './cells.ts';
import { compiler } from './parameter.ts';
import { knownType } from './types.ts';

export function callStatement(call: RoutineCall): Statement {
  const { routine, arguments: all } = call;
  const { schema, name, kind } = routine;
  const called = schema === undefined ? identifier(name) : identifier(schema, name);
  const declared = all.flatMap((argument, at) => declaration(argument, at));
  const begin = text(['set nocount on; ', ''], separated(declared, ''));
  if (kind === 'procedure') {
    const given = all.flatMap((argument, at) => passed(argument, at));
    const words = given.length === 0 ? ['', 'exec @returned = ', ''] : ['', 'exec @returned = ', ' ', ''];
    const invoked = text(words, begin, called, ...(given.length === 0 ? [] : [separated(given)]));
    const back = returnedValues(call);
    const whole =
      back.length === 0 ? text(['', ''], invoked) : text(['', '; select ', ''], invoked, separated(back));
    return rawStatement(withReturned(whole), compiler());
  }
  const places = separated(
    all.map((argument, at) => text([argument.given === undefined ? 'default' : variable(at)])),
  );
  const value = text(['', '(', ')'], called, places);
  const asked =
    kind === 'table function'
      ? text(['', 'select ', ' from ', ''], begin, rowColumns(call), value)
      : text(['', 'select ', ''], begin, converted(call.returns?.declared ?? 'int', value));
  return rawStatement(asked, compiler());
}

/** The status that a procedure returns. */
function withReturned(whole: Expression): Expression {
  return text(['declare @returned int; ', ''], whole);
}

function variable(at: number): string {
  return `@a${at + 1}`;
}

/** Types that no variable has, as those that hold the same. */
const VARIABLE_TYPES: Readonly<Record<string, string>> = {
  text: 'varchar(max)',
  ntext: 'nvarchar(max)',
  image: 'varbinary(max)',
  rowversion: 'binary(8)',
  timestamp: 'binary(8)',
};

function declaration({ column, mode, given }: Argument, at: number): readonly Expression[] {
  const { declared } = column;
  const head = `declare ${variable(at)} ${VARIABLE_TYPES[knownType(declared).word] ?? declared}`;
  if (given !== undefined) return [text([`${head} = `, '; '], bound(given))];
  return mode === 'in' ? [] : [text([`${head}; `])];
}

/** By name, so that others may be left out. */
function passed({ column, mode, given }: Argument, at: number): readonly Expression[] {
  if (given === undefined && mode === 'in') return [];
  return [text([`@${column.name} = ${variable(at)}${mode === 'in' ? '' : ' output'}`])];
}

function converted(declared: string, value: Expression): Expression {
  return convertedText(declared, value) ?? value;
}

function returnedValues({ arguments: all, returns }: RoutineCall): readonly Expression[] {
  const values = all.flatMap(({ mode, column }, at) =>
    mode === 'in' ? [] : [converted(column.declared, text([variable(at)]))],
  );
  return returns === undefined ? values : [...values, text(['@returned'])];
}

function rowColumns({ rows }: RoutineCall): Expression {
  const columns = rows?.columns ?? [];
  if (columns.length === 0) return text(['1 as one']);
  return separated(
    columns.map((column) => {
      const stored = columnNamed(column.name);
      return text(['', ' as ', ''], selectedOf(column) ?? stored, identifier(column.name));
    }),
  );
}

/** What the result sets of the statement above are. */
export function resultOf(call: RoutineCall, sets: readonly StoredSet[]): RoutineResult {
  const { routine, arguments: all, returns } = call;
  if (routine.kind === 'table function') return { out: [], sets, cursors: [] };
  if (routine.kind === 'function') return { out: [], sets: [], cursors: [], returned: sets[0]?.rows[0]?.[0] };
  const count = all.filter(({ mode }) => mode !== 'in').length;
  if (count === 0 && returns === undefined) return { out: [], sets, cursors: [] };
  const values = sets.at(-1)?.rows[0] ?? [];
  return {
    out: values.slice(0, count),
    sets: sets.slice(0, -1),
    cursors: [],
    ...(returns === undefined ? {} : { returned: values[count] }),
  };
}
