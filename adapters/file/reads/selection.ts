// Knows: what carries a read through a file, and which rows of it are wanted.
// Must not know: how the way was chosen, what is inside a record.

import type { Test } from '#codec/compile/compile';
import type { Filter } from '#spi';
import type { Scans } from '../scans/scans.ts';
import type { Slice } from '../slices.ts';
import type { ByteFile, StoredFile } from '../store/byte-store.ts';
import { ownerOf, placeIn, type Whose } from '../tables/place.ts';
import type { Rows } from '../tables/rows.ts';
import type { Table } from '../tables/table.ts';
import type { Versions } from '../versions/version.ts';
import type { Route } from './route.ts';

/** An opened collection. */
export interface OpenTable {
  readonly source: string;
  readonly table: Table;
  /** Of several files, the one that this is. */
  readonly file?: string;
  readonly stored: StoredFile;
  readonly versions: Versions;
  readonly sliceMs: number;
  /** Absent: no thread scans it. */
  readonly scans?: Scans;
  /** The version that is asked for, where it is still there; absent: the newest. */
  readonly version?: string;
}

/** A route with the test of what it does not answer itself; no test: every record on the way is wanted. */
export interface Journey {
  readonly route: Route;
  readonly test?: Test;
  /** All of the filter, for a way by ranges that turns out not to be worth going: as if no index was declared. */
  readonly whole?: { readonly where: Filter; readonly test: Test };
}

/** Rows of a block that are wanted, by their numbers in the block; absent: all of them. */
export interface Selection {
  readonly block: Rows;
  readonly picked?: readonly number[];
}

/** Rows that are looked at between two looks at the clock, fewer where they are long. */
const ROWS_PER_BATCH = 4_096;
const BYTES_PER_BATCH = 1_048_576;

export interface Traveller {
  readonly of: OpenTable;
  readonly file: ByteFile;
  readonly journey: Journey;
  readonly slice: Slice;
  readonly signal: AbortSignal;
}

export async function* selectAll(
  of: Whose,
  blocks: AsyncIterable<Rows>,
  test: Test | undefined,
): AsyncGenerator<Selection, void> {
  for await (const block of blocks) {
    for (let from = 0; from < block.length; ) {
      const end = batchEnd(block, from);
      yield select(of, block, from, end, test);
      from = end;
    }
  }
}

/** A batch's worth of rows from `from` on; at least one. */
export function batchEnd(block: Rows, from: number): number {
  const most = Math.min(from + ROWS_PER_BATCH, block.length);
  const start = block.start(from);
  let end = from + 1;
  while (end < most && block.end(end) - start <= BYTES_PER_BATCH) end++;
  return end;
}

/** The matching rows of `block` from `from` up to, not including, `end`. */
export function select(of: Whose, block: Rows, from: number, end: number, test: Test | undefined): Selection {
  const picked: number[] = [];
  if (test === undefined) {
    if (from === 0 && end === block.length) return { block };
    for (let i = from; i < end; i++) picked.push(i);
    return { block, picked };
  }
  const { bytes } = block;
  const place = placeIn(ownerOf(of), block);
  try {
    for (let i = from; i < end; i++) {
      place.i = i;
      if (test(bytes, block.start(i), block.end(i), place.locate)) picked.push(i);
    }
  } catch (error) {
    throw place.settle(error);
  }
  return { block, picked };
}
