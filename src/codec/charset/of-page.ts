// Knows: which charset a code page makes, and what a page must have to make one.
// Must not know: names of charsets, where pages come from.

import { Fault } from '../../fault.ts';
import type { Charset } from './contract.ts';
import { mixed } from './mixed.ts';
import type { CodePage } from './page.ts';
import { doubleByte } from './pairs.ts';
import { singleByte } from './single-byte.ts';
import { notSwappable, swapLineEnds, type Variant } from './variant.ts';

/** `dbcs`: the name of the charset of its pairs, where it has single bytes too. */
export function charsetOfPage(name: string, dbcs: string, page: CodePage, variant: Variant): Charset {
  const { doubles } = page;
  const singles = variant.swaplfnl && page.singles !== undefined ? swapLineEnds(page.singles) : page.singles;
  if (singles === undefined) {
    if (doubles === undefined || variant.swaplfnl) throw notSwappable(name);
    return doubleByte(name, doubles, variant);
  }
  return doubles === undefined
    ? singleByte(name, singles, variant)
    : mixed(name, dbcs, singles, doubles, variant);
}

/** Throws `invalid` (`bad-charset-table`) for a page that lacks what fields need: a blank, and digits where a family has them. */
export function checkPage(file: string, { singles, doubles }: CodePage): void {
  const refuse = (what: string): Fault =>
    new Fault('invalid', `${file}: ${what}`, { code: 'bad-charset-table', misconfigured: true });
  if (singles === undefined && doubles === undefined) throw refuse('the table of a charset is empty');
  if (doubles !== undefined && doubles.points[0x4040] !== 0x3000) {
    throw refuse('pairs have a blank, 4040 for U+3000, and there is none');
  }
  if (singles === undefined) return;
  const { family, toUnicode } = singles;
  const zero = family === 'ebcdic' ? 0xf0 : 0x30;
  for (let digit = 0; digit < 10; digit++) {
    if (toUnicode[zero + digit] === 0x30 + digit) continue;
    throw refuse(
      `the digits of a charset stand at F0 to F9 or at 30 to 39, and here ${digit} stands at neither`,
    );
  }
  const blank = family === 'ebcdic' ? 0x40 : 0x20;
  if (toUnicode[blank] !== 0x20) throw refuse(`the blank U+0020 is not at ${blank.toString(16)}`);
  if (doubles !== undefined && family !== 'ebcdic')
    throw refuse('only EBCDIC pages have shift codes before and after pairs');
}
