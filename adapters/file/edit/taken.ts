// Knows: what it takes to have a file for oneself: the turn within the process, then the lock among processes.
// Must not know: what is done with the file.

import { besideOf } from './beside.ts';
import type { Machine } from './machine.ts';

export interface Taking {
  readonly machine: Machine;
  /** What messages show. */
  readonly path: string;
  /** The one path of the file. */
  readonly file: string;
  readonly signal: AbortSignal;
  readonly waitMs?: number;
}

/** Throws `unavailable` (`file-locked`), and errors of the operating system. */
export async function takeFile({
  machine,
  path,
  file,
  signal,
  waitMs,
}: Taking): Promise<AsyncDisposableStack> {
  await using taken = new AsyncDisposableStack();
  taken.use(await machine.turns.take(file, { signal }));
  taken.use(
    await machine.lock(besideOf(file).lock, { path, signal, ...(waitMs === undefined ? {} : { waitMs }) }),
  );
  return taken.move();
}
