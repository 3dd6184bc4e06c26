// Knows: which file a path leads to, and the names of what lies beside it while it is changed.
// Must not know: what is in them.
//
// They lie beside the file and not in the cache: whoever opens the file finds them there, by whatever source, path or configuration;
// the cache may be deleted at any time; and a new content has to be on the same file system to be renamed.

import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { Fault } from '#spi';
import { systemCodeOf } from '../store/disk-fault.ts';
import { linkOutside } from '../store/link-outside.ts';

export interface Beside {
  readonly folder: string;
  /** What a change in place has to be undone with, as long as it is not complete. */
  readonly journal: string;
  /** The new content, as long as it is not complete. One at a time has the file, so that one name is enough. */
  readonly part: string;
  /** Held by the process that has the file. */
  readonly lock: string;
}

/** Most file systems allow names of 255 bytes. */
const NAME_BYTES = 200;

export function besideOf(file: string): Beside {
  const folder = dirname(file);
  const name = basename(file);
  const fits = new TextEncoder().encode(name).length <= NAME_BYTES;
  // Dots in front: patterns of sets do not match such names.
  const stem = `.overpunch-${fits ? name : createHash('sha256').update(name).digest('hex')}`;
  return {
    folder,
    journal: join(folder, `${stem}.journal`),
    part: join(folder, `${stem}.part`),
    lock: join(folder, `${stem}.lock`),
  };
}

/**
 * For reading: the file that the last step of the path leads to. Links in the steps before it lead to the same folder, whichever
 * way its path is written. Throws errors of the operating system.
 */
export async function targetOf(absolute: string): Promise<string> {
  return (await lstat(absolute)).isSymbolicLink() ? realpath(absolute) : absolute;
}

/**
 * For writing: the one path of the file, which need not exist. Throws `unavailable`: `link-outside-root` where a link leads out of
 * `bound`, `link-into-nothing`, and errors of the operating system.
 */
export async function realPath(path: string, absolute: string, bound: string | undefined): Promise<string> {
  const real = await realpath(absolute).catch(async (error: unknown) => {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
    const folder = await realpath(dirname(absolute));
    if (await isLink(absolute)) {
      throw new Fault('unavailable', `"${path}" is a symbolic link to a file that does not exist`, {
        code: 'link-into-nothing',
      });
    }
    return join(folder, basename(absolute));
  });
  if (bound !== undefined && !isBelow(await realpath(bound), real)) {
    throw linkOutside(path);
  }
  return real;
}

/** What was opened lies below the folder, links followed. */
export async function checkInside(
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

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** The folder itself, or what is inside of it. */
export function isBelow(folder: string, path: string): boolean {
  const inside = relative(folder, path);
  return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
}
