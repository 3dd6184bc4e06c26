// Knows: where on the server a file is written: beside what its name leads to, and inside of the root.
// Must not know: what is written.

import { randomUUID } from 'node:crypto';
import { posix } from 'node:path';
import type { Stats } from 'ssh2';
import { isMissing, type Remote } from './faults.ts';
import { isDataSet, liesBelow, outside, type RemotePath } from './remote-path.ts';
import type { Session } from './session.ts';
import { modeOf } from './upload.ts';

export interface WritePlace {
  /** The file itself, links followed. */
  readonly target: string;
  /** Names beside it that no pattern matches. */
  readonly part: string;
  readonly aside: string;
  /** Permissions of the file that is there. */
  readonly mode: number | undefined;
}

/** Throws `path-outside-root` for a file or a folder behind a link that leads out. */
export async function writePlace(
  session: Session,
  of: Remote,
  { path, below }: RemotePath,
): Promise<WritePlace> {
  const real = (each: string) =>
    session.request<string>(of, (sftp, answer) => sftp.realpath(each, answer), 'write');
  const stats = await statsOf(session, of, path);
  const target = stats?.isSymbolicLink() === true ? await real(path) : path;
  if (below !== undefined) {
    const [folder, root] = await Promise.all([real(posix.dirname(target)), real(below)]);
    if (folder !== root && !liesBelow(folder, root)) {
      throw outside(
        of.path,
        `"${of.path}" is behind a link that leads out of the source's root folder on ${of.host}`,
      );
    }
  }
  const name = `.overpunch-${randomUUID()}`;
  const beside = (ending: string) => posix.join(posix.dirname(target), `${name}.${ending}`);
  const there = stats?.isSymbolicLink() === true ? await statsOf(session, of, target) : stats;
  return {
    target,
    part: beside('part'),
    aside: beside('old'),
    mode: there === undefined ? undefined : modeOf(there),
  };
}

/** Of the name itself. */
async function statsOf(session: Session, of: Remote, path: string): Promise<Stats | undefined> {
  try {
    const isLink = !isDataSet(path);
    return await session.request<Stats>(of, (sftp, answer) =>
      isLink ? sftp.lstat(path, answer) : sftp.stat(path, answer),
    );
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
