// Knows: numbers in edited pictures as a field's bytes, both ways, and the message for what no number makes.
// Must not know: how a picture edits, policies.

import { shown } from '../../query/literal.ts';
import type { Charset } from '../charset.ts';
import type { EditedEncoding } from '../encoding.ts';
import { signedBigInt } from './digits.ts';
import { type EditProgram, editDigits, editProgram, readEdited, type UnitOf } from './edited.ts';
import { type Flaw, isFlaw } from './flaw.ts';
import { encodeText, onText } from './texts.ts';

const ofText: UnitOf = (character) => character.charCodeAt(0);

/** The program over a charset's bytes; undefined where a character of the picture takes several. */
export function byteProgram(encoding: EditedEncoding, charset: Charset): EditProgram | undefined {
  const bytes = new Map<string, number>();
  for (const character of ` 0+-*,./CRDB${encoding.edit.currency}`) {
    const encoded = encodeText(charset, character);
    if (isFlaw(encoded) || encoded.length !== 1) return undefined;
    bytes.set(character, encoded[0] ?? 0);
  }
  return editProgram(encoding, (character) => bytes.get(character) ?? -1);
}

export function editedReader(
  encoding: EditedEncoding,
  length: number,
  charset: Charset,
): (bytes: Uint8Array, at: number) => bigint | Flaw {
  const program = byteProgram(encoding, charset);
  const texts = editProgram(encoding, ofText);
  const digits = new Uint8Array(texts.digits);
  const slow = onText(charset, length, (text) => {
    const units = Uint16Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
    const sign = units.length === texts.length ? readEdited(texts, units, 0, digits) : -1;
    return sign < 0 ? unedited(encoding, texts, text, -1 - sign) : signedBigInt(digits.join(''), sign === 1);
  });
  if (program === undefined) return slow;
  return (bytes, at) => {
    const sign = readEdited(program, bytes, at, digits);
    return sign < 0 ? slow(bytes, at) : signedBigInt(digits.join(''), sign === 1);
  };
}

function unedited(encoding: EditedEncoding, { scratch }: EditProgram, text: string, index: number): Flaw {
  const wanted = String.fromCharCode(scratch[index] ?? 0x20);
  const found = text[index] === undefined ? 'missing' : shown(text.charAt(index));
  return {
    flaw: 'bad-edited-number',
    message: `${shown(text)} is no number by its edited picture: character ${index + 1} is ${found}, where ${encoding.digits} digits so edited have ${shown(wanted)}`,
  };
}

/** Writes a number that its digits have room for. */
export function editedWriter(
  encoding: EditedEncoding,
  length: number,
  charset: Charset,
): (value: bigint, bytes: Uint8Array, at: number) => Flaw | undefined {
  const program = editProgram(encoding, ofText);
  const digits = new Uint8Array(program.digits);
  return (value, bytes, at) => {
    const magnitude = (value < 0n ? -value : value).toString().padStart(program.digits, '0');
    for (let i = 0; i < digits.length; i++) digits[i] = Number(magnitude[i]);
    editDigits(program, digits, value < 0n);
    const encoded = encodeText(charset, String.fromCharCode(...program.scratch));
    if (isFlaw(encoded)) return encoded;
    if (encoded.length !== length) {
      const message = `the edited number takes ${encoded.length} bytes, and it has ${length}`;
      return { flaw: 'overflow', message };
    }
    bytes.set(encoded, at);
    return undefined;
  };
}
