// Knows: texts of single bytes and pairs with shift codes between them (IBM's mixed EBCDIC pages).
// Must not know: where the tables come from.
//
// A text begins with single bytes. Shift-out (0E) begins pairs, shift-in (0F) ends them; neither is part of the text, and a text
// ends with single bytes. (IBM Enterprise COBOL Programming Guide, "Storage of character data"; CDRA, "EBCDIC mixed-byte".)
//
// `encode` writes the shortest form, so these bytes come back in another form than they were read in: shift codes with nothing
// between them (0E 0F), or that end pairs only to begin them again (0F 0E); pairs that the page only reads; a letter and a
// combining mark as two pairs where there is one for both.

import { type Charset, type Leniency, NO_CHARACTER } from './contract.ts';
import { type DoubleBytePage, longPairAt, pairTable, putUnit } from './pairs.ts';
import { misplaced, undecodable, unmappable } from './refusals.ts';
import { bytesOf, type SingleBytePage, SUB } from './single-byte.ts';
import { textOf, unitRoom } from './units.ts';

const SHIFT_OUT = 0x0e;
const SHIFT_IN = 0x0f;

let written = new Uint8Array(4096);

/** Room for `count` bytes, used before anyone else asks for it. */
function byteRoom(count: number): Uint8Array<ArrayBuffer> {
  if (count > written.length) written = new Uint8Array(Math.max(count, written.length * 2));
  return written;
}

/** No pair and no byte. */
const NONE = 0xffff;
const SUB_PAIR = 0xfefe;
/** Of the characters that cannot be written those up to U+00FF become the substitute of one byte, others that of two (as in ICU). */
const LAST_NARROW = 0xff;

/** `dbcs`: the name of the charset of the pairs alone. */
export function mixed(
  name: string,
  dbcs: string,
  singles: SingleBytePage,
  doubles: DoubleBytePage,
  leniency: Leniency,
): Charset {
  const { sub } = leniency;
  const table = pairTable(doubles, leniency);
  const { units } = table;
  const alone = singles.toUnicode.slice();
  alone[SHIFT_OUT] = NO_CHARACTER;
  alone[SHIFT_IN] = NO_CHARACTER;
  const codes = table.pairs.map((pair) => (pair === 0 ? NONE : pair));
  for (const [unit, byte] of bytesOf({ ...singles, toUnicode: alone }, leniency)) codes[unit] = byte;
  const space = codes[0x20] ?? 0x40;

  /** Why the pair at `at` cannot be read. */
  const refuse = (bytes: Uint8Array, start: number, at: number, end: number, shift: number) => {
    if (bytes[at] === SHIFT_OUT)
      return misplaced(bytes, start, at, 'is a second shift-out before a shift-in');
    if (at + 1 === end || bytes[at + 1] === SHIFT_IN) {
      const why = `is half of a pair: an odd number of bytes follows the shift-out at offset ${shift - start}`;
      return misplaced(bytes, start, at, why);
    }
    return undecodable(name, bytes, start, at, 2);
  };

  return {
    name,
    family: 'ebcdic',
    blank: Uint8Array.of(space),
    space,
    zero: codes[0x30] ?? 0xf0,
    dbcs,
    alone,
    decode(bytes, start, end) {
      const room = unitRoom(end - start + 1);
      let n = 0;
      let at = start;
      while (at < end) {
        const byte = bytes[at] ?? 0;
        if (byte !== SHIFT_OUT) {
          const unit = alone[byte] ?? NO_CHARACTER;
          if (unit === NO_CHARACTER && !sub) {
            if (byte === SHIFT_IN)
              throw misplaced(bytes, start, at, 'is a shift-in without a shift-out before it');
            throw undecodable(name, bytes, start, at);
          }
          room[n++] = unit;
          at++;
          continue;
        }
        const shift = at++;
        while (at < end && bytes[at] !== SHIFT_IN) {
          const pair = at + 1 < end ? ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0) : 0;
          const unit = units[pair] ?? NO_CHARACTER;
          if (unit !== NO_CHARACTER) {
            n = putUnit(table, unit, room, n);
            at += 2;
          } else if (sub) {
            room[n++] = NO_CHARACTER;
            // The shift-in still ends the pairs.
            at += bytes[at + 1] === SHIFT_IN ? 1 : 2;
          } else throw refuse(bytes, start, at, end, shift);
        }
        if (at >= end && !sub)
          throw misplaced(bytes, start, shift, 'is a shift-out that no shift-in follows');
        at++;
      }
      return textOf(room, n);
    },
    encode(text) {
      // A pair between shift codes of its own takes four bytes.
      const bytes = byteRoom(text.length * 4);
      let n = 0;
      let shifted = false;
      for (let position = 0; position < text.length; position++) {
        let code = longPairAt(table, text, position);
        if (code !== 0) position++;
        else code = codes[text.charCodeAt(position)] ?? NONE;
        if (code === NONE) {
          if (!sub) throw unmappable(name, text, position);
          const character = text.codePointAt(position) ?? 0;
          code = character > LAST_NARROW ? SUB_PAIR : SUB.ebcdic;
          if (character > 0xffff) position++;
        }
        if (code > 0xff !== shifted) {
          shifted = !shifted;
          bytes[n++] = shifted ? SHIFT_OUT : SHIFT_IN;
        }
        if (shifted) bytes[n++] = code >> 8;
        bytes[n++] = code & 0xff;
      }
      if (shifted) bytes[n++] = SHIFT_IN;
      return bytes.slice(0, n);
    },
  };
}
