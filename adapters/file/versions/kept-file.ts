// Knows: that versions of a file stay open for a while after another took their place, and how each of them is found again.
// Must not know: where the file is, records, queries, pages.

import { hash } from 'node:crypto';
import type { ByteFile, StoredFile } from '../store/byte-store.ts';
import type { Keepable, Keeper } from './keeper.ts';
import type { SharedFile } from './shared-file.ts';

export interface KeptFile extends StoredFile, AsyncDisposable {}

/** Of a version, for clients: it says nothing of the disk. */
export function nameOf(version: string): string {
  return hash('sha256', version, 'base64url').slice(0, 22);
}

/** One opening of a version; the last to leave closes it. */
interface Hold {
  readonly file: ByteFile;
  uses: number;
}

interface Version extends Keepable {
  readonly text: string;
  readonly name: string;
  /** Its latest opening. */
  hold: Hold;
  /** Its readers, and the place among the versions that can be opened. */
  uses: number;
  readonly gone: Promise<void>;
  readonly leave: () => void;
}

/**
 * The newest version, and those before it that were opened, for as long as the keeper keeps them. A version whose bytes were changed under it
 * is not given out again. Disposing it closes what no reader is still on.
 */
export function keptFile(stored: SharedFile, keeper: Keeper): KeptFile {
  const versions = new Map<string, Version>();
  let newest: Version | undefined;
  let disposed = false;

  const drop = async (version: Version): Promise<void> => {
    if (versions.get(version.name) !== version) return;
    versions.delete(version.name);
    if (newest === version) newest = undefined;
    keeper.forget(version);
    version.leave();
    await release(version.hold);
  };

  const begin = (file: ByteFile, name: string): Version => {
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    const version: Version = {
      text: file.version,
      name,
      bytes: file.size,
      hold: { file, uses: 1 },
      uses: 1,
      gone,
      leave: () => {
        if (--version.uses === 0) resolve();
      },
      drop: () => drop(version),
    };
    versions.set(name, version);
    return version;
  };

  /** What the store has now is the newest. It is held by its latest opening: an earlier one may be slower to read. */
  const noted = async (file: ByteFile): Promise<ByteFile> => {
    const name = newest?.text === file.version ? newest.name : nameOf(file.version);
    const known = versions.get(name);
    const version = known ?? begin(file, name);
    const before = newest;
    newest = version;
    if (before !== version) {
      keeper.forget(version);
      if (before !== undefined) keeper.keep(before);
    }
    const old = version.hold;
    if (known !== undefined) version.hold = { file, uses: 1 };
    const lent = lend(version, version.hold);
    if (known !== undefined) await release(old);
    return lent;
  };

  return {
    path: stored.path,
    known: () => stored.known(),
    async open({ signal, version: name }) {
      signal.throwIfAborted();
      const wanted = name === undefined ? undefined : versions.get(name);
      if (wanted !== undefined) {
        const lent = lend(wanted, wanted.hold);
        if (await isUnchanged(lent, signal)) {
          keeper.touch(wanted);
          return lent;
        }
        await lent[Symbol.asyncDispose]();
        await drop(wanted);
        await stored.forget();
      }
      const file = await stored.open({ signal });
      return disposed ? file : noted(file);
    },
    async [Symbol.asyncDispose]() {
      disposed = true;
      for (const version of [...versions.values()]) await drop(version);
    },
  };
}

/** Nothing was written through the handle: that it cannot be closed is no reader's trouble. */
async function release(hold: Hold): Promise<void> {
  if (--hold.uses > 0) return;
  try {
    await hold.file[Symbol.asyncDispose]();
  } catch {}
}

async function isUnchanged(file: ByteFile, signal: AbortSignal): Promise<boolean> {
  try {
    return (await file.unchanged?.({ signal })) ?? true;
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

function lend(version: Version, hold: Hold): ByteFile {
  hold.uses++;
  version.uses++;
  const { file } = hold;
  const { unchanged } = file;
  const { name, gone } = version;
  let held = true;
  return {
    size: file.size,
    version: file.version,
    modifiedAt: file.modifiedAt,
    read: (into, offset, ask) => file.read(into, offset, ask),
    ...(unchanged === undefined ? {} : { unchanged: (ask) => unchanged.call(file, ask) }),
    ...(file.descriptor === undefined ? {} : { descriptor: file.descriptor }),
    kept: { name, gone, share: () => lend(version, hold) },
    async [Symbol.asyncDispose]() {
      if (!held) return;
      held = false;
      version.leave();
      await release(hold);
    },
  };
}
