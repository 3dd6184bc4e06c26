// Knows: how a library that replaces what it cannot convert is made strict.
// Must not know: the library, and which charsets it has.

import { type Charset, type Leniency, NO_CHARACTER } from './contract.ts';
import { undecodable, unmappable } from './refusals.ts';
import { SUB } from './single-byte.ts';

/** What a library does for one charset. */
export interface Converter {
  /** Bytes without a character become U+FFFD, at the end of the text too. */
  decode(bytes: Uint8Array): string;
  /** Characters without bytes become anything that is not read back as they were. */
  encode(text: string): Uint8Array;
}

const REPLACEMENT = String.fromCharCode(NO_CHARACTER);

/** A charset in which ASCII is ASCII and other characters take one byte or several, for texts of lines. */
export function multibyte(name: string, { decode, encode }: Converter, { sub }: Leniency): Charset {
  const alone = Uint16Array.from({ length: 256 }, (_, byte) => {
    const text = decode(Uint8Array.of(byte));
    return text.length === 1 ? text.charCodeAt(0) : NO_CHARACTER;
  });
  const hasBytes = (character: string): boolean => decode(encode(character)) === character;
  return {
    name,
    family: 'ascii',
    blank: Uint8Array.of(0x20),
    space: 0x20,
    zero: 0x30,
    alone,
    decode(bytes, start, end) {
      const text = decode(bytes.subarray(start, end));
      if (sub || !text.includes(REPLACEMENT)) return text;
      let from = start;
      // The shortest beginning that is wrong whatever follows it, sought by its characters.
      for (let to = start + 1; to <= end; to++) {
        if (!decode(bytes.subarray(from, to)).includes(REPLACEMENT)) from = to;
        else if (to - from >= LONGEST) break;
      }
      throw undecodable(name, bytes, start, from);
    },
    encode(text) {
      const bytes = encode(text);
      if (decode(bytes) === text) return Uint8Array.from(bytes);
      let writable = '';
      let position = 0;
      for (const character of text) {
        if (hasBytes(character)) writable += character;
        else if (sub) writable += String.fromCharCode(SUB.ascii);
        else throw unmappable(name, text, position);
        position += character.length;
      }
      return Uint8Array.from(encode(writable));
    },
  };
}

/** Bytes of a character at most. */
const LONGEST = 4;
