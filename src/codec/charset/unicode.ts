// Knows: the encodings of Unicode itself: UTF-8 and UTF-16, strictly.
// Must not know: code pages.

import { type Charset, type Leniency, NO_CHARACTER } from './contract.ts';
import { misplaced, undecodable, unmappable } from './refusals.ts';
import { textOf, unitRoom } from './units.ts';

const encoder = new TextEncoder();

/**
 * UTF-8. Not through iconv-lite, which turns malformed bytes and lone surrogates into U+FFFD and takes a byte
 * order mark away; inside a field U+FEFF is a character like others.
 */
export function utf8(name: string, { sub }: Leniency): Charset {
  const decoder = new TextDecoder('utf-8', { fatal: !sub, ignoreBOM: true });
  return {
    name,
    family: 'ascii',
    blank: Uint8Array.of(0x20),
    space: 0x20,
    zero: 0x30,
    alone: Uint16Array.from({ length: 256 }, (_, byte) => (byte < 0x80 ? byte : NO_CHARACTER)),
    decode(bytes, start, end) {
      try {
        return decoder.decode(bytes.subarray(start, end));
      } catch {
        throw undecodable(name, bytes, start, malformedAt(bytes, start, end));
      }
    },
    encode(text) {
      if (!sub && !text.isWellFormed()) throw unmappable(name, text, text.search(/\p{Surrogate}/u));
      return encoder.encode(text);
    },
  };
}

/** Where UTF-8 stops being well-formed: the byte that cannot follow those before it, or the last of a text that is cut off. */
function malformedAt(bytes: Uint8Array, start: number, end: number): number {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for (let at = start; at < end; at++) {
    try {
      strict.decode(bytes.subarray(at, at + 1), { stream: true });
    } catch {
      return at;
    }
  }
  return end - 1;
}

/** UTF-16 without a byte order mark, as PIC N has it (big-endian). U+FEFF is a character like others. */
export function utf16(name: string, { sub }: Leniency, isBigEndian: boolean): Charset {
  const high = isBigEndian ? 0 : 1;
  const low = 1 - high;
  const blank = new Uint8Array(2);
  blank[low] = 0x20;
  return {
    name,
    family: 'ascii',
    blank,
    space: 0x20,
    zero: 0x30,
    width: 2,
    alone: new Uint16Array(256).fill(NO_CHARACTER),
    decode(bytes, start, end) {
      const room = unitRoom((end - start + 1) >> 1);
      let n = 0;
      for (let at = start; at < end; at += 2) {
        if (at + 1 === end) {
          if (!sub) throw misplaced(bytes, start, at, `is half of a code unit of ${name}`);
          room[n++] = NO_CHARACTER;
          break;
        }
        let unit = ((bytes[at + high] ?? 0) << 8) | (bytes[at + low] ?? 0);
        if ((unit & 0xf800) === 0xd800) {
          const next = at + 3 < end ? ((bytes[at + 2 + high] ?? 0) << 8) | (bytes[at + 2 + low] ?? 0) : 0;
          if (unit < 0xdc00 && (next & 0xfc00) === 0xdc00) {
            room[n++] = unit;
            unit = next;
            at += 2;
          } else if (sub) unit = NO_CHARACTER;
          else throw undecodable(name, bytes, start, at, 2);
        }
        room[n++] = unit;
      }
      return textOf(room, n);
    },
    encode(text) {
      if (!sub && !text.isWellFormed()) throw unmappable(name, text, text.search(/\p{Surrogate}/u));
      const whole = text.toWellFormed();
      const bytes = new Uint8Array(whole.length * 2);
      for (let i = 0; i < whole.length; i++) {
        const unit = whole.charCodeAt(i);
        bytes[2 * i + high] = unit >> 8;
        bytes[2 * i + low] = unit & 0xff;
      }
      return bytes;
    },
  };
}
