// Knows: literals and figurative constants of VALUE clauses.
// Must not know: the item that holds them.

import { quoted, syntax, unsupported } from './copybook-faults.ts';
import type { Literal } from './tree.ts';
import type { WordReader } from './word-reader.ts';
import { keywordOf, type Word } from './words.ts';

type Figurative = Extract<Literal, { kind: 'figurative' }>['word'];
type Plain = Exclude<Literal, { kind: 'all' }>;

const FIGURATIVES: Readonly<Record<string, Figurative>> = {
  ZERO: 'zero',
  ZEROS: 'zero',
  ZEROES: 'zero',
  SPACE: 'space',
  SPACES: 'space',
  'LOW-VALUE': 'low-value',
  'LOW-VALUES': 'low-value',
  'HIGH-VALUE': 'high-value',
  'HIGH-VALUES': 'high-value',
  QUOTE: 'quote',
  QUOTES: 'quote',
  NULL: 'null',
  NULLS: 'null',
};

const EXPECTED = 'A literal is expected: text in quotes, a number, or a word such as ZERO or SPACES';

export function isFigurative(keyword: string): boolean {
  return Object.hasOwn(FIGURATIVES, keyword);
}

export function readLiteral(reader: WordReader, decimalComma: boolean): Literal {
  if (keywordOf(reader.peek()) !== 'ALL') return readPlain(reader, decimalComma);
  const { place } = reader.next();
  const of = readPlain(reader, decimalComma);
  // ALL before a figurative constant is a matter of taste (Language Reference, "Figurative constants").
  if (of.kind === 'figurative') return of;
  const length = of.kind === 'hex' ? of.hex.length : of.text.length;
  if (of.kind === 'number' || length === 0)
    throw syntax(place, 'ALL stands before a text in quotes, not an empty one');
  return { kind: 'all', of };
}

/** A literal, or several that `&` joins. */
function readPlain(reader: WordReader, decimalComma: boolean): Plain {
  const first = readOne(reader, decimalComma);
  if (first.kind === 'number' || first.kind === 'figurative') return first;
  const parts = [first.kind === 'hex' ? first.hex : first.text];
  while (reader.accept('&')) {
    const { place } = reader.peek();
    const next = readOne(reader, decimalComma);
    if (next.kind !== first.kind) throw syntax(place, '`&` joins two literals of the same kind');
    parts.push(next.kind === 'hex' ? next.hex : next.text);
  }
  const text = parts.join('');
  return first.kind === 'hex' ? { kind: 'hex', hex: text } : { kind: first.kind, text };
}

function readOne(reader: WordReader, decimalComma: boolean): Plain {
  const word = reader.next();
  if (word.kind === 'text') return quotedLiteral(word);
  const keyword = keywordOf(word);
  if (Object.hasOwn(FIGURATIVES, keyword)) {
    const figurative = FIGURATIVES[keyword];
    if (figurative !== undefined) return { kind: 'figurative', word: figurative };
  }
  const number = numberOf(keyword, decimalComma);
  if (number !== undefined) return { kind: 'number', text: number };
  const constant = reader.constants.get(keyword);
  if (constant !== undefined && constant.kind !== 'all') return constant;
  if (keyword === 'LENGTH' || keyword === 'ADDRESS')
    throw unsupported(word.place, `${keyword} OF as a literal`);
  throw syntax(word.place, EXPECTED);
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:E[+-]?\d{1,4})?$/;

/** A number as COBOL writes it, with `.` as its point. */
function numberOf(written: string, decimalComma: boolean): string | undefined {
  if (decimalComma && written.includes('.')) return undefined;
  const text = decimalComma ? written.replace(',', '.') : written;
  return NUMBER.test(text) ? text : undefined;
}

/** Enterprise COBOL Language Reference, "Literals"; Z'…' and H'…' also GnuCOBOL and Micro Focus. */
function quotedLiteral({ text, prefix, place }: Word): Plain {
  switch (prefix) {
    case undefined:
      return { kind: 'text', text };
    case 'X':
      if (/^(?:[0-9A-F]{2})+$/i.test(text)) return { kind: 'hex', hex: text.toUpperCase() };
      throw syntax(place, 'A hexadecimal literal has two digits (0 to 9, A to F) for each byte');
    case 'N':
      return { kind: 'national', text };
    case 'NX':
      if (/^(?:[0-9A-F]{4})+$/i.test(text)) return { kind: 'national', text: fromUtf16(text) };
      throw syntax(
        place,
        'A national hexadecimal literal has four digits (0 to 9, A to F) for each character',
      );
    case 'G':
      // The shift codes around the text belong to the source, not to the value.
      return { kind: 'dbcs', text: text.replace(/[\u000e\u000f]/g, '') };
    case 'U':
      return { kind: 'text', text };
    case 'Z':
      return { kind: 'text', text: `${text}\u0000` };
    case 'H':
      if (/^[0-9A-F]{1,16}$/i.test(text)) return { kind: 'number', text: BigInt(`0x${text}`).toString() };
      throw syntax(place, 'A hexadecimal number has one to sixteen digits (0 to 9, A to F)');
    default:
      throw unsupported(place, `A literal with the prefix ${quoted(prefix)}`);
  }
}

function fromUtf16(hex: string): string {
  return hex.replace(/.{4}/g, (unit) => String.fromCharCode(Number.parseInt(unit, 16)));
}
