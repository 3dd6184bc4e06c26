// Knows: the ways in which a file is divided into records, as plain data.
// Must not know: what is inside a record, how bytes are read, and how records are found.

import type { ByteOrder } from '../encoding.ts';

/** Bytes of the file that are no records: `header` at its beginning, `trailer` at its end. */
export interface Margins {
  readonly header?: number;
  readonly trailer?: number;
}

/**
 * F and FB: records of `length` bytes one behind the other. `shown`: bytes of a record that are looked at, where the rest is known
 * to be of no interest.
 */
export interface FixedFraming extends Margins {
  readonly kind: 'fixed';
  readonly length: number;
  readonly tail: 'fail' | 'ignore-tail';
  readonly shown: number;
}

/** Lines of text. `ends`: the byte sequences that end a line, the longest first. `mark`: a UTF-8 byte order mark may stand before the first. */
export interface LineFraming extends Margins {
  readonly kind: 'lines';
  readonly ends: readonly Uint8Array[];
  readonly mark: boolean;
  readonly shown?: number;
}

/**
 * A record descriptor word before each record: its length in two bytes and two reserved bytes (z/OS DFSMS: Using Data Sets,
 * "Variable-Length Record Formats"). `inclusive`: the length counts the word's own four bytes. `adjust` is added to it. `blocks`: a
 * block descriptor word stands before each block (VB). `spanned`: a record may go on in further segments and blocks (VBS).
 */
export interface RdwFraming extends Margins {
  readonly kind: 'rdw';
  readonly order: ByteOrder;
  readonly inclusive: boolean;
  readonly adjust: number;
  readonly blocks: boolean;
  readonly spanned: boolean;
}

/** GnuCOBOL's variable sequential files (its run-time option COB_VARSEQ_FORMAT, 0 to 3) and those of Micro Focus, with their file headers. */
export interface CompilerFraming extends Margins {
  readonly kind: 'gnucobol' | 'mf';
  /** GnuCOBOL only: 0 (the default) to 3. */
  readonly variant: 0 | 1 | 2 | 3;
}

/** U: what one read gives is one record: the whole file, or blocks of a known length, the last of which may be shorter. */
export interface UndefinedFraming extends Margins {
  readonly kind: 'undefined';
  readonly blockLength?: number;
}

/**
 * The record says itself how long it is. `lengthOf` looks at `bytes[start, end)`, all that is there so far: the record's length in
 * bytes, `more` when it has to see more bytes first, or a Fault when there is no such length (its byte offset counts from the record's).
 */
export interface MeasuredFraming extends Margins {
  readonly kind: 'measured';
  lengthOf(bytes: Uint8Array, start: number, end: number): number | 'more' | Error;
}

export type Framing =
  | FixedFraming
  | LineFraming
  | RdwFraming
  | CompilerFraming
  | UndefinedFraming
  | MeasuredFraming;
