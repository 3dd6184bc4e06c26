// Knows: the code pages that come with us, unpacked when they are asked for.
// Must not know: what charsets are made of them, other names of pages.

import { DOUBLE_BYTE_PAGES, MIXED_PAGES } from '../tables/double-byte.generated.ts';
import { FALLBACKS, REVERSE_FALLBACKS, SINGLE_BYTE_PAGES } from '../tables/single-byte.generated.ts';
import { NO_CHARACTER } from './contract.ts';
import { unpackNumbers, unpackPairs } from './packed-table.ts';
import type { CodePage } from './page.ts';
import type { DoubleBytePage } from './pairs.ts';
import type { SingleBytePage } from './single-byte.ts';

/** `cp037` and so on: one byte a character. */
export const SINGLE_BYTE_NAMES: readonly string[] = Object.keys(SINGLE_BYTE_PAGES);
/** `cp930` and so on: single bytes and pairs. */
export const MIXED_NAMES: readonly string[] = Object.keys(MIXED_PAGES);
/** `cp300`: pairs alone. */
export const DOUBLE_BYTE_NAMES: readonly string[] = Object.keys(DOUBLE_BYTE_PAGES).filter(
  (name) => !Object.hasOwn(MIXED_PAGES, name),
);

/** A page by one of these names. */
export function codePage(name: string): CodePage {
  const characters = SINGLE_BYTE_PAGES[name] ?? MIXED_PAGES[name];
  return {
    ...(characters === undefined ? {} : { singles: singlesOf(name, characters) }),
    ...(DOUBLE_BYTE_PAGES[name] === undefined ? {} : { doubles: doublesOf(name) }),
  };
}

function singlesOf(name: string, characters: string): SingleBytePage {
  const toUnicode = Uint16Array.from({ length: 256 }, (_, byte) => characters.charCodeAt(byte));
  const fallbacks = new Map<number, number>();
  if (Object.hasOwn(SINGLE_BYTE_PAGES, name)) {
    for (let unit = 0xff01; unit <= 0xff5e; unit++) {
      const byte = toUnicode.indexOf(unit - 0xfee0);
      if (byte >= 0) fallbacks.set(unit, byte);
    }
  }
  const others = FALLBACKS[name] ?? '';
  for (let i = 0; i < others.length; i += 2) {
    fallbacks.set(others.charCodeAt(i), toUnicode.indexOf(others.charCodeAt(i + 1)));
  }
  return { family: 'ebcdic', toUnicode, readOnly: REVERSE_FALLBACKS[name] ?? [], fallbacks };
}

function doublesOf(name: string): DoubleBytePage {
  const points = new Uint32Array(0x1_0000).fill(NO_CHARACTER);
  const sequences = new Map<number, string>();
  addPairs(name, points, sequences);
  const page = DOUBLE_BYTE_PAGES[name];
  const fallbacks = new Map<string, number>();
  unpackPairs(page?.fallbacks ?? '', (pair, point) => fallbacks.set(String.fromCodePoint(point), pair));
  const readOnly = new Set<number>();
  let pair = 0;
  unpackNumbers(page?.readOnly ?? '', (distance) => {
    pair += distance;
    readOnly.add(pair);
  });
  return { points, sequences, readOnly, fallbacks };
}

function addPairs(name: string, points: Uint32Array, sequences: Map<number, string>): void {
  const page = DOUBLE_BYTE_PAGES[name];
  if (page === undefined) return;
  if (page.base !== undefined) addPairs(page.base, points, sequences);
  unpackPairs(page.pairs, (pair, point) => {
    points[pair] = point;
  });
  for (const [pair, text] of Object.entries(page.sequences ?? {})) sequences.set(Number(pair), text);
}
