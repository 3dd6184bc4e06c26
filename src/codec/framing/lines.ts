// Knows: where lines of text end.
// Must not know: charsets beyond the bytes that end a line, and how bytes are read.

import { searchIn } from './byte-search.ts';
import type { Framer } from './framer.ts';
import type { LineFraming } from './framing.ts';
import { damaged, LONGEST_RECORD } from './framing-faults.ts';

const CR = 0x0d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

/**
 * Lines and what ends each. A last line may end with nothing, or with a CR whose line feed is cut off; no line is made of nothing behind
 * the last line end.
 */
export function lineFramer(framing: LineFraming): Framer {
  const { mark, shown = Number.POSITIVE_INFINITY, header = 0 } = framing;
  const ends = framing.ends.toSorted((a, b) => b.length - a.length);
  const firsts = [...new Set(ends.map((end) => end[0] ?? 0))];
  /** By byte: it is a line end, and no other one begins with it. */
  const alone = new Uint8Array(256);
  for (const [first = 0] of ends) {
    const same = ends.filter((end) => end[0] === first);
    if (same.length === 1 && same[0]?.length === 1) alone[first] = 1;
  }
  return {
    frame(bytes, from, to, { offset, record, last }, found) {
      let start = from;
      if (mark && offset === header) {
        const there = BYTE_ORDER_MARK.findIndex((byte, i) => from + i >= to || bytes[from + i] !== byte);
        if (there < 0) start += BYTE_ORDER_MARK.length;
        else if (from + there >= to && !last) return from;
      }
      const nextEnd = searchIn(bytes, firsts);
      for (let search = start; ; ) {
        const at = nextEnd(search, to);
        if (at >= to) break;
        const length = alone[bytes[at] ?? 0] === 1 ? 1 : endAt(bytes, at, to, last);
        if (length < 0) break;
        if (length === 0) {
          search = at + 1;
        } else {
          found.add(start, start, Math.min(at, start + shown), at + length);
          start = at + length;
          search = start;
        }
      }
      if (to - start > LONGEST_RECORD) {
        throw lineTooLong(record + found.length, offset + start - from);
      }
      if (!last || start === to) return start;
      found.add(start, start, Math.min(to, start + shown), to);
      return to;
    },
  };

  /** Length of the line end that begins at `at`: 0 when there is none, −1 when what follows the bytes decides. */
  function endAt(bytes: Uint8Array, at: number, to: number, last: boolean): number {
    for (const end of ends) {
      let matching = 0;
      while (matching < end.length && at + matching < to && bytes[at + matching] === end[matching])
        matching++;
      if (matching === end.length) return matching;
      if (matching > 0 && at + matching === to) {
        if (!last) return -1;
        if (bytes[at] === CR && !ends.some((other) => other.length <= matching && startsWith(end, other)))
          return matching;
      }
    }
    return 0;
  }
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}

function lineTooLong(record: number, offset: number) {
  return damaged(
    'line-too-long',
    `Line ${record + 1} has more than ${LONGEST_RECORD} bytes`,
    { record, offset },
    { hint: 'Is this a file of fixed-length records? Then set the record format to F.' },
  );
}
