// Knows: how bytes of a file are overwritten in place as a whole or not at all: the bytes that go are written to a journal first, which
// is deleted when the new ones are on the disk. As long as the journal is there, the change counts as not made.
// Must not know: which bytes, and why.

import { outcomeUnknown } from '../store/disk-fault.ts';
import { versionNow, versionOf } from '../store/disk-file.ts';
import { type Beside, besideOf } from './beside.ts';
import { changeOf, type PatchPlan } from './images.ts';
import { type Change, encodeJournal, type Journal } from './journal.ts';
import type { Machine } from './machine.ts';
import { identityOf } from './open-version.ts';
import { changed, confirm, lookAt, type Original } from './original.ts';
import { journalIdentity, undo } from './recovery.ts';
import { moveOn, readUpTo, removeIfThere, syncFolder, writeAll } from './written.ts';

export interface PatchingOf {
  readonly machine: Machine;
  readonly path: string;
  readonly file: string;
  readonly original: Original;
  /** Does it when the edit ends, before the file is given up. */
  atEnd(act: () => void): void;
}

/** Returns the version that the file has become. Throws Faults and errors of the operating system; then it is what it was. */
export async function patchInPlace(
  { machine, path, file, original, atEnd }: PatchingOf,
  { patches, newSize }: PatchPlan,
  { signal }: { readonly signal: AbortSignal },
): Promise<string> {
  const { calls, live } = machine;
  const { handle, stats, about } = original;
  const beside = besideOf(file);
  const changes: Change[] = [];
  for (const patch of patches) {
    const overwritten = patch.offset < about.size ? patch.bytes.length : 0;
    const before = await readUpTo(handle, overwritten, patch.offset);
    if (before.length < overwritten) throw changed(path);
    changes.push(changeOf(patch, before));
  }
  const identity = journalIdentity(stats, await calls.lstat(beside.folder, { bigint: true }));
  signal.throwIfAborted();
  const journal: Journal = { identity, size: about.size, newSize, changes };
  const images = changes.map(({ offset, before }) => ({ offset, bytes: before }));
  // From here on readers of this process are served the version before, by these images.
  const patching = live.patch(identityOf(stats), about, images);
  atEnd(() => patching.done(versionNow(handle)));
  const done = async (): Promise<void> => {
    const version = await handle.stat({ bigint: true }).then(versionOf, () => undefined);
    patching.done(version);
  };

  try {
    await writeJournal(machine, beside, journal, Number(stats.mode & 0o666n));
    signal.throwIfAborted();
    await confirm(calls, path, file, about.version);
  } catch (error) {
    // Nothing was written yet: a journal that stays is found to have nothing to undo, by who comes when the edit has ended.
    await removeIfThere(calls, beside.journal).then(done, () => {});
    throw error;
  }

  let version: string;
  try {
    for (const { offset, bytes } of patches) await writeAll(handle, bytes, offset);
    version = versionOf(await moveOn(handle, stats, () => touch(original, patches[0])));
    await handle.sync();
    if ((await lookAt(calls, file))?.ino !== stats.ino) throw changed(path);
    await removeIfThere(calls, beside.journal);
  } catch (error) {
    try {
      await undo(handle, journal);
      await removeIfThere(calls, beside.journal);
      await syncFolder(calls, beside.folder);
    } catch (worse) {
      // Readers have the images until the edit ends; who comes later undoes it first.
      throw outcomeUnknown(
        path,
        'It could not be undone. It will be when the file is opened again, as soon as the disk allows it.',
        new AggregateError([error, worse]),
      );
    }
    await done();
    throw error;
  }

  try {
    await syncFolder(calls, beside.folder);
  } catch (error) {
    throw outcomeUnknown(path, 'It was written, but a power failure could undo it.', error);
  } finally {
    patching.done(version);
  }
  return version;
}

async function writeJournal(
  { calls }: Machine,
  beside: Beside,
  journal: Journal,
  mode: number,
): Promise<void> {
  const handle = await calls.open(beside.journal, 'wx', mode);
  try {
    await writeAll(handle, encodeJournal(journal), 0);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncFolder(calls, beside.folder);
}

/** Writes a byte that is there already. */
async function touch({ handle }: Original, patch: PatchPlan['patches'][number] | undefined): Promise<void> {
  if (patch !== undefined) await writeAll(handle, patch.bytes.subarray(0, 1), patch.offset);
}
