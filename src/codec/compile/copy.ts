// Knows: how a few bytes are copied quickest.
// Must not know: what they are.

/** From so many bytes on, the engine's own copying is quicker than a loop in spite of the view that it needs. */
const MANY_BYTES = 512;

/** Copies into one buffer from buffers of which the same one mostly comes again. */
export type Copy = (from: Uint8Array, at: number, target: number, length: number) => void;

export function copierInto(to: Uint8Array): Copy {
  const output = new DataView(to.buffer, to.byteOffset, to.byteLength);
  let known = to;
  let input = output;
  return (from, at, target, length) => {
    if (length <= 0) return;
    if (length >= MANY_BYTES) {
      to.set(from.subarray(at, at + length), target);
      return;
    }
    if (from !== known) {
      known = from;
      input = new DataView(from.buffer, from.byteOffset, from.byteLength);
    }
    let i = 0;
    for (; i + 16 <= length; i += 16) {
      output.setInt32(target + i, input.getInt32(at + i, true), true);
      output.setInt32(target + i + 4, input.getInt32(at + i + 4, true), true);
      output.setInt32(target + i + 8, input.getInt32(at + i + 8, true), true);
      output.setInt32(target + i + 12, input.getInt32(at + i + 12, true), true);
    }
    for (; i + 4 <= length; i += 4) output.setInt32(target + i, input.getInt32(at + i, true), true);
    for (; i < length; i++) to[target + i] = from[at + i] ?? 0;
  };
}
