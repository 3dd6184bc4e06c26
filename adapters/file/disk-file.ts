// Knows: how a regular file of the disk is opened as one version and read.
// Must not know: where it lies, records, who changes it.

import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Fault } from '#spi';
import type { ByteFile } from './byte-store.ts';
import { diskFault } from './disk-fault.ts';
import type { About } from './edit/live.ts';

/** Opens a file that nobody changes in place; messages show it under `path`. */
export async function openFile(path: string, absolute: string, signal: AbortSignal): Promise<ByteFile> {
  signal.throwIfAborted();
  let handle: FileHandle | undefined;
  try {
    handle = await openHandle(absolute);
    const about = aboutOf(path, await handle.stat({ bigint: true }));
    signal.throwIfAborted();
    return opened(path, handle, about);
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

/** `restore` mends what was read from an offset, where the version that was opened had other bytes there. */
export function opened(
  path: string,
  handle: FileHandle,
  about: About,
  restore: (into: Uint8Array, offset: number) => void = () => {},
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
      restore(into, offset);
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
