// Knows: how much of a piece of a file can be given to a framer that knows nothing of what stands before the piece.
// Must not know: records.

import { blockLength, WORD } from '../../codec/framing/descriptor.ts';
import type { Framing } from '../../codec/framing/framing.ts';

/** Can any thread begin at the place where another one left off? Not within segments that belong together, nor behind a file header. */
export function divisible(framing: Framing): boolean {
  return !(framing.kind === 'rdw' && framing.spanned) && framing.kind !== 'mf';
}

/**
 * Bytes of `bytes[0, length)` that end with a block (VB), or all of them where the format has no blocks. A bad block descriptor word
 * ends them too: with it the framer finds the same fault. `last`: nothing follows.
 */
export function wholeBlocks(framing: Framing, bytes: Uint8Array, length: number, last: boolean): number {
  if (framing.kind !== 'rdw' || !framing.blocks || last) return length;
  let at = 0;
  while (length - at >= WORD) {
    let block: number;
    try {
      block = blockLength(bytes, at, framing, { record: 0, offset: at });
    } catch {
      return length;
    }
    if (at + block > length) break;
    at += block;
  }
  return at;
}
