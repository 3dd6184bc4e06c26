// Knows: which bytes end a line in which charset.
// Must not know: how lines are found.
// Source: Unicode Technical Report 16 and IBM's CDRA on NL and LF: z/OS UNIX text ends lines with NL x'15', transfers may leave LF x'25'.

import { openCharset } from '../charset.ts';
import { misconfigured } from './inner-writer.ts';

/** What may end a line. NEL: x'15' in EBCDIC, U+0085 elsewhere; LF: x'25' in EBCDIC. CRNEL: x'0D15', EBCDIC only. */
export const LINE_ENDS = ['LF', 'CRLF', 'CR', 'NEL', 'CRNEL'] as const;

export type LineEnd = (typeof LINE_ENDS)[number];

const EBCDIC: Readonly<Record<LineEnd, readonly number[]>> = {
  LF: [0x25],
  CRLF: [0x0d, 0x25],
  CR: [0x0d],
  NEL: [0x15],
  CRNEL: [0x0d, 0x15],
};

/** In EBCDIC both are usual, and neither is a character of a text. */
const USUAL = { ascii: ['CRLF', 'LF'], ebcdic: ['CRLF', 'CRNEL', 'LF', 'NEL'] } as const;

/** The byte sequences, the longest first. `invalid` (misconfigured) Fault where the charset has no such line end. */
export function lineEndsOf(charset: string, wanted?: readonly LineEnd[]): readonly Uint8Array[] {
  const { family, width } = openCharset(charset);
  const [page = charset] = charset.split(',');
  if (width === 2) {
    throw misconfigured(
      'wide-text',
      `Lines of text in ${charset} are not supported: a byte of a character could be a line end`,
      'Turn the file into a charset with characters of one byte, such as UTF-8.',
    );
  }
  const names = wanted ?? USUAL[family];
  if (names.length === 0) throw misconfigured('line-ends', 'Say at least one line end under "ends"');
  return [...new Set(names)]
    .map((name) => (family === 'ebcdic' ? Uint8Array.from(EBCDIC[name]) : asciiEnd(name, page)))
    .toSorted((a, b) => b.length - a.length);
}

function asciiEnd(name: LineEnd, charset: string): Uint8Array {
  switch (name) {
    case 'LF':
      return Uint8Array.of(0x0a);
    case 'CRLF':
      return Uint8Array.of(0x0d, 0x0a);
    case 'CR':
      return Uint8Array.of(0x0d);
    case 'NEL':
    case 'CRNEL':
      if (name === 'NEL' && charset === 'utf-8') return Uint8Array.of(0xc2, 0x85);
      if (name === 'NEL' && charset.startsWith('iso-8859-')) return Uint8Array.of(0x85);
      throw misconfigured(
        'line-ends',
        `${name} ends no line in ${charset}`,
        'NEL is there in EBCDIC, ISO 8859 and UTF-8, CRNEL in EBCDIC only.',
      );
  }
}
