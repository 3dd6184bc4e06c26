// Knows: how many files may be open at once, so that a set of any size can be read: the least used are closed, and opened again
// when they are read again.
// Must not know: which files, and what is in them.

import { Fault } from '#spi';
import type { ByteFile, OpenAsk, StoredFile } from './byte-store.ts';

export interface Limits {
  /** Files open at once. */
  readonly handles: number;
  /** Their sizes together, where an open file is held in memory. */
  readonly bytes?: number;
}

export interface Handles extends AsyncDisposable {
  /**
   * Opens the file, which stays readable until it is disposed of. Once it was closed for others, a `read` opens it again, and throws
   * `unavailable` with `file-changed` where it is another version by then.
   */
  open(stored: StoredFile, ask: OpenAsk): Promise<ByteFile>;
}

interface Entry {
  readonly size: number;
  handle: ByteFile | undefined;
  /** Reopening is under way. */
  opening: Promise<ByteFile> | undefined;
  reading: number;
  disposed: boolean;
}

export function handlesWithin({ handles, bytes = Number.POSITIVE_INFINITY }: Limits): Handles {
  /** Those with a handle, the least recently used first. */
  const open = new Set<Entry>();
  let held = 0;

  const close = async (entry: Entry): Promise<void> => {
    const { handle } = entry;
    if (handle === undefined || !open.delete(entry)) return;
    entry.handle = undefined;
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
      if (open.size <= handles && held <= bytes) return;
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
      const entry: Entry = { size, handle: undefined, opening: undefined, reading: 0, disposed: false };
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
