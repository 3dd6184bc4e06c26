// Knows: every charset, by any of its names. All of them go through iconv-lite's registry, into which our EBCDIC pages
// are put; tables for generated code are made from what iconv-lite decodes.
// Must not know: fields and records.

import iconv from 'iconv-lite';
import { Fault } from '../fault.ts';
import { didYouMean } from '../model/naming.ts';
import type { CodeFamily } from './encoding.ts';
import { REVERSE_FALLBACKS, SINGLE_BYTE_PAGES } from './tables/single-byte.generated.ts';

/** A charset that never guesses: what has no counterpart on the other side is a fault, not a replacement character. */
export interface Charset {
  /** The one name that this charset has in configuration and messages: `cp037`, `iso-8859-1`, `utf-8`. */
  readonly name: string;
  readonly family: CodeFamily;
  /**
   * The text of `bytes` from `start` up to, not including, `end`. Throws `corrupt` (`undecodable-character`); `hex` is
   * the first byte that has no character, the message has its offset from `start`.
   */
  decode(bytes: Uint8Array, start: number, end: number): string;
  /** Throws `rejected` (`unmappable-character`); `position` is where the character stands in the text. */
  encode(text: string): Uint8Array<ArrayBuffer>;
  /** The blank. */
  readonly space: number;
  /** The digit 0; the others follow it. */
  readonly zero: number;
  /** Single-byte charsets: the UTF-16 code unit of each byte, U+FFFD where it has none. */
  readonly toUnicode?: Readonly<Uint16Array>;
  /** Single-byte charsets: the byte of a UTF-16 code unit. */
  readonly fromUnicode?: ReadonlyMap<number, number>;
}

const REPLACEMENT = 0xfffd;

/** Single-byte charsets of iconv-lite that are offered, under their IANA or usual names. */
const ASCII_FAMILY = (
  'ascii iso-8859-1 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-9 ' +
  'iso-8859-10 iso-8859-11 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 windows-1250 windows-1251 windows-1252 ' +
  'windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 cp437 cp737 cp775 cp850 cp852 cp855 ' +
  'cp857 cp858 cp860 cp861 cp862 cp863 cp865 cp866 koi8-r koi8-u'
).split(' ');

const EBCDIC_FAMILY = Object.keys(SINGLE_BYTE_PAGES);

/** Every charset name that openCharset gives out; it takes the usual aliases of each too. */
export const CHARSET_NAMES: readonly string[] = ['utf-8', ...ASCII_FAMILY, ...EBCDIC_FAMILY];

const registry = register();

/** Registered key → name given out. */
const NAME_OF_KEY = new Map(CHARSET_NAMES.map((name) => [registeredKey(name), name]));
const opened = new Map<string, Charset>();

/** Opens a charset by a name such as `cp037`, `IBM-37`, `IBM01140`, `latin1`, `UTF-8`. Throws `invalid` for another. */
export function openCharset(name: string): Charset {
  const known = NAME_OF_KEY.get(registeredKey(name));
  if (known === undefined) throw unknownCharset(name);
  const charset = opened.get(known) ?? (known === 'utf-8' ? utf8() : singleByte(known));
  opened.set(known, charset);
  return charset;
}

function unknownCharset(name: string): Fault {
  const later: boolean = iconv.encodingExists(name);
  const shown = name.slice(0, 100);
  const message = later
    ? `The charset "${shown}" is not supported yet: only UTF-8 and charsets of one byte a character are`
    : `There is no charset "${shown}".${didYouMean(name, [...CHARSET_NAMES, 'latin1'])}`;
  return new Fault('invalid', message, { code: 'unknown-charset', misconfigured: true });
}

/** Puts the EBCDIC pages into iconv-lite with the names that IANA, IBM, Java and .NET give them; returns its registry. */
function register(): Readonly<Record<string, unknown>> {
  // iconv-lite fills its registry when it is first asked for something.
  iconv.encodingExists('utf8');
  const encodings: Readonly<Record<string, unknown>> = iconv.encodings ?? {};
  for (const [name, chars] of Object.entries(SINGLE_BYTE_PAGES)) {
    const number = name.slice(2).replace(/^0+/, '');
    const aliases = [number, number.padStart(3, '0'), number.padStart(5, '0')].flatMap((digits) =>
      ['cp', 'ibm', 'csibm', 'ccsid', 'ebcdic'].map((prefix) => [`${prefix}${digits}`, name] as const),
    );
    Object.assign(encodings, Object.fromEntries(aliases), { [name]: { type: '_sbcs', chars } });
    preferRoundTrips(name, chars);
  }
  return encodings;
}

