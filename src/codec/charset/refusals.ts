// Knows: how bytes without a character and characters without bytes are refused.
// Must not know: the charsets.

import { Fault } from '../../fault.ts';

/** `length` bytes at `at` have no character; `start` is where the text begins. */
export function undecodable(name: string, bytes: Uint8Array, start: number, at: number, length = 1): Fault {
  const hex = hexOf(bytes, at, length);
  const subject = length === 1 ? `The byte ${hex}` : `The bytes ${hex}`;
  return corrupt(
    `${subject} at offset ${at - start} ${length === 1 ? 'has' : 'have'} no character in ${name}`,
    hex,
  );
}

/** The byte at `at` cannot stand there: `why` ends the sentence. */
export function misplaced(bytes: Uint8Array, start: number, at: number, why: string): Fault {
  const hex = hexOf(bytes, at, 1);
  return corrupt(`The byte ${hex} at offset ${at - start} ${why}`, hex);
}

function corrupt(message: string, hex: string): Fault {
  return new Fault('corrupt', message, { code: 'undecodable-character', hex });
}

function hexOf(bytes: Uint8Array, at: number, length: number): string {
  return bytes
    .subarray(at, at + length)
    .toHex()
    .toUpperCase();
}

/** The character at `position` of the text cannot be written. */
export function unmappable(name: string, text: string, position: number): Fault {
  const code = text.codePointAt(position) ?? 0;
  const character = String.fromCodePoint(code);
  const number = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const shown = /[\p{L}\p{N}\p{P}\p{S}]/u.test(character) ? `"${character}" (${number})` : number;
  return new Fault('rejected', `The character ${shown} at position ${position} has no byte in ${name}`, {
    code: 'unmappable-character',
    position,
  });
}
