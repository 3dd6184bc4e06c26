// Knows: how well each charset explains some bytes.
// Must not know: record formats, layouts.

import { MIXED_NAMES, SINGLE_BYTE_NAMES } from '../../charset/pages.ts';
import { type Charset, openCharset } from '../../charset.ts';
import {
  countOf,
  EBCDIC_PUNCTUATION,
  EBCDIC_TEXT,
  type Family,
  familyOf,
  histogramOf,
  percent,
} from './bytes.ts';

export interface CharsetScore {
  readonly charset: string;
  readonly score: number;
  readonly evidence: string;
}

/** Best first; charsets that the bytes cannot tell apart have one score and say so. */
export function scoreCharsets(sample: Uint8Array, whole: boolean): readonly CharsetScore[] {
  const counts = histogramOf(sample);
  const family = familyOf(counts);
  const scored = [...ebcdicScores(sample, family), ...asciiScores(sample, counts, family, whole)];
  return scored.toSorted((a, b) => b.score - a.score);
}

function asciiScores(
  sample: Uint8Array,
  counts: Uint32Array,
  family: Family,
  whole: boolean,
): readonly CharsetScore[] {
  const leaning = 1 - family.leaning;
  const evidence = `${percent(family.ascii)} of the bytes are letters, digits or blanks of ASCII, ${percent(family.ebcdic)} of EBCDIC`;
  const high = counts.subarray(0x80).reduce((sum, count) => sum + count, 0);
  if (high === 0) {
    const same = `${evidence}; no byte above 7F, so utf-8, iso-8859-1 and others read the same`;
    return [
      { charset: 'utf-8', score: 0.98 * leaning, evidence: same },
      { charset: 'ascii', score: 0.97 * leaning, evidence: same },
      { charset: 'iso-8859-1', score: 0.97 * leaning, evidence: same },
    ];
  }
  const shown = `${evidence}; ${high} bytes above 7F`;
  if (isUtf8(sample, whole)) {
    return [
      { charset: 'utf-8', score: 0.99 * leaning, evidence: `${shown}, all of them well-formed UTF-8` },
      { charset: 'iso-8859-1', score: 0.2 * leaning, evidence: `${shown}, which are well-formed UTF-8` },
    ];
  }
  const controls = counts.subarray(0x80, 0xa0).reduce((sum, count) => sum + count, 0);
  const pages = ['iso-8859-1', 'iso-8859-15', 'windows-1252', 'cp850', 'cp437'];
  return pages.map((charset) => {
    // 80 to 9F are control characters in ISO 8859, letters and signs elsewhere; the old PC pages have their letters there.
    const early = controls / high;
    const fit = charset.startsWith('iso') ? 1 - early : charset.startsWith('cp') ? 0.4 + early / 2 : 0.9;
    return {
      charset,
      score: leaning * 0.8 * Math.max(0.1, fit),
      evidence: `${shown} (${controls} of them 80 to 9F), no UTF-8; other pages of the family cannot be excluded`,
    };
  });
}

function isUtf8(sample: Uint8Array, whole: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: !whole });
    return true;
  } catch {
    return false;
  }
}

/** Found most, first: what is named where nothing tells pages apart. */
const USUAL = [
  'cp037',
  'cp1047',
  'cp500',
  'cp1140',
  'cp1148',
  'cp273',
  'cp1141',
  'cp285',
  'cp1146',
  'cp297',
  'cp1147',
];

function ebcdicScores(sample: Uint8Array, family: Family): readonly CharsetScore[] {
  const shown = `${percent(family.ebcdic)} of the bytes are letters, digits or blanks of EBCDIC, ${percent(family.ascii)} of ASCII`;
  const known = [...USUAL, ...SINGLE_BYTE_NAMES.filter((name) => !USUAL.includes(name))];
  const foreign = isText(sample) ? foreignRuns(sample) : [];
  const national = foreign.length > 0 ? foreign : nationalLetters(sample);
  const seen = national.reduce((sum, { count }) => sum + count, 0);
  const single = known.map((charset, rank) => {
    const page = openCharset(charset);
    // The order of use counts only where the bytes do not.
    const likely = family.leaning * (0.95 - Math.min(rank, 40) / 1_000);
    if (foreign.length > 0) {
      const fit = fitOf(page, national, seen, /[[\p{L}\p{M}]--\p{Script=Latin}]/v);
      const evidence = `${shown}; ${seen} bytes in words of other letters, of which ${percent(fit)} are letters in this page`;
      return { charset, score: likely * fit, evidence };
    }
    const latin = isLatin(page) ? 1 : 0.7;
    if (seen === 0) {
      const evidence = `${shown}; no letters in which the pages differ: ${latin === 1 ? 'they cannot be told apart' : 'none of this alphabet'}`;
      return { charset, score: likely * latin, evidence };
    }
    const fit = fitOf(page, national, seen, /\p{Script=Latin}/u);
    const evidence = `${shown}; of ${seen} bytes within words in which pages differ, ${percent(fit)} are letters in this one`;
    return { charset, score: likely * latin * (0.2 + 0.8 * fit), evidence };
  });
  const shifts = shiftedPairs(sample);
  if (shifts === 0) return single;
  const mixed = MIXED_NAMES.map((charset) => ({
    charset,
    score: family.leaning * 0.9,
    evidence: `${shown}; ${shifts} stretches between shift-out and shift-in hold double bytes; which language cannot be told`,
  }));
  return [...mixed, ...single.map((one) => ({ ...one, score: one.score * 0.5 }))];
}

