// Knows: how a file is taken for writing, and the two ways in which it can be changed then.
// Must not know: records.

import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { ByteFile, FileEdit } from '../store/byte-store.ts';
import { diskFault, systemCodeOf } from '../store/disk-fault.ts';
import { versionOf } from '../store/disk-file.ts';
import { type PatchPlan, planOf } from './images.ts';
import type { Machine } from './machine.ts';
import { openVersion } from './open-version.ts';
import { changed, type Original } from './original.ts';
import { type PatchingOf, patchInPlace } from './patching.ts';
import { recoverTaken } from './recovery.ts';
import { replaceWhole } from './replacing.ts';
import { takeFile } from './taken.ts';

/**
 * Bytes that a patch overwrites in place, all of its parts together: they are kept in memory for the readers of the version before, and
 * written twice. What overwrites more is quicker, and kinder to readers, by writing the file anew.
 */
const IN_PLACE_BYTES = 4_194_304;
const COPIED_BYTES = 1_048_576;

export interface EditOf {
  /** What messages show. */
  readonly path: string;
  readonly machine: Machine;
  /** The one path of the file, as links lead now. Throws Faults and errors of the operating system. */
  locate(): Promise<string>;
}

export async function beginEdit(
  { path, machine, locate }: EditOf,
  { signal }: { readonly signal: AbortSignal },
): Promise<FileEdit> {
  signal.throwIfAborted();
  try {
    for (;;) {
      const file = await locate();
      await using taken = await takeFile({ machine, path, file, signal });
      // Links may lead elsewhere since.
      if ((await locate()) !== file) continue;
      await recoverTaken({ machine, path, file });
      const original = await originalOf({ machine, path, file, ending: taken }, signal);
      return editOf({ machine, path, file, ending: taken.move() }, original);
    }
  } catch (error) {
    throw diskFault(path, error, 'write');
  }
}

interface EditAt {
  readonly machine: Machine;
  readonly path: string;
  readonly file: string;
  readonly ending: AsyncDisposableStack;
}

interface Opened extends Original {
  readonly version: ByteFile;
}

/** Nothing where there is no file. */
async function originalOf(at: EditAt, signal: AbortSignal): Promise<Opened | undefined> {
  const { machine, path, file, ending } = at;
  let handle: FileHandle;
  try {
    handle = await machine.calls.open(file, constants.O_RDWR | constants.O_NONBLOCK);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  ending.defer(() => handle.close());
  const version = await openVersion({ machine, path, file, signal });
  if (version === undefined) throw changed(path);
  ending.use(version);
  const stats = await handle.stat({ bigint: true });
  if (versionOf(stats) !== version.version) throw changed(path);
  const about = { size: version.size, version: version.version, modifiedAt: version.modifiedAt };
  return { handle, stats, about, version };
}

function editOf({ machine, path, file, ending }: EditAt, original: Opened | undefined): FileEdit {
  let made = false;
  /** The one change of the edit. Until it is over, the file is not given up. */
  const change = async (make: (atEnd: PatchingOf['atEnd']) => Promise<string>): Promise<string> => {
    if (made || ending.disposed) throw new TypeError('an edit makes one change');
    made = true;
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const acts: (() => void)[] = [];
    ending.defer(() => {
      for (const act of acts) act();
    });
    ending.defer(() => over);
    try {
      return await make((act) => acts.push(act));
    } catch (error) {
      throw diskFault(path, error, 'write');
    } finally {
      end();
    }
  };
  const replace: FileEdit['replace'] = (content, ask) =>
    change(() => replaceWhole({ machine, path, file, original }, content, ask));
  const ended = { [Symbol.asyncDispose]: () => ending.disposeAsync() };
  if (original === undefined) return { replace, ...ended };
  const { version, stats } = original;
  // Bytes that change in place change under all names of the file, and only one of them is known here.
  if (stats.nlink !== 1n) return { file: version, replace, ...ended };
  return {
    file: version,
    replace,
    patch: (patches, ask) =>
      change(async (atEnd) => {
        const plan = planOf(patches, version.size);
        ask.signal.throwIfAborted();
        if (plan.patches.length === 0) return version.version;
        if (plan.overwritten <= IN_PLACE_BYTES)
          return patchInPlace({ machine, path, file, original, atEnd }, plan, ask);
        return replaceWhole({ machine, path, file, original }, patchedCopy(version, plan, ask), ask);
      }),
    ...ended,
  };
}

/** The whole file as patches make it. */
async function* patchedCopy(
  version: ByteFile,
  { patches, newSize }: PatchPlan,
  ask: { readonly signal: AbortSignal },
): AsyncIterable<Uint8Array> {
  let at = 0;
  const upTo = async function* (end: number): AsyncIterable<Uint8Array> {
    while (at < end) {
      const bytes = new Uint8Array(Math.min(COPIED_BYTES, end - at));
      await version.read(bytes, at, ask);
      yield bytes;
      at += bytes.length;
    }
  };
  for (const { offset, bytes } of patches) {
    yield* upTo(offset);
    yield bytes;
    at = offset + bytes.length;
  }
  yield* upTo(newSize);
}
