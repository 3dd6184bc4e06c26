// Knows: characters of single bytes at full speed: trimming, decoding, JSON text.
// Must not know: fields and faults. What a table does not cover is left to the caller.

import type { Charset } from '../charset.ts';

/** UTF-16 unit of a byte that has no character of its own. */
export const NO_CHARACTER = 0xfffd;

/** Bit of a JSON byte for what is not one ASCII character standing for itself in JSON. */
const SPECIAL = 0x80;

/** The same bit in each byte of two pairs. */
export const SPECIAL_PAIRS = Math.imul(SPECIAL, 0x0101_0101);

/** What generated code needs of a charset. */
export interface CharacterTables {
  /** Byte → UTF-16 unit, or NO_CHARACTER where it is no character by itself (see `Charset.alone`). */
  readonly units: Uint16Array;
  /**
   * Two bytes, the first one in the low half → the two bytes that stand for them in JSON, in the same order; bytes with the
   * SPECIAL bit stand for nothing. Looking up pairs halves the work; the used parts of the table fit a processor's cache.
   */
  readonly pairs: Uint16Array;
}

const tables = new Map<string, CharacterTables>();

export function characterTables(charset: Charset): CharacterTables {
  const known = tables.get(charset.name);
  if (known !== undefined) return known;
  const units = charset.alone.slice();
  const plain = (unit: number) => unit >= 0x20 && unit < 0x80 && unit !== 0x22 && unit !== 0x5c;
  const json = Uint16Array.from(units, (unit) => (plain(unit) ? unit : SPECIAL));
  const pairs = new Uint16Array(0x1_0000);
  for (let high = 0; high < 256; high++) {
    const second = (json[high] ?? 0) << 8;
    for (let low = 0; low < 256; low++) pairs[(high << 8) | low] = second | (json[low] ?? 0);
  }
  const made = { units, pairs };
  tables.set(charset.name, made);
  return made;
}

/** Offset behind the last byte that is not `pad`. */
export function trimEnd(input: DataView, from: number, to: number, pad: number): number {
  const four = Math.imul(pad, 0x0101_0101);
  let end = to;
  while (end - 4 >= from && input.getInt32(end - 4) === four) end -= 4;
  while (end > from && input.getUint8(end - 1) === pad) end--;
  return end;
}

/** Offset of the first byte that is not `pad`. */
export function trimStart(input: DataView, from: number, to: number, pad: number): number {
  let start = from;
  while (start < to && input.getUint8(start) === pad) start++;
  return start;
}

const HEX = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
/** Control characters that JSON writes with a letter: \b \t \n \f \r. */
const LETTER_ESCAPES = new Map([
  [0x08, 0x62],
  [0x09, 0x74],
  [0x0a, 0x6e],
  [0x0c, 0x66],
  [0x0d, 0x72],
]);

/** Writes any characters in JSON and UTF-8 like JSON.stringify; -1 if a byte has none. At most six bytes for each. */
export function writeEscaped(
  bytes: Uint8Array,
  from: number,
  to: number,
  units: Uint16Array,
  out: Uint8Array,
  at: number,
): number {
  let n = at;
  for (let p = from; p < to; p++) {
    const unit = units[bytes[p] ?? 0] ?? NO_CHARACTER;
    if (unit === NO_CHARACTER) return -1;
    if (unit < 0x20) {
      out[n++] = 0x5c;
      const letter = LETTER_ESCAPES.get(unit);
      if (letter === undefined) {
        out[n++] = 0x75;
        out[n++] = 0x30;
        out[n++] = 0x30;
        out[n++] = HEX[unit >> 4] ?? 0;
        out[n++] = HEX[unit & 0x0f] ?? 0;
      } else out[n++] = letter;
    } else if (unit < 0x80) {
      if (unit === 0x22 || unit === 0x5c) out[n++] = 0x5c;
      out[n++] = unit;
    } else if (unit < 0x800) {
      out[n++] = 0xc0 | (unit >> 6);
      out[n++] = 0x80 | (unit & 0x3f);
    } else {
      out[n++] = 0xe0 | (unit >> 12);
      out[n++] = 0x80 | ((unit >> 6) & 0x3f);
      out[n++] = 0x80 | (unit & 0x3f);
    }
  }
  return n;
}

const ascii = new TextDecoder('utf-8', { ignoreBOM: true });
const wide = new TextDecoder('utf-16le', { ignoreBOM: true });

/**
 * Texts of one record, decoded together: one call of a decoder costs as much as decoding a hundred characters.
 * `load` takes the bytes of a field to their place, `finish` gives all of it as one string to be cut up: a unit for each byte.
 */
export interface TextBlock {
  /** ASCII, and nothing else, may be written here directly, outside of what is loaded. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  load(bytes: Uint8Array, from: number, length: number, units: Uint16Array, place: number): void;
  finish(): string;
}

/** `written`: the ranges that are not loaded. */
export function textBlock(
  length: number,
  written: readonly { readonly from: number; readonly to: number }[],
): TextBlock {
  const narrow = new Uint8Array(length);
  const units16 = new Uint16Array(length);
  let seen = 0;
  return {
    bytes: narrow,
    load(bytes, from, count, units, place) {
      let all = 0;
      for (let i = 0; i < count; i++) {
        const unit = units[bytes[from + i] ?? 0] ?? NO_CHARACTER;
        all |= unit;
        narrow[place + i] = unit;
        units16[place + i] = unit;
      }
      seen |= all;
    },
    finish() {
      if (seen < 0x80) return ascii.decode(narrow);
      seen = 0;
      for (const { from, to } of written) units16.set(narrow.subarray(from, to), from);
      return wide.decode(units16);
    },
  };
}
