// Knows: records that go on in further segments and blocks (VS, VBS).
// Must not know: what is inside a record, and how bytes are read.
// Source: z/OS DFSMS Using Data Sets, "Spanned Variable-Length Records": segment descriptor words, control codes 0 to 3.

import { badWord, beyondBlock, blockCut, blockLength, dataLength, WORD, wordAt } from './descriptor.ts';
import type { Piece } from './found.ts';
import type { Framer } from './framer.ts';
import type { RdwFraming } from './framing.ts';
import { cutOff, type DamagePlace, damaged, hexOf, LONGEST_RECORD, tooLong } from './framing-faults.ts';

/** Control codes: the only segment of a record, its first, its last, one between. */
const WHOLE = 0;
const FIRST = 1;
const LAST = 2;

interface Segment {
  readonly start: number;
  readonly length: number;
}

export function spannedFramer(framing: RdwFraming): Framer {
  const { order, blocks } = framing;
  let blockEnd = 0;
  return {
    frame(bytes, from, to, at, found) {
      const shift = at.offset - from;
      let head = from;
      let start = from;
      let end = blocks ? blockEnd - shift : Number.POSITIVE_INFINITY;
      /** End of the block in which the record at `head` begins, and the segments of that record. */
      let headEnd = end;
      let segments: Segment[] = [];
      let total = 0;
      const place = (here: number): DamagePlace => ({
        record: at.record + found.length,
        offset: here + shift,
      });
      for (;;) {
        const open = segments.length > 0;
        if (start === to && !at.last) break;
        if (start === to) {
          if (open) throw unfinished(to - head, total, place(head));
          if (blocks && start < end) throw blockCut(end - to, place(start));
          break;
        }
        if (to - start < WORD) {
          if (!at.last) break;
          throw cutOff(place(start), to - start, WORD, { hex: hexOf(bytes, start, to) });
        }
        if (start >= end) {
          end = start + blockLength(bytes, start, framing, place(start));
          start += WORD;
          if (!open) {
            head = start;
            headEnd = end;
          }
          continue;
        }
        const { length, reserved } = wordAt(bytes, start, order);
        const data = dataLength(length, framing);
        const code = reserved >>> 8;
        if (data < 0 || code > 3 || (reserved & 0xff) !== 0) {
          throw badWord(bytes, start, to, framing, place(start));
        }
        const tail = start + WORD + data;
        if (tail > end) throw beyondBlock(bytes, start, tail - start, end - start, place(start));
        if (open === (code === WHOLE || code === FIRST)) throw outOfOrder(bytes, start, code, place(start));
        if (total + data > LONGEST_RECORD) throw tooLong(place(head), total + data);
        if (tail > to) {
          if (!at.last) break;
          throw cutOff(place(start), to - start, tail - start, { hex: hexOf(bytes, start, start + WORD) });
        }
        segments.push({ start: start + WORD, length: data });
        total += data;
        start = tail;
        if (code === WHOLE || code === LAST) {
          if (segments.length > 1) found.joined.set(found.length, join(bytes, segments, shift));
          found.add(head, head + WORD, head + WORD + total, tail);
          headEnd = end;
          if (blocks) blockEnd = end + shift;
          head = start;
          segments = [];
          total = 0;
        }
      }
      if (blocks) blockEnd = headEnd + shift;
      return head;
    },
  };
}

/** Moves the segments' bytes behind those of the first one. Where they stood in the file. */
function join(bytes: Uint8Array, segments: readonly Segment[], shift: number): readonly Piece[] {
  const pieces: Piece[] = [];
  const [first = { start: 0, length: 0 }] = segments;
  let at = 0;
  for (const { start, length } of segments) {
    bytes.copyWithin(first.start + at, start, start + length);
    pieces.push({ at, offset: start + shift });
    at += length;
  }
  return pieces;
}

/**
 * Writes what one record takes in a file without the BDWs between its segments, so that it can be read as VS. `pieces` of that
 * copy: where its bytes stand, counted from `start`. A word between segments is a BDW when its control code would be 0, or its length too
 * great for an RDW: the segments behind the first one have 2 or 3.
 */
export function withoutBlocks(
  bytes: Uint8Array,
  start: number,
  end: number,
  framing: RdwFraming,
): { readonly bytes: Uint8Array; readonly pieces: readonly Piece[] } {
  const copy = new Uint8Array(end - start);
  const pieces: Piece[] = [];
  let filled = 0;
  for (let at = start; at + WORD <= end; ) {
    const [high = 0, , code = 0] = bytes.subarray(at, at + WORD);
    if (at > start && (high >= 0x80 || code === 0)) {
      at += WORD;
      continue;
    }
    const data = Math.max(0, dataLength(wordAt(bytes, at, framing.order).length, framing));
    const next = Math.min(end, at + WORD + data);
    copy.set(bytes.subarray(at, next), filled);
    pieces.push({ at: filled, offset: at - start });
    filled += next - at;
    at = next;
  }
  return { bytes: copy.subarray(0, filled), pieces };
}

function outOfOrder(bytes: Uint8Array, at: number, code: number, place: DamagePlace) {
  const hex = hexOf(bytes, at, at + WORD);
  const began = code === WHOLE || code === FIRST;
  const what = began
    ? `a new record begins before record ${place.record + 1} has its last segment`
    : `a further segment stands where record ${place.record + 1} should begin`;
  return damaged('segment-out-of-order', `At offset ${place.offset} (${hex}), ${what}`, place, {
    hex,
    hint: began
      ? 'Blocks are missing, or the file is not spanned.'
      : 'The beginning of the record is missing: is this a part of a file, or a volume of several?',
  });
}

function unfinished(there: number, data: number, place: DamagePlace) {
  return damaged(
    'cut-off-record',
    `The file ends within record ${place.record + 1}: it begins at offset ${place.offset} and takes ${there} bytes so far (${data} of its own), and its last segment is missing`,
    place,
    { hint: 'The file was probably cut in its transfer.' },
  );
}
