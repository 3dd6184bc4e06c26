// Knows: variable sequential files of GnuCOBOL, and which framer those of Micro Focus have.
// Must not know: what is inside a record, and how bytes are read.
// Source: GnuCOBOL, runtime configuration: COB_VARSEQ_FORMAT. A length there never counts the length field itself.

import type { Framer } from './framer.ts';
import type { CompilerFraming } from './framing.ts';
import { cutOff, damaged, hexOf, LONGEST_RECORD, tooLong } from './framing-faults.ts';
import { microFocusFramer } from './micro-focus.ts';

export function compilerFramer({ kind, variant, header = 0 }: CompilerFraming): Framer {
  return kind === 'mf' ? microFocusFramer(header) : gnuCobolFramer(variant);
}

/** 0: length in 2 bytes, 2 bytes of zero. 1: in 4 bytes. 2: in 4 bytes, little-endian (the machine's own order). 3: in 2 bytes. */
export function prefixLength(variant: CompilerFraming['variant']): 2 | 4 {
  return variant === 3 ? 2 : 4;
}

function gnuCobolFramer(variant: CompilerFraming['variant']): Framer {
  const prefix = prefixLength(variant);
  const little = variant === 2;
  return {
    frame(bytes, from, to, at, found) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      let start = from;
      while (start < to) {
        const place = { record: at.record + found.length, offset: at.offset + start - from };
        const there = to - start;
        if (there < prefix) {
          if (!at.last) break;
          throw cutOff(place, there, prefix, { hex: hexOf(bytes, start, to) });
        }
        const long = variant === 1 || variant === 2;
        const length = long ? view.getUint32(start, little) : view.getUint16(start);
        const hex = () => hexOf(bytes, start, start + prefix);
        if (variant === 0 && view.getUint16(start + 2) !== 0) {
          throw damaged(
            'bad-record-length',
            `Before record ${place.record + 1} at offset ${place.offset}, ${hex()} is no length of GnuCOBOL's format 0: its last two bytes are not zero`,
            place,
            { hex: hex(), hint: 'Was the file written with another COB_VARSEQ_FORMAT (variant)?' },
          );
        }
        if (length > LONGEST_RECORD) throw tooLong(place, length, { hex: hex() });
        const tail = start + prefix + length;
        if (tail > to) {
          if (!at.last) break;
          throw cutOff(place, there, prefix + length, { hex: hex() });
        }
        found.add(start, start + prefix, tail, tail);
        start = tail;
      }
      return start;
    },
  };
}
