// Knows: which reads of an open file are made at once, in this thread: small ones, of a file system of this machine, as long as they take next
// to no time.
// Must not know: what is read, and what of it is believed.

import { readSync } from 'node:fs';
import { statfs } from 'node:fs/promises';

/**
 * Reading a record that lies in the memory of the system takes some microseconds, and to have another thread do it many times as long. Whether
 * it lies there nobody tells beforehand; a read that has to wait for the disk holds up everything else.
 */
export interface AtOnce {
  /** How many bytes were read; undefined: to be read by another thread. Throws errors of the operating system. */
  read(fd: number, into: Uint8Array, offset: number): number | undefined;
}

/** Larger reads hold up this thread for longer than it takes to hand them over. */
const SMALL_BYTES = 65_536;
/** So long reads at once may take together, before others have their turn. */
const BUDGET_MS = 1;
/**
 * What is paid back by each read that is left to another thread. So a read that had to wait for the disk is followed by many that hold up
 * nobody: a disk that is slow holds up this thread now and then, by one read.
 */
const PAID_BACK_MS = 0.05;

/** `now`: in milliseconds. */
export function readsAtOnce(now: () => number = () => performance.now()): AtOnce {
  let spentMs = 0;
  return {
    read(fd, into, offset) {
      if (into.length > SMALL_BYTES) return undefined;
      if (spentMs >= BUDGET_MS) {
        spentMs -= PAID_BACK_MS;
        return undefined;
      }
      const begun = now();
      const count = readSync(fd, into, 0, into.length, offset);
      spentMs += now() - begun;
      return count;
    },
  };
}

/** Numbers of file systems by which Linux tells that the bytes are on a disk of this machine, or in its memory. */
const LOCAL: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0xf2f52010, // F2FS
  0x2fc12fc1, // ZFS
  0x01021994, // tmpfs
]);

/**
 * Is it on a file system of this machine, where looking at an open file waits for no other one? What is not known for that is not: a server that
 * does not answer would hold up the whole process. Overlays, which may lie over anything, count as not known.
 */
export async function isLocal(absolute: string): Promise<boolean> {
  try {
    const { type } = await statfs(absolute);
    return process.platform === 'linux' && LOCAL.has(type);
  } catch {
    return false;
  }
}
