// Knows: how records are written behind record descriptor words, into blocks, and in segments.
// Must not know: what is inside a record, and where the bytes go.
// Source: z/OS DFSMS Using Data Sets, "Variable-Length Record Formats".

import { ByteSink } from '../../model/byte-sink.ts';
import { WORD } from './descriptor.ts';
import type { RdwFraming } from './framing.ts';
import { append, type InnerWriter, misconfigured, refused } from './inner-writer.ts';

/** Half a track of a 3390 disk, rounded as systems choose it for variable records. */
const HALF_TRACK = 27_998;
/** Greatest block of a disk or a labelled tape; an RDW's length is at most four less. */
const LARGEST_BLOCK = 32_760;

export function rdwWriter(framing: RdwFraming, blockSize = HALF_TRACK): InnerWriter {
  const { blocks, spanned } = framing;
  const smallest = 2 * WORD + 1;
  if (blocks && (blockSize < smallest || blockSize > LARGEST_BLOCK || !Number.isInteger(blockSize))) {
    throw misconfigured(
      'block-size',
      `A block of ${blockSize} bytes cannot be: the block size is ${smallest} to ${LARGEST_BLOCK}`,
    );
  }
  const words = wordsOf(framing);
  const block = blocks ? blockWriter(framing, blockSize) : undefined;
  /** Data bytes that one descriptor word can stand for. */
  const most = Math.min(
    words.most,
    blocks ? blockSize - 2 * WORD : spanned ? LARGEST_BLOCK - 2 * WORD : 0xffff,
  );

  const writeWhole = (record: Uint8Array, out: ByteSink): void => {
    const room = block === undefined ? out : block.room(WORD + record.length, out);
    words.write(room, record.length, WHOLE);
    append(room, record);
  };

  const writeSpanned = (record: Uint8Array, out: ByteSink): void => {
    let at = 0;
    do {
      const left = record.length - at;
      const free = block === undefined ? most : block.free(out);
      const taken = Math.min(left, most, free);
      const room = block === undefined ? out : block.room(WORD + taken, out);
      const ends = taken === left;
      words.write(room, taken, at === 0 ? (ends ? WHOLE : FIRST) : ends ? LAST : BETWEEN);
      append(room, record.subarray(at, at + taken));
      at += taken;
    } while (at < record.length);
  };

  return {
    check({ length }) {
      words.check(length, spanned);
      if (spanned || length <= most) return;
      throw refused(
        'record-too-long',
        `The record has ${length} bytes, and ${most} is the most in ${blocks ? `a block of ${blockSize} bytes` : 'this format'}`,
        'Longer records can be spanned (VBS).',
      );
    },
    write: spanned ? writeSpanned : writeWhole,
    ...(block === undefined ? {} : { finish: (out: ByteSink) => block.flush(out) }),
  };
}

const WHOLE = 0;
const FIRST = 1;
const LAST = 2;
const BETWEEN = 3;

/** Descriptor words of the framing's kind. */
function wordsOf({ order, inclusive, adjust }: RdwFraming) {
  const stated = (data: number): number => data + (inclusive ? WORD : 0) - adjust;
  return {
    most: 0xffff - stated(0),
    /** Some adjustments cannot say how long a short record is. */
    check(length: number, spanned: boolean): void {
      const least = inclusive ? WORD : 0;
      if (stated(length) >= least && (!spanned || stated(1) >= least)) return;
      throw refused(
        'record-too-short',
        `A record of ${length} bytes would have the length ${stated(length)} in its descriptor word`,
      );
    },
    write(out: ByteSink, data: number, code: number): void {
      append(out, wordOf(stated(data), code, order));
    },
  };
}

/** Holds one block until no more fits into it. */
function blockWriter({ order }: RdwFraming, blockSize: number) {
  const held = new ByteSink(blockSize);
  const flush = (out: ByteSink): void => {
    if (held.length === 0) return;
    const length = WORD + held.length;
    append(out, wordOf(length, 0, order));
    append(out, held.bytes.subarray(0, held.length));
    held.length = 0;
  };
  return {
    flush,
    /** Where `length` bytes go. */
    room(length: number, out: ByteSink): ByteSink {
      if (WORD + held.length + length > blockSize) flush(out);
      return held;
    },
    /** Data bytes of a segment that the block still takes; at least one. */
    free(out: ByteSink): number {
      const left = blockSize - held.length - 2 * WORD;
      if (left > 0) return left;
      flush(out);
      return blockSize - 2 * WORD;
    },
  };
}

function wordOf(length: number, code: number, order: RdwFraming['order']): readonly number[] {
  const high = length >>> 8;
  const low = length & 0xff;
  return order === 'big' ? [high, low, code, 0] : [0, 0, low, high];
}
