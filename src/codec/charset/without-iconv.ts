// Knows: the part of iconv-lite's interface that `charset.ts` uses, over what a browser has: package.json's field `browser` puts this
// file in iconv-lite's place where the codec is bundled for one.
// Must not know: EBCDIC pages, which need no conversion by others.

import { Fault } from '../../fault.ts';

/** Aliases, as iconv-lite has them: key → key. */
const encodings: Readonly<Record<string, unknown>> = {
  latin1: 'iso88591',
  usascii: 'ascii',
  utf8: 'utf8',
};

/** `ascii` and ISO 8859-1 byte for byte: a browser takes both names for windows-1252. */
const PLAIN: Readonly<Record<string, number>> = { ascii: 0x80, iso88591: 0x100 };

function keyOf(name: string): string {
  return name.toLowerCase().replace(/[^0-9a-z]/g, '');
}

/** The browser's decoder, if it means the charset of that very name. */
function decoderOf(name: string): TextDecoder | undefined {
  try {
    const decoder = new TextDecoder(name);
    return keyOf(decoder.encoding) === keyOf(name) ? decoder : undefined;
  } catch {
    return undefined;
  }
}

function encodingExists(name: string): boolean {
  return Object.hasOwn(PLAIN, keyOf(name)) || decoderOf(name) !== undefined;
}

/** U+FFFD for what has no character. Throws `invalid` (`unknown-charset`) for what this browser does not have. */
function decode(bytes: Uint8Array, name: string): string {
  const top = PLAIN[keyOf(name)];
  if (top !== undefined) {
    return Array.from(bytes, (byte) => (byte < top ? String.fromCharCode(byte) : '\ufffd')).join('');
  }
  const decoder = decoderOf(name);
  if (decoder === undefined) {
    throw new Fault('invalid', `This browser does not have the charset "${name}"`, {
      code: 'unknown-charset',
      misconfigured: true,
    });
  }
  return decoder.decode(bytes);
}

/** Charsets of one byte a character only: a browser has no encoder but UTF-8's. `?` for what has no byte. */
function encode(text: string, name: string): Uint8Array {
  const all = decode(
    Uint8Array.from({ length: 256 }, (_, byte) => byte),
    name,
  );
  if (all.length !== 256) {
    throw new Fault('invalid', `In a browser the charset "${name}" can be read only`, {
      code: 'unknown-charset',
      misconfigured: true,
    });
  }
  return Uint8Array.from(text, (character) => {
    const byte = all.indexOf(character);
    return byte < 0 ? 0x3f : byte;
  });
}

/** What `charset.ts` corrects in iconv-lite's own tables is not there to be corrected. */
function getCodec(_name: string): { readonly encodeBuf: number[] } {
  return { encodeBuf: [] };
}

export default { encodings, encodingExists, decode, encode, getCodec };
