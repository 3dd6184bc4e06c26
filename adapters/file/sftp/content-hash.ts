// Knows: the hash of all bytes of a copy, by which damage is noticed wherever in it it is.
// Must not know: where bytes come from, what becomes of a damaged copy.

import { createHash, type Hash } from 'node:crypto';
import type { ReadBytes } from './identity.ts';

/** Bytes that are hashed at once, so that others have their turn: about a millisecond. */
const PIECE = 1_048_576;

/** SHA-256, 64 hexadecimal digits, of what is added in its order. */
export interface ContentHash {
  add(bytes: Uint8Array): void;
  /** Of what was added so far. */
  text(): string;
}

export function contentHash(): ContentHash {
  const hash: Hash = createHash('sha256');
  return { add: (bytes) => void hash.update(bytes), text: () => hash.copy().digest('hex') };
}

/** Of the first `size` bytes that are read. */
export async function hashOf(size: number, read: ReadBytes): Promise<string> {
  const hash = contentHash();
  for (let at = 0; at < size; at += PIECE) hash.add(await read(at, Math.min(PIECE, size - at)));
  return hash.text();
}
