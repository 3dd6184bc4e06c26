// Knows: how records come from a file into memory: in large pieces one behind the other, or a few from given places.
// Must not know: layouts, fields, queries.

import { fixedRecordCount, lineSpans } from '#codec/framing';
import { Fault } from '#spi';
import type { ByteFile } from './byte-store.ts';

/** Records in memory. `i` counts from 0 within the block; `end` is the offset behind the last byte. */
export interface Block {
  readonly length: number;
  readonly bytes: Uint8Array;
  start(i: number): number;
  end(i: number): number;
  /** Offset of the record's first byte in the file. */
  offset(i: number): number;
  /** Number of the record in the file, from 0. */
  record(i: number): number;
  /** Present where records were rearranged: what stands in the file for the field `at` bytes behind the record's start. */
  origin?(i: number, at: number): Origin;
}

/** Bytes of a file. */
export interface Origin {
  /** In the file, of the first of them. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** The records of a block from `from` up to, not including, `end`. */
export function partOf(block: Block, from: number, end: number): Block {
  if (from === 0 && end >= block.length) return block;
  return {
    length: Math.min(end, block.length) - from,
    bytes: block.bytes,
    start: (i) => block.start(from + i),
    end: (i) => block.end(from + i),
    offset: (i) => block.offset(from + i),
    record: (i) => block.record(from + i),
  };
}

/**
 * Records of `length` bytes (F, FB), or lines without their line ends. `shown`: bytes of a record that are looked at, where
 * the rest is known to be of no interest. `mark`: a UTF-8 byte order mark may stand before the first line.
 */
export type Framing = FixedFraming | LineFraming;

export interface FixedFraming {
  readonly kind: 'fixed';
  readonly length: number;
  readonly tail: 'fail' | 'ignore-tail';
  readonly shown: number;
}

export interface LineFraming {
  readonly kind: 'lines';
  readonly shown?: number;
  readonly mark: boolean;
}

/** Where a record stands in a file. */
export interface Span {
  readonly record: number;
  readonly offset: number;
  readonly length: number;
}

interface Ask {
  readonly signal: AbortSignal;
}

/** The first piece is small, for the sake of short pages; each is four times the one before, up to the largest. */
const FIRST_PIECE = 65_536;
const LARGEST_PIECE = 1_048_576;

/** All records in the file's order. A block is valid until the next one is asked for. */
export function scanBlocks(file: ByteFile, framing: Framing, ask: Ask): AsyncGenerator<Block, void> {
  return framing.kind === 'fixed'
    ? scanFixed(file, framing, 0, recordCount(file, framing), ask)
    : scanLines(file, framing, ask);
}

/** Records in a file of F or FB. Throws `corrupt` for a file that ends within a record, unless the policy ignores that. */
export function recordCount(file: ByteFile, { length, tail }: FixedFraming): number {
  return fixedRecordCount(file.size, length, tail);
}

/** The records from `from` up to, not including, `end`. A block is valid until the next one is asked for. */
export async function* scanFixed(
  file: ByteFile,
  { length, shown }: FixedFraming,
  from: number,
  end: number,
  ask: Ask,
): AsyncGenerator<Block, void> {
  let buffer = new Uint8Array(0);
  let piece = FIRST_PIECE;
  for (let first = from; first < end; ) {
    const records = Math.min(Math.max(1, Math.floor(piece / length)), end - first);
    if (buffer.length < records * length) buffer = new Uint8Array(records * length);
    const bytes = buffer.subarray(0, records * length);
    await file.read(bytes, first * length, ask);
    yield fixedBlock(bytes, length, shown, first);
    first += records;
    piece = Math.min(piece * 4, LARGEST_PIECE);
  }
}

function fixedBlock(bytes: Uint8Array, length: number, shown: number, first: number): Block {
  return {
    length: bytes.length / length,
    bytes,
    start: (i) => i * length,
    end: (i) => i * length + shown,
    offset: (i) => (first + i) * length,
    record: (i) => first + i,
  };
}

async function* scanLines(
  file: ByteFile,
  { shown = Number.POSITIVE_INFINITY, mark }: LineFraming,
  ask: Ask,
): AsyncGenerator<Block, void> {
  let buffer = new Uint8Array(FIRST_PIECE);
  let piece = FIRST_PIECE;
  /** File offset of the buffer's first byte, bytes carried over from the piece before, and the next line's number. */
  let base = 0;
  let carried = 0;
  let first = 0;
  while (base + carried < file.size) {
    const fresh = Math.min(piece, file.size - base - carried);
    if (buffer.length < carried + fresh) {
      const grown = new Uint8Array(2 * (carried + fresh));
      grown.set(buffer.subarray(0, carried));
      buffer = grown;
    }
    await file.read(buffer.subarray(carried, carried + fresh), base + carried, ask);
    const filled = carried + fresh;
    const starts: number[] = [];
    const ends: number[] = [];
    const from = mark && base === 0 && hasByteOrderMark(buffer) ? BYTE_ORDER_MARK.length : 0;
    const rest = lineSpans(buffer, from, filled, base + filled === file.size, { starts, ends });
    if (filled - rest > LONGEST_LINE) throw lineTooLong(first + starts.length, base + rest);
    if (starts.length > 0) yield lineBlock(buffer, starts, ends, shown, base, first);
    buffer.copyWithin(0, rest, filled);
    base += rest;
    carried = filled - rest;
    first += starts.length;
    piece = Math.min(piece * 4, LARGEST_PIECE);
  }
}

function lineBlock(
  bytes: Uint8Array,
  starts: readonly number[],
  ends: readonly number[],
  shown: number,
  base: number,
  first: number,
): Block {
  return {
    length: starts.length,
    bytes,
    start: (i) => starts[i] ?? 0,
    end: (i) => Math.min(ends[i] ?? 0, (starts[i] ?? 0) + shown),
    offset: (i) => base + (starts[i] ?? 0),
    record: (i) => first + i,
  };
}

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

function hasByteOrderMark(bytes: Uint8Array): boolean {
  return BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte);
}

