// Knows: how the records of a block become rows, and what happens to those that are bad.
// Must not know: files, threads.

import type { Locate, Test } from '../../codec/compile/compile.ts';
import type { Block } from '../../codec/framing/block.ts';
import { Fault } from '../../fault.ts';
import type { ByteSink } from '../../model/byte-sink.ts';
import type { Rendering } from './conversion.ts';
import { rejectLine } from './told.ts';

export interface Conversion {
  readonly rendering: Rendering;
  /** Which records are wanted; absent: all. */
  readonly test?: Test;
  /** Bad records are told here, one line of JSON each; absent: the first one ends the conversion. */
  readonly rejects?: ByteSink;
  readonly out: ByteSink;
}

export interface Converted {
  rows: number;
  rejected: number;
  /** The bad record that ended it; the rows before it are in `out`. */
  fault?: Fault;
}

/** Appends at most `most` rows. */
export function convertBlock(
  block: Block,
  conversion: Conversion,
  most = Number.POSITIVE_INFINITY,
): Converted {
  const { rendering, test, rejects, out } = conversion;
  const { bytes, length } = block;
  const converted: Converted = { rows: 0, rejected: 0 };
  let i = 0;
  const locate: Locate = (at) => ({ record: block.record(i) + 1, byteOffset: block.offset(i, at) });
  while (i < length && converted.rows < most) {
    try {
      // One `try` for many records: it is begun again behind each bad one.
      for (; i < length && converted.rows < most; i++) {
        const start = block.start(i);
        const end = block.end(i);
        if (test !== undefined && !test(bytes, start, end, locate)) continue;
        if (rendering.write(bytes, start, end, out, locate)) converted.rows++;
      }
    } catch (error) {
      if (!(error instanceof Fault) || (error.kind !== 'corrupt' && error.kind !== 'rejected')) throw error;
      const fault = error.at(locate(0));
      if (rejects === undefined) return { ...converted, fault };
      rejects.text(rejectLine(fault, bytes.subarray(block.start(i), block.end(i))));
      converted.rejected++;
      i++;
    }
  }
  return converted;
}
