// Knows: the files of a source, each once: collections over one file, as of several record types, share what is open of it and what was
// unpacked.
// Must not know: collections.

import type { Fault } from '#spi';
import type { ByteStore, StoredFile } from '../store/byte-store.ts';
import { unpackedFile } from '../store/gzip.ts';
import type { Keepers } from './keepers.ts';
import { keptFile } from './kept-file.ts';
import { type PublishedFile, published } from './publication.ts';
import { type SharedFile, sharedFile } from './shared-file.ts';

export interface SharedFiles extends AsyncDisposable {
  file(path: string, packed: boolean): OneFile;
  /** What keeps newer versions from being shown. */
  stale(): readonly Fault[];
}

export interface OneFile {
  readonly publication: PublishedFile;
  readonly shared: SharedFile;
  /** As it is read: where versions are kept, those before the newest, too. */
  readonly read: StoredFile;
}

export function sharedFiles(store: ByteStore, keepers: Keepers | undefined): SharedFiles {
  const files = new Map<string, OneFile>();
  /** Layer by layer, the outer ones first. */
  const layers: AsyncDisposable[] = [];
  return {
    file(path, packed) {
      const id = JSON.stringify([path, packed]);
      const known = files.get(id);
      if (known !== undefined) return known;
      const onStore = store.file(path);
      const whole = packed ? unpackedFile(onStore) : undefined;
      if (whole !== undefined) layers.unshift(whole);
      const publication = published(whole ?? onStore);
      const shared = sharedFile(publication);
      layers.unshift(shared, publication);
      const keeper = packed ? keepers?.unpacked : keepers?.open;
      const kept = keeper === undefined ? undefined : keptFile(shared, keeper);
      if (kept !== undefined) layers.unshift(kept);
      const file = { publication, shared, read: kept ?? shared };
      files.set(id, file);
      return file;
    },
    stale: () => [...files.values()].flatMap(({ publication }) => publication.stale() ?? []),
    async [Symbol.asyncDispose]() {
      for (const layer of layers) await layer[Symbol.asyncDispose]();
    },
  };
}
