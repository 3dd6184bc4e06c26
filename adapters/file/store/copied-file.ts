// Knows: files of another place that are read as copies: a version is copied to the cache as a whole before anybody reads it, so that a
// program that overwrites the file in place is in nobody's way.
// Must not know: what the other place is, records, queries.

import { Fault, toFault, unlessAborted } from '#spi';
import type { Cache } from '../sftp/cache.ts';
import { isWhole } from '../sftp/draft.ts';
import { cacheFault } from '../sftp/faults.ts';
import { endsOf, type Identity, isSame } from '../sftp/identity.ts';
import type { ByteFile, ByteStore, StoredFile } from './byte-store.ts';
import { oneAtATime } from './looks.ts';

/** Bytes that are copied at once. */
const PIECE = 1_048_576;

export interface CopiesOf {
  readonly store: ByteStore;
  readonly cache: Cache;
  /** Of the cache, for messages. */
  readonly folder: string;
  /** What messages call the place of the files. */
  readonly place: string;
  /** Names the place for good. */
  readonly id: string;
}

export interface CopyingStore extends ByteStore, AsyncDisposable {}

/** While a file cannot be had, its last copy is; then `check` says why. */
export function copyingStore(of: CopiesOf): CopyingStore {
  const { store } = of;
  const files = new Map<string, CopiedFile>();
  return {
    ...store,
    file(path) {
      const known = files.get(path);
      if (known !== undefined) return known;
      const file = copiedFile(of, store.file(path));
      files.set(path, file);
      return file;
    },
    check() {
      store.check?.();
      for (const { fault } of files.values()) if (fault() !== undefined) throw fault();
    },
    async [Symbol.asyncDispose]() {
      for (const file of files.values()) await file[Symbol.asyncDispose]();
    },
  };
}

interface CopiedFile extends StoredFile, AsyncDisposable {
  /** What the last look ended with, where there is an older copy. */
  fault(): Fault | undefined;
}

function copiedFile({ cache, folder, place, id }: CopiesOf, stored: StoredFile): CopiedFile {
  const { path } = stored;
  const copies = cache.of(JSON.stringify([id, path]));
  const closing = new AbortController();
  let fault: Fault | undefined;
  /** The version that was copied last, as its place names it. */
  let copied: string | undefined;

  const copy = async (original: ByteFile, identity: Identity): Promise<void> => {
    const { signal } = closing;
    try {
      await copies.room(identity.size);
      await using draft = await copies.draft();
      while (draft.length() < identity.size) {
        const piece = new Uint8Array(Math.min(PIECE, identity.size - draft.length()));
        // It is refused where the file has become another version.
        await original.read(piece, draft.length(), { signal });
        await draft.append(piece);
      }
      if (!(await isWhole(draft, identity))) throw changed(path);
      await copies.publish(draft, identity);
    } catch (error) {
      throw cacheFault({ host: place, path }, folder, error);
    }
  };

  const look = async (): Promise<void> => {
    const { signal } = closing;
    try {
      signal.throwIfAborted();
      await using original = await stored.open({ signal });
      if (original.version !== copied || copies.newest() === undefined) {
        const identity = await identityOf(original, signal);
        if (!isSame(copies.newest(), identity)) await copy(original, identity);
        copied = original.version;
      }
      fault = undefined;
    } catch (error) {
      fault = toFault(error);
      throw error;
    }
  };
  const looks = oneAtATime(look);

  return {
    path,
    fault: () => (copies.newest() === undefined ? undefined : fault),
    async open({ signal }) {
      signal.throwIfAborted();
      const looked = looks.look().catch((error: unknown) => {
        if (copies.newest() === undefined) throw error;
      });
      await unlessAborted(looked, signal);
      try {
        return await copies.open(path, signal);
      } catch (error) {
        // Somebody else deleted or damaged the copy, so it was dropped.
        if (copies.newest() !== undefined) throw error;
        await unlessAborted(looks.look(), signal);
        return copies.open(path, signal);
      }
    },
    openBefore: (version, { signal }) => copies.openBefore(version, path, signal),
    ...(stored.edit === undefined
      ? {}
      : {
          edit(ask) {
            if (stored.edit === undefined) throw new TypeError('a place that can be written no longer can');
            return stored.edit(ask);
          },
        }),
    async [Symbol.asyncDispose]() {
      closing.abort(new Fault('unavailable', 'The source is being closed', { code: 'closing' }));
      await looks.ended();
    },
  };
}

async function identityOf(file: ByteFile, signal: AbortSignal): Promise<Identity> {
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    const bytes = new Uint8Array(length);
    await file.read(bytes, offset, { signal });
    return bytes;
  };
  const changedAt = Date.parse(file.modifiedAt) / 1_000;
  return { size: file.size, changedAt, ends: await endsOf(file.size, read) };
}

function changed(path: string): Fault {
  return new Fault('unavailable', `"${path}" changed while it was copied`, { code: 'file-changed' });
}
