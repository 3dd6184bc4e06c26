// Knows: a folder with copies of remote files: which version of each is the newest, who reads it, what may be deleted.
// Must not know: the server, how copies are made.

import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, unlessAborted } from '#spi';
import type { ByteFile } from '../store/byte-store.ts';
import { openFile } from '../store/disk-file.ts';
import { hashOf } from './content-hash.ts';
import { type Draft, draft, PART } from './draft.ts';
import { endsOf, type Identity, identityOf, identityText, type ReadBytes } from './identity.ts';
import { isHeld } from './owner.ts';

export interface Cache {
  /** The copies of a remote file, which `file` names for good. */
  of(file: string): Copies;
}

/** Copies of one remote file. */
export interface Copies {
  /** Identity of the newest version that is there. */
  newest(): Identity | undefined;
  /** The newest version, open, under the path that messages show. Throws `unavailable` where there is none, or it went bad. */
  open(path: string, signal: AbortSignal): Promise<ByteFile>;
  /** The copy before the one of this version, where it is still there and as it was. Throws as `open`. */
  openBefore(version: string, path: string, signal: AbortSignal): Promise<ByteFile | undefined>;
  /** Throws `unavailable` (`cache-full`) where `maxBytes` has no room for so many bytes of a version. */
  room(size: number): Promise<void>;
  /** Throws errors of the operating system. */
  draft(): Promise<Draft>;
  /** From now on the newest. The one before is deleted when it is in the way and nobody reads it. */
  publish(draft: Draft, identity: Identity): Promise<void>;
  /** The file is gone for good, as far as is known: its copy, too, may be deleted when it is in the way. */
  abandon(): void;
}

interface Copy {
  readonly file: string;
  /** Of two versions of a file, the later has the higher. */
  readonly number: number;
  readonly identity: Identity;
  readonly path: string;
  /** SHA-256 of its bytes when it was made. */
  readonly hash: string;
  readers: number;
  /** Are they still the same? Looked at once, before the copy of another process is lent. */
  whole?: Promise<boolean>;
  damaged?: boolean;
}

/** Copies up to this size are looked at as a whole before they are lent, larger ones while they are read. */
const AWAITED_BYTES = 268_435_456;

/** Copies that were not complete when their process ended are deleted, and so is what is damaged. Nothing else in the folder is touched. */
export async function cacheAt(folder: string, maxBytes: number): Promise<Cache> {
  const copies = new Set(await found(folder));
  const newest = new Map<string, Copy>();
  const abandoned = new Set<string>();
  const isNeeded = (copy: Copy): boolean => newest.get(copy.file) === copy && !abandoned.has(copy.file);
  let last = 0;
  for (const copy of copies) {
    last = Math.max(last, copy.number);
    if ((newest.get(copy.file)?.number ?? -1) < copy.number) newest.set(copy.file, copy);
  }

  const drop = async (copy: Copy): Promise<void> => {
    copies.delete(copy);
    if (newest.get(copy.file) === copy) newest.delete(copy.file);
    // On a disk where it cannot be deleted now, the next start finds it.
    await rm(copy.path, { force: true }).catch(() => {});
  };

  const makeRoom = async (wanted = 0): Promise<void> => {
    const old = [...copies]
      .filter((copy) => copy.readers === 0 && !isNeeded(copy))
      .toSorted((a, b) => a.number - b.number);
    for (const copy of old) {
      if (bytesOf(copies) + wanted <= maxBytes) return;
      await drop(copy);
    }
  };

  const lookedAt = (copy: Copy): Promise<boolean> => {
    copy.whole ??= isWhole(copy).then(async (whole) => {
      copy.damaged = !whole;
      if (!whole) await drop(copy);
      return whole;
    });
    // That it could not be read now says nothing of the next time.
    copy.whole.catch(() => delete copy.whole);
    return copy.whole;
  };

  const openCopy = async (copy: Copy, path: string, signal: AbortSignal): Promise<ByteFile> => {
    copy.readers++;
    const leave = async (): Promise<void> => {
      copy.readers--;
      await makeRoom();
    };
    try {
      const whole = lookedAt(copy);
      if (copy.identity.size <= AWAITED_BYTES && !(await unlessAborted(whole, signal))) throw damaged(path);
      const opened = await openFile(path, copy.path, signal);
      if (opened.size === copy.identity.size) return lent(copy, path, opened, leave);
      await opened[Symbol.asyncDispose]();
      throw damaged(path);
    } catch (error) {
      await leave();
      if (isGone(error)) await drop(copy);
      throw error;
    }
  };

  const copiesOf = (key: string): Copies => ({
    newest: () => newest.get(key)?.identity,
    async open(path, signal) {
      const copy = newest.get(key);
      if (copy === undefined)
        throw new Fault('unavailable', `There is no copy of "${path}"`, { code: 'no-copy' });
      abandoned.delete(key);
      return openCopy(copy, path, signal);
    },
    async openBefore(version, path, signal) {
      const own = [...copies].filter((copy) => copy.file === key);
      const after = own.findLast(({ identity }) => identityText(identity) === version)?.number ?? 0;
      const [before] = own.filter(({ number }) => number < after).toSorted((a, b) => b.number - a.number);
      return before === undefined ? undefined : openCopy(before, path, signal);
    },
    async room(size) {
      await makeRoom(size);
      const others = [...newest.values()].filter((copy) => copy.file !== key && isNeeded(copy));
      if (bytesOf(others) + size > maxBytes) {
        throw new Fault('unavailable', `The cache has no room for ${size} more bytes`, {
          code: 'cache-full',
          hint: 'Set "maxBytes" of the cache higher than all files of the source together.',
        });
      }
    },
    draft: () => draft(folder),
    async publish(made, identity) {
      const hash = made.hash();
      const number = ++last;
      const path = join(folder, `${key}.${number}.${identityText(identity)}.${hash}`);
      await made.publish(path);
      const copy: Copy = { file: key, number, identity, path, hash, readers: 0, whole: WHOLE };
      copies.add(copy);
      abandoned.delete(key);
      if ((newest.get(key)?.number ?? -1) < number) newest.set(key, copy);
      await makeRoom();
    },
    abandon: () => void abandoned.add(key),
  });

  await makeRoom();
  return { of: (file) => copiesOf(keyOf(file)) };
}

