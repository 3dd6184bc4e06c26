// A place for files that can be written, for tests of what is written: a folder of the local disk, each change made by a rename.

import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Fault } from '#spi';
import type { ByteStore, FileEdit, Patch } from '../../../adapters/file/byte-store.ts';
import { diskStore } from '../../../adapters/file/disk.ts';

export interface EditedStore extends ByteStore {
  /** What was done, in its order. */
  readonly done: readonly ({ readonly patches: readonly Patch[] } | { readonly replaced: number })[];
  /** Called when a file is held for writing, before it is opened. */
  onEdit?: (path: string) => Promise<void>;
  /** The same, when it is open. */
  onHeld?: (path: string) => Promise<void>;
}

/** `patches: false`: only whole files, as over SFTP. */
export function editedStore(root: string, { patches = true } = {}): EditedStore {
  const disk = diskStore(root);
  const waiting = new Map<string, Promise<void>>();
  const done: ({ readonly patches: readonly Patch[] } | { readonly replaced: number })[] = [];
  let named = 0;
  const store: EditedStore = {
    done,
    list: (folder, ask) => disk.list(folder, ask),
    file(path) {
      const stored = disk.file(path);
      const absolute = resolve(root, path);
      const publish = async (content: Uint8Array, ask: { readonly signal: AbortSignal }): Promise<string> => {
        ask.signal.throwIfAborted();
        const draft = join(dirname(absolute), `.draft${++named}`);
        writeFileSync(draft, content);
        renameSync(draft, absolute);
        await using now = await stored.open({ signal: new AbortController().signal });
        return now.version;
      };
      return {
        ...stored,
        async edit(ask): Promise<FileEdit> {
          const before = waiting.get(absolute) ?? Promise.resolve();
          const { promise, resolve: leave } = Promise.withResolvers<void>();
          waiting.set(
            absolute,
            before.then(() => promise),
          );
          await before;
          try {
            ask.signal.throwIfAborted();
            await store.onEdit?.(path);
            const file = await stored.open(ask).catch((error: unknown) => {
              if (error instanceof Fault && error.code === 'file-missing') return undefined;
              throw error;
            });
            await store.onHeld?.(path);
            return {
              ...(file === undefined ? {} : { file }),
              ...(patches && file !== undefined
                ? {
                    async patch(changes: readonly Patch[], how: { readonly signal: AbortSignal }) {
                      const version = await publish(patched(await readFile(absolute), changes), how);
                      done.push({ patches: changes });
                      return version;
                    },
                  }
                : {}),
              async replace(content, how) {
                const pieces: Uint8Array[] = [];
                for await (const piece of content) pieces.push(Uint8Array.from(piece));
                const whole = Buffer.concat(pieces);
                if (file === undefined && existsSync(absolute)) {
                  throw new Fault('conflict', `"${path}" exists already`, { code: 'file-exists' });
                }
                const version = await publish(whole, how);
                done.push({ replaced: whole.length });
                return version;
              },
              async [Symbol.asyncDispose]() {
                await file?.[Symbol.asyncDispose]();
                leave();
              },
            };
          } catch (error) {
            leave();
            throw error;
          }
        },
      };
    },
  };
  return store;
}

/** Holds patches to what the contract says of them. */
function patched(before: Uint8Array, patches: readonly Patch[]): Uint8Array {
  const end = Math.max(before.length, ...patches.map(({ offset, bytes }) => offset + bytes.length));
  const after = new Uint8Array(end);
  after.set(before);
  let last = 0;
  for (const { offset, bytes } of patches.toSorted((a, b) => a.offset - b.offset)) {
    if (offset < last) throw new TypeError('patches overlap');
    const within = offset + bytes.length <= before.length;
    if (!within && offset !== before.length) throw new TypeError('a patch reaches over the end');
    after.set(bytes, offset);
    last = offset + bytes.length;
  }
  return after;
}
