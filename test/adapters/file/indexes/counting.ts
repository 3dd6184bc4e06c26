// How the tests of indexes see what is read of the data, and make files old enough for their indexes to be kept.

import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { ByteStore } from '../../../../adapters/file/store/byte-store.ts';
import { diskStore } from '../../../../adapters/file/store/disk.ts';
import type { Folder } from '../opening.ts';

/** An index of a file that has only just changed is not kept for the next start. */
export function settle(at: Folder, name: string, secondsAgo = 60): void {
  const then = new Date(Date.now() - secondsAgo * 1_000);
  utimesSync(join(at.path, name), then, then);
}

/** Counts the bytes that are read of the data. */
export function counting(at: Folder): ByteStore & { bytes: number } {
  const disk = diskStore(at.path);
  const store: ByteStore & { bytes: number } = {
    ...disk,
    bytes: 0,
    file(path) {
      const file = disk.file(path);
      return {
        ...file,
        async open(ask) {
          const opened = await file.open(ask);
          return {
            size: opened.size,
            version: opened.version,
            modifiedAt: opened.modifiedAt,
            read(into, offset, how) {
              store.bytes += into.length;
              return opened.read(into, offset, how);
            },
            [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
          };
        },
      };
    },
  };
  return store;
}
