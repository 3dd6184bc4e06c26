// Knows: floating point numbers as a field's bytes, stored or written out, both ways.
// Must not know: formats from the inside, policies.

import type { Charset } from '../charset.ts';
import type { FloatEncoding, FloatTextEncoding } from '../encoding.ts';
import { type Flaw, isFlaw } from './flaw.ts';
import { parseFloatPicture, readFloatText, writeFloatText } from './float-text.ts';
import { readFloat, writeFloat } from './floats.ts';
import { encodeText, onText } from './texts.ts';

export function floatReader(
  encoding: FloatEncoding | FloatTextEncoding,
  length: number,
  charset: Charset,
): (bytes: Uint8Array, at: number) => number | Flaw {
  if (encoding.kind === 'float') return (bytes, at) => readFloat(encoding, bytes, at);
  const picture = parseFloatPicture(encoding.picture);
  return onText(charset, length, (text) => readFloatText(picture, text));
}

/** Writes a finite number, rounded to what the field can hold. */
export function floatWriter(
  encoding: FloatEncoding | FloatTextEncoding,
  length: number,
  charset: Charset,
): (value: number, bytes: Uint8Array, at: number) => Flaw | undefined {
  if (encoding.kind === 'float') return (value, bytes, at) => writeFloat(encoding, value, bytes, at);
  const picture = parseFloatPicture(encoding.picture);
  return (value, bytes, at) => {
    const text = writeFloatText(picture, value);
    const encoded = text === undefined ? undefined : encodeText(charset, text);
    if (encoded === undefined || (!isFlaw(encoded) && encoded.length !== length)) {
      return { flaw: 'overflow', message: `the picture ${picture.text} cannot show the number ${value}` };
    }
    if (isFlaw(encoded)) return encoded;
    bytes.set(encoded, at);
    return undefined;
  };
}
