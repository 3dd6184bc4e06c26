// Knows: how the mappings of a page become tables of bytes and of pairs.
// Must not know: how pages are written down, charsets.

import { NO_CHARACTER } from './contract.ts';
import type { Mapping } from './page-text.ts';
import type { DoubleBytePage } from './pairs.ts';
import type { SingleBytePage } from './single-byte.ts';

/** A page has single bytes, pairs, or both. */
export interface CodePage {
  readonly singles?: SingleBytePage;
  readonly doubles?: DoubleBytePage;
}

export function codePageOf(mappings: readonly Mapping[]): CodePage {
  const singles = mappings.filter(({ isPair }) => !isPair);
  const doubles = mappings.filter(({ isPair }) => isPair);
  return {
    ...(singles.length > 0 ? { singles: singlesOf(singles) } : {}),
    ...(doubles.length > 0 ? { doubles: doublesOf(doubles) } : {}),
  };
}

function singlesOf(mappings: readonly Mapping[]): SingleBytePage {
  const toUnicode = new Uint16Array(256).fill(NO_CHARACTER);
  const readOnly: number[] = [];
  const fallbacks = new Map<number, number>();
  for (const { code, text, use } of mappings) {
    const unit = text.charCodeAt(0);
    if (use === 'write') fallbacks.set(unit, code);
    else toUnicode[code] = unit;
    if (use === 'read') readOnly.push(code);
  }
  readOnly.sort((a, b) => a - b);
  // The digits say whose page it is; F0 is a letter or a sign in every page of the ASCII family.
  return { family: toUnicode[0xf0] === 0x30 ? 'ebcdic' : 'ascii', toUnicode, readOnly, fallbacks };
}

function doublesOf(mappings: readonly Mapping[]): DoubleBytePage {
  const points = new Uint32Array(0x1_0000).fill(NO_CHARACTER);
  const sequences = new Map<number, string>();
  const readOnly = new Set<number>();
  const fallbacks = new Map<string, number>();
  for (const { code, text, use } of mappings.toSorted((a, b) => a.code - b.code)) {
    if (use === 'write') fallbacks.set(text, code);
    else if ([...text].length === 1) points[code] = text.codePointAt(0) ?? NO_CHARACTER;
    else sequences.set(code, text);
    if (use === 'read') readOnly.add(code);
  }
  return { points, sequences, readOnly, fallbacks };
}
