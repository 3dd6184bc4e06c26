// Knows: charsets of one byte a character, made of a table of 256 characters.
// Must not know: where the tables come from.

import type { CodeFamily } from '../encoding.ts';
import { type Charset, type Leniency, NO_CHARACTER } from './contract.ts';
import { undecodable, unmappable } from './refusals.ts';

/** What the 256 bytes of a charset mean. */
export interface SingleBytePage {
  readonly family: CodeFamily;
  /** The UTF-16 code unit of each byte; U+FFFD where it has none. */
  readonly toUnicode: Readonly<Uint16Array>;
  /** Bytes that are read so but not written: another byte has the same character. */
  readonly readOnly: readonly number[];
  /** Code unit → byte, for characters that are written so but read back as another one. */
  readonly fallbacks: ReadonlyMap<number, number>;
}

/** What is written for a character that has no byte: SUB, as IBM and ASCII number it. */
export const SUB: Readonly<Record<CodeFamily, number>> = { ebcdic: 0x3f, ascii: 0x1a };

/** Code unit → the byte that it is written as. */
export function bytesOf(page: SingleBytePage, leniency: Leniency): ReadonlyMap<number, number> {
  const bytes = new Map<number, number>(leniency.fallback ? page.fallbacks : []);
  for (const [byte, unit] of page.toUnicode.entries()) {
    if (unit !== NO_CHARACTER && !page.readOnly.includes(byte)) bytes.set(unit, byte);
  }
  return bytes;
}

export function singleByte(name: string, page: SingleBytePage, leniency: Leniency): Charset {
  const { family, toUnicode } = page;
  const fromUnicode = bytesOf(page, leniency);
  const characters = Array.from(toUnicode, (unit) =>
    unit === NO_CHARACTER && !leniency.sub ? undefined : String.fromCharCode(unit),
  );
  const space = fromUnicode.get(0x20) ?? 0x20;
  return {
    name,
    family,
    blank: Uint8Array.of(space),
    space,
    zero: fromUnicode.get(0x30) ?? 0x30,
    alone: toUnicode,
    toUnicode,
    fromUnicode,
    decode(bytes, start, end) {
      let decoded = '';
      for (let at = start; at < end; at++) {
        const character = characters[bytes[at] ?? 0];
        if (character === undefined) throw undecodable(name, bytes, start, at);
        decoded += character;
      }
      return decoded;
    },
    encode(text) {
      const bytes = new Uint8Array(text.length);
      let n = 0;
      for (let position = 0; position < text.length; position++) {
        const byte = fromUnicode.get(text.charCodeAt(position));
        if (byte !== undefined) bytes[n++] = byte;
        else if (leniency.sub) {
          bytes[n++] = SUB[family];
          if ((text.codePointAt(position) ?? 0) > 0xffff) position++;
        } else throw unmappable(name, text, position);
      }
      return n === text.length ? bytes : bytes.slice(0, n);
    },
  };
}
