// Knows: how many readers share one opened version of a file, so that a request costs no open and no stat, and a small
// file no read.
// Must not know: where the file is, records, queries.

import type { ByteFile, StoredFile } from './byte-store.ts';

/** How long an opened version is given out before the store is asked again: a new version is seen this late at most. */
const LOOK_MS = 250;
/**
 * A file that changed so recently may change again without its time of change telling (the clock of a file system is
 * coarse): such a version is not shared.
 */
const SETTLED_MS = 2_000;
/** Files up to this size are held in memory, one version of each. */
const HELD_BYTES = 4_194_304;

interface Opened {
  readonly file: ByteFile;
  readonly lookedAt: number;
  /** Readers on it, and one more while it is the current version. The last to leave closes the file. */
  leases: number;
  content?: Promise<Uint8Array>;
}

export interface SharedFile extends StoredFile, AsyncDisposable {}

/** The same file for many readers. Disposing it closes what no reader is still on. */
export function sharedFile(stored: StoredFile, now: () => number = Date.now): SharedFile {
  let current: Opened | undefined;

  const release = async (opened: Opened): Promise<void> => {
    opened.leases--;
    if (opened.leases === 0) await opened.file[Symbol.asyncDispose]();
  };

  /** The current version leaves in the same turn as its successor comes: between the two nobody can take either. */
  const replace = async (next: Opened | undefined): Promise<void> => {
    const old = current;
    current = next;
    if (old !== undefined) await release(old);
  };

  return {
    path: stored.path,
    async open(ask) {
      ask.signal.throwIfAborted();
      if (current !== undefined && now() - current.lookedAt < LOOK_MS) return lease(current, release);
      const lookedAt = now();
      const file = await stored.open(ask).catch(async (error: unknown) => {
        await replace(undefined);
        throw error;
      });
      if (lookedAt - Date.parse(file.modifiedAt) < SETTLED_MS) {
        await replace(undefined);
        return file;
      }
      const opened: Opened = { file, lookedAt, leases: 1 };
      // The same version again: what is known of it is kept.
      if (current?.file.version === file.version && current.content !== undefined)
        opened.content = current.content;
      const leased = lease(opened, release);
      await replace(opened);
      return leased;
    },
    [Symbol.asyncDispose]: () => replace(undefined),
  };
}

function lease(opened: Opened, release: (opened: Opened) => Promise<void>): ByteFile {
  opened.leases++;
  let held = true;
  const { file } = opened;
  return {
    size: file.size,
    version: file.version,
    modifiedAt: file.modifiedAt,
    async read(into, offset, ask) {
      // What does not lie in the file as it was opened is the file's own business to refuse.
      if (file.size > HELD_BYTES || offset + into.length > file.size) return file.read(into, offset, ask);
      ask.signal.throwIfAborted();
      const content = await contentOf(opened);
      into.set(content.subarray(offset, offset + into.length));
    },
    async [Symbol.asyncDispose]() {
      if (held) await release(opened);
      held = false;
    },
  };
}

/** Read once for all readers of the version, so no single reader's leaving may end it. */
function contentOf(opened: Opened): Promise<Uint8Array> {
  if (opened.content === undefined) {
    const bytes = new Uint8Array(opened.file.size);
    const content = opened.file.read(bytes, 0, { signal: new AbortController().signal }).then(() => bytes);
    content.catch(() => {
      delete opened.content;
    });
    opened.content = content;
  }
  return opened.content;
}
