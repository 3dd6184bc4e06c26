// Knows: the folder in which a source keeps the indexes of its files: their names, which of them are in use, which may be deleted.
// Must not know: what an index is made of, and how it is built.

import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Host } from '#spi';
import type { CacheOptions } from '../options/cache-options.ts';
import {
  type About,
  DamagedPages,
  openPageFile,
  type Pages,
  type PageWriter,
  pageFileWriter,
} from './page-file.ts';

/** What an index is of. Only one whose name and facts are the same is used. */
export interface IndexName {
  /** Names a file of the source for good. */
  readonly file: string;
  readonly version: string;
  /** Everything that decides what stands in the index. */
  readonly definition: string;
}

export interface IndexFolder {
  /** Undefined where there is none; one that is damaged is deleted. */
  open(name: IndexName): Promise<Pages | undefined>;
  /** Errors are those of the operating system, or `NoRoom`. */
  draft(): Promise<IndexDraft>;
}

/** An index that is being written, or what is written on the way there. What is not kept is gone with its handle. */
export interface IndexDraft extends PageWriter {
  /** After `finish`: under its name, for the next start. The indexes of other versions go as soon as nobody uses them. */
  keep(name: IndexName): Promise<void>;
}

/** The folder of the source would hold more bytes than it may. */
export class NoRoom extends Error {}

const PART = '.part';
/** Other processes' drafts are leftovers: the folder belongs to one gateway. A reloaded source may share it with the one before. */
const OURS = randomUUID();
const NAME = /^([0-9a-f]{32})\.([0-9a-f]{32})\.([0-9a-f]{32})\.index$/;

/** In the folder of the source; nothing is made of it before there is something to keep. */
export function indexFolderOf(
  { folder, maxBytes }: Pick<CacheOptions, 'folder' | 'maxBytes'>,
  { source, path }: Pick<Host, 'source' | 'path'>,
): IndexFolder {
  return indexFolder({ home: join(resolve(path(folder)), encodeURIComponent(source)), maxBytes });
}

export interface IndexFolderAt {
  /** Of the source: what else it holds counts, too. */
  readonly home: string;
  readonly maxBytes: number;
}

export function indexFolder({ home, maxBytes }: IndexFolderAt): IndexFolder {
  const folder = join(home, 'indexes');
  /** Names of files → how many have them open. */
  const uses = new Map<string, number>();
  /** File → the version whose index was made last. */
  const newest = new Map<string, string>();
  let ready: Promise<void> | undefined;

  /** Makes the folder, which a source that has nothing to keep does not need. */
  const prepare = (): Promise<void> => {
    ready ??= mkdir(folder, { recursive: true, mode: 0o700 })
      .then(() => readdir(folder))
      .then(async (names) => {
        const left = names.filter((name) => name.endsWith(PART) && !name.startsWith(OURS));
        for (const name of left) await rm(join(folder, name), { force: true });
      });
    ready.catch(() => {
      ready = undefined;
    });
    return ready;
  };
  const isUsed = (name: string): boolean => (uses.get(name) ?? 0) > 0;
  const use = (name: string): void => {
    uses.set(name, (uses.get(name) ?? 0) + 1);
  };
  const leave = async (name: string): Promise<void> => {
    const left = (uses.get(name) ?? 1) - 1;
    if (left > 0) {
      uses.set(name, left);
      return;
    }
    uses.delete(name);
    const [, file = '', version] = NAME.exec(name) ?? [];
    const now = newest.get(file);
    if (now !== undefined && now !== version) await remove(name);
  };
  // On a disk where it cannot be deleted now, a later look finds it.
  const remove = (name: string): Promise<void> => rm(join(folder, name), { force: true }).catch(() => {});
  const names = async (): Promise<readonly string[]> =>
    (await readdir(folder)).filter((name) => NAME.test(name));

  /** Bytes that are left, when the oldest of the indexes that nobody uses have gone as far as that is needed for `wanted`. */
  const makeRoom = async (wanted: number): Promise<number> => {
    const found = await Promise.all((await names()).map((name) => entryOf(folder, name)));
    let held = (await bytesIn(home)) + (await bytesIn(folder));
    const idle = found.filter((entry) => entry !== undefined && !isUsed(entry.name));
    for (const entry of idle.toSorted((a, b) => (a?.usedAt ?? 0) - (b?.usedAt ?? 0))) {
      if (entry === undefined || held + wanted <= maxBytes) break;
      await remove(entry.name);
      held -= entry.size;
    }
    return maxBytes - held;
  };

  return {
    async open(wanted) {
      const name = nameOf(wanted);
      const path = join(folder, name);
      let handle: FileHandle | undefined;
      try {
        handle = await open(path, 'r');
        const pages = await openPageFile(handle);
        if (!isOf(pages.about, wanted)) throw new DamagedPages('of something else');
        use(name);
        const now = new Date();
        // By this the least recently used is known.
        await utimes(path, now, now).catch(() => {});
        return leased(pages, () => leave(name));
      } catch (error) {
        await handle?.close();
        if (error instanceof DamagedPages || error instanceof SyntaxError) await remove(name);
        return undefined;
      }
    },
    async draft() {
      await prepare();
      let room = await makeRoom(0);
      const part = join(folder, `${OURS}-${randomUUID()}${PART}`);
      const handle = await open(part, 'wx+', 0o600);
      const writer = await pageFileWriter(handle);
      let kept: string | undefined;
      let settled = false;
      const forget = async (): Promise<void> => {
        if (settled) return;
        settled = true;
        await rm(part, { force: true });
      };
      return {
        async append(page) {
          room -= page.length;
          if (room < 0) {
            // More may have become idle, and this draft counts among what is there.
            room = await makeRoom(page.length + FOOT_BYTES);
            if (room < page.length) throw new NoRoom();
          }
          await writer.append(page);
        },
        async finish(about) {
          const pages = await writer.finish(about);
          return leased(pages, async () => {
            await forget();
            if (kept !== undefined) await leave(kept);
          });
        },
        async keep(wanted) {
          const name = nameOf(wanted);
          await handle.sync();
          await rename(part, join(folder, name));
          settled = true;
          kept = name;
          use(name);
          await syncFolder(folder);
          const [, file = '', version = ''] = NAME.exec(name) ?? [];
          newest.set(file, version);
          for (const other of await names()) {
            const [, otherFile, otherVersion] = NAME.exec(other) ?? [];
            if (otherFile === file && otherVersion !== version && !isUsed(other)) await remove(other);
          }
        },
        async [Symbol.asyncDispose]() {
          await writer[Symbol.asyncDispose]();
          await forget();
        },
      };
    },
  };
}

