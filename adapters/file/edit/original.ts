// Knows: the version of a file that is to be changed, and whether it is still what the path leads to.
// Must not know: the change.

import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Fault } from '#spi';
import { systemCodeOf } from '../store/disk-fault.ts';
import { versionOf } from '../store/disk-file.ts';
import type { About } from './live.ts';
import type { Calls } from './machine.ts';

export interface Original {
  /** For reading and writing. */
  readonly handle: FileHandle;
  readonly stats: BigIntStats;
  readonly about: About;
}

/** Throws `unavailable` (`file-changed`) where another program has changed, replaced or deleted the file. */
export async function confirm(calls: Calls, path: string, file: string, version: string): Promise<void> {
  if ((await lookAt(calls, file))?.version !== version) throw changed(path);
}

/** The version that the path leads to, and the number of its file. */
export async function lookAt(
  calls: Calls,
  file: string,
): Promise<{ readonly version: string; readonly ino: bigint } | undefined> {
  try {
    const stats = await calls.lstat(file, { bigint: true });
    return { version: versionOf(stats), ino: stats.ino };
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

export function changed(path: string): Fault {
  return new Fault('unavailable', `Another program has changed "${path}" meanwhile`, {
    code: 'file-changed',
    hint: 'Nothing was written. Read the file again and decide anew.',
  });
}
