// Knows: how what was uploaded takes the name of the file, as a whole: by OpenSSH's rename, which replaces, or by the rename of SFTP,
// which does not, so that the old file makes way first; and how what was broken off in between is put in order.
// Must not know: what is in the files, when this is done.

import type { Stats } from 'ssh2';
import { Fault } from '#spi';
import type { Begun } from './begun.ts';
import { alreadyThere, isMissing, isNotOffered, noRename, type Remote } from './faults.ts';
import { type Identity, isSame } from './identity.ts';
import { openRemote } from './remote-file.ts';
import type { Session } from './session.ts';
import { extension } from './upload.ts';

/** Throws `file-exists` where there is a file by now; `no-rename`, `file-unwritable`, `write-error`. */
export async function nameAnew(session: Session, of: Remote, { part, target }: Begun): Promise<void> {
  try {
    await rename(session, of, part, target);
  } catch (error) {
    if (isNotOffered(error)) throw noRename(of);
    if (error instanceof Fault && error.code === 'write-error' && (await isThere(session, of, target))) {
      throw alreadyThere(of);
    }
    throw error;
  }
}

/** Throws `no-rename`, `file-unwritable`, `write-error`; then the old file has its name, unless the connection was lost. */
export async function nameOver(session: Session, of: Remote, begun: Begun): Promise<void> {
  const { part, target, aside } = begun;
  try {
    await session.request<void>(
      of,
      (sftp, answer) =>
        extension(() => sftp.ext_openssh_rename(part, target, (error) => answer(error, undefined))),
      'write',
    );
    return;
  } catch (error) {
    if (!isNotOffered(error)) throw error;
  }
  await rename(session, of, target, aside).catch((error: unknown) => {
    throw isNotOffered(error) ? noRename(of) : error;
  });
  try {
    await rename(session, of, part, target);
  } catch (error) {
    if (!session.gone.aborted) await rename(session, of, aside, target);
    throw error;
  }
}

/**
 * After a write that may have been broken off anywhere: a file that made way for nothing comes back, and what is left over is deleted.
 * Does nothing where nothing is left.
 */
export async function tidy(session: Session, of: Remote, { part, target, aside }: Begun): Promise<void> {
  await comeBack(session, of, { target, aside });
  await remove(session, of, aside);
  await remove(session, of, part);
}

/** The file that made way has its name again, where nothing else has it. */
export async function comeBack(
  session: Session,
  of: Remote,
  { target, aside }: Pick<Begun, 'target' | 'aside'>,
): Promise<void> {
  if (!(await isThere(session, of, aside)) || (await isThere(session, of, target))) return;
  await rename(session, of, aside, target);
}

/** What has the name now; undefined: nothing. */
export async function identityAt(session: Session, of: Remote, path: string): Promise<Identity | undefined> {
  try {
    await using there = await openRemote(session, of, { path });
    return there.identity;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Both missing, or both the same version. */
export function isSameState(a: Identity | undefined, b: Identity | undefined): boolean {
  return b === undefined ? a === undefined : isSame(a, b);
}

async function rename(session: Session, of: Remote, from: string, to: string): Promise<void> {
  await session.request<void>(
    of,
    (sftp, answer) => sftp.rename(from, to, (error) => answer(error, undefined)),
    'write',
  );
}

async function isThere(session: Session, of: Remote, path: string): Promise<boolean> {
  try {
    await session.request<Stats>(of, (sftp, answer) => sftp.lstat(path, answer));
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function remove(session: Session, of: Remote, path: string): Promise<void> {
  if (!(await isThere(session, of, path))) return;
  await session.request<void>(
    of,
    (sftp, answer) => sftp.unlink(path, (error) => answer(error, undefined)),
    'write',
  );
}
