// Knows: where the copies of local files lie: in the folder of the cache that belongs to the source.
// Must not know: how copies are made, records, queries.

import { join, resolve } from 'node:path';
import type { Host } from '#spi';
import type { CacheOptions } from '../options/cache-options.ts';
import { cacheAt } from '../sftp/cache.ts';
import type { ByteStore } from './byte-store.ts';
import { type CopyingStore, copyingStore } from './copied-file.ts';

/** The files of the store, which has them below `root`, read as copies. Throws a misconfigured Fault where the cache cannot be used. */
export async function copiesOnDisk(
  store: ByteStore,
  { root, cache }: { readonly root: string; readonly cache: CacheOptions },
  host: Host,
): Promise<CopyingStore> {
  const folder = join(resolve(host.path(cache.folder)), encodeURIComponent(host.source));
  return copyingStore({
    store,
    cache: await cacheAt(folder, cache.maxBytes),
    folder,
    place: 'this machine',
    id: root,
  });
}
