// Knows: which answers were too large to be kept, lately: nobody gathers them again, nor waits for somebody else to.
// Must not know: what is in them.

import type { Clock } from './question.ts';

/** How long it is remembered, in milliseconds, of how many, and with how long a key. */
const LARGE_MS = 60_000;
const MAX_LARGE = 500;
const MAX_KEY = 4_096;

export interface LargeAnswers {
  has(key: string): boolean;
  note(key: string): void;
  clear(): void;
}

export function largeAnswers({ ms }: Pick<Clock, 'ms'>): LargeAnswers {
  const since = new Map<string, number>();
  return {
    has(key) {
      const noted = since.get(key);
      if (noted === undefined) return false;
      if (ms() - noted < LARGE_MS) return true;
      since.delete(key);
      return false;
    },
    note(key) {
      if (key.length > MAX_KEY) return;
      since.delete(key);
      since.set(key, ms());
      const [oldest] = since.keys();
      if (since.size > MAX_LARGE && oldest !== undefined) since.delete(oldest);
    },
    clear: () => since.clear(),
  };
}
