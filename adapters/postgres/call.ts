// Knows: what a call takes beside its own statement: cursors that it opened are read, rows are counted.
// Must not know: connections, transactions, the API.

import type { Statement, StoredRow } from '../sql/driver.ts';
import {
  type Argument,
  type RoutineCall,
  type RoutineResult,
  rowBudget,
  type StoredSet,
} from '../sql/routine-call.ts';
import { callStatement, fetchStatement } from './routine.ts';

/** Runs a statement to its end. */
export type Ask = (statement: Statement) => Promise<StoredSet>;

/** A cursor lives as long as the transaction that it was opened in. */
export function opensCursors(call: RoutineCall): boolean {
  return call.returnsCursor || call.arguments.some(({ cursor }) => cursor === 'read');
}

export async function callRoutine(call: RoutineCall, ask: Ask): Promise<RoutineResult> {
  const spend = rowBudget(call.maxRows);
  const answer = await ask(callStatement(call));
  const read = async (cursor: unknown): Promise<StoredSet | undefined> => {
    if (typeof cursor !== 'string') return undefined;
    return counted(await ask(fetchStatement(cursor, call.maxRows + 1)), spend);
  };
  const none = { out: [], sets: [], cursors: [] };
  if (call.rows !== undefined) {
    const set = counted(answer, spend);
    return { ...none, sets: [{ ...set, columns: call.rows.columns.map(({ name }) => name) }] };
  }
  if (call.returnsCursor) {
    const sets: StoredSet[] = [];
    for (const [cursor] of answer.rows) {
      const set = await read(cursor);
      if (set !== undefined) sets.push(set);
    }
    return { ...none, sets };
  }
  const row = answer.rows[0] ?? [];
  if (call.returns !== undefined) return { ...none, returned: row[0] };
  const back = call.arguments.filter(({ mode }) => mode !== 'in');
  const cursors: (StoredSet | undefined)[] = [];
  for (const [at, { cursor }] of back.entries()) {
    if (cursor !== undefined) cursors.push(cursor === 'read' ? await read(row[at]) : undefined);
  }
  return { out: plainValues(back, row), sets: [], cursors };
}

function plainValues(back: readonly Argument[], row: StoredRow): readonly unknown[] {
  return back.flatMap(({ cursor }, at) => (cursor === undefined ? [row[at]] : []));
}

function counted(set: StoredSet, spend: (rows: number) => void): StoredSet {
  spend(set.rows.length);
  return set;
}
