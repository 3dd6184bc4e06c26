// Knows: how many files may be open at once, so that a set of any size can be read: the least used are closed, and opened again
// when they are read again.
// Must not know: which files, and what is in them.

import { Fault } from '#spi';
import type { ByteFile, OpenAsk, StoredFile } from './byte-store.ts';

/** Superseded files that are open at once. */
const SUPERSEDED = 256;

export interface Limits {
  /** Files open at once, beside those that are superseded. */
  readonly handles: number;
  /** Their sizes together, where an open file is held in memory. */
  readonly bytes?: number;
}

export interface Handles extends AsyncDisposable {
  /**
   * Opens the file, which stays readable until it is disposed of. Once it was closed for others, a `read` opens it again, and throws
   * `unavailable` with `file-changed` where it is another version by then.
   */
  open(stored: StoredFile, ask: OpenAsk): Promise<HandledFile>;
}

export interface HandledFile extends ByteFile {
  /** Its name leads to another version or to nothing now: once closed, it cannot be opened again, so it stays open while there is room. */
  supersede(): void;
  /** As of every file; and can it be read at all? */
  unchanged(ask: { readonly signal: AbortSignal }): Promise<boolean>;
}

interface Entry {
  readonly size: number;
  handle: ByteFile | undefined;
  /** Reopening is under way. */
  opening: Promise<ByteFile> | undefined;
  reading: number;
  superseded: boolean;
  disposed: boolean;
}

export function handlesWithin({ handles, bytes = Number.POSITIVE_INFINITY }: Limits): Handles {
  /** Those with a handle, the least recently used first. */
  const open = new Set<Entry>();
  const superseded = new Set<Entry>();
  let held = 0;

  const close = async (entry: Entry): Promise<void> => {
    const { handle } = entry;
    if (handle === undefined || !open.delete(entry)) return;
    entry.handle = undefined;
    superseded.delete(entry);
    held -= entry.size;
    // Nothing was written through the handle: that it cannot be closed is no reader's trouble.
    try {
      await handle[Symbol.asyncDispose]();
    } catch {}
  };
  const keep = (entry: Entry, handle: ByteFile): void => {
    entry.handle = handle;
    open.add(entry);
    held += entry.size;
  };
  const trim = async (): Promise<void> => {
    for (const entry of open) {
      if (open.size - superseded.size <= handles && held <= bytes) break;
      if (entry.reading === 0 && !entry.superseded) await close(entry);
    }
    for (const entry of superseded) {
      if (superseded.size <= SUPERSEDED && held <= bytes) break;
      if (entry.reading === 0) await close(entry);
    }
  };

  const reopen = async (stored: StoredFile, entry: Entry, version: string): Promise<ByteFile> => {
    try {
      // For all that read it meanwhile, so no single reader's leaving may end it.
      const file = await stored.open({ signal: new AbortController().signal });
      if (file.version !== version) {
        await file[Symbol.asyncDispose]();
        throw new Fault('unavailable', `"${stored.path}" was replaced while the set was read`, {
          code: 'file-changed',
        });
      }
      keep(entry, file);
      return file;
    } finally {
      entry.opening = undefined;
    }
  };

  return {
    async open(stored, ask) {
      const first = await stored.open(ask);
      const { size, version, modifiedAt } = first;
      const entry: Entry = {
        size,
        handle: undefined,
        opening: undefined,
        reading: 0,
        superseded: false,
        disposed: false,
      };
      keep(entry, first);
      await trim();
      const take = async (): Promise<ByteFile> => {
        entry.reading++;
        try {
          entry.opening ??= entry.handle === undefined ? reopen(stored, entry, version) : undefined;
          const file = entry.handle ?? (await entry.opening);
          if (file === undefined) throw new TypeError('no handle');
          open.delete(entry);
          open.add(entry);
          if (superseded.delete(entry)) superseded.add(entry);
          return file;
        } catch (error) {
          await leave();
          throw error;
        }
      };
      const leave = async (): Promise<void> => {
        entry.reading--;
        if (entry.disposed && entry.reading === 0) await close(entry);
        else await trim();
      };
      return {
        size,
        version,
        modifiedAt,
        async read(into, offset, how) {
          how.signal.throwIfAborted();
          const file = await take();
          try {
            await file.read(into, offset, how);
          } finally {
            await leave();
          }
        },
        ...(first.descriptor === undefined
          ? {}
          : {
              async descriptor(how) {
                how.signal.throwIfAborted();
                const file = await take();
                const lent = await file.descriptor?.(how);
                if (lent === undefined) throw new TypeError('no descriptor');
                return {
                  fd: lent.fd,
                  confirm: () => lent.confirm(),
                  async [Symbol.asyncDispose]() {
                    await lent[Symbol.asyncDispose]();
                    await leave();
                  },
                };
              },
            }),
        supersede() {
          entry.superseded = true;
          if (entry.handle !== undefined) superseded.add(entry);
        },
        async unchanged(how) {
          const { handle } = entry;
          // One that is opened again is looked at then.
          if (handle === undefined) return !entry.superseded;
          return (await handle.unchanged?.(how)) ?? true;
        },
        async [Symbol.asyncDispose]() {
          entry.disposed = true;
          if (entry.reading === 0) await close(entry);
        },
      };
    },
    async [Symbol.asyncDispose]() {
      for (const entry of [...open]) await close(entry);
    },
  };
}
