// Knows: how a regular file of the disk is opened as one version and read.
// Must not know: where it lies, records, who changes it.

import { type BigIntStats, constants, fstatSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Fault } from '#spi';
import type { About } from '../edit/live.ts';
import { isLocal, readsAtOnce } from './at-once.ts';
import type { ByteFile } from './byte-store.ts';
import { diskFault } from './disk-fault.ts';
import { changed, unchanged } from './unchanged.ts';

/** Opens a file that nobody changes in place; messages show it under `path`. */
export async function openFile(path: string, absolute: string, signal: AbortSignal): Promise<ByteFile> {
  signal.throwIfAborted();
  let handle: FileHandle | undefined;
  try {
    handle = await openHandle(absolute);
    const about = aboutOf(path, await handle.stat({ bigint: true }));
    const local = await isLocal(absolute);
    signal.throwIfAborted();
    return opened({ path, handle, about, local });
  } catch (error) {
    await handle?.close();
    throw diskFault(path, error);
  }
}

/** Throws errors of the operating system. */
export function openHandle(absolute: string): Promise<FileHandle> {
  // Without O_NONBLOCK, opening a named pipe waits for its writer, perhaps for ever.
  return open(absolute, constants.O_RDONLY | constants.O_NONBLOCK);
}

/** Throws `unavailable` (`not-a-file`). */
export function aboutOf(path: string, stats: BigIntStats): About {
  if (!stats.isFile()) {
    throw new Fault('unavailable', `"${path}" is no regular file`, { code: 'not-a-file' });
  }
  return {
    size: Number(stats.size),
    version: versionOf(stats),
    modifiedAt: Temporal.Instant.fromEpochMilliseconds(Number(stats.mtimeMs)).toString(),
  };
}

export function versionOf({ size, mtimeNs, ino }: BigIntStats): string {
  return `${size}-${mtimeNs}-${ino}`;
}

/** Of an open file, at once; nothing where it cannot be told. */
export function versionNow({ fd }: FileHandle): string | undefined {
  try {
    return versionOf(fstatSync(fd, { bigint: true }));
  } catch {
    return undefined;
  }
}

/** What this process knows of the changes that it makes itself in the file, in place, while it is open. */
export interface OwnChanges {
  /** Mends what was read from an offset, where the version that was opened had other bytes there. */
  restore(into: Uint8Array, offset: number): void;
  /** Grows whenever one has begun or ended. */
  moment(): number;
  /** The version that the file has by them; `changing` while one is being made, nothing where that is not known. */
  present(): string | undefined;
}

export interface OpenedOf {
  /** For messages. */
  readonly path: string;
  readonly handle: FileHandle;
  readonly about: About;
  /** It is on a file system of this machine. */
  readonly local: boolean;
  readonly own?: OwnChanges;
}

export function opened({ path, handle, about, local, own }: OpenedOf): ByteFile {
  /** The version that is there, by what the system says of the open file. */
  const versionBy = (stats: BigIntStats): string => {
    const found = versionOf(stats);
    if (own === undefined) return found;
    const expected = own.present();
    return expected === CHANGING || expected === found ? about.version : found;
  };
  const present = async (): Promise<string> => {
    try {
      for (;;) {
        const moment = own?.moment();
        const stats = await handle.stat({ bigint: true });
        if (moment === own?.moment()) return versionBy(stats);
      }
    } catch (error) {
      throw diskFault(path, error);
    }
  };
  const checkUnchanged = unchanged({ path, version: about.version, now: present });
  return {
    ...about,
    async read(into, offset, { signal }) {
      signal.throwIfAborted();
      if (local && isReadAtOnce({ path, fd: handle.fd, into, offset })) {
        own?.restore(into, offset);
        if (versionBy(statsNow(path, handle.fd)) !== about.version) throw changed(path);
        return;
      }
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
      own?.restore(into, offset);
      await checkUnchanged();
    },
    async unchanged({ signal }) {
      const now = await present().catch(() => undefined);
      signal.throwIfAborted();
      return now === about.version;
    },
    async descriptor() {
      const moment = own?.moment();
      return {
        // The handle is open as long as the file is.
        fd: handle.fd,
        async confirm() {
          if (own?.moment() !== moment || (own !== undefined && own.present() !== about.version))
            return false;
          await checkUnchanged();
          return own?.moment() === moment;
        },
        async [Symbol.asyncDispose]() {},
      };
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

/** In place of a version: the file is being changed just now. */
export const CHANGING = 'changing';

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

/** Of all files together: what they hold up is this thread. */
const atOnce = readsAtOnce();

interface Reading {
  readonly path: string;
  readonly fd: number;
  readonly into: Uint8Array;
  readonly offset: number;
}

/** False: it is to be read by another thread, all of it. */
function isReadAtOnce({ path, fd, into, offset }: Reading): boolean {
  try {
    return atOnce.read(fd, into, offset) === into.length;
  } catch (error) {
    throw diskFault(path, error);
  }
}

/** On a file system of this machine, what it says of an open file is in memory. */
function statsNow(path: string, fd: number): BigIntStats {
  try {
    return fstatSync(fd, { bigint: true });
  } catch (error) {
    throw diskFault(path, error);
  }
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
