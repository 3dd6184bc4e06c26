// Knows: variable-length record sequential files of Micro Focus, with their file header.
// Must not know: what is inside a record, and how bytes are read.
// Source: Micro Focus, File Handling: "File Header", "Standard Record Header", "Record Sequential Files: variable format".

import type { Framer } from './framer.ts';
import { cutOff, type DamagePlace, damaged, hexOf, LONGEST_RECORD, tooLong } from './framing-faults.ts';

export const FILE_HEADER = 128;
/** Records begin at multiples of this and take at least twice of it. */
export const ALIGNMENT = 4;
/** Files whose longest record has at least so many bytes have record headers of 4 bytes, others of 2. */
export const LONG_RECORDS = 4_095;

/** The first four bits of a record header. */
const DUPLICATES = 1;
const DELETED = 2;
const SYSTEM = 3;
export const USER_DATA = 4;

const OPENING = { 2: [0x30, 0x7e, 0, 0], 4: [0x30, 0, 0, 0x7c] } as const;

/** Bytes of a record header: what the file header's own one says. */
export type HeaderBytes = 2 | 4;

export function openingOf(headerBytes: HeaderBytes): readonly number[] {
  return OPENING[headerBytes];
}

/** What a record takes without the padding that only makes it up to the smallest size. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** `header`: bytes before the file header. */
export function microFocusFramer(header: number): Framer {
  let headerBytes: HeaderBytes | undefined;
  return {
    frame(bytes, from, to, at, found) {
      let start = from;
      if (at.offset === header) {
        if (to - from < FILE_HEADER && !at.last) return from;
        headerBytes = headerBytesOf(bytes, from, to, at);
        start += FILE_HEADER;
      }
      if (headerBytes === undefined) {
        throw new RangeError('A file of Micro Focus is framed from its beginning on: its header says how');
      }
      while (start < to) {
        const place = { record: at.record + found.length, offset: at.offset + start - from };
        const next = microFocusRecord(bytes, start, to, headerBytes, place);
        if (next === undefined) {
          if (!at.last) break;
          throw cutOff(place, to - start, headerBytes, { hex: hexOf(bytes, start, to) });
        }
        const { length, shown } = next;
        const end = start + headerBytes + length;
        if (length > LONGEST_RECORD) throw tooLong(place, length, { hex: hexOf(bytes, start, start + 4) });
        // A record's padding is a part of it: only at the end of the file may it be missing.
        let tail = start + aligned(headerBytes + length);
        if (end > to || (!at.last && tail + ALIGNMENT > to)) {
          if (!at.last) break;
          throw cutOff(place, to - start, headerBytes + length, { hex: hexOf(bytes, start, start + 4) });
        }
        if (tail - start === ALIGNMENT && isPadding(bytes, tail, to)) tail += ALIGNMENT;
        tail = Math.min(tail, to);
        if (shown) found.add(start, start + headerBytes, end, tail);
        start = tail;
      }
      return start;
    },
  };
}

interface Next {
  readonly length: number;
  /** User data; records of the file system itself are passed over. */
  readonly shown: boolean;
}

/** The record header at `at`; undefined when it is not all there. */
function microFocusRecord(
  bytes: Uint8Array,
  at: number,
  to: number,
  headerBytes: HeaderBytes,
  place: DamagePlace,
): Next | undefined {
  if (to - at < headerBytes) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + headerBytes);
  const kind = a >>> 4;
  const length = headerBytes === 2 ? ((a & 15) << 8) | b : ((a & 15) << 24) | (b << 16) | (c << 8) | d;
  if (kind === USER_DATA) return { length, shown: true };
  if (kind === DUPLICATES || kind === DELETED || kind === SYSTEM) return { length, shown: false };
  throw damaged(
    'bad-record-header',
    `Before record ${place.record + 1} at offset ${place.offset}, ${hexOf(bytes, at, at + headerBytes)} is no record header of a sequential file: its first four bits are ${kind}`,
    place,
    {
      hex: hexOf(bytes, at, at + headerBytes),
      hint:
        kind > USER_DATA && kind < 9 ? 'This is the data file of an indexed file.' : 'Is the file damaged?',
    },
  );
}

/** Records of four bytes or fewer are padded to eight: blanks mostly. A record header looks otherwise. */
/** Bytes of the header of a record whose extent is `bytes[start, end)`: of both sizes only one can give such an extent. */
export function microFocusExtent(
  bytes: Uint8Array,
  start: number,
  end: number,
  place: DamagePlace,
): { readonly headerBytes: HeaderBytes; readonly length: number } | undefined {
  for (const headerBytes of [4, 2] as const) {
    const length = microFocusRecord(bytes, start, end, headerBytes, place)?.length ?? end;
    const taken = headerBytes + length;
    const padding = end - start - taken;
    if (padding >= 0 && padding < (taken <= ALIGNMENT ? 2 * ALIGNMENT : ALIGNMENT)) {
      return { headerBytes, length };
    }
  }
  return undefined;
}

function isPadding(bytes: Uint8Array, at: number, to: number): boolean {
  const four = bytes.subarray(at, Math.min(at + ALIGNMENT, to));
  return four.every((byte) => byte === 0x20) || four.every((byte) => byte === 0);
}

function headerBytesOf(
  bytes: Uint8Array,
  from: number,
  to: number,
  { offset }: { readonly offset: number },
): HeaderBytes {
  const sizes: readonly HeaderBytes[] = [2, 4];
  const found = sizes.find((size) => OPENING[size].every((byte, i) => bytes[from + i] === byte));
  const hex = hexOf(bytes, from, Math.min(to, from + 4));
  if (found === undefined || to - from < FILE_HEADER) {
    throw damaged(
      'bad-file-header',
      `At offset ${offset} should stand the file header of Micro Focus: ${FILE_HEADER} bytes that begin with 307E0000 or 3000007C. There ${hex === '' ? 'is nothing' : `stands ${hex}`}`,
      { record: 0, offset },
      { hex, hint: 'Files of records of one length have no header: their format is F.' },
    );
  }
  const compression = bytes[from + 41] ?? 0;
  if (compression !== 0) {
    throw damaged(
      'compressed-file',
      `The records are compressed by Micro Focus's routine ${compression}: this is not supported`,
      { record: 0, offset: offset + 41 },
      { hint: 'Write the file without DATACOMPRESS.' },
    );
  }
  return found;
}
