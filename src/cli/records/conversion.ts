// Knows: what a conversion is, once the flags are read: how records are found, picked and written.
// Must not know: flags, files, threads.

import type { Locate, Test } from '../../codec/compile/compile.ts';
import type { Framing } from '../../codec/framing/framing.ts';
import type { ByteSink } from '../../model/byte-sink.ts';

export interface Prepared {
  /** Of the input. */
  readonly framing: Framing;
  /** Its last record needs an end: a line, of a file that may lack it. */
  readonly lines?: true;
  readonly rendering: Rendering;
  readonly test?: Test;
}

/** One file's worth of rows. */
export interface Rendering {
  readonly head: string;
  /** Bytes in front of a row that are left out in front of the file's first one. */
  readonly separator: number;
  readonly tail: string;
  /**
   * Appends the record in `bytes[start, end)`. Throws the Fault of bytes that cannot be decoded and leaves `out` as it was. False:
   * it was no row (an empty line, the heading of a table).
   */
  write(bytes: Uint8Array, start: number, end: number, out: ByteSink, locate: Locate): boolean;
  /** Appends what was held back, behind the last row. */
  finish?(out: ByteSink): void;
}
