// Knows: how UTF-16 code units become a string quickly.
// Must not know: charsets.

let room = new Uint16Array(1024);

/** Room for `count` units, to be filled and handed to `textOf` before anyone else asks for room. */
export function unitRoom(count: number): Uint16Array {
  if (count > room.length) room = new Uint16Array(Math.max(count, room.length * 2));
  return room;
}

const wide = new TextDecoder('utf-16le', { ignoreBOM: true });
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Of so few units a string is put together faster than a decoder is called. */
const FEW = 12;

/** The text of the first `count` units, whose surrogates stand in pairs. */
export function textOf(units: Uint16Array, count: number): string {
  if (count > FEW && isLittleEndian) return wide.decode(units.subarray(0, count));
  let text = '';
  for (let i = 0; i < count; i++) text += String.fromCharCode(units[i] ?? 0);
  return text;
}
