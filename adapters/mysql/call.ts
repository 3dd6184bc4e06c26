// Knows: the statements that make up one call, and what each of them brings.
// Must not know: connections, transactions, the API.

import type { Statement } from '../sql/driver.ts';
import { type RoutineCall, type RoutineResult, rowBudget, type StoredSet } from '../sql/routine-call.ts';
import { callStatement, outStatement, variablesStatement } from './routine.ts';

/** Runs a statement to its end; `spend` counts its rows. */
export type Ask = (statement: Statement, spend: (rows: number) => void) => Promise<readonly StoredSet[]>;

const free = (): void => {};

export async function callRoutine(call: RoutineCall, ask: Ask): Promise<RoutineResult> {
  const before = variablesStatement(call);
  if (before !== undefined) await ask(before, free);
  const answer = callStatement(call);
  if (call.routine.kind !== 'procedure') {
    const [set] = await ask(answer, free);
    return { out: [], sets: [], cursors: [], returned: set?.rows[0]?.[0] };
  }
  const sets = await ask(answer, rowBudget(call.maxRows));
  const after = outStatement(call);
  const [out] = after === undefined ? [] : await ask(after, free);
  return { out: out?.rows[0] ?? [], sets, cursors: [] };
}
