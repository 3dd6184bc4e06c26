// Knows: which pages were read last, so that they need not be read again: the least recently used are forgotten.
// Must not know: what is in the pages.

import type { Pages } from './page-file.ts';

export interface PageCache {
  /** The same pages, read through the cache. */
  over(pages: Pages): Pages;
}

export function pageCache(maxBytes: number): PageCache {
  /** In the order of their use; the place of a page among all is its number, counted from the `base` of its file. */
  const known = new Map<number, Uint8Array>();
  let held = 0;
  let next = 0;
  return {
    over(pages) {
      const base = next;
      next += pages.length;
      const forget = (): void => {
        for (let page = 0; page < pages.length && known.size > 0; page++) drop(base + page);
      };
      return {
        length: pages.length,
        about: pages.about,
        bytes: pages.bytes,
        async read(page) {
          const place = base + page;
          const found = known.get(place);
          if (found !== undefined) {
            known.delete(place);
            known.set(place, found);
            return found;
          }
          const fresh = await pages.read(page);
          if (!known.has(place)) {
            known.set(place, fresh);
            held += fresh.length;
            for (const oldest of known.keys()) {
              if (held <= maxBytes) break;
              drop(oldest);
            }
          }
          return fresh;
        },
        async [Symbol.asyncDispose]() {
          forget();
          await pages[Symbol.asyncDispose]();
        },
      };
    },
  };

  function drop(place: number): void {
    held -= known.get(place)?.length ?? 0;
    known.delete(place);
  }
}
