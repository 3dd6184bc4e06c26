// Knows: what finds records in bytes.
// Must not know: record formats, how bytes are read, and what is inside a record.

import type { Found } from './found.ts';

/** Where the bytes stand that a framer is given. */
export interface Stretch {
  /** In the file, of the first byte given. */
  readonly offset: number;
  /** Number of the first record that begins there, from 0. */
  readonly record: number;
  /** Nothing follows in the file. */
  readonly last: boolean;
}

/**
 * Finds records, synchronously, stretch by stretch; it remembers what it has to (the block at hand, the file header). Margins
 * are not its business.
 */
export interface Framer {
  /**
   * Whole records in `bytes[from, to)`, appended to `found`. Returns the offset of the first byte that belongs to no whole record:
   * the caller brings it again, with what follows it in the file. Records of several segments (VBS) are joined in
   * place, so `bytes` before the returned offset may have changed. Bad bytes are a `corrupt` Fault, thrown when no whole record stands
   * before them: with `last`, call again until nothing is found.
   */
  frame(bytes: Uint8Array, from: number, to: number, at: Stretch, found: Found): number;
}
