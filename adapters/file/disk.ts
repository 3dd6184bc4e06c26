// Knows: files on a local disk, below one root folder, and what the operating system's error codes mean.
// Must not know: records, layouts, queries.

import { type BigIntStats, constants, type Dirent } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { Fault } from '#spi';
import type { ByteFile, ByteStore, Entry } from './byte-store.ts';

/**
 * Relative paths are below `root` and stay there: `..` does not lead out. A path that is written as absolute in the
 * configuration is taken as it stands.
 */
export function diskStore(root: string): ByteStore {
  return {
    file: (path) => {
      const absolute = locate(root, path);
      return {
        path,
        open: ({ signal }) => openFile(path, absolute, signal),
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
  };
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

/** Messages show it under `path`. */
export async function openFile(path: string, absolute: string, signal: AbortSignal): Promise<ByteFile> {
  signal.throwIfAborted();
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a named pipe waits for its writer, perhaps for ever.
    handle = await open(absolute, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) {
      throw new Fault('unavailable', `"${path}" is no regular file`, { code: 'not-a-file' });
    }
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

function versionOf({ size, mtimeNs, ino }: BigIntStats): string {
  return `${size}-${mtimeNs}-${ino}`;
}

function opened(
  path: string,
  handle: FileHandle,
  about: Pick<ByteFile, 'size' | 'version' | 'modifiedAt'>,
): ByteFile {
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
        if (bytesRead === 0) {
          throw new Fault('unavailable', `"${path}" became shorter while it was read`, {
            code: 'file-changed',
            byteOffset: offset + filled,
          });
        }
        filled += bytesRead;
      }
    },
    async unchanged({ signal }) {
      const stats = await handle.stat({ bigint: true }).catch(() => undefined);
      signal.throwIfAborted();
      return stats !== undefined && versionOf(stats) === about.version;
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
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
