// Knows: records that say themselves how long they are.
// Must not know: how the length is worked out, and how bytes are read.

import { Fault, toFault } from '../../fault.ts';
import type { Framer } from './framer.ts';
import type { MeasuredFraming } from './framing.ts';
import { cutOff, type DamagePlace, damaged, hexOf, LONGEST_RECORD, tooLong } from './framing-faults.ts';

export function measuredFramer(framing: MeasuredFraming): Framer {
  return {
    frame(bytes, from, to, at, found) {
      let start = from;
      while (start < to) {
        const place = { record: at.record + found.length, offset: at.offset + start - from };
        const length = framing.lengthOf(bytes, start, to);
        const there = to - start;
        if (length === 'more') {
          if (there > LONGEST_RECORD) throw tooLong(place, there);
          if (!at.last) return start;
          throw damaged(
            'cut-off-record',
            `The file ends within record ${place.record + 1}: it begins at offset ${place.offset}, and the ${there} bytes that are there do not hold its length`,
            place,
            { hex: hexOf(bytes, start, to), hint: 'The file was probably cut in its transfer.' },
          );
        }
        if (typeof length !== 'number') throw located(toFault(length), place);
        if (!Number.isSafeInteger(length) || length < 1) {
          throw damaged(
            'bad-record-length',
            `Record ${place.record + 1} at offset ${place.offset} says that it has ${length} bytes`,
            place,
            { hex: hexOf(bytes, start, to) },
          );
        }
        if (length > LONGEST_RECORD) throw tooLong(place, length, { hex: hexOf(bytes, start, to) });
        if (length > there) {
          if (!at.last) return start;
          throw cutOff(place, there, length);
        }
        found.add(start, start, start + length, start + length);
        start += length;
      }
      return start;
    },
  };
}

/** A field's fault counts its byte offset from the record's first byte: now from the file's. */
function located(fault: Fault, { record, offset }: DamagePlace): Fault {
  return new Fault(fault.kind, fault.message, {
    ...fault.place,
    record: record + 1,
    byteOffset: offset + (fault.place.byteOffset ?? 0),
    code: fault.code,
    errors: fault.errors,
    cause: fault.cause,
  });
}
