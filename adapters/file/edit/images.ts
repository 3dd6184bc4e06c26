// Knows: which bytes patches replace, and whether bytes of a file may be those that a patch which was cut has left.
// Must not know: the disk.

import type { Patch } from '../store/byte-store.ts';
import type { Change } from './journal.ts';

/** Bytes behind the end that are kept in the journal, so that what others have written there is told from them. */
const APPENDED_BYTES = 65_536;

export interface PatchPlan {
  /** In their order. */
  readonly patches: readonly Patch[];
  readonly newSize: number;
  /** Bytes that are overwritten. */
  readonly overwritten: number;
}

/** Throws a RangeError for patches that overlap, or that leave a gap behind the end of the file. */
export function planOf(given: readonly Patch[], size: number): PatchPlan {
  const patches = given.filter(({ bytes }) => bytes.length > 0).toSorted((a, b) => a.offset - b.offset);
  let end = 0;
  let overwritten = 0;
  for (const { offset, bytes } of patches) {
    if (!Number.isSafeInteger(offset) || offset < end) throw new RangeError(`patches overlap at ${offset}`);
    if (offset > Math.max(size, end)) throw new RangeError(`a patch at ${offset} leaves a gap`);
    end = offset + bytes.length;
    if (offset < size && end > size) {
      throw new RangeError(`the patch at ${offset} crosses the end of the file at ${size}`);
    }
    if (offset < size) overwritten += bytes.length;
  }
  return { patches, newSize: Math.max(size, end), overwritten };
}

export function changeOf({ offset, bytes }: Patch, before: Uint8Array): Change {
  const isKept = before.length > 0 || bytes.length <= APPENDED_BYTES;
  return { offset, before, after: isKept ? bytes : undefined };
}

/**
 * May `now`, what the file has at the change's place, be what the change has left there when it was cut: of each byte the old value or the
 * new one, and behind the old end of the file perhaps nothing, or zeros that the power failure has left?
 */
export function isOurs({ before, after }: Change, now: Uint8Array): boolean {
  if (after === undefined) return true;
  return now.every((byte, i) => byte === after[i] || byte === (i < before.length ? before[i] : 0));
}
