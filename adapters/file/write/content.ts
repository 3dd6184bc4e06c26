// Knows: how splices become patches of a file, or the content of a whole new one.
// Must not know: records, how bytes are kept.

import type { ByteFile, Patch } from '../store/byte-store.ts';
import { joined } from './form.ts';
import type { Splice } from './placement.ts';

interface Ask {
  readonly signal: AbortSignal;
}

/** Bytes that did not change between two that did are rather written along than left out, up to so many. */
const WORTHWHILE_GAP = 8;

/**
 * The splices as patches; undefined where bytes would have to move. `trailer`: bytes at the end of the file that stay at its end.
 */
export function patchesOf(
  splices: readonly Splice[],
  size: number,
  trailer: Uint8Array,
): readonly Patch[] | undefined {
  const end = size - trailer.length;
  const patches: Patch[] = [];
  for (const { offset, length, held, bytes } of splices) {
    if (length === bytes.length) patches.push(...differences(offset, held, bytes));
    else if (length === 0 && offset === end) patches.push(...appended(offset, joined(bytes, trailer), size));
    else return undefined;
  }
  return patches;
}

/** Over the trailer, and then behind the end: no patch does both. */
function appended(offset: number, bytes: Uint8Array, size: number): readonly Patch[] {
  const within = size - offset;
  if (within === 0) return [{ offset, bytes }];
  return [
    { offset, bytes: bytes.subarray(0, within) },
    { offset: size, bytes: bytes.subarray(within) },
  ];
}

function differences(offset: number, held: Uint8Array, bytes: Uint8Array): readonly Patch[] {
  const runs: { from: number; to: number }[] = [];
  for (const [i, byte] of bytes.entries()) {
    if (byte === held[i]) continue;
    const last = runs.at(-1);
    if (last !== undefined && i - last.to <= WORTHWHILE_GAP) last.to = i + 1;
    else runs.push({ from: i, to: i + 1 });
  }
  return runs.map(({ from, to }) => ({ offset: offset + from, bytes: bytes.subarray(from, to) }));
}

const PIECE = 262_144;

/** The whole file with the splices, in pieces: what lies between them is copied byte for byte. */
export async function* spliced(
  file: ByteFile,
  splices: readonly Splice[],
  ask: Ask,
): AsyncGenerator<Uint8Array, void> {
  let at = 0;
  for (const { offset, length, bytes } of splices) {
    yield* copied(file, at, offset, ask);
    if (bytes.length > 0) yield bytes;
    at = offset + length;
  }
  yield* copied(file, at, file.size, ask);
}

async function* copied(file: ByteFile, from: number, to: number, ask: Ask): AsyncGenerator<Uint8Array, void> {
  for (let at = from; at < to; at += PIECE) yield await readPart(file, at, Math.min(PIECE, to - at), ask);
}

export async function readPart(
  file: ByteFile,
  offset: number,
  length: number,
  ask: Ask,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  if (length > 0) await file.read(bytes, offset, ask);
  return bytes;
}
