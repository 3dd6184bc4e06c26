// Knows: what a collection's rows are in memory: mostly the records themselves, or what was made of one or several of them.
// Must not know: how records are found, decoded or made into rows.

import type { Block } from '#codec/framing/block';

/** Bytes that a record takes in its file, descriptor words and line ends included. */
export interface Span {
  readonly record: number;
  readonly offset: number;
  readonly length: number;
}

/** Bytes of a file. */
export interface Origin {
  /** In the file, of the first of them. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Rows as the codec takes them; valid until the next ones are asked for. */
export interface Rows extends Block {
  /** Number in the file of the record to which the byte `at` of the row belongs (the first one unless told otherwise). */
  record(i: number, at?: number): number;
  /** Present where a row is made of several records: all of them, in the file's order. */
  spans?(i: number): readonly Span[];
  /** Present where bytes were rearranged: what stands in the file for the field `at` bytes behind the row's start. */
  origin?(i: number, at: number): Origin;
}

/** Records of a file → rows of a collection, in the same order. */
export type ToRows = (records: AsyncIterable<Block>) => AsyncIterable<Rows>;

/** The records that the row is made of. */
export function spansOf(rows: Rows, i: number): readonly Span[] {
  return rows.spans?.(i) ?? [{ record: rows.record(i), ...rows.extent(i) }];
}

/** The rows of these numbers alone, in this order. */
export function chosen(rows: Rows, picked: readonly number[]): Rows {
  const at = (i: number): number => picked[i] ?? 0;
  const { spans, origin } = rows;
  return {
    length: picked.length,
    bytes: rows.bytes,
    start: (i) => rows.start(at(i)),
    end: (i) => rows.end(at(i)),
    offset: (i, byte) => rows.offset(at(i), byte),
    record: (i, byte) => rows.record(at(i), byte),
    extent: (i) => rows.extent(at(i)),
    ...(spans === undefined ? {} : { spans: (i) => spans(at(i)) }),
    ...(origin === undefined ? {} : { origin: (i, byte) => origin(at(i), byte) }),
  };
}

/** The rows from `from` up to, not including, `end`. */
export function partOf(rows: Rows, from: number, end: number): Rows {
  if (from === 0 && end >= rows.length) return rows;
  return chosen(
    rows,
    Array.from({ length: Math.min(end, rows.length) - from }, (_, i) => from + i),
  );
}
