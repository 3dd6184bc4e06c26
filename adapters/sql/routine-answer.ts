// Knows: what an operation over a routine answers with: out parameters, the value returned, result sets; and how the result
// of a call becomes that value. Must not know: SQL, any product, how the call is made.

import { type Cell, distinct, Fault, type Field, isApiName, type Type } from '#spi';
import type { Dialect } from './dialect.ts';
import type { SavedRoutine } from './model.ts';
import type { OperationOptions, ResultOptions } from './operation-options.ts';
import { decodeSet, type ResultShape, resultShape, resultType, undeclared } from './result-set.ts';
import type { RoutineParameter } from './routine.ts';
import type { RoutineResult } from './routine-call.ts';
import { type DecodedColumn, unfit } from './rows.ts';
import { columnOf, find } from './table.ts';

/** A member of the answer and where it comes from; `at` counts among those of its kind. */
type Part =
  | { readonly from: 'out'; readonly at: number; readonly field: string; readonly value: DecodedColumn }
  | { readonly from: 'returned'; readonly field: string; readonly value: DecodedColumn }
  | {
      readonly from: 'set' | 'cursor';
      readonly at: number;
      readonly field: string;
      readonly set: ResultShape;
    };

export interface Answer {
  readonly parts: readonly Part[];
  /** The one part is the answer, with no object around it. */
  readonly bare: boolean;
  /** What is expected of `RoutineResult.sets`. */
  readonly sets: readonly ResultShape[];
  /** One for each parameter that is a cursor, in declared order; undefined: its rows are not asked for. */
  readonly cursors: readonly (ResultShape | undefined)[];
  readonly returns?: DecodedColumn;
}

const RETURN_VALUE = 'returnValue';

/** Undefined, with a remark, where the catalog does not know the columns of its rows and nobody declared them. */
export function answerShape(
  saved: SavedRoutine,
  parameters: readonly RoutineParameter[],
  options: OperationOptions,
  dialect: Pick<Dialect, 'typeOf' | 'decoder'>,
  refuse: (message: string) => never,
  remark: (message: string) => void,
): Answer | undefined {
  const { ofCursor, inOrder } = splitResults(parameters, options.results, refuse);
  const returnsRows = saved.kind === 'table function' || saved.returnsCursor === true;
  const many =
    saved.kind === 'procedure' || (saved.kind === 'table function' && saved.returnsCursor === true);
  if (!many && inOrder.length > (returnsRows ? 1 : 0)) {
    refuse(
      returnsRows ? 'it answers with one result set' : 'a function that returns a value has no result sets',
    );
  }
  const known = saved.results ?? [];
  const sets = Array.from({ length: Math.max(known.length, inOrder.length) }, (_, i) => {
    const shape = resultShape(`result set ${i + 1}`, known[i] ?? [], inOrder[i], dialect, refuse);
    if (shape.columns.length === 0 && inOrder[i]?.hidden !== true) refuse(`${shape.what} needs its columns`);
    return shape;
  });
  if (returnsRows && sets.length === 0) {
    remark('left out: the catalog does not know the columns of its rows; declare them under `results`');
    return undefined;
  }
  const cursors = parameters.flatMap((parameter): readonly (ResultShape | undefined)[] => {
    if (!parameter.cursor) return [];
    const { name } = parameter.column;
    const declared = ofCursor.get(parameter);
    if (declared === undefined) {
      remark(`the rows of "${name}" are left out: declare their columns under \`results\` (cursor: ${name})`);
      return [undefined];
    }
    const shape = resultShape(`the rows of "${name}"`, [], declared, dialect, refuse);
    if (shape.columns.length === 0 && !declared.hidden) refuse(`${shape.what} need their columns`);
    return [shape.columns.length === 0 ? undefined : shape];
  });
  const returns = returnedColumn(saved, dialect);
  const out = parameters.filter(({ mode, cursor }) => mode !== 'in' && !cursor);
  const cursorNames = parameters.filter(({ cursor }) => cursor);
  const parts: readonly Part[] = [
    ...out.map((value, at): Part => ({ from: 'out', at, field: value.column.field.name, value })),
    ...(returns === undefined ? [] : [{ from: 'returned', field: RETURN_VALUE, value: returns } as const]),
    ...sets.flatMap((set, at): readonly Part[] =>
      set.columns.length === 0 ? [] : [{ from: 'set', at, field: inOrder[at]?.name ?? 'rows', set }],
    ),
    ...cursors.flatMap((set, at): readonly Part[] => {
      const parameter = cursorNames[at];
      if (set === undefined || parameter === undefined) return [];
      const field = ofCursor.get(parameter)?.name ?? parameter.column.field.name;
      return [{ from: 'cursor', at, field, set }];
    }),
  ];
  const names = distinct(parts.map(({ field }) => field));
  for (const name of names) if (!isApiName(name)) refuse(`"${name}" cannot name a field of the answer`);
  return {
    parts: parts.map((part, i) => ({ ...part, field: names[i] ?? part.field })),
    // A procedure may get more to answer with: its answer is always an object.
    bare: parts.length === 1 && out.length === 0 && cursors.length === 0 && saved.kind !== 'procedure',
    sets,
    cursors,
    ...(returns === undefined ? {} : { returns }),
  };
}

