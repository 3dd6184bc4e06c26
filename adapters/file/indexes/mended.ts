// Knows: that an index which turns out to be damaged is made again while it is read: the reader notices nothing.
// Must not know: how it is made.

import { DamagedPages, type Pages } from './page-file.ts';

/** `again`: makes the same pages once more, which it does from the same bytes in the same way. */
export function mended(first: Pages, again: () => Promise<Pages>): Pages {
  let pages = first;
  let mending: Promise<void> | undefined;
  let disposed = false;
  const mend = async (damaged: Pages): Promise<void> => {
    const fresh = await again();
    pages = fresh;
    await damaged[Symbol.asyncDispose]();
    if (disposed) await fresh[Symbol.asyncDispose]();
  };
  return {
    length: first.length,
    about: first.about,
    bytes: first.bytes,
    async read(page) {
      for (;;) {
        const read = pages;
        try {
          return await read.read(page);
        } catch (error) {
          if (!(error instanceof DamagedPages) || disposed) throw error;
          // Somebody else has met the damage and had it mended.
          if (pages !== read) continue;
          mending ??= mend(read).finally(() => {
            mending = undefined;
          });
          await mending;
        }
      }
    },
    async [Symbol.asyncDispose]() {
      disposed = true;
      await pages[Symbol.asyncDispose]();
    },
  };
}
