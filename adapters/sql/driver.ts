// Knows: what the shared part needs of a product's driver.
// Must not know: any product, and how statements come about.

import type { Fault, SourceFault } from '#spi';
import type { RoutineCall, RoutineResult } from './routine-call.ts';
import type { Column } from './table.ts';

/** A value bound to a statement. A product that types its parameters types it as the column that it is compared with. */
export interface Parameter {
  readonly value: null | boolean | number | bigint | string | Uint8Array;
  readonly column?: Column;
}

export interface Statement {
  readonly sql: string;
  /** In the order of their places in the text. */
  readonly parameters: readonly Parameter[];
  /** More rows than this cannot come: a driver may then take all of them at once. */
  readonly atMost?: number;
}

/** A row as the driver gives it, in the order of the selection. A Fault stands for a value that it refuses to read. */
export type StoredRow = readonly unknown[];

/** What a statement that was run to its end gave. */
export interface StatementResult {
  /** Rows that it returned (RETURNING, OUTPUT), in the order of its columns. */
  readonly rows: readonly StoredRow[];
  /** Rows inserted, found for a change, or deleted. */
  readonly affected: number;
  /** The number that the table gave to the row inserted, from products that say it beside the result and not in `rows`. */
  readonly numbered?: string | number | bigint;
}

/** One connection while it is in a transaction. */
export interface Session {
  run(statement: Statement): Promise<StatementResult>;
}

export interface Driver extends AsyncDisposable {
  /**
   * Runs a statement and yields its rows in groups, none empty. Ending the iteration early stops the statement and
   * frees its connection; an abort does the same and throws the signal's reason. Other errors are the driver's own.
   */
  stream(statement: Statement, signal: AbortSignal): AsyncIterable<readonly StoredRow[]>;
  /**
   * Runs `work` on one connection in one transaction: committed when it ends, rolled back when it throws or the signal
   * aborts. When the connection is lost during the commit, nobody knows what became of it: that is an error too, and
   * `fault` gives it the code `outcome-unknown`. Absent where the source only reads.
   */
  transaction?<T>(work: (session: Session) => Promise<T>, signal: AbortSignal): Promise<T>;
  /**
   * Calls a stored procedure or function, once, and answers with what `read` makes of the result. `read` runs before the
   * commit: when it throws, everything is rolled back, as after an error or an abort, which stops the call on the server.
   * When the connection is lost in a call that may have changed something, the fault has the code `outcome-unknown`.
   * Absent where the product has no routines.
   */
  call?<T>(call: RoutineCall, read: (result: RoutineResult) => T, signal: AbortSignal): Promise<T>;
  /** What code in the database raised on purpose, by its own code; `reason` is the text that its author wrote. */
  raised?(error: unknown): SourceFault | undefined;
  /** Throws when the database cannot be reached. */
  ping(signal: AbortSignal): Promise<void>;
  /** Whatever the driver throws → a Fault, by code and never by message. The one such place of a product. */
  fault(error: unknown): Fault;
}
