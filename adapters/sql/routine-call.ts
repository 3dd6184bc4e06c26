// Knows: what one call of a stored procedure or function is to a driver, and what comes back.
// Must not know: any product, operations, their names in the API.

import { Fault } from '#spi';
import type { Parameter, StoredRow } from './driver.ts';
import type { SavedRoutine } from './model.ts';
import type { Column } from './table.ts';

/** A routine by its name in the database. */
export interface RoutineName {
  readonly schema?: string;
  /** Oracle. */
  readonly package?: string;
  readonly name: string;
  readonly kind: SavedRoutine['kind'];
}

/** A parameter in one call. */
export interface Argument {
  /** Its name, empty where it has none, and what was declared for it. */
  readonly column: Column;
  readonly mode: 'in' | 'out' | 'inout';
  /** It brings a cursor, whose rows are one result set, asked for or not; then nothing is given for it. */
  readonly cursor?: 'read' | 'unread';
  /** As the dialect binds it; absent for `out`, for a cursor, and where it is left out and the database's own default counts. */
  readonly given?: Parameter;
}

export interface RoutineCall {
  readonly routine: RoutineName;
  /** All of its parameters in declared order, also those that are left out. */
  readonly arguments: readonly Argument[];
  /** The value that it returns, where that is no cursor and no row. */
  readonly returns?: Column;
  /** It returns a cursor, a table function any number of them: each is one of `sets`. */
  readonly returnsCursor: boolean;
  /** Of a table function: the columns that are asked for. `declared`: all of them, where only the configuration knows them. */
  readonly rows?: { readonly columns: readonly Column[]; readonly declared?: readonly Column[] };
  /** It was declared to change nothing: where the product can see to that, a change is refused. */
  readonly readOnly: boolean;
  /** One transaction around the call, committed at its end; without it the routine commits on its own. */
  readonly transaction: boolean;
  /** Most rows of all result sets together: `rowBudget`. */
  readonly maxRows: number;
}

export interface StoredSet {
  /** Names of the columns as the database gives them. */
  readonly columns: readonly string[];
  readonly rows: readonly StoredRow[];
}

export interface RoutineResult {
  /** A value for each `out` and `inout` parameter that is no cursor, in declared order. */
  readonly out: readonly unknown[];
  /** Of what `RoutineCall.returns` describes. */
  readonly returned?: unknown;
  /** Result sets that it answers with or returns, in their order. */
  readonly sets: readonly StoredSet[];
  /** One for each parameter that is a cursor, in declared order; undefined where it was not opened, and where it is unread. */
  readonly cursors: readonly (StoredSet | undefined)[];
}

/** Counts rows as they come; throws `too-costly` beyond the limit: rows are never cut off silently. */
export function rowBudget(maxRows: number): (rows: number) => void {
  let left = maxRows;
  return (rows) => {
    left -= rows;
    if (left >= 0) return;
    throw new Fault('too-costly', `The answer has more than ${maxRows} rows`, {
      code: 'too-many-rows',
      hint: 'Ask for less by its arguments; `maxRows` of the operation is the limit.',
    });
  };
}
