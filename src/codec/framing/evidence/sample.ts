// Knows: what the single detectors look at, and what they answer.
// Must not know: detectors.

import type { Layout } from '../../layout.ts';

/** What the single detectors look at. */
export interface Sample {
  readonly bytes: Uint8Array;
  /** It is the whole file. */
  readonly whole: boolean;
  readonly fileSize: number;
  readonly ebcdic: boolean;
  readonly layout?: Layout;
}

/** A guess: `score` from 0 (no) to 1 (certain), and what speaks for it in words. */
export interface Scored<T> {
  readonly score: number;
  readonly options: T;
  readonly evidence: string;
}