/** Of two bytes with the same character iconv-lite writes the greater one; the table may say that it is the other. */
function preferRoundTrips(name: string, chars: string): void {
  const fallbacks = REVERSE_FALLBACKS[name] ?? [];
  for (const fallback of fallbacks) {
    const character = chars.charAt(fallback);
    const written = [...chars].findIndex((other, byte) => other === character && !fallbacks.includes(byte));
    iconv.getCodec(name)['encodeBuf'][character.charCodeAt(0)] = written;
  }
}

/** The key under which iconv-lite has a charset: its aliases are followed to the end. */
function registeredKey(name: string): string {
  let key = name.toLowerCase().replace(/[^0-9a-z]/g, '');
  for (let target = registry[key]; typeof target === 'string'; target = registry[key]) key = target;
  return key;
}

/** Tables of a charset of one byte a character, made from what iconv-lite decodes and encodes. */
function singleByte(name: string): Charset {
  const text = iconv.decode(
    Uint8Array.from({ length: 256 }, (_, byte) => byte),
    name,
  );
  const written = iconv.encode(text, name);
  const toUnicode = Uint16Array.from({ length: 256 }, (_, byte) => text.charCodeAt(byte));
  const fromUnicode = new Map<number, number>();
  const characters: (string | undefined)[] = [];
  for (const [byte, unit] of toUnicode.entries()) {
    characters.push(unit === REPLACEMENT ? undefined : String.fromCharCode(unit));
    if (unit !== REPLACEMENT) fromUnicode.set(unit, written[byte] ?? byte);
  }
  return {
    name,
    family: EBCDIC_FAMILY.includes(name) ? 'ebcdic' : 'ascii',
    space: fromUnicode.get(0x20) ?? 0x20,
    zero: fromUnicode.get(0x30) ?? 0x30,
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
      for (let position = 0; position < text.length; position++) {
        const byte = fromUnicode.get(text.charCodeAt(position));
        if (byte === undefined) throw unmappable(name, text, position);
        bytes[position] = byte;
      }
      return bytes;
    },
  };
}

/**
 * UTF-8, strictly. Not through iconv-lite, which turns malformed bytes and lone surrogates into U+FFFD and takes a byte
 * order mark away; inside a field U+FEFF is a character like others.
 */
function utf8(): Charset {
  const name = 'utf-8';
  const strict = new TextDecoder(name, { fatal: true, ignoreBOM: true });
  const encoder = new TextEncoder();
  return {
    name,
    family: 'ascii',
    space: 0x20,
    zero: 0x30,
    decode(bytes, start, end) {
      try {
        return strict.decode(bytes.subarray(start, end));
      } catch {
        throw undecodable(name, bytes, start, malformedAt(bytes, start, end));
      }
    },
    encode(text) {
      if (!text.isWellFormed()) throw unmappable(name, text, text.search(/\p{Surrogate}/u));
      return encoder.encode(text);
    },
  };
}

/** Where UTF-8 stops being well-formed: the byte that cannot follow those before it, or the last of a text that is cut off. */
function malformedAt(bytes: Uint8Array, start: number, end: number): number {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for (let at = start; at < end; at++) {
    try {
      strict.decode(bytes.subarray(at, at + 1), { stream: true });
    } catch {
      return at;
    }
  }
  return end - 1;
}

function undecodable(name: string, bytes: Uint8Array, start: number, at: number): Fault {
  const hex = bytes
    .subarray(at, at + 1)
    .toHex()
    .toUpperCase();
  return new Fault('corrupt', `The byte ${hex} at offset ${at - start} has no character in ${name}`, {
    code: 'undecodable-character',
    hex,
  });
}

function unmappable(name: string, text: string, position: number): Fault {
  const code = text.codePointAt(position) ?? 0;
  const character = String.fromCodePoint(code);
  const number = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const shown = /[\p{L}\p{N}\p{P}\p{S}]/u.test(character) ? `"${character}" (${number})` : number;
  return new Fault('rejected', `The character ${shown} at position ${position} has no byte in ${name}`, {
    code: 'unmappable-character',
    position,
  });
}
