// Knows: records behind record descriptor words, in blocks (VB) or without (V).
// Must not know: what is inside a record, and how bytes are read.

import { badWord, beyondBlock, blockCut, blockLength, dataLength, WORD } from './descriptor.ts';
import type { Framer } from './framer.ts';
import type { RdwFraming } from './framing.ts';
import { cutOff, type DamagePlace, hexOf } from './framing-faults.ts';
import { spannedFramer } from './spanned.ts';

export function rdwFramer(framing: RdwFraming): Framer {
  return framing.spanned ? spannedFramer(framing) : wholeFramer(framing);
}

/** Each record in one piece. */
function wholeFramer(framing: RdwFraming): Framer {
  const { order, blocks } = framing;
  const big = order === 'big';
  /** Offset in the file behind the block at hand. */
  let blockEnd = 0;
  return {
    frame(bytes, from, to, at, found) {
      const shift = at.offset - from;
      const known = blockEnd - shift;
      let end = blocks ? known : Number.POSITIVE_INFINITY;
      let kept = end;
      let start = from;
      const place = (here: number): DamagePlace => ({
        record: at.record + found.length,
        offset: here + shift,
      });
      for (;;) {
        if (start === to && (!blocks || start >= end || !at.last)) break;
        if (to - start < WORD) {
          if (!at.last) break;
          if (start === to) throw blockCut(end - to, place(start));
          throw cutOff(place(start), to - start, WORD, { hex: hexOf(bytes, start, to) });
        }
        if (start >= end) {
          end = start + blockLength(bytes, start, framing, place(start));
          start += WORD;
          continue;
        }
        // As `wordAt` has it, without its object: this is done for every record.
        const first = ((bytes[start] ?? 0) << 8) | (bytes[start + 1] ?? 0);
        const second = ((bytes[start + 2] ?? 0) << 8) | (bytes[start + 3] ?? 0);
        const length = big ? first : swapped(first === 0 ? second : first);
        const data = dataLength(length, framing);
        if (data < 0 || (second !== 0 && (big || first !== 0))) {
          throw badWord(bytes, start, to, framing, place(start));
        }
        const tail = start + WORD + data;
        if (tail > end) throw beyondBlock(bytes, start, tail - start, end - start, place(start));
        if (tail > to) {
          if (!at.last) break;
          throw cutOff(place(start), to - start, tail - start, { hex: hexOf(bytes, start, start + WORD) });
        }
        found.add(start, start + WORD, tail, tail);
        if (end !== kept) {
          kept = end;
          blockEnd = end + shift;
        }
        start = tail;
      }
      if (blocks) blockEnd = end + shift;
      return start;
    },
  };
}

function swapped(halfword: number): number {
  return ((halfword & 0xff) << 8) | (halfword >>> 8);
}
