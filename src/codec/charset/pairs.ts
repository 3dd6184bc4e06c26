// Knows: the double bytes of a page, in both directions, and charsets of nothing else (PIC G).
// Must not know: where the tables come from, shift codes.

import { type Charset, type Leniency, NO_CHARACTER } from './contract.ts';
import { misplaced, undecodable, unmappable } from './refusals.ts';
import { textOf, unitRoom } from './units.ts';

/** What a page's pairs mean, as plain data. A pair is a number: its first byte × 256 + its second one. */
export interface DoubleBytePage {
  /** The code point of each of the 65,536 pairs, U+FFFD where it has none. */
  readonly points: Readonly<Uint32Array>;
  /** Pairs that are two characters: a letter and the combining mark that follows it. */
  readonly sequences: ReadonlyMap<number, string>;
  /** Pairs that are read so but not written: another pair (or byte) has the same character. */
  readonly readOnly: ReadonlySet<number>;
  /** Character → pair, for those that are written so but read back as another one. */
  readonly fallbacks: ReadonlyMap<string, number>;
}

/** The same, ready for use: a lookup for each pair. */
export interface PairTable {
  /** The UTF-16 unit of each pair, or NO_CHARACTER, or LONG + i: its two units are the i-th of `long`. */
  readonly units: Uint16Array;
  readonly long: Uint16Array;
  /** The pair of each UTF-16 unit; 0 if it has none. */
  readonly pairs: Uint16Array;
  /** The pair of a character of two units. */
  readonly longPairs: ReadonlyMap<string, number>;
  /** Second units of these. */
  readonly seconds: ReadonlySet<number>;
}

/** Low surrogates are never a character's first unit: here they are numbers of characters that have two. */
const LONG = 0xdc00;
const MOST_LONG = 0x400;

/** What IBM's double-byte pages have for a character that cannot be written. */
const SUB_PAIR = 0xfefe;
/** IBM's double-byte blank, U+3000. */
const BLANK_PAIR = 0x4040;

export function pairTable(page: DoubleBytePage, leniency: Leniency): PairTable {
  // Code points beyond U+FFFF are put right below.
  const units = new Uint16Array(page.points);
  const pairs = new Uint16Array(0x1_0000);
  const long: string[] = [];
  const longPairs = new Map<string, number>();
  const addLong = (pair: number, text: string): void => {
    units[pair] = LONG + long.push(text) - 1;
    if (!page.readOnly.has(pair)) longPairs.set(text, pair);
  };
  if (leniency.fallback) {
    for (const [text, pair] of page.fallbacks) {
      if (text.length === 1) pairs[text.charCodeAt(0)] = pair;
      else longPairs.set(text, pair);
    }
  }
  for (let pair = 0; pair < units.length; pair++) {
    const point = page.points[pair] ?? NO_CHARACTER;
    if (point > 0xffff) addLong(pair, String.fromCodePoint(point));
    else if (point !== NO_CHARACTER && !page.readOnly.has(pair)) pairs[point] = pair;
  }
  for (const [pair, text] of page.sequences) addLong(pair, text);
  if (long.length > MOST_LONG) throw new RangeError(`more than ${MOST_LONG} characters of two UTF-16 units`);
  return {
    units,
    long: Uint16Array.from(long.flatMap((text) => [text.charCodeAt(0), text.charCodeAt(1)])),
    pairs,
    longPairs,
    seconds: new Set(Array.from(longPairs.keys(), (character) => character.charCodeAt(1))),
  };
}

/** Puts the character of `unit`, found in `table.units`, at `room[n]`; returns the index behind it. */
export function putUnit(table: PairTable, unit: number, room: Uint16Array, n: number): number {
  if ((unit & 0xfc00) !== LONG) {
    room[n] = unit;
    return n + 1;
  }
  const at = 2 * (unit - LONG);
  room[n] = table.long[at] ?? 0;
  room[n + 1] = table.long[at + 1] ?? 0;
  return n + 2;
}

/** The pair of the two units at `position` of the text where they are one character of the table, else 0. */
export function longPairAt(table: PairTable, text: string, position: number): number {
  if (table.seconds.size === 0 || !table.seconds.has(text.charCodeAt(position + 1))) return 0;
  return table.longPairs.get(text.slice(position, position + 2)) ?? 0;
}

/** A charset of pairs only, without shift codes. */
export function doubleByte(name: string, page: DoubleBytePage, leniency: Leniency): Charset {
  const table = pairTable(page, leniency);
  const { sub } = leniency;
  return {
    name,
    family: 'ebcdic',
    blank: Uint8Array.of(BLANK_PAIR >> 8, BLANK_PAIR & 0xff),
    space: BLANK_PAIR & 0xff,
    zero: 0xf0,
    width: 2,
    alone: new Uint16Array(256).fill(NO_CHARACTER),
    decode(bytes, start, end) {
      const room = unitRoom(end - start + 1);
      let n = 0;
      for (let at = start; at < end; at += 2) {
        if (at + 1 === end && !sub) throw misplaced(bytes, start, at, `is half of a pair of ${name}`);
        const pair = at + 1 === end ? 0 : ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
        const unit = table.units[pair] ?? NO_CHARACTER;
        if (unit === NO_CHARACTER && !sub) throw undecodable(name, bytes, start, at, 2);
        n = putUnit(table, unit, room, n);
      }
      return textOf(room, n);
    },
    encode(text) {
      const bytes = new Uint8Array(text.length * 2);
      let n = 0;
      for (let position = 0; position < text.length; position++) {
        let pair = longPairAt(table, text, position);
        if (pair !== 0) position++;
        else pair = table.pairs[text.charCodeAt(position)] ?? 0;
        if (pair === 0) {
          if (!sub) throw unmappable(name, text, position);
          pair = SUB_PAIR;
          if ((text.codePointAt(position) ?? 0) > 0xffff) position++;
        }
        bytes[n++] = pair >> 8;
        bytes[n++] = pair & 0xff;
      }
      return n === bytes.length ? bytes : bytes.slice(0, n);
    },
  };
}
