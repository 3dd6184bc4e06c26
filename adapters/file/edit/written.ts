// Knows: how bytes get to the disk for certain, and how a file's instant of change moves on with every change.
// Must not know: which bytes, and why.

import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { systemCodeOf } from '../store/disk-fault.ts';
import type { Calls } from './machine.ts';

export async function writeAll(handle: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, offset + written);
    written += bytesWritten;
  }
}

/** As many of the bytes as the file has there. */
export async function readUpTo(handle: FileHandle, length: number, offset: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** Else a name that is new, or gone, may not be so after the power has failed. */
export async function syncFolder(calls: Calls, folder: string): Promise<void> {
  const handle = await calls.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function removeIfThere(calls: Calls, file: string): Promise<boolean> {
  try {
    await calls.unlink(file);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Steps that file systems with coarse clocks can tell apart: most of them, ext3, FAT. */
const STEPS_MS = [1, 1_000, 2_000];
/** Writes of one byte take longer than a tick of the clock. */
const MOST_TOUCHES = 5_000;

/**
 * Makes the instant of the last change later than `past`, where it is not: the clock of a file system ticks some hundred times a second,
 * and two changes within a tick would be told apart by nothing. `touch` writes something that is there already. Returns what the file is
 * then.
 */
export async function moveOn(
  handle: FileHandle,
  past: BigIntStats,
  touch: () => Promise<unknown>,
): Promise<BigIntStats> {
  let stats = await handle.stat({ bigint: true });
  let mayBeSet = true;
  for (const step of STEPS_MS) {
    if (stats.mtimeNs > past.mtimeNs || !mayBeSet) break;
    const at = (Number(past.mtimeMs) + step + 1) / 1000;
    mayBeSet = await handle.utimes(at, at).then(
      () => true,
      // Only the owner of a file may set the instant; whoever writes it makes it the present one.
      (error: unknown) => {
        if (systemCodeOf(error) === 'EPERM') return false;
        throw error;
      },
    );
    stats = await handle.stat({ bigint: true });
  }
  for (let touches = 0; stats.mtimeNs <= past.mtimeNs && touches < MOST_TOUCHES; touches++) {
    await touch();
    stats = await handle.stat({ bigint: true });
  }
  return stats;
}
