// Knows: how a lock of SQLite is waited for without holding the event loop, as SQLite's own busy timeout would.
// Must not know: what is locked and why.

import { setTimeout } from 'node:timers/promises';
import { isBusy } from './faults.ts';

const PAUSE_MS = 20;

/** Does what takes a lock, again and again until the lock is given or the longest wait is over: then SQLite's error is thrown. */
export async function patiently(act: () => void, waitMs: number, signal: AbortSignal): Promise<void> {
  const until = performance.now() + waitMs;
  for (;;) {
    signal.throwIfAborted();
    try {
      act();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() >= until) throw error;
    }
    await setTimeout(PAUSE_MS);
  }
}
