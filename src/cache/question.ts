// Knows: a question as it is put to the cache, the answer as the cache gives it, and what it needs to know of time.
// Must not know: how answers are kept.

import type { Cached } from '../model/cache-use.ts';

/** How old answers may be, in milliseconds; each of the latter two is added to the first. */
export interface Ages {
  readonly maxAgeMs: number;
  readonly staleWhileRevalidateMs: number;
  readonly staleIfErrorMs: number;
}

/** Time as the cache needs it. */
export interface Clock {
  /** Milliseconds of a clock that nobody sets. */
  ms(): number;
  /** Now, as ISO text in UTC. */
  instant(): string;
  /** Resolves after a while, or when the signal says so. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

export interface Question<T> {
  readonly key: string;
  readonly signal: AbortSignal;
  /** Only who asks in the same lane is waited for: one that has to end before another can must not wait for that other one. */
  readonly lane?: string;
  /** Asks the source. */
  begin(signal: AbortSignal): AsyncIterable<T>;
}

/** A part of an answer, and how the answer came about. `asOf`: when the source was asked. */
export interface Told<T> {
  readonly part: T;
  readonly asOf: string;
  readonly cached: Cached;
}

/** An answer without parts says once how it came about. */
export interface ToldNothing extends Omit<Told<never>, 'part'> {
  readonly part?: undefined;
}
