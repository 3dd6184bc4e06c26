// Knows: how records come from a file into memory: all of them one behind the other, or a few from given places.
// Must not know: layouts, fields, queries; how a record format marks its records.

import type { Block, ByteSource } from '#codec/framing/block';
import { extract } from '#codec/framing/extract';
import type { FixedFraming, Framing } from '#codec/framing/framing';
import { scanRecords } from '#codec/framing/scan';
import type { ByteFile } from '../store/byte-store.ts';
import type { Span } from './rows.ts';

interface Ask {
  readonly signal: AbortSignal;
}

interface ScanAsk extends Ask {
  /** Memory for a scan whose rows nobody has any more when it has ended. */
  readonly buffer?: Uint8Array<ArrayBuffer>;
}

/** All records in the file's order. A block is valid until the next one is asked for. */
export function scanFile(file: ByteFile, framing: Framing, ask: ScanAsk): AsyncGenerator<Block, void> {
  return scanRecords(sourceOf(file), framing, ask);
}

/** Records of F or FB from number `from` up to, not including, `end`. */
export function scanFixed(
  file: ByteFile,
  framing: FixedFraming,
  from: number,
  end: number,
  ask: ScanAsk,
): AsyncGenerator<Block, void> {
  const { length, header = 0 } = framing;
  const begin = { record: from, offset: header + from * length };
  return scanRecords(sourceOf(file), framing, { ...ask, from: begin, to: header + end * length });
}

/** A record of F or FB. */
export function fixedSpan({ length, header = 0 }: FixedFraming, record: number): Span {
  return { record, offset: header + record * length, length };
}

/** A file that ends sooner than it did when it was opened is refused by the file itself. */
function sourceOf(file: ByteFile): ByteSource {
  return {
    size: file.size,
    async read(into, offset, ask) {
      const length = Math.max(0, Math.min(into.length, file.size - offset));
      if (length > 0) await file.read(into.subarray(0, length), offset, ask);
      return length;
    },
  };
}

/** Bytes between two wanted records that are rather read along than skipped with another read. */
const WORTHWHILE_GAP = 4_096;
const READS_AT_ONCE = 8;

/** The records at the given places, in the given order; the block owns its bytes. */
export async function fetchBlock(
  file: ByteFile,
  framing: Framing,
  spans: readonly Span[],
  ask: Ask,
): Promise<Block> {
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
  return framing.kind === 'fixed'
    ? fixedRecords(bytes, framing, spans, starts)
    : extracted(bytes, framing, spans, starts);
}

function fixedRecords(
  bytes: Uint8Array,
  { length, shown }: FixedFraming,
  spans: readonly Span[],
  starts: readonly number[],
): Block {
  const visible = Math.min(shown, length);
  return {
    length: spans.length,
    bytes,
    start: (i) => starts[i] ?? 0,
    end: (i) => (starts[i] ?? 0) + visible,
    offset: (i, at = 0) => (spans[i]?.offset ?? 0) + at,
    record: (i) => spans[i]?.record ?? 0,
    extent: (i) => spans[i] ?? NOWHERE,
  };
}

/** Records of F or FB of which the visible bytes stand one behind the other in `bytes`; `numbers`: which they are. */
export function recordsBlock(framing: FixedFraming, numbers: Float64Array, bytes: Uint8Array): Block {
  const size = Math.min(framing.length, framing.shown);
  const number = (i: number): number => numbers[i] ?? 0;
  return {
    length: numbers.length,
    bytes,
    start: (i) => i * size,
    end: (i) => (i + 1) * size,
    offset: (i, at = 0) => fixedSpan(framing, number(i)).offset + at,
    record: number,
    extent: (i) => fixedSpan(framing, number(i)),
  };
}

const NOWHERE = { offset: 0, length: 0 } as const;

/**
 * Each record out of its own extent. A record that was put together of segments comes with bytes of its own: those are laid
 * behind the others, so that a block has one buffer.
 */
function extracted(
  bytes: Uint8Array,
  framing: Framing,
  spans: readonly Span[],
  starts: readonly number[],
): Block {
  const records = spans.map((span, i) => {
    const start = starts[i] ?? 0;
    return extract(framing, bytes, start, start + span.length, span);
  });
  const apart = records.filter((record) => record.bytes !== bytes);
  const extra = apart.reduce((sum, record) => sum + lengthOf(record), 0);
  const all = extra === 0 ? bytes : new Uint8Array(bytes.length + extra);
  if (extra > 0) all.set(bytes);
  let end = bytes.length;
  const begins = records.map((record) => {
    if (record.bytes === bytes) return record.start(0);
    const begin = end;
    all.set(record.bytes.subarray(record.start(0), record.end(0)), begin);
    end += lengthOf(record);
    return begin;
  });
  return {
    length: spans.length,
    bytes: all,
    start: (i) => begins[i] ?? 0,
    end: (i) => (begins[i] ?? 0) + lengthOf(records[i]),
    offset: (i, at) => records[i]?.offset(0, at) ?? 0,
    record: (i) => spans[i]?.record ?? 0,
    extent: (i) => spans[i] ?? NOWHERE,
  };
}

function lengthOf(record: Block | undefined): number {
  return record === undefined ? 0 : record.end(0) - record.start(0);
}
