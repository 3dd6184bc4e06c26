// Knows: how a folder is replaced by a new one in a single step, and that what others put into it is not lost.
// Must not know: what the files mean.

import { createHash, randomBytes } from 'node:crypto';
import { chmod, cp, mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { Fault } from '#spi';
import { INDEX, readSavedCopy } from '../wsdl/saved-copy.ts';

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export interface CopyPlace {
  /** Absolute; behind a link the folder itself. */
  readonly folder: string;
  readonly exists: boolean;
  /** Paths below it of what no import has written, or what was changed since. */
  readonly others: readonly string[];
}

/** Throws a Fault where the folder holds what is not ours, unless `force`; nothing has been changed then. */
export async function copyPlace(path: string, shown: string, force: boolean): Promise<CopyPlace> {
  return await writing(shown, async () => {
    const about = await stat(path).catch((error: unknown) => {
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    });
    if (about === undefined) return { folder: path, exists: false, others: [] };
    if (!about.isDirectory()) throw refused(`${shown} is no folder`);
    const folder = await realpath(path);
    if (`${process.cwd()}${sep}`.startsWith(`${folder}${sep}`)) {
      throw refused(`${shown} is the folder you are in; a copy needs a folder of its own`);
    }
    const others = await othersIn(folder);
    if (others.length > 0 && !force) {
      const [named, more] = [others.slice(0, 3).join(', '), others.length - 3];
      throw refused(
        `${shown} holds what no import has written, or what was changed since: ${named}${more > 0 ? ` and ${more} more` : ''}`,
        '--force writes all the same: what has the name of a new file is replaced, all else is kept.',
      );
    }
    return { folder, exists: true, others };
  });
}

async function othersIn(folder: string): Promise<readonly string[]> {
  const index = await readFile(join(folder, INDEX), 'utf8').catch(() => '');
  const saved = readSavedCopy(index);
  const known = new Map((saved?.files ?? []).map(({ file, sha256: sum }) => [file, sum]));
  const others: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).replaceAll(sep, '/');
    if (name === INDEX && saved !== undefined) continue;
    const sum = known.get(name);
    if (sum === undefined || sum !== sha256(await readFile(path))) others.push(name);
  }
  return others.toSorted();
}

/**
 * Writes the files into a new folder beside, has them tried there, and only then puts it in the place of the old one. Whatever fails before
 * leaves everything as it was.
 */
export async function writeCopy<T>(
  { folder, exists, others }: CopyPlace,
  files: ReadonlyMap<string, Uint8Array>,
  shown: string,
  attempt: (folder: string) => Promise<T>,
): Promise<T> {
  const mark = randomBytes(6).toString('hex');
  const beside = join(dirname(folder), `.${basename(folder)}.${mark}.part`);
  try {
    await writing(shown, async () => {
      await mkdir(beside, { recursive: true });
      for (const [name, bytes] of files) {
        await mkdir(dirname(join(beside, name)), { recursive: true });
        await writeFile(join(beside, name), bytes);
      }
    });
    const result = await attempt(beside);
    await writing(shown, async () => {
      for (const name of others.filter((other) => !files.has(other))) {
        await cp(join(folder, name), join(beside, name), {
          preserveTimestamps: true,
          verbatimSymlinks: true,
        });
      }
      if (exists) await chmod(beside, (await stat(folder)).mode & 0o7777);
      await replace(folder, exists, beside, join(dirname(folder), `.${basename(folder)}.${mark}.old`));
    });
    return result;
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

async function replace(folder: string, exists: boolean, next: string, old: string): Promise<void> {
  if (exists) await rename(folder, old);
  try {
    await rename(next, folder);
  } catch (error) {
    if (exists) await rename(old, folder);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}

function refused(message: string, hint?: string): Fault {
  return new Fault('invalid', message, { code: 'folder-not-ours', ...(hint === undefined ? {} : { hint }) });
}

const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'it may not be written',
  EPERM: 'it may not be written',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is no folder',
  EBUSY: 'it is in use, or the root of a mounted disk',
  EXDEV: 'it is the root of a mounted disk',
};

/** Errors of the disk as faults, by their codes. */
async function writing<T>(shown: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof Fault || !(error instanceof Error) || !('code' in error)) throw error;
    const what = MEANINGS[String(error.code)] ?? `it cannot be written (${String(error.code)})`;
    throw new Fault('unavailable', `${shown}: ${what}`, { code: 'folder-not-written', cause: error });
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
