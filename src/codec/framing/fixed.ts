// Knows: records of one length (F, FB), and files without records (U).
// Must not know: what is inside a record, and how bytes are read.

import { Fault } from '../../fault.ts';
import type { Block } from './block.ts';
import type { Framer } from './framer.ts';
import type { FixedFraming, UndefinedFraming } from './framing.ts';
import { damaged, LONGEST_RECORD } from './framing-faults.ts';

/**
 * Records in a file of `size` bytes. A rest behind the last whole one is `corrupt` (`partial-record`), unless the policy ignores
 * it; so are margins that are longer than the file.
 */
export function recordCount(size: number, { length, tail, header = 0, trailer = 0 }: FixedFraming): number {
  const bytes = size - header - trailer;
  if (bytes < 0) throw marginsTooLong(size, header, trailer);
  const count = Math.floor(bytes / length);
  const rest = bytes - count * length;
  if (rest > 0 && tail === 'fail') throw partialRecord(bytes, length, header, count);
  return count;
}

export function marginsTooLong(size: number, header: number, trailer: number): Fault {
  return new Fault(
    'corrupt',
    `The file has ${size} bytes, fewer than its header (${header}) and its trailer (${trailer}) take`,
    { code: 'file-cut', byteOffset: size },
  );
}

function partialRecord(bytes: number, length: number, header: number, count: number): Fault {
  const whole = header + count * length;
  const rest = bytes - count * length;
  const what = header === 0 ? 'The file has' : 'Between header and trailer the file has';
  return new Fault(
    'corrupt',
    `${what} ${bytes} bytes, which is no multiple of the record length ${length}: the last whole record ends at offset ${whole}, ${rest} bytes remain`,
    {
      code: 'partial-record',
      record: count + 1,
      byteOffset: whole,
      hint: 'Check the record length and the transfer of the file, or let the tail be ignored.',
    },
  );
}

export function fixedFramer({ length, shown, tail }: FixedFraming): Framer {
  return {
    frame(_bytes, from, to, { offset, record, last }, found) {
      let start = from;
      for (; to - start >= length; start += length) {
        found.add(start, start, start + Math.min(shown, length), start + length);
      }
      if (!last || start === to) return start;
      if (tail === 'ignore-tail') return to;
      throw damaged(
        'partial-record',
        `The file ends within record ${record + 1}: it begins at offset ${offset} and has ${length} bytes, and ${to - start} are there`,
        { record, offset },
        { hint: 'Check the record length and the transfer of the file, or let the tail be ignored.' },
      );
    },
  };
}

/** Records one behind the other from `bytes[0]` on, by arithmetic. `base`: the file's offset of `bytes[0]`. */
export function fixedBlock(
  bytes: Uint8Array,
  { length, shown }: FixedFraming,
  base: number,
  first: number,
): Block {
  const visible = Math.min(shown, length);
  return {
    length: bytes.length / length,
    bytes,
    start: (i) => i * length,
    end: (i) => i * length + visible,
    offset: (i, at = 0) => base + i * length + at,
    record: (i) => first + i,
    extent: (i) => ({ offset: base + i * length, length }),
  };
}

/** U: blocks of a known length, or all that there is. */
export function undefinedFramer({ blockLength = Number.POSITIVE_INFINITY }: UndefinedFraming): Framer {
  return {
    frame(_bytes, from, to, { offset, record, last }, found) {
      let start = from;
      for (; to - start >= blockLength; start += blockLength) {
        found.add(start, start, start + blockLength, start + blockLength);
      }
      if (to - start > LONGEST_RECORD) {
        throw damaged(
          'record-too-long',
          `The file is one record (format U) of more than ${LONGEST_RECORD} bytes`,
          { record, offset },
          { hint: 'Set the length of its blocks, or another record format.' },
        );
      }
      if (!last || start === to) return start;
      found.add(start, start, to, to);
      return to;
    },
  };
}
