// Knows: files on a local disk, below one root folder.
// Must not know: records, layouts, queries.

import { type Dirent, watch } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { Fault } from '#spi';
import { isBelow } from '../edit/beside.ts';
import { toldOf } from '../edit/edited.ts';
import { livingFile } from '../edit/living-file.ts';
import { type Machine, thisProcess } from '../edit/machine.ts';
import type { ByteFile, ByteStore, Entry } from './byte-store.ts';
import { diskFault } from './disk-fault.ts';
import { ownVersions, settledAfter, unsettled } from './settled.ts';

export interface DiskOptions {
  readonly settleMs?: number;
  readonly machine?: Machine;
}

/**
 * Relative paths are below `root` and stay there: `..` does not lead out. A path that is written as absolute in the
 * configuration is taken as it stands. A file that changed less than `settleMs` ago is neither opened nor written: `unavailable`,
 * `file-unsettled`; but for what was written here, which is all there.
 */
export function diskStore(
  root: string,
  { settleMs = 0, machine = thisProcess }: DiskOptions = {},
): ByteStore {
  const own = ownVersions(settleMs);
  return {
    file: (path) => {
      const absolute = locate(root, path);
      const bound = isAbsolute(path) ? undefined : root;
      const isSettled = settledAfter(settleMs);
      const file = livingFile({ path, absolute, bound, machine });
      if (settleMs === 0) return file;
      const checkSettled = async (opened: ByteFile): Promise<void> => {
        const { version, modifiedAt } = opened;
        if (own.has(absolute, version) || isSettled({ version, changedAt: Date.parse(modifiedAt) })) return;
        await opened[Symbol.asyncDispose]();
        throw unsettled(`"${path}"`, settleMs);
      };
      return {
        ...file,
        async open(ask) {
          const opened = await file.open(ask);
          await checkSettled(opened);
          return opened;
        },
        async edit(ask) {
          const edit = await file.edit(ask);
          try {
            if (edit.file !== undefined) await checkSettled(edit.file);
          } catch (error) {
            await edit[Symbol.asyncDispose]();
            throw error;
          }
          return toldOf(edit, (version) => {
            if (version !== undefined) own.add(absolute, version);
          });
        },
      };
    },
    list: (folder, { signal }) => {
      const absolute = folder === '' ? root : locate(root, folder);
      return listed(folder === '' ? '.' : folder, absolute, isAbsolute(folder) ? absolute : root, signal);
    },
    watch: (folder, changed) => watched(folder === '' ? root : locate(root, folder), changed),
  };
}

function watched(folder: string, changed: () => void): Disposable {
  try {
    const watcher = watch(folder, { persistent: false }, changed);
    watcher.on('error', () => watcher.close());
    return { [Symbol.dispose]: () => watcher.close() };
  } catch {
    return { [Symbol.dispose]() {} };
  }
}

function locate(root: string, path: string): string {
  if (path.includes('\0')) throw outside(path, 'A path cannot hold a NUL character');
  if (isAbsolute(path)) return path;
  const absolute = resolve(root, path);
  if (absolute === resolve(root) || !isBelow(root, absolute)) {
    throw outside(path, `The path "${path}" leads out of the source's root folder`);
  }
  return absolute;
}

/** `bound`: the folder out of which links may not lead. */
async function listed(
  path: string,
  absolute: string,
  bound: string,
  signal: AbortSignal,
): Promise<readonly Entry[]> {
  signal.throwIfAborted();
  try {
    const entries = await readdir(absolute, { withFileTypes: true });
    signal.throwIfAborted();
    const real = entries.some((entry) => entry.isSymbolicLink()) ? await realpath(bound) : bound;
    return await Promise.all(
      entries.map(async (entry) => ({
        name: entry.name,
        kind: entry.isSymbolicLink() ? await linkedKind(join(absolute, entry.name), real) : kindOf(entry),
      })),
    );
  } catch (error) {
    throw diskFault(path, error);
  }
}

function kindOf(entry: Pick<Dirent, 'isFile' | 'isDirectory'>): Entry['kind'] {
  return entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other';
}

async function linkedKind(absolute: string, bound: string): Promise<Entry['kind']> {
  try {
    const target = await realpath(absolute);
    return isBelow(bound, target) ? kindOf(await stat(target)) : 'outside';
  } catch {
    return 'other';
  }
}

function outside(path: string, message: string): Fault {
  return new Fault('invalid', message, {
    code: 'path-outside-root',
    misconfigured: true,
    hint: `Set "root" to a folder above "${path.replaceAll('\0', '')}", or write the path as an absolute one.`,
  });
}
