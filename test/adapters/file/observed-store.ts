// A folder of the local disk whose changes are looked at by tests of what is written: which were made, and what comes between two of them.

import type { ByteStore, FileEdit, Patch } from '../../../adapters/file/store/byte-store.ts';
import { diskStore } from '../../../adapters/file/store/disk.ts';

export interface ObservedStore extends ByteStore {
  /** What was done, in its order. */
  readonly done: readonly ({ readonly patches: readonly Patch[] } | { readonly replaced: number })[];
  /** Called before a file is taken for writing. */
  onEdit?: (path: string) => Promise<void>;
  /** The same, when it is taken. */
  onHeld?: (path: string) => Promise<void>;
}

/** `patches: false`: only whole files, as over SFTP. */
export function observedStore(root: string, { patches = true } = {}): ObservedStore {
  const disk = diskStore(root);
  const done: ({ readonly patches: readonly Patch[] } | { readonly replaced: number })[] = [];
  const store: ObservedStore = {
    ...disk,
    done,
    file(path) {
      const stored = disk.file(path);
      return {
        ...stored,
        async edit(ask): Promise<FileEdit> {
          await store.onEdit?.(path);
          const edit = await stored.edit?.(ask);
          if (edit === undefined) throw new Error('a file of the disk can be written');
          await store.onHeld?.(path);
          const { file, patch } = edit;
          return {
            ...(file === undefined ? {} : { file }),
            ...(patch === undefined || !patches
              ? {}
              : {
                  async patch(changes: readonly Patch[], how: { readonly signal: AbortSignal }) {
                    const version = await patch.call(edit, changes, how);
                    done.push({ patches: changes });
                    return version;
                  },
                }),
            async replace(content, how) {
              let bytes = 0;
              const counted = async function* () {
                for await (const piece of content) {
                  bytes += piece.length;
                  yield piece;
                }
              };
              const version = await edit.replace(counted(), how);
              done.push({ replaced: bytes });
              return version;
            },
            [Symbol.asyncDispose]: () => edit[Symbol.asyncDispose](),
          };
        },
      };
    },
  };
  return store;
}
