// Knows: records that were found in a buffer, and how they become a Block.
// Must not know: record formats.

import type { Block } from './block.ts';

/** Of a record that was put together: bytes from `at` on (counted in the record) stand in the file from `offset` on. */
export interface Piece {
  readonly at: number;
  readonly offset: number;
}

/**
 * Records found in one buffer, as offsets into it: `heads` and `tails` are the borders of what a record takes (descriptor words
 * and line ends included), `starts` and `ends` those of its own bytes. Only the first `length` entries count. It is cleared and used
 * again, so that a scan makes no garbage.
 */
export class Found {
  length = 0;
  heads = new Int32Array(1_024);
  starts = new Int32Array(1_024);
  ends = new Int32Array(1_024);
  tails = new Int32Array(1_024);
  /** Records of several segments, by their number here. */
  readonly joined = new Map<number, readonly Piece[]>();

  add(head: number, start: number, end: number, tail: number): void {
    const i = this.length;
    if (i === this.heads.length) this.grow();
    this.heads[i] = head;
    this.starts[i] = start;
    this.ends[i] = end;
    this.tails[i] = tail;
    this.length = i + 1;
  }

  clear(): void {
    this.length = 0;
    this.joined.clear();
  }

  private grow(): void {
    const more = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const grown = new Int32Array(old.length * 2);
      grown.set(old);
      return grown;
    };
    this.heads = more(this.heads);
    this.starts = more(this.starts);
    this.ends = more(this.ends);
    this.tails = more(this.tails);
  }
}

/** The records as a Block: valid until `found` is cleared or the bytes change. `base`: the file's offset of `bytes[0]`; `first`: number of the first record. */
export function blockOf(found: Found, bytes: Uint8Array, base: number, first: number): Block {
  const { heads, starts, ends, tails, joined } = found;
  return {
    length: found.length,
    bytes,
    start: (i) => starts[i] ?? 0,
    end: (i) => ends[i] ?? 0,
    offset(i, at = 0) {
      const pieces = joined.get(i);
      if (pieces === undefined) return base + (starts[i] ?? 0) + at;
      const piece = pieces.findLast((one) => one.at <= at);
      return piece === undefined ? base + (starts[i] ?? 0) + at : piece.offset + at - piece.at;
    },
    record: (i) => first + i,
    extent(i) {
      const head = heads[i] ?? 0;
      return { offset: base + head, length: (tails[i] ?? 0) - head };
    },
  };
}