function splitResults(
  parameters: readonly RoutineParameter[],
  results: readonly ResultOptions[],
  refuse: (message: string) => never,
) {
  const ofCursor = new Map<RoutineParameter, ResultOptions>();
  const inOrder: ResultOptions[] = [];
  for (const result of results) {
    if (result.cursor === undefined) {
      inOrder.push(result);
      continue;
    }
    const asked = result.cursor;
    const parameter = find(parameters, asked, ({ column }) => [column.name, column.field.name]);
    if (parameter?.cursor !== true) return refuse(`it has no parameter "${asked}" that brings a cursor`);
    ofCursor.set(parameter, result);
  }
  return { ofCursor, inOrder };
}

function returnedColumn(
  saved: SavedRoutine,
  dialect: Pick<Dialect, 'typeOf' | 'decoder'>,
): DecodedColumn | undefined {
  const { returns, returnValues: values, kind, returnsCursor } = saved;
  if (returns === undefined || returnsCursor === true || kind === 'table function') return undefined;
  const column = columnOf(
    { name: '', type: returns, nullable: true, trusted: true, ...(values === undefined ? {} : { values }) },
    RETURN_VALUE,
    {},
    dialect.typeOf,
  );
  const { legacyName: _, ...field } = column.field;
  return { column: { ...column, field }, decode: dialect.decoder(column) };
}

/** A boolean, true, where it answers with nothing. */
export function answerType({ parts, bare }: Answer): Type {
  const [only] = parts;
  if (only === undefined) return { kind: 'boolean' };
  if (bare) return partType(only);
  return { kind: 'object', name: 'Answer', fields: parts.map(partField) };
}

function partType(part: Part): Type {
  return 'set' in part ? resultType(part.set, 'Row') : part.value.column.type;
}

function partField(part: Part): Field {
  if ('value' in part) return { ...part.value.column.field, name: part.field, nullable: true };
  const { doc } = part.set;
  return { name: part.field, type: partType(part), nullable: true, ...(doc === undefined ? {} : { doc }) };
}

/** Throws `upstream` where the result is not what was declared; a value that does not decode is a fault in its place. */
export function answerOf({ parts, bare, sets }: Answer, result: RoutineResult): Cell {
  for (const [at, set] of result.sets.entries()) {
    if (at >= sets.length) throw undeclared(set, at + 1);
  }
  const values = parts.map((part) => memberOf(part, result));
  if (parts.length === 0) return true;
  if (bare) return values[0] ?? null;
  return Object.fromEntries(parts.map(({ field }, i) => [field, values[i] ?? null]));
}

function memberOf(part: Part, result: RoutineResult): Cell {
  switch (part.from) {
    case 'set':
      return decodeSet(part.set, result.sets[part.at]);
    case 'cursor':
      return decodeSet(part.set, result.cursors[part.at]);
    case 'out':
      return decoded(part.value, result.out[part.at], `Parameter "${part.value.column.name}"`);
    case 'returned':
      return decoded(part.value, result.returned, 'The value returned');
  }
}

function decoded({ column, decode }: DecodedColumn, stored: unknown, subject: string): Cell {
  if (stored === undefined) {
    throw new Fault('upstream', `${subject} did not come back from the call`, { code: 'missing-value' });
  }
  const value = decode(stored);
  return value === undefined ? unfit(subject, column, stored) : value;
}
