// Knows: the files of a source, each once: collections over one file, as of several record types, share what is open of it and what was
// unpacked.
// Must not know: collections.

import type { Fault } from '#spi';
import type { ByteStore } from './byte-store.ts';
import { unpackedFile } from './gzip.ts';
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
}

export function sharedFiles(store: ByteStore): SharedFiles {
  const files = new Map<string, OneFile>();
  const unpacked: AsyncDisposable[] = [];
  return {
    file(path, packed) {
      const id = JSON.stringify([path, packed]);
      const known = files.get(id);
      if (known !== undefined) return known;
      const onStore = store.file(path);
      const whole = packed ? unpackedFile(onStore) : undefined;
      if (whole !== undefined) unpacked.push(whole);
      const publication = published(whole ?? onStore);
      const file = { publication, shared: sharedFile(publication) };
      files.set(id, file);
      return file;
    },
    stale: () => [...files.values()].flatMap(({ publication }) => publication.stale() ?? []),
    async [Symbol.asyncDispose]() {
      for (const { publication, shared } of files.values()) {
        await shared[Symbol.asyncDispose]();
        await publication[Symbol.asyncDispose]();
      }
      for (const file of unpacked) await file[Symbol.asyncDispose]();
    },
  };
}