/** Stretches 0E … 0F of an even number of bytes, each a pair of 41 to FE or 4040. */
function shiftedPairs(sample: Uint8Array): number {
  let stretches = 0;
  for (let at = sample.indexOf(0x0e); at >= 0; at = sample.indexOf(0x0e, at + 1)) {
    const end = sample.indexOf(0x0f, at + 1);
    const inside = end < 0 ? new Uint8Array(0) : sample.subarray(at + 1, end);
    if (inside.length === 0 || inside.length > 400 || inside.length % 2 === 1) continue;
    if (inside.every((byte) => byte >= 0x40 && byte !== 0xff)) stretches++;
  }
  return stretches >= 3 ? stretches : 0;
}

interface Told {
  readonly byte: number;
  readonly count: number;
}

/** Letters in which national pages of the Latin alphabet differ: bytes within words, whose other letters are the same in all. */
function nationalLetters(sample: Uint8Array): readonly Told[] {
  const counts = new Uint32Array(256);
  let letters = 0;
  for (let i = 2; i + 1 < sample.length; i++) {
    const byte = sample[i] ?? 0;
    if (isLetter(byte)) letters++;
    if (!differs(byte) || !isLetter(sample[i - 1]) || !isLetter(sample[i - 2])) continue;
    const next = sample[i + 1] ?? 0;
    if (isLetter(next) || next === BLANK || differs(next)) counts[byte] = (counts[byte] ?? 0) + 1;
  }
  const found = told(counts, Math.max(3, letters / 500));
  // No language has so many of them: these are bytes of numbers that happen to stand beside letters.
  return found.length > MOST_NATIONAL ? [] : found;
}

const MOST_NATIONAL = 30;

/** Letters of a word; national letters of the Latin alphabet hardly ever follow one another so often. */
const FOREIGN_WORD = 5;

/** Words of an alphabet that has none of the common letters: Cyrillic, Greek, Hebrew, Arabic, Thai. */
function foreignRuns(sample: Uint8Array): readonly Told[] {
  const counts = new Uint32Array(256);
  let letters = 0;
  let start = 0;
  for (let i = 0; i <= sample.length; i++) {
    const byte = sample[i] ?? 0;
    if (i < sample.length && differs(byte)) continue;
    if (isLetter(byte)) letters++;
    if (i - start >= FOREIGN_WORD) {
      for (const one of sample.subarray(start, i)) counts[one] = (counts[one] ?? 0) + 1;
    }
    start = i + 1;
  }
  return told(counts, Math.max(12, letters / 2));
}

/** Few control characters; zeros and line ends are none. */
function isText(sample: Uint8Array): boolean {
  const controls = sample.reduce(
    (sum, byte) => sum + (byte > 0 && byte < BLANK && !LINE_ENDS.has(byte) ? 1 : 0),
    0,
  );
  return controls < sample.length / 20;
}

const LINE_ENDS: ReadonlySet<number> = new Set([0x0d, 0x0e, 0x0f, 0x15, 0x25]);

/** Nothing where there are too few: packed numbers have such bytes too. */
function told(counts: Uint32Array, least: number): readonly Told[] {
  if (countOf(counts, counts.keys()) < least) return [];
  return [...counts].flatMap((count, byte) => (count === 0 ? [] : [{ byte, count }]));
}

const BLANK = 0x40;

function differs(byte: number): boolean {
  return byte > BLANK && byte !== 0xff && !EBCDIC_TEXT.has(byte) && !EBCDIC_PUNCTUATION.has(byte);
}

function isLetter(byte = 0): boolean {
  return byte !== BLANK && byte < 0xf0 && EBCDIC_TEXT.has(byte);
}

/** Share of the bytes that are letters there; signs that stand in words now and then count a little. */
function fitOf(page: Charset, bytes: readonly Told[], seen: number, letter: RegExp): number {
  let fit = 0;
  for (const { byte, count } of bytes) {
    const character = characterOf(page, byte);
    if (letter.test(character)) fit += count;
    else if (/[!-~]/.test(character)) fit += 0.1 * count;
  }
  return fit / seen;
}

function isLatin(page: Charset): boolean {
  const letters = Array.from({ length: 256 }, (_, byte) => characterOf(page, byte));
  return letters.filter((one) => /\p{Script=Latin}/u.test(one)).length > 60;
}

function characterOf({ alone }: Charset, byte: number): string {
  return String.fromCharCode(alone[byte] ?? 0xfffd);
}
