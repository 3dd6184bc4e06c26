// Knows: what the versions of one source are kept within: files that are open, and files that are held in memory.
// Must not know: how a version is kept.

import type { KeepOptions } from '../options/keep-options.ts';
import { type Keeper, keeperOf } from './keeper.ts';

/** Who keeps versions: of files on a disk, and of those that are held in memory. */
export interface Keepers extends AsyncDisposable {
  readonly open: Keeper;
  readonly unpacked: Keeper;
}

/** Unpacked versions that are kept, in bytes of memory. */
const UNPACKED_BYTES = 268_435_456;

/** None where nothing is kept. */
export function keepersOf(keeping: KeepOptions): Keepers | undefined {
  if (keeping.forMs === 0) return undefined;
  const open = keeperOf(keeping);
  const unpacked = keeperOf({ ...keeping, maxBytes: Math.min(keeping.maxBytes, UNPACKED_BYTES) });
  return {
    open,
    unpacked,
    async [Symbol.asyncDispose]() {
      await open[Symbol.asyncDispose]();
      await unpacked[Symbol.asyncDispose]();
    },
  };
}
