// Knows: how the records of a file come one block after the other, in constant memory.
// Must not know: where the bytes are, and how a format marks its records.

import type { Block, ByteSource } from './block.ts';
import { fixedBlock, marginsTooLong, recordCount } from './fixed.ts';
import { blockOf, Found } from './found.ts';
import { framerOf } from './framer-of.ts';
import type { FixedFraming, Framing } from './framing.ts';
import { cutOff } from './framing-faults.ts';

/** A record's place: its number from 0, and the offset in the file of the first byte that it takes (its extent). */
export interface Position {
  readonly record: number;
  readonly offset: number;
}

export interface ScanAsk {
  readonly signal: AbortSignal;
  /** Where to begin: a record, in VB and VBS a block. At the beginning unless told otherwise. Not in `mf`. */
  readonly from?: Position;
  /** Offset in the file where the scan ends: behind a record, in VB and VBS behind a block. At the end unless told otherwise. */
  readonly to?: number;
  /** Most bytes in one piece, 1 MiB unless told otherwise; a longer record makes a piece of its own. */
  readonly sliceBytes?: number;
  /** Where pieces are put as far as they fit, instead of into memory that each scan takes anew. It is the scan's until that has ended. */
  readonly buffer?: Uint8Array<ArrayBuffer>;
}

/** The first piece is small, for the sake of short pages; each is four times the one before, up to the largest. */
const FIRST_PIECE = 65_536;
const LARGEST_PIECE = 1_048_576;

/**
 * All records in the file's order; a Block is valid until the next one is asked for. Bad bytes are a `corrupt` Fault, thrown when
 * all records before them were given; a file of F with a rest, whose size is known, is refused at once.
 */
export function scanRecords(source: ByteSource, framing: Framing, ask: ScanAsk): AsyncGenerator<Block, void> {
  const { size } = source;
  const { header = 0, trailer = 0 } = framing;
  if (size !== undefined && size < header + trailer) throw marginsTooLong(size, header, trailer);
  if (framing.kind === 'fixed' && size !== undefined) return scanFixed(source, framing, size, ask);
  return scanFramed(source, framing, ask);
}

/** F of a known size: pieces of whole records, nothing to search for. */
async function* scanFixed(
  source: ByteSource,
  framing: FixedFraming,
  size: number,
  { signal, from, to, sliceBytes = LARGEST_PIECE, buffer: given = new Uint8Array(0) }: ScanAsk,
): AsyncGenerator<Block, void> {
  const { length, header = 0 } = framing;
  const first = from?.record ?? 0;
  const base = from?.offset ?? header;
  let end = first + recordCount(size, framing) - (base - header) / length;
  if (to !== undefined) end = Math.min(end, first + Math.floor((to - base) / length));
  let piece = Math.min(FIRST_PIECE, sliceBytes);
  let buffer = given;
  for (let record = first; record < end; ) {
    const records = Math.min(Math.max(1, Math.floor(piece / length)), end - record);
    if (buffer.length < records * length) buffer = new Uint8Array(records * length);
    const bytes = buffer.subarray(0, records * length);
    const offset = base + (record - first) * length;
    const there = await source.read(bytes, offset, { signal });
    if (there < bytes.length) throw cutOff({ record, offset }, there, bytes.length);
    yield fixedBlock(bytes, framing, offset, record);
    record += records;
    piece = Math.min(piece * 4, sliceBytes);
  }
}

async function* scanFramed(
  source: ByteSource,
  framing: Framing,
  { signal, from, to = Number.POSITIVE_INFINITY, sliceBytes = LARGEST_PIECE, buffer: given }: ScanAsk,
): AsyncGenerator<Block, void> {
  const { header = 0, trailer = 0 } = framing;
  const { size } = source;
  const core = framerOf(framing);
  const found = new Found();
  const limit = Math.min(to, size === undefined ? Number.POSITIVE_INFINITY : size - trailer);
  /** Bytes at the end of what was read that may be the trailer of a file whose size shows only when it has ended. */
  const heldBack = size === undefined && to === Number.POSITIVE_INFINITY ? trailer : 0;
  let piece = Math.min(FIRST_PIECE, sliceBytes);
  let buffer = given ?? new Uint8Array(piece);
  /** Offset in the file of the buffer's first byte, bytes in the buffer, and the next record's number. */
  let base = from?.offset ?? header;
  let filled = 0;
  let record = from?.record ?? 0;
  if (size === undefined && from === undefined && header > 0) {
    const there = await source.read(new Uint8Array(header), 0, { signal });
    if (there < header) throw marginsTooLong(there, header, trailer);
  }
  for (let ended = false; !ended; ) {
    const wanted = Math.min(piece, limit - base - filled);
    if (buffer.length < filled + wanted) buffer = grown(buffer, filled, wanted);
    const into = buffer.subarray(filled, filled + Math.max(0, wanted));
    const fresh = into.length === 0 ? 0 : await source.read(into, base + filled, { signal });
    filled += fresh;
    ended = fresh < wanted || base + filled >= limit;
    if (ended && filled < heldBack && record === 0) throw marginsTooLong(base + filled, header, trailer);
    const usable = Math.max(0, filled - heldBack);
    let rest = 0;
    for (;;) {
      const at = { offset: base + rest, record, last: ended };
      rest = core.frame(buffer, rest, usable, at, found);
      if (found.length === 0) break;
      yield blockOf(found, buffer, base, record);
      record += found.length;
      found.clear();
      if (!ended) break;
    }
    buffer.copyWithin(0, rest, filled);
    base += rest;
    filled -= rest;
    piece = Math.min(piece * 4, sliceBytes);
  }
}

/** A longer buffer: twice as long as needed, so that a record longer than a piece is not copied time and again. */
function grown(buffer: Uint8Array, filled: number, wanted: number): Uint8Array<ArrayBuffer> {
  const longer = new Uint8Array(2 * (filled + wanted));
  longer.set(buffer.subarray(0, filled));
  return longer;
}
