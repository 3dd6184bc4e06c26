// Knows: how the long lists of a reply are decoded after what stands around them, in portions.
// Must not know: shapes, elements, who waits.

import type { Cell } from '#spi';
import type { Breathe } from '../exchange/breathe.ts';

/** A list whose items are still to be decoded, each into its place in `items`. */
export interface LaterList {
  readonly items: Cell[];
  decode(i: number): Cell;
}

/** Lists up to this length are decoded at once. */
const AT_ONCE = 64;

/** The items of a list; of a long one nulls in their places, where there is a later. */
export function listOf(
  length: number,
  decode: (i: number) => Cell,
  later: LaterList[] | undefined,
): readonly Cell[] {
  if (later === undefined || length <= AT_ONCE) return Array.from({ length }, (_, i) => decode(i));
  const items = new Array<Cell>(length).fill(null);
  later.push({ items, decode });
  return items;
}

/** Decodes what was left for later; items may leave lists of their own. Throws the signal's reason as soon as nobody waits for them. */
export async function finishLists(later: LaterList[], breathe: Breathe, signal: AbortSignal): Promise<void> {
  for (let list = later.pop(); list !== undefined; list = later.pop()) {
    for (let i = 0; i < list.items.length; i++) {
      list.items[i] = list.decode(i);
      const pause = breathe();
      if (pause === undefined) continue;
      await pause;
      signal.throwIfAborted();
    }
  }
}
