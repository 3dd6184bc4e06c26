// Knows: how a file gets a new content as a whole or not at all: it is written beside the file, and takes its name when it is complete.
// Must not know: what the content is.

import type { FileHandle } from 'node:fs/promises';
import { Fault } from '#spi';
import { diskFault, outcomeUnknown, systemCodeOf } from '../store/disk-fault.ts';
import { versionOf } from '../store/disk-file.ts';
import { besideOf } from './beside.ts';
import type { Calls, Machine } from './machine.ts';
import { confirm, lookAt, type Original } from './original.ts';
import { moveOn, removeIfThere, syncFolder, writeAll } from './written.ts';

export interface ReplacingOf {
  readonly machine: Machine;
  readonly path: string;
  readonly file: string;
  /** Absent: the file is new. */
  readonly original: Original | undefined;
}

/**
 * Returns the version that the file has become. Throws what the content throws, Faults and errors of the operating system; then the file
 * is what it was, and nothing lies beside it.
 */
export async function replaceWhole(
  { machine: { calls }, path, file, original }: ReplacingOf,
  content: AsyncIterable<Uint8Array>,
  { signal }: { readonly signal: AbortSignal },
): Promise<string> {
  const { part, folder } = besideOf(file);
  let version: string;
  try {
    version = await written(calls, { path, part, original }, content, signal);
    signal.throwIfAborted();
    if (original === undefined) await nameNew(calls, path, { part, file });
    else {
      await confirm(calls, path, file, original.about.version);
      await calls.rename(part, file);
    }
  } catch (error) {
    await removeIfThere(calls, part).catch(() => {});
    throw error;
  }
  try {
    await syncFolder(calls, folder);
  } catch (error) {
    throw outcomeUnknown(path, 'It was written, but a power failure could undo it.', error);
  }
  return version;
}

async function written(
  calls: Calls,
  { path, part, original }: Pick<ReplacingOf, 'path' | 'original'> & { readonly part: string },
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<string> {
  // Until it is complete nobody else may read it who may not read the file.
  const handle = await calls.open(part, 'wx', original === undefined ? 0o666 : 0o600);
  try {
    let size = 0;
    for await (const bytes of content) {
      signal.throwIfAborted();
      try {
        await writeAll(handle, bytes, size);
      } catch (error) {
        throw diskFault(path, error, 'write');
      }
      size += bytes.length;
    }
    if (original !== undefined) {
      await likeOriginal(handle, original);
      // The number of the file before the last one may be given again: then the instant alone tells them apart.
      await moveOn(handle, original.stats, () => handle.truncate(size));
    }
    await handle.sync();
    const stats = await handle.stat({ bigint: true });
    if (stats.size !== BigInt(size)) {
      throw new Fault(
        'unavailable',
        `"${path}" has ${stats.size} bytes on the disk, but ${size} were written`,
        {
          code: 'write-error',
        },
      );
    }
    return versionOf(stats);
  } finally {
    await handle.close();
  }
}

/** Owner and group as far as the gateway may give them, then the rights. */
async function likeOriginal(handle: FileHandle, { stats }: Original): Promise<void> {
  const own = await handle.stat({ bigint: true });
  const [uid, gid] = [Number(stats.uid), Number(stats.gid)];
  if (own.uid !== stats.uid || own.gid !== stats.gid) {
    const owners = [
      [uid, gid],
      [Number(own.uid), gid],
    ] as const;
    for (const [user, group] of owners) {
      try {
        await handle.chown(user, group);
        break;
      } catch (error) {
        if (systemCodeOf(error) !== 'EPERM') throw error;
      }
    }
  }
  await handle.chmod(Number(stats.mode & 0o7777n));
}

/** Of two who make the same name, the second is refused. */
async function nameNew(
  calls: Calls,
  path: string,
  { part, file }: { readonly part: string; readonly file: string },
): Promise<void> {
  try {
    await calls.link(part, file);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'EEXIST') throw exists(path);
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error;
    // A file system without links, such as FAT: the lock keeps other gateways away, and other programs are looked for.
    if ((await lookAt(calls, file)) !== undefined) throw exists(path);
    await calls.rename(part, file);
    return;
  }
  // The file has its name: what stays beside it is deleted by the next who comes.
  await removeIfThere(calls, part).catch(() => {});
}

function exists(path: string): Fault {
  return new Fault('conflict', `"${path}" exists already`, {
    code: 'file-exists',
    hint: 'Another program made it meanwhile. Nothing was written.',
  });
}