/** Anything else says nothing of the copy: another attempt may open it. */
function isGone(error: unknown): boolean {
  return error instanceof Fault && (error.code === 'file-missing' || error.code === 'copy-damaged');
}

function bytesOf(copies: Iterable<Copy>): number {
  return Iterator.from(copies).reduce((sum, { identity }) => sum + identity.size, 0);
}

const WHOLE = Promise.resolve(true);

function damaged(path: string): Fault {
  return new Fault('unavailable', `The copy of "${path}" was changed`, { code: 'copy-damaged' });
}

function lent(copy: Copy, path: string, opened: ByteFile, leave: () => Promise<void>): ByteFile {
  const { identity } = copy;
  let held = true;
  return {
    size: identity.size,
    version: identityText(identity),
    modifiedAt: Temporal.Instant.fromEpochMilliseconds(Math.round(identity.changedAt * 1000)).toString(),
    async read(into, offset, ask) {
      await opened.read(into, offset, ask);
      if (copy.damaged === true) throw damaged(path);
    },
    ...(opened.descriptor === undefined ? {} : { descriptor: opened.descriptor }),
    async [Symbol.asyncDispose]() {
      if (!held) return;
      held = false;
      await opened[Symbol.asyncDispose]();
      await leave();
    },
  };
}

/** Names a remote place in the folder of the cache. */
export function keyOf(file: string): string {
  return createHash('sha256').update(file).digest('hex').slice(0, 32);
}

const NAME = /^([0-9a-f]{32})\.(\d{1,15})\.([^.]+)(?:\.([0-9a-f]{64}))?$/;

async function found(folder: string): Promise<readonly Copy[]> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const copies: Copy[] = [];
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const [, file, number, text = '', hash] = NAME.exec(name) ?? [];
      const identity = identityOf(text);
      if (name.endsWith(PART) && !isHeld(name)) await rm(path, { force: true });
      if (file === undefined || number === undefined || identity === undefined) continue;
      if (hash !== undefined && (await isIntact(path, identity)))
        copies.push({ file, number: Number(number), identity, path, hash, readers: 0 });
      else await rm(path, { force: true });
    }
    return copies;
  } catch (error) {
    throw new Fault('unavailable', 'The folder of the cache cannot be used', {
      code: 'cache-unusable',
      misconfigured: true,
      hint: `The gateway has to be able to write to ${folder}.`,
      cause: error,
    });
  }
}

async function isIntact(path: string, { size, ends }: Identity): Promise<boolean> {
  await using file = await openFile(path, path, NEVER);
  return file.size === size && (await endsOf(size, bytesIn(file))) === ends;
}

/** Throws where it cannot be read now. */
async function isWhole({ path, hash, identity }: Copy): Promise<boolean> {
  await using file = await openFile(path, path, NEVER);
  return file.size === identity.size && (await hashOf(file.size, bytesIn(file))) === hash;
}

const NEVER = new AbortController().signal;

function bytesIn(file: ByteFile): ReadBytes {
  return async (offset, length) => {
    const bytes = new Uint8Array(length);
    await file.read(bytes, offset, { signal: NEVER });
    return bytes;
  };
}
