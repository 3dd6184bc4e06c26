// Knows: what kinds of bytes are usual in EBCDIC and in ASCII, and how often each byte occurs.
// Must not know: records, single code pages.

/** How often each byte occurs. */
export function histogramOf(bytes: Uint8Array, from = 0, to = bytes.length): Uint32Array {
  const counts = new Uint32Array(256);
  for (let i = from; i < to; i++) {
    const byte = bytes[i] ?? 0;
    counts[byte] = (counts[byte] ?? 0) + 1;
  }
  return counts;
}

export function countOf(counts: Uint32Array, bytes: Iterable<number>): number {
  let sum = 0;
  for (const byte of bytes) sum += counts[byte] ?? 0;
  return sum;
}

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Letters, digits and the blank: the same in all pages of the family. Of both families 63 bytes, so that noise counts for both alike. */
export const EBCDIC_TEXT: ReadonlySet<number> = new Set([
  0x40,
  ...range(0xc1, 0xc9),
  ...range(0xd1, 0xd9),
  ...range(0xe2, 0xe9),
  ...range(0x81, 0x89),
  ...range(0x91, 0x99),
  ...range(0xa2, 0xa9),
  ...range(0xf0, 0xf9),
]);

const ASCII_TEXT: ReadonlySet<number> = new Set([
  0x20,
  ...range(0x30, 0x39),
  ...range(0x41, 0x5a),
  ...range(0x61, 0x7a),
]);

/** Punctuation that all pages of EBCDIC have at the same place: . < ( + & * ) ; - / , % _ > ? : ' = " */
export const EBCDIC_PUNCTUATION: ReadonlySet<number> = new Set([
  0x4b, 0x4c, 0x4d, 0x4e, 0x50, 0x5c, 0x5d, 0x5e, 0x60, 0x61, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x7a, 0x7d, 0x7e,
  0x7f,
]);

/** How much of the bytes is text, and of which family. */
export interface Family {
  /** Share of the bytes that are letters, digits or blanks in EBCDIC, and in ASCII. */
  readonly ebcdic: number;
  readonly ascii: number;
  /** Share of EBCDIC among them, 0 to 1: 0.5 says nothing. Few such bytes say little. */
  readonly leaning: number;
}

export function familyOf(counts: Uint32Array): Family {
  const total = Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
  const ebcdic = countOf(counts, EBCDIC_TEXT);
  const ascii = countOf(counts, ASCII_TEXT);
  const weight = Math.min(1, (ebcdic + ascii) / total / 0.3);
  const leaning = ebcdic + ascii === 0 ? 0.5 : ebcdic / (ebcdic + ascii);
  return { ebcdic: ebcdic / total, ascii: ascii / total, leaning: 0.5 + (leaning - 0.5) * weight };
}

/** `12.5 %`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}
