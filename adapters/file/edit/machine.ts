// Knows: what a change of a file needs of the machine and of this process: the calls of the operating system, the lock among
// processes, the order within the process, and who reads what. Tests stop the calls where they like, and play a second process.
// Must not know: how a file is changed.

import * as fs from 'node:fs/promises';
import { type LiveFiles, liveFiles } from './live.ts';
import { type LockAsk, takeLock } from './lock.ts';
import { type Turns, turns } from './turns.ts';

export type Calls = Pick<typeof fs, 'open' | 'rename' | 'link' | 'unlink' | 'lstat' | 'readFile'>;

export interface Machine {
  readonly calls: Calls;
  lock(file: string, ask: LockAsk): Promise<AsyncDisposable>;
  readonly turns: Turns;
  readonly live: LiveFiles;
  /** For who runs the gateway: something was found that somebody should look at. */
  warn(message: string): void;
}

export function machineOf(given: Partial<Machine> = {}): Machine {
  return {
    calls: fs,
    lock: takeLock,
    turns: turns(),
    live: liveFiles(),
    warn: (message) => process.emitWarning(message, { code: 'OVERPUNCH_FILES' }),
    ...given,
  };
}

/** One for all sources of the process: two of them may have the same file. */
export const thisProcess: Machine = machineOf();
