// Knows: texts in a field, padded and trimmed, both ways.
// Must not know: records, policies.

import { Fault } from '../../fault.ts';
import { type Charset, openCharset } from '../charset.ts';
import type { TextEncoding } from '../encoding.ts';
import { fillWith } from './blanks.ts';
import { type Flaw, isFlaw } from './flaw.ts';

/** Reads characters first; bytes without a character are the flaw. */
export function onText<Result>(
  charset: Charset,
  length: number,
  read: (text: string) => Result | Flaw,
): (bytes: Uint8Array, at: number) => Result | Flaw {
  return (bytes, at) => {
    let text: string;
    try {
      text = charset.decode(bytes, at, at + length);
    } catch (error) {
      if (error instanceof Fault) return { flaw: error.code, message: lowerFirst(error.message) };
      throw error;
    }
    return read(text);
  };
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

/** The text without its padding. */
export function textReader(
  encoding: TextEncoding,
  length: number,
): (bytes: Uint8Array, at: number) => string | Flaw {
  const charset = openCharset(encoding.charset);
  const pad = encoding.pad ?? blankCharacter(charset);
  return onText(charset, length, (text) => trimmed(text, encoding.trim, pad));
}

/** What the charset's blank is in Unicode: in charsets of two bytes a character it can be the wide one. */
function blankCharacter(charset: Charset): string {
  const blank = charset.blank;
  return charset.decode(blank, 0, blank.length);
}

function trimmed(text: string, trim: TextEncoding['trim'], pad: string): string {
  let from = 0;
  let to = text.length;
  if (trim === 'right' || trim === 'both') while (to > 0 && text[to - 1] === pad) to--;
  if (trim === 'left' || trim === 'both') while (from < to && text[from] === pad) from++;
  return text.slice(from, to);
}

/** Writes a text with its padding, or says why it cannot. */
export function textWriter(
  encoding: TextEncoding,
  length: number,
): (text: string, bytes: Uint8Array, at: number) => Flaw | undefined {
  const charset = openCharset(encoding.charset);
  const pad = encoding.pad === undefined ? charset.blank : encodeText(charset, encoding.pad);
  return (text, bytes, at) => {
    if (isFlaw(pad)) return pad;
    const encoded = encodeText(charset, text);
    if (isFlaw(encoded)) return encoded;
    const over = length - encoded.length;
    if (over < 0) {
      const message = `the text takes ${encoded.length} bytes, and it has ${length}`;
      return { flaw: 'overflow', message };
    }
    if (over % pad.length !== 0) {
      const message = `the text takes ${encoded.length} of ${length} bytes, and the padding fills ${pad.length} at a time`;
      return { flaw: 'overflow', message };
    }
    const right = encoding.justify === 'right';
    fillWith(pad, bytes, right ? at : at + encoded.length, over);
    bytes.set(encoded, right ? at + over : at);
    return undefined;
  };
}

/** The text's bytes; a character without one is the flaw. */
export function encodeText(charset: Charset, text: string): Uint8Array | Flaw {
  try {
    return charset.encode(text);
  } catch (error) {
    if (error instanceof Fault) return { flaw: error.code, message: error.message };
    throw error;
  }
}