/**
 * A file that changed so recently may change again without its time of change telling (the clock of a file system is coarse): an index of
 * such a version is not kept for the next start.
 */
const SETTLED_MS = 2_000;

export function isSettled({ modifiedAt }: { readonly modifiedAt: string }): boolean {
  return Date.now() - Date.parse(modifiedAt) >= SETTLED_MS;
}

/** What a foot takes at most beside the pages, roughly. */
const FOOT_BYTES = 1_048_576;

/** Another release may read the same bytes in another way. */
const RELEASE = releaseOf(new URL('../../../package.json', import.meta.url));

function releaseOf(url: URL): string {
  try {
    const { version }: { version: string } = JSON.parse(readFileSync(url, 'utf8'));
    return version;
  } catch {
    return '';
  }
}

/** The facts of an index begin with what it is of: a hash could be met by chance, or a file be renamed by hand. */
export function factsOf({ file, version, definition }: IndexName): object {
  return { release: RELEASE, file, version, definition };
}

function isOf({ facts }: About, { file, version, definition }: IndexName): boolean {
  return (
    typeof facts === 'object' &&
    facts !== null &&
    'release' in facts &&
    facts.release === RELEASE &&
    'file' in facts &&
    facts.file === file &&
    'version' in facts &&
    facts.version === version &&
    'definition' in facts &&
    facts.definition === definition
  );
}

function nameOf({ file, version, definition }: IndexName): string {
  return `${[file, version, definition].map(hashOf).join('.')}.index`;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function leased(pages: Pages, leave: () => Promise<void>): Pages {
  let held = true;
  return {
    length: pages.length,
    about: pages.about,
    bytes: pages.bytes,
    read: pages.read,
    async [Symbol.asyncDispose]() {
      if (!held) return;
      held = false;
      await pages[Symbol.asyncDispose]();
      await leave();
    },
  };
}

async function entryOf(folder: string, name: string) {
  try {
    const { size, mtimeMs } = await stat(join(folder, name));
    return { name, size, usedAt: mtimeMs };
  } catch {
    return undefined;
  }
}

/** Of the files that lie directly in it. */
async function bytesIn(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const found = await stat(join(folder, entry.name)).catch(() => undefined);
    sum += found?.size ?? 0;
  }
  return sum;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
