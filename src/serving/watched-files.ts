// Knows: how it is noticed that the content of a file has become another: by what the system tells of its folder, and by looking.
// Must not know: what the files are, and what a change means.

import { hash } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pause } from '../guard/guard.ts';

export interface WatchingHow {
  /** How often everything is looked at, in milliseconds: not every file system tells of changes. */
  readonly pollMs: number;
  /** How long the content must stay as it is before the change is told, in milliseconds. */
  readonly settleMs: number;
  /** What was seen before the files were read, so that no change in between is missed. */
  readonly since?: Sights;
  /** Asked where files have come to those that are watched: whether what was read of them is what stands there now. */
  asRead?(): Promise<boolean>;
  readonly signal: AbortSignal;
  /** The files have been looked at for the first time. */
  onWatching?(): void;
}

/** A file that is written without a pause is told of after so many looks all the same. */
const MOST_LOOKS = 20;

/**
 * Calls `onChange` whenever the content of one of the files has become another and stays so, also when a file comes or goes. `files` is asked at
 * every look; one that is new in it is no change. What is watched is the folder's entry, not the file: editors and Kubernetes put another
 * file, or another link, in its place. Resolves when the signal says so.
 */
export async function watchFiles(
  files: () => readonly string[],
  onChange: () => unknown,
  { pollMs, settleMs, since = new Map(), asRead, signal, onWatching }: WatchingHow,
): Promise<void> {
  let seen = since;
  let waits = false;
  const folders = new Map<string, FSWatcher | undefined>();
  let woken = Promise.withResolvers<void>();
  try {
    while (!signal.aborted) {
      // Before the look: what happens between the two is told of.
      const named = files();
      watchFolders(named, folders, () => woken.resolve());
      const news = named.filter((path) => !seen.has(path));
      const known = [...seen].filter(([path]) => named.includes(path));
      seen = new Map([...known, ...(await sights(news))]);
      onWatching?.();
      if (news.length > 0 && (await asRead?.()) === false) {
        await onChange();
        continue;
      }
      if (waits) await wokenOr(woken.promise, pollMs, signal);
      waits = true;
      woken = Promise.withResolvers();
      // A folder in which much is written wakes us often.
      await pause(settleMs, signal);
      let found = await sights([...seen.keys()], seen);
      if (differs(seen, found)) {
        for (let looks = 0; looks < MOST_LOOKS && !signal.aborted; looks++) {
          await pause(settleMs, signal);
          const again = await sights([...seen.keys()], found);
          const settled = !differs(found, again);
          found = again;
          if (settled) break;
        }
        seen = found;
        if (!signal.aborted) await onChange();
      } else seen = found;
    }
  } finally {
    for (const watcher of folders.values()) watcher?.close();
  }
}

/** What a file was at a look: `stamp` says cheaply that it has not been touched. */
interface Sight {
  readonly stamp: string;
  readonly digest: string;
}

/** By path. */
export type Sights = ReadonlyMap<string, Sight>;

const ABSENT: Sight = { stamp: '', digest: '' };

export async function sights(files: readonly string[], before: Sights = new Map()): Promise<Sights> {
  const paths = [...new Set(files)];
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await sightOf(path, before.get(path))] as const)),
  );
}

async function sightOf(path: string, before: Sight | undefined): Promise<Sight> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    const stamp = [dev, ino, size, mtimeNs, ctimeNs].join(':');
    if (before?.stamp === stamp) return before;
    return { stamp, digest: hash('sha256', await readFile(path), 'base64') };
  } catch {
    return ABSENT;
  }
}

function differs(before: Sights, after: Sights): boolean {
  return [...after].some(([path, { digest }]) => (before.get(path)?.digest ?? digest) !== digest);
}

async function wokenOr(woken: Promise<void>, pollMs: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const end = (): void => over.abort();
  signal.addEventListener('abort', end, { once: true });
  await Promise.race([pause(pollMs, over.signal), woken]);
  signal.removeEventListener('abort', end);
  end();
}

/** A folder that cannot be watched, or is no more, is only looked at. */
function watchFolders(
  files: Iterable<string>,
  folders: Map<string, FSWatcher | undefined>,
  onEvent: () => void,
): void {
  for (const folder of new Set([...files].map((path) => dirname(path)))) {
    if (folders.has(folder)) continue;
    folders.set(folder, undefined);
    try {
      const watcher = watch(folder, { persistent: false }, onEvent);
      watcher.once('error', () => {
        watcher.close();
        folders.delete(folder);
      });
      folders.set(folder, watcher);
    } catch {
      // The next look is by the clock.
    }
  }
}
