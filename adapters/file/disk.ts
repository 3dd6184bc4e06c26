// Knows: files on a local disk, below one root folder, and what the operating system's error codes mean.
// Must not know: records, layouts, queries.

import { type BigIntStats, constants, type Dirent, readSync, watch } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { Fault } from '#spi';
import type { ByteFile, ByteStore, Entry } from './byte-store.ts';
import { linkOutside } from './link-outside.ts';
import { settledAfter, unsettled } from './settled.ts';
import { unchanged } from './unchanged.ts';

/**
 * Relative paths are below `root` and stay there: `..` does not lead out. A path that is written as absolute in the
 * configuration is taken as it stands. A file that changed less than `settleMs` ago is not opened: `unavailable`, `file-unsettled`.
 */
export function diskStore(root: string, { settleMs = 0 }: { readonly settleMs?: number } = {}): ByteStore {
  return {
    file: (path) => {
      const absolute = locate(root, path);
      const isSettled = settledAfter(settleMs);
      return {
        path,
        async open({ signal }) {
          const file = await openFile(path, absolute, signal, isAbsolute(path) ? undefined : root);
          const { version, modifiedAt } = file;
          if (settleMs === 0 || isSettled({ version, changedAt: Date.parse(modifiedAt) })) return file;
          await file[Symbol.asyncDispose]();
          throw unsettled(`"${path}"`, settleMs);
        },
        async version({ signal }) {
          signal.throwIfAborted();
          const stats = await stat(absolute, { bigint: true }).catch((error: unknown) => {
            throw diskFault(path, error);
          });
          return versionOf(stats);
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

/** The folder itself, or what is inside of it. */
function isBelow(folder: string, path: string): boolean {
  const inside = relative(folder, path);
  return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
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

/** Messages show it under `path`. `bound`: the folder out of which links may not lead. */
export async function openFile(
  path: string,
  absolute: string,
  signal: AbortSignal,
  bound?: string,
): Promise<ByteFile> {
  signal.throwIfAborted();
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a named pipe waits for its writer, perhaps for ever.
    handle = await open(absolute, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) {
      throw new Fault('unavailable', `"${path}" is no regular file`, { code: 'not-a-file' });
    }
    if (bound !== undefined) await checkInside(path, absolute, bound, stats);
    signal.throwIfAborted();
    return opened(path, handle, {
      size: Number(stats.size),
      version: versionOf(stats),
      modifiedAt: Temporal.Instant.fromEpochMilliseconds(Number(stats.mtimeMs)).toString(),
    });
  } catch (error) {
    await handle?.close();
    throw diskFault(path, error);
  }
}

/** What was opened lies below the folder, links followed. */
async function checkInside(
  path: string,
  absolute: string,
  bound: string,
  { ino, dev }: BigIntStats,
): Promise<void> {
  const [real, folder] = await Promise.all([realpath(absolute), realpath(bound)]);
  if (!isBelow(folder, real)) throw linkOutside(path);
  // Between opening it and following its name the link may have been turned.
  const there = await stat(real, { bigint: true });
  if (there.ino === ino && there.dev === dev) return;
  throw new Fault('unavailable', `"${path}" was replaced while it was opened`, { code: 'file-changed' });
}

function versionOf({ size, mtimeNs, ino }: BigIntStats): string {
  return `${size}-${mtimeNs}-${ino}`;
}

type About = Pick<ByteFile, 'size' | 'version' | 'modifiedAt'>;

function opened(path: string, handle: FileHandle, about: About): ByteFile {
  const checkUnchanged = unchanged({
    path,
    version: about.version,
    now: async () => {
      try {
        return versionOf(await handle.stat({ bigint: true }));
      } catch (error) {
        throw diskFault(path, error);
      }
    },
  });
  return {
    ...about,
    async read(into, offset, { signal }) {
      for (let filled = 0; filled < into.length; ) {
        signal.throwIfAborted();
        const { bytesRead } = await handle
          .read(into, filled, into.length - filled, offset + filled)
          .catch((error: unknown) => {
            throw diskFault(path, error);
          });
        if (bytesRead === 0) throw shorter(path, offset + filled);
        filled += bytesRead;
      }
      await checkUnchanged();
    },
    // The handle is open as long as the file is.
    descriptor: async () => ({
      fd: handle.fd,
      confirm: checkUnchanged,
      async [Symbol.asyncDispose]() {},
    }),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

/**
 * A file that another thread has open: its reads hold up this thread, and take no turn from the process's other reads. Whoever lent the
 * descriptor closes it.
 */
export function lentFile(path: string, fd: number, about: About): ByteFile {
  return {
    ...about,
    async read(into, offset, { signal }) {
      signal.throwIfAborted();
      for (let filled = 0; filled < into.length; ) {
        const count = readNow(path, fd, into, filled, offset);
        if (count === 0) throw shorter(path, offset + filled);
        filled += count;
      }
    },
    async [Symbol.asyncDispose]() {},
  };
}

function readNow(path: string, fd: number, into: Uint8Array, filled: number, offset: number): number {
  try {
    return readSync(fd, into, filled, into.length - filled, offset + filled);
  } catch (error) {
    throw diskFault(path, error);
  }
}

function shorter(path: string, byteOffset: number): Fault {
  return new Fault('unavailable', `"${path}" became shorter while it was read`, {
    code: 'file-changed',
    byteOffset,
  });
}

/** Error codes of open(2) and read(2) → what the client is told. */
const MEANINGS: Readonly<Record<string, readonly [code: string, what: string]>> = {
  ENOENT: ['file-missing', 'does not exist'],
  ENOTDIR: ['file-missing', 'does not exist: a part of its path is no folder'],
  EACCES: ['file-unreadable', 'may not be read by the gateway'],
  EPERM: ['file-unreadable', 'may not be read by the gateway'],
  EISDIR: ['not-a-file', 'is a folder'],
  ENXIO: ['not-a-file', 'is no regular file'],
  ELOOP: ['file-unreadable', 'is behind too many symbolic links'],
  ENAMETOOLONG: ['file-missing', 'has a name that is too long'],
  EMFILE: ['too-many-open-files', 'cannot be opened: too many files are open'],
  ENFILE: ['too-many-open-files', 'cannot be opened: too many files are open'],
  EIO: ['read-error', 'cannot be read: the disk reports an error'],
  ESTALE: ['file-changed', 'was replaced on its file server while it was read'],
};

/** The one mapping from errors of the disk to faults, by their codes. */
function diskFault(path: string, error: unknown): unknown {
  const systemCode = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof systemCode !== 'string' || !/^E[A-Z0-9]+$/.test(systemCode)) return error;
  const [code, what] = MEANINGS[systemCode] ?? ['file-error', `cannot be read (${systemCode})`];
  return new Fault('unavailable', `"${path}" ${what}`, { code, cause: error });
}
