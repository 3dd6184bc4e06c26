// Knows: which bytes are a field's blanks, and when a field is nothing else.
// Must not know: what a policy makes of a blank field.

import { type Charset, openCharset } from '../charset.ts';
import type { CodeFamily, Encoding } from '../encoding.ts';
import { SPACE } from './digits.ts';

/** The charset that says what blanks and characters of a field look like. */
export function charsetOf(encoding: Encoding, recordCharset: string): Charset {
  switch (encoding.kind) {
    case 'text':
    case 'edited':
    case 'float-text':
      return openCharset(encoding.charset);
    case 'boolean-text':
      return openCharset(encoding.text.charset);
    case 'condition':
    case 'enum':
    case 'temporal':
      return charsetOf(encoding.subject, recordCharset);
    case 'number-text': {
      // Its digits are those of its family, which may be another one than the record's.
      const record = openCharset(recordCharset);
      return record.family === encoding.family ? record : openCharset(FAMILY_CHARSETS[encoding.family]);
    }
    default:
      return openCharset(recordCharset);
  }
}

/** Where only digits, signs and points matter, one page stands for all of its family. */
const FAMILY_CHARSETS: Record<CodeFamily, string> = { ebcdic: 'cp037', ascii: 'iso-8859-1' };

/** The bytes of one blank; none where every byte means a number: there a field cannot be blank. */
export function blankOf(encoding: Encoding, recordCharset: string): Uint8Array | undefined {
  switch (encoding.kind) {
    case 'condition':
    case 'enum':
    case 'temporal':
      return blankOf(encoding.subject, recordCharset);
    case 'zoned':
    case 'number-text':
      return Uint8Array.of(SPACE[encoding.family]);
    case 'binary':
    case 'float':
    case 'bytes':
      return undefined;
    case 'packed':
      if (encoding.signless === true) return undefined;
      return charsetOf(encoding, recordCharset).blank;
    default:
      return charsetOf(encoding, recordCharset).blank;
  }
}

/** A field of nothing but this. What is over at the end is the beginning of one more. */
export function allIs(blank: Uint8Array, bytes: Uint8Array, at: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[at + i] !== blank[i % blank.length]) return false;
  return true;
}

export function fillWith(blank: Uint8Array, bytes: Uint8Array, at: number, length: number): void {
  for (let i = 0; i < length; i++) bytes[at + i] = blank[i % blank.length] ?? 0;
}
