// Knows: where records begin and end in a file: fixed length (F, FB) and lines of text.
// Must not know: what is inside a record, and how bytes are read.

import { Fault } from '../fault.ts';

const LF = 0x0a;
const CR = 0x0d;

/**
 * F and FB: records of `recordLength` bytes one behind the other, without anything between them. Number of records in
 * `fileLength` bytes. A rest is `corrupt` (`partial-record`) unless the policy ignores it.
 */
export function fixedRecordCount(
  fileLength: number,
  recordLength: number,
  onPartial: 'fail' | 'ignore-tail' = 'fail',
): number {
  const count = Math.floor(fileLength / recordLength);
  const whole = count * recordLength;
  if (whole !== fileLength && onPartial === 'fail') {
    throw new Fault(
      'corrupt',
      `The file has ${fileLength} bytes, which is no multiple of the record length ${recordLength}: the last whole record ends at offset ${whole}, ${fileLength - whole} bytes remain`,
      {
        code: 'partial-record',
        record: count + 1,
        byteOffset: whole,
        hint: 'Check the record length and the transfer of the file, or let the tail be ignored.',
      },
    );
  }
  return count;
}

/** Records found: pairs of the first byte's offset and the offset behind the last byte, line ends left out. */
export interface Spans {
  readonly starts: number[];
  readonly ends: number[];
}

/**
 * Lines (ended by LF or CR LF) in `bytes[from, to)`, appended to `spans`. Returns the offset of the first byte that belongs to no
 * finished line: the caller brings it again, with what follows it in the file. With `last` nothing follows, and a last line
 * without an end is a record too; no line is made of nothing behind the last line end.
 */
export function lineSpans(bytes: Uint8Array, from: number, to: number, last: boolean, spans: Spans): number {
  let start = from;
  for (;;) {
    const found = bytes.indexOf(LF, start);
    if (found < 0 || found >= to) break;
    const end = found > start && bytes[found - 1] === CR ? found - 1 : found;
    spans.starts.push(start);
    spans.ends.push(end);
    start = found + 1;
  }
  if (!last || start === to) return start;
  spans.starts.push(start);
  spans.ends.push(to > start && bytes[to - 1] === CR ? to - 1 : to);
  return to;
}