/** A line is held in memory whole; a file without line ends must not fill it. */
const LONGEST_LINE = 16_777_216;

function lineTooLong(record: number, byteOffset: number): Fault {
  return new Fault('corrupt', `Line ${record + 1} has more than ${LONGEST_LINE} bytes`, {
    code: 'line-too-long',
    record: record + 1,
    byteOffset,
    hint: 'Is this a file of fixed-length records? Then set the format under "records" to F.',
  });
}

/** Bytes between two wanted records that are rather read along than skipped with another read. */
const WORTHWHILE_GAP = 4_096;
const READS_AT_ONCE = 8;

/** The records at the given places, in the given order; the block owns its bytes. */
export async function fetchBlock(file: ByteFile, spans: readonly Span[], ask: Ask): Promise<Block> {
  const places = spans.map((_, i) => i);
  places.sort((a, b) => (spans[a]?.offset ?? 0) - (spans[b]?.offset ?? 0));
  const starts = new Array<number>(spans.length).fill(0);
  const runs: { readonly offset: number; readonly at: number; length: number }[] = [];
  let total = 0;
  for (const place of places) {
    const { offset, length } = spans[place] ?? { offset: 0, length: 0 };
    let run = runs.at(-1);
    if (run === undefined || offset > run.offset + run.length + WORTHWHILE_GAP) {
      run = { offset, at: total, length: 0 };
      runs.push(run);
    }
    const end = Math.max(run.offset + run.length, offset + length);
    run.length = end - run.offset;
    total = run.at + run.length;
    starts[place] = run.at + offset - run.offset;
  }
  const bytes = new Uint8Array(total);
  for (let next = 0; next < runs.length; next += READS_AT_ONCE) {
    await Promise.all(
      runs
        .slice(next, next + READS_AT_ONCE)
        .map(({ offset, at, length }) => file.read(bytes.subarray(at, at + length), offset, ask)),
    );
  }
  return {
    length: spans.length,
    bytes,
    start: (i) => starts[i] ?? 0,
    end: (i) => (starts[i] ?? 0) + (spans[i]?.length ?? 0),
    offset: (i) => spans[i]?.offset ?? 0,
    record: (i) => spans[i]?.record ?? 0,
  };
}
