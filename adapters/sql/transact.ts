// Knows: how the changes of a request become one transaction, and where its faults belong.
// Must not know: any product, the text of statements.

import { Fault, type Outcome, type Source } from '#spi';
import { carryOut } from './change-row.ts';
import type { Driver, Session } from './driver.ts';
import type { Run } from './held-row.ts';
import { insertionsOf } from './insertions.ts';
import { type Prepared, prepare } from './prepared.ts';
import type { Writable } from './writable.ts';

/** `tables`: those that are written, by collection. */
export function createWrite(
  tables: ReadonlyMap<string, Writable>,
  driver: Driver,
): NonNullable<Source['write']> {
  return async (changes, { signal }) => {
    const { transaction } = driver;
    const prepared = changes.map((change, i) => prepare(change, i + 1, changes.length, tables));
    if (transaction === undefined || prepared.length === 0) return [];
    const fault = (error: unknown): Fault => {
      // Also to who gave up meanwhile: it may have been made.
      if (error instanceof Fault && error.code === 'outcome-unknown') return error;
      signal.throwIfAborted();
      return driver.fault(error);
    };
    // Of a statement that inserts many rows no product says which of them it refuses.
    let refused = false;
    const attempt = (rowsTogether: boolean) =>
      transaction(async (session) => {
        const run = running(session, fault);
        const outcomes: Outcome[] = [];
        for (const group of insertionsOf(prepared, rowsTogether)) {
          const [first] = group;
          try {
            outcomes.push(...(first === undefined ? [] : await carryOut(group, first, run)));
          } catch (error) {
            signal.throwIfAborted();
            refused = group.length > 1 && error instanceof Fault && isOfTheData(error);
            throw first === undefined
              ? error
              : inPlace(error, first, group.length === 1 ? changes.length : 1);
          }
        }
        return outcomes;
      }, signal);
    try {
      return await attempt(true);
    } catch (error) {
      if (!refused) throw fault(error);
      // Nothing of it was kept: done again row by row, it fails at the row that is refused.
      return await attempt(false).catch((again: unknown) => {
        throw fault(again);
      });
    }
  };
}

function running(session: Session, fault: (error: unknown) => Fault): Run {
  return async (statement) => {
    try {
      return await session.run(statement);
    } catch (error) {
      throw fault(error);
    }
  };
}

/** The rows are refused; the connection and the transaction are well. */
function isOfTheData({ kind, code }: Fault): boolean {
  if (kind === 'conflict') return !['deadlock', 'serialization', 'rolled-back'].includes(code);
  return kind === 'invalid' || kind === 'rejected';
}

function inPlace(error: unknown, { change, record }: Prepared, of: number): unknown {
  return error instanceof Fault
    ? error.at({ collection: change.collection, ...(of === 1 ? {} : { record }) })
    : error;
}
