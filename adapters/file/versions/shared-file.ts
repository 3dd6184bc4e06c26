// Knows: how many readers share one opened version of a file, so that a request costs no open and no stat, and a small
// file no read.
// Must not know: where the file is, records, queries.

import type { ByteFile, StoredFile } from '../store/byte-store.ts';
import { nameOf } from './kept-file.ts';

/** How long an opened version is given out before the store is asked again: a new version is seen this late at most. */
const LOOK_MS = 250;
/**
 * A file that changed so recently may change again without its time of change telling (the clock of a file system is
 * coarse): such a version is not shared.
 */
const SETTLED_MS = 2_000;
/** Files up to this size are held in memory, one version of each. */
const HELD_BYTES = 4_194_304;

/** The bytes of one version, held by all that opened it; a reading that fails leaves nothing here. */
interface Held {
  bytes?: Promise<Uint8Array>;
}

interface Opened {
  readonly file: ByteFile;
  readonly lookedAt: number;
  readonly held: Held;
  /** Who needs the file: its readers, a reading of its bytes, and itself while it is current. The last to leave closes it. */
  leases: number;
  /** Of a file that was replaced, no bytes are held: it may stay open long, with many others. */
  replaced: boolean;
}

export interface SharedFile extends StoredFile, AsyncDisposable {
  known(): string;
  /** The file was written: whoever opens it from now on gets it from the store. Readers stay on what they have. */
  forget(): Promise<void>;
}

/** The same file for many readers. Disposing it closes what no reader is still on; then nothing is shared any more. */
export function sharedFile(stored: StoredFile, now: () => number = Date.now): SharedFile {
  let current: Opened | undefined;
  let disposed = false;
  /** Of a look at the store that began before a write, nobody knows which version it found. */
  let writes = 0;
  /** The version that was shown last, where somebody says so. */
  let newest: string | undefined;
  /** The version that was opened last, and its name. */
  let last = { version: '', name: '' };
  let unsettled = 0;

  /** The current version leaves in the same turn as its successor comes: between the two nobody can take either. */
  const replace = (next: Opened | undefined): Promise<void> => {
    const old = current;
    current = next;
    if (old !== undefined) {
      old.replaced = true;
      if (old.held !== next?.held) delete old.held.bytes;
    }
    return old === undefined ? Promise.resolve() : release(old);
  };

  const published = stored.onPublished?.((version) => {
    newest = version;
    if (last.version !== version) last = { version: '', name: '' };
    if (current !== undefined && current.file.version !== version) void replace(undefined);
  });

  return {
    path: stored.path,
    known: () => `${writes}.${last.name}`,
    async open(ask) {
      ask.signal.throwIfAborted();
      const lookedAt = now();
      const before = current;
      const begun = writes;
      if (before !== undefined && isFresh(before, lookedAt)) return lease(before);
      const file = await stored.open(ask).catch(async (error: unknown) => {
        // A reader that left says nothing of the file.
        if (current === before && !ask.signal.aborted) await replace(undefined);
        throw error;
      });
      // Whoever looked later and was served sooner has the newer version.
      const overtaken = current !== undefined && current.lookedAt > lookedAt;
      const outdated = newest !== undefined && newest !== file.version;
      if (disposed || overtaken || outdated || begun !== writes) return file;
      if (lookedAt - Date.parse(file.modifiedAt) < SETTLED_MS) {
        // Of equal versions of it, nobody knows whether they are equal.
        last = { version: '', name: `~${++unsettled}` };
        await replace(undefined);
        return file;
      }
      if (last.version !== file.version) last = { version: file.version, name: nameOf(file.version) };
      const held = current?.file.version === file.version ? current.held : {};
      const opened: Opened = { file, lookedAt, held, leases: 1, replaced: false };
      const leased = lease(opened);
      await replace(opened);
      return leased;
    },
    ...(stored.onPublished === undefined
      ? {}
      : { onPublished: (listener) => stored.onPublished?.(listener) ?? { [Symbol.dispose]() {} } }),
    forget() {
      writes++;
      last = { version: '', name: '' };
      return replace(undefined);
    },
    [Symbol.asyncDispose]() {
      disposed = true;
      published?.[Symbol.dispose]();
      return replace(undefined);
    },
  };
}

/** A clock that was set back makes every age negative: then nobody knows how old the version is. */
function isFresh({ lookedAt }: Opened, now: number): boolean {
  return now >= lookedAt && now - lookedAt < LOOK_MS;
}

/** Nothing was written through the handle: that it cannot be closed is no reader's trouble. */
async function release(opened: Opened): Promise<void> {
  opened.leases--;
  if (opened.leases > 0) return;
  try {
    await opened.file[Symbol.asyncDispose]();
  } catch {}
}

function lease(opened: Opened): ByteFile {
  opened.leases++;
  let held = true;
  const { file } = opened;
  const { unchanged } = file;
  return {
    size: file.size,
    version: file.version,
    modifiedAt: file.modifiedAt,
    async read(into, offset, ask) {
      // What does not lie in the file as it was opened is the file's own business to refuse.
      const here = opened.held.bytes !== undefined || !opened.replaced;
      if (!here || file.size > HELD_BYTES || offset + into.length > file.size) {
        return file.read(into, offset, ask);
      }
      ask.signal.throwIfAborted();
      const content = await contentOf(opened);
      ask.signal.throwIfAborted();
      into.set(content.subarray(offset, offset + into.length));
    },
    ...(file.descriptor === undefined ? {} : { descriptor: file.descriptor }),
    ...(unchanged === undefined ? {} : { unchanged: (ask) => unchanged.call(file, ask) }),
    async [Symbol.asyncDispose]() {
      if (!held) return;
      held = false;
      await release(opened);
    },
  };
}

/** Read once for all readers of the version, so no single reader's leaving may end it. */
function contentOf(opened: Opened): Promise<Uint8Array> {
  const { held } = opened;
  held.bytes ??= readWhole(opened);
  return held.bytes;
}

async function readWhole(opened: Opened): Promise<Uint8Array> {
  const { file, held } = opened;
  const bytes = new Uint8Array(file.size);
  opened.leases++;
  try {
    await file.read(bytes, 0, { signal: new AbortController().signal });
    return bytes;
  } catch (error) {
    delete held.bytes;
    throw error;
  } finally {
    await release(opened);
  }
}
