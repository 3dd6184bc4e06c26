// Knows: the framer of every record format.
// Must not know: how bytes are read, and what is inside a record.

import { compilerFramer } from './compilers.ts';
import { fixedFramer, undefinedFramer } from './fixed.ts';
import type { Found } from './found.ts';
import type { Framing } from './framing.ts';
import { lineFramer } from './lines.ts';
import { measuredFramer } from './measured.ts';
import { rdwFramer } from './rdw.ts';

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

/** For one pass over a file, from its first record on or (not in `mf`) from any record; in VB and VBS from any block. */
export function framer(framing: Framing): Framer {
  const inner = framerOf(framing);
  return {
    frame(bytes, from, to, at, found) {
      const before = found.length;
      try {
        return inner.frame(bytes, from, to, at, found);
      } catch (error) {
        if (found.length === before) throw error;
        return found.tails[found.length - 1] ?? from;
      }
    },
  };
}

function framerOf(framing: Framing): Framer {
  switch (framing.kind) {
    case 'fixed':
      return fixedFramer(framing);
    case 'undefined':
      return undefinedFramer(framing);
    case 'lines':
      return lineFramer(framing);
    case 'rdw':
      return rdwFramer(framing);
    case 'gnucobol':
    case 'mf':
      return compilerFramer(framing);
    case 'measured':
      return measuredFramer(framing);
  }
}
