// Knows: what is done about a change that was cut, by a process that was killed or a machine that stopped: it is undone. That can be
// cut, too, and is begun again then.
// Must not know: readers, and who makes changes.

import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Fault } from '#spi';
import { systemCodeOf } from '../store/disk-fault.ts';
import { besideOf } from './beside.ts';
import { isOurs } from './images.ts';
import { decodeJournal, type Identity, type Journal } from './journal.ts';
import { isThere } from './open-version.ts';
import { type Taking, takeFile } from './taken.ts';
import { moveOn, readUpTo, removeIfThere, syncFolder, writeAll } from './written.ts';

/** Takes the file and undoes what was cut. Throws `unavailable`: `file-locked`, `file-unrecovered`, `journal-unknown`. */
export async function recover(taking: Taking): Promise<void> {
  try {
    await using _taken = await takeFile(taking);
    await recoverTaken(taking);
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error;
    throw new Fault('unavailable', `A change of "${taking.path}" was cut, and it cannot be undone`, {
      code: 'file-unrecovered',
      hint: 'The gateway has to be able to write the file and its folder, to make the file what it was before.',
      cause: error,
    });
  }
}

/** The caller has the file. Throws `journal-unknown`, and errors of the operating system. */
export async function recoverTaken(taking: Omit<Taking, 'signal'>): Promise<void> {
  const { machine, file } = taking;
  const { calls } = machine;
  const { journal, part, folder } = besideOf(file);
  const bytes = await calls.readFile(journal).catch(nothingIfMissing);
  if (bytes !== undefined) {
    const cut = decodeJournal(bytes);
    if (cut !== undefined) await undoCut(taking, cut);
    await removeIfThere(calls, journal);
    await syncFolder(calls, folder);
  }
  await removeIfThere(calls, part);
}

/**
 * What a process that was killed has left beside a file is deleted, unless somebody has the file. That it cannot be is no reader's
 * trouble.
 */
export async function tidy(taking: Taking): Promise<void> {
  const { machine, file } = taking;
  const { part, lock } = besideOf(file);
  try {
    if (machine.turns.isTaken(file) || !((await isThere(part)) || (await isThere(lock)))) return;
    await using _taken = await takeFile({ ...taking, waitMs: 0 });
    await recoverTaken(taking);
  } catch {}
}

/**
 * Which file a journal is about. Where the system does not tell when a file was born, Node gives the instant of its last change instead:
 * the folder shows which it is, as it is older than the lock that was just made in it.
 */
export function journalIdentity({ ino, birthtimeNs }: BigIntStats, folder: BigIntStats): Identity {
  return { ino, birth: folder.birthtimeNs === folder.ctimeNs ? 0n : birthtimeNs };
}

/** Makes the file what it was; begun again, it does the same again. Throws errors of the operating system. */
export async function undo(handle: FileHandle, { changes, size }: Journal): Promise<void> {
  const past = await handle.stat({ bigint: true });
  for (const { offset, before } of changes) await writeAll(handle, before, offset);
  if (past.size > BigInt(size)) await handle.truncate(size);
  await moveOn(handle, past, async () => {
    const first = changes.find(({ before }) => before.length > 0);
    if (first === undefined) await handle.truncate(size);
    else await writeAll(handle, first.before.subarray(0, 1), first.offset);
  });
  await handle.sync();
}

async function undoCut({ machine, path, file }: Omit<Taking, 'signal'>, cut: Journal): Promise<void> {
  const { calls } = machine;
  const found = await calls.lstat(file, { bigint: true }).catch(nothingIfMissing);
  if (found === undefined || !found.isFile() || !isSame(found, cut.identity)) {
    machine.warn(`A change of "${path}" was cut. The file was replaced since, so that nothing is undone.`);
    return;
  }
  const handle = await calls.open(file, 'r+');
  try {
    switch (await stateOf(handle, cut)) {
      case 'untouched':
        return;
      case 'foreign':
        machine.warn(
          `A change of "${path}" was cut. Another program has written to the file since, so that nothing is undone: look at the file.`,
        );
        return;
      case 'cut':
        await undo(handle, cut);
    }
  } finally {
    await handle.close();
  }
}

function isSame(stats: BigIntStats, { ino, birth }: Identity): boolean {
  return stats.ino === ino && (birth === 0n || stats.birthtimeNs === birth);
}

/** Was the file changed at all, and by nobody else? */
async function stateOf(handle: FileHandle, cut: Journal): Promise<'untouched' | 'cut' | 'foreign'> {
  const size = Number((await handle.stat({ bigint: true })).size);
  if (size < cut.size || size > cut.newSize) return 'foreign';
  let touched = size !== cut.size;
  for (const change of cut.changes) {
    const now = await readUpTo(handle, change.after?.length ?? change.before.length, change.offset);
    if (!isOurs(change, now)) return 'foreign';
    touched ||= change.before.some((byte, i) => byte !== now[i]);
  }
  return touched ? 'cut' : 'untouched';
}

function nothingIfMissing(error: unknown): undefined {
  if (systemCodeOf(error) === 'ENOENT') return undefined;
  throw error;
}
