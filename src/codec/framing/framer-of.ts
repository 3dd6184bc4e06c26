// Knows: the framer of every record format.
// Must not know: how bytes are read, and what is inside a record.

import { compilerFramer } from './compilers.ts';
import { fixedFramer, undefinedFramer } from './fixed.ts';
import type { Framer } from './framer.ts';
import type { Framing } from './framing.ts';
import { lineFramer } from './lines.ts';
import { measuredFramer } from './measured.ts';
import { rdwFramer } from './rdw.ts';

/** For one pass over a file, from its first record on or (not in `mf`) from any record; in VB and VBS from any block. */
export function framerOf(framing: Framing): Framer {
  const inner = framerOfKind(framing);
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

function framerOfKind(framing: Framing): Framer {
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
