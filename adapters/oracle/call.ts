// Knows: what a call takes beside its own statement: cursors and result sets are read, rows are counted, values put in their places.
// Must not know: connections, transactions, the API.

import type { Statement, StoredRow } from '../sql/driver.ts';
import { type RoutineCall, type RoutineResult, rowBudget, type StoredSet } from '../sql/routine-call.ts';
import type { Result, ResultSet } from './driver-module.ts';
import { storedRow } from './fetching.ts';
import { blockOf, rowsStatement } from './routine.ts';

/** What a call asks of a connection. */
export interface Asking {
  /** `rows`: it gives rows, which come as they are asked for. */
  execute(statement: Statement, rows: boolean): Promise<Result>;
  next(results: ResultSet, rows: number): Promise<readonly StoredRow[]>;
  /** LOBs are read. */
  values(row: StoredRow): Promise<StoredRow>;
}

const ROWS_AT_ONCE = 500;

export async function callRoutine(call: RoutineCall, asking: Asking): Promise<RoutineResult> {
  const spend = rowBudget(call.maxRows);
  const read = async (cursor: unknown): Promise<StoredSet | undefined> => {
    if (!isResultSet(cursor)) return undefined;
    try {
      const rows: StoredRow[] = [];
      const atOnce = Math.min(ROWS_AT_ONCE, call.maxRows + 1);
      for (;;) {
        const more = await asking.next(cursor, atOnce);
        spend(more.length);
        rows.push(...more);
        if (more.length < atOnce) break;
      }
      return { columns: (cursor.metaData ?? []).map(({ name }) => name), rows };
    } finally {
      await cursor.close().catch(() => {});
    }
  };
  const none = { out: [], sets: [], cursors: [] };
  if (call.rows !== undefined) {
    const { resultSet } = await asking.execute(rowsStatement(call), true);
    const set = await read(resultSet);
    const columns = call.rows.columns.map(({ name }) => name);
    return { ...none, sets: set === undefined ? [] : [{ ...set, columns }] };
  }
  const { statement, coming } = blockOf(call);
  const { outBinds, implicitResults } = await asking.execute(statement, true);
  const given = outBinds === undefined ? [] : await asking.values(storedRow(outBinds));
  const at = (place: number): unknown =>
    given[coming.findIndex((each) => each.of === 'parameter' && each.at === place)];
  const returned = given[coming.findIndex(({ of }) => of === 'returned')];

  const sets: StoredSet[] = [];
  for (const cursor of [...(call.returnsCursor ? [returned] : []), ...(implicitResults ?? [])]) {
    const set = await read(cursor);
    if (set !== undefined) sets.push(set);
  }
  const out: unknown[] = [];
  const cursors: (StoredSet | undefined)[] = [];
  for (const [place, { mode, cursor }] of call.arguments.entries()) {
    if (cursor !== undefined) {
      if (cursor === 'unread') await closed(at(place));
      cursors.push(cursor === 'read' ? await read(at(place)) : undefined);
    } else if (mode !== 'in') out.push(at(place) ?? null);
  }
  return { out, sets, cursors, ...(call.returns === undefined ? {} : { returned: returned ?? null }) };
}

async function closed(cursor: unknown): Promise<void> {
  if (isResultSet(cursor)) await cursor.close().catch(() => {});
}

function isResultSet(value: unknown): value is ResultSet {
  return typeof value === 'object' && value !== null && 'getRows' in value;
}
