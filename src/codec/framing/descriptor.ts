// Knows: record and block descriptor words (RDW, BDW), and what is wrong with one.
// Must not know: how records follow one another.
// Source: z/OS DFSMS Using Data Sets, "Variable-Length Record Formats" (BDW, RDW, extended BDW, segment descriptor words).

import type { RdwFraming } from './framing.ts';
import { type DamagePlace, damaged, hexOf } from './framing-faults.ts';

export const WORD = 4;

/** `reserved`: the two bytes that must be zero; of spanned records the first of them is the segment's control code. */
export interface Word {
  readonly length: number;
  readonly reserved: number;
}

/**
 * Big-endian: length, reserved. Little-endian words are found in two shapes, of which zeros say which it is: `00 00 lo hi` (a word turned
 * around by its halves, as transfer programs write it) and `lo hi 00 00`.
 */
export function wordAt(bytes: Uint8Array, at: number, order: RdwFraming['order']): Word {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + WORD);
  if (order === 'big') return { length: (a << 8) | b, reserved: (c << 8) | d };
  const first = a | (b << 8);
  const second = c | (d << 8);
  return first === 0 ? { length: second, reserved: 0 } : { length: first, reserved: second };
}

/** Bytes that the record has behind its descriptor word; negative when the word cannot be one. Reserved bytes are not looked at. */
export function dataLength(length: number, { inclusive, adjust }: RdwFraming): number {
  if (inclusive && length < WORD) return -1;
  return length - (inclusive ? WORD : 0) + adjust;
}

/** Bytes of a block, its descriptor word included. Throws `corrupt` (`bad-bdw`). */
export function blockLength(
  bytes: Uint8Array,
  at: number,
  { order }: RdwFraming,
  place: DamagePlace,
): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + WORD);
  if (order === 'big' && a >= 0x80) {
    const length = (((a & 0x7f) << 24) | (b << 16) | (c << 8) | d) >>> 0;
    if (length >= WORD && length <= LONGEST_BLOCK) return length;
    throw badBlock(bytes, at, place, `it says ${length} bytes`);
  }
  const { length, reserved } = wordAt(bytes, at, order);
  if (reserved !== 0) throw badBlock(bytes, at, place, 'its reserved bytes are not zero');
  if (length < WORD) throw badBlock(bytes, at, place, `it says ${length} bytes, fewer than its own ${WORD}`);
  return length;
}

/** Of a large block (extended BDW): tape drives have 2 MiB at most. */
const LONGEST_BLOCK = 16_777_216;

function badBlock(bytes: Uint8Array, at: number, { record, offset }: DamagePlace, why: string) {
  const hex = hexOf(bytes, at, at + WORD);
  return damaged(
    'bad-bdw',
    `At offset ${offset}, where a block begins, ${hex} is no block descriptor word: ${why}`,
    { record, offset },
    { hex, hint: 'Are there blocks in this file? Most transfers leave out the BDWs: then the format is V.' },
  );
}

/** The fault of a word that cannot stand before a record. `to`: end of the bytes that are there. */
export function badWord(bytes: Uint8Array, at: number, to: number, framing: RdwFraming, place: DamagePlace) {
  const { order, inclusive, adjust, spanned } = framing;
  const { length, reserved } = wordAt(bytes, at, order);
  const hex = hexOf(bytes, at, at + WORD);
  const zeros = bytes.subarray(at, to).every((byte) => byte === 0);
  let why = 'its reserved bytes are not zero';
  if (reserved === 0 || (spanned && dataLength(length, framing) < 0)) {
    why = `its length is ${length}`;
    if (inclusive && length < WORD) why += `, fewer than its own ${WORD} bytes`;
    else if (adjust !== 0) why += `, which adjusted by ${adjust} leaves nothing`;
  } else if (spanned) {
    why = `its control code is ${hex.slice(4)}, and there are only 0000, 0100, 0200 and 0300`;
  }
  return damaged(
    'bad-rdw',
    `Before record ${place.record + 1} at offset ${place.offset}, ${hex} is no record descriptor word: ${why}`,
    place,
    { hex, hint: zeros ? padding(to - at) : hintFor(bytes, at, framing) },
  );
}

function padding(bytes: number): string {
  return `From here on ${bytes} bytes are zero: if they fill up the end of the file, leave them out with "trailer".`;
}

function hintFor(bytes: Uint8Array, at: number, { order, inclusive, spanned }: RdwFraming): string {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + WORD);
  if (order === 'big') {
    if (a === 0 && b === 0 && (c !== 0 || d !== 0)) {
      return 'The length seems to stand in the last two bytes: is the file little-endian (rdw: little)?';
    }
    if (!spanned && c > 0 && c < 4 && d === 0) {
      return 'The third byte looks like the control code of a segment: are the records spanned (VS or VBS)?';
    }
  } else if (a === 0 && c === 0 && d === 0) {
    return 'The length seems to stand in the second byte: is the file big-endian (rdw: big)?';
  }
  const counted = inclusive ? 'count' : 'do not count';
  return `Were the RDWs stripped by the transfer? If not: the lengths are read as if they ${counted} their own 4 bytes (inclusive: ${inclusive}).`;
}

/** A record or segment that does not end in its block. */
export function beyondBlock(bytes: Uint8Array, at: number, needed: number, left: number, place: DamagePlace) {
  const hex = hexOf(bytes, at, at + WORD);
  return damaged(
    'rdw-beyond-block',
    `The descriptor word ${hex} of record ${place.record + 1} at offset ${place.offset} reaches beyond its block: it wants ${needed} bytes, and ${left} are left`,
    place,
    { hex, hint: 'Are the records spanned (VBS), or does the file have no blocks (V, VS)?' },
  );
}

export function blockCut(missing: number, place: DamagePlace) {
  return damaged(
    'block-beyond-file',
    `The file ends at offset ${place.offset}, ${missing} bytes before the end of its last block`,
    place,
    { hint: 'The file was probably cut in its transfer.' },
  );
}
