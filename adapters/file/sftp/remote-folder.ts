// Knows: what lies in a folder on the server, and what its links lead to.
// Must not know: when to look, what is done with it.

import { posix } from 'node:path';
import type { FileEntryWithStats, Stats } from 'ssh2';
import { Fault } from '#spi';
import type { Entry } from '../store/byte-store.ts';
import { isMissing, type Remote } from './faults.ts';
import { liesBelow, outside, type RemotePath } from './remote-path.ts';
import type { Session } from './session.ts';
import type { Stamp } from './settled.ts';

/** One name in a folder; of a file also size and time of change, where the server tells them. */
export interface Listed extends Entry {
  readonly stamp?: Stamp;
}

/** Questions about single names that are under way at once. */
const AHEAD = 16;

/** Throws `unavailable`: `file-missing`, `file-unreadable`, `read-error`; `path-outside-root` for a folder that a link leads out of the root. */
export async function listRemote(
  session: Session,
  of: Remote,
  { path, below }: RemotePath,
): Promise<readonly Listed[]> {
  const real = (each: string) => session.request<string>(of, (sftp, answer) => sftp.realpath(each, answer));
  const bound = below ?? path;
  if (below !== undefined && below !== path) {
    const [folder, root] = await Promise.all([real(path), real(below)]);
    if (!liesBelow(folder, root)) throw outside(of.path, `"${of.path}" is a link that leads out of the root`);
  }
  const entries = await entriesOf(session, of, path);
  let root: Promise<string> | undefined;
  const listed: Listed[] = [];
  for (let i = 0; i < entries.length; i += AHEAD) {
    const some = entries.slice(i, i + AHEAD).map(async ({ filename: name, attrs }): Promise<Listed> => {
      if (kindOf(attrs) !== undefined && !attrs.isSymbolicLink()) return described(name, attrs);
      root ??= real(bound);
      return linked(session, { host: of.host, path: name }, posix.join(path, name), await root);
    });
    listed.push(...(await Promise.all(some)));
  }
  return listed;
}

async function entriesOf(session: Session, of: Remote, path: string): Promise<readonly FileEntryWithStats[]> {
  const handle = await session.request<Buffer>(of, (sftp, answer) => sftp.opendir(path, answer));
  try {
    const entries: FileEntryWithStats[] = [];
    for (;;) {
      const some = await session.request<readonly FileEntryWithStats[] | undefined>(of, (sftp, answer) =>
        sftp.readdir(handle, (error, list) => (isEnd(error) ? answer(null, undefined) : answer(error, list))),
      );
      if (some === undefined) return entries;
      entries.push(...some.filter(({ filename }) => filename !== '.' && filename !== '..'));
    }
  } finally {
    await session
      .request<void>(of, (sftp, answer) => sftp.close(handle, (error) => answer(error, undefined)))
      .catch(() => {});
  }
}

/** SSH_FX_EOF: draft-ietf-secsh-filexfer-02, section 6.7. */
function isEnd(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 1;
}

/** A link, or what the server says nothing of. */
async function linked(session: Session, of: Remote, path: string, root: string): Promise<Listed> {
  try {
    const [target, stats] = await Promise.all([
      session.request<string>(of, (sftp, answer) => sftp.realpath(path, answer)),
      session.request<Stats>(of, (sftp, answer) => sftp.stat(path, answer)),
    ]);
    if (!liesBelow(target, root)) return { name: of.path, kind: 'outside' };
    return described(of.path, stats);
  } catch (error) {
    if (session.gone.aborted || !(error instanceof Fault)) throw error;
    // A link into nothing, one in a circle, or what was deleted meanwhile.
    if (isMissing(error) || error.code === 'read-error') return { name: of.path, kind: 'other' };
    // It leads to where the login may not look.
    if (error.code === 'file-unreadable') return { name: of.path, kind: 'other' };
    throw error;
  }
}

/** Servers that say nothing of the kind are believed to have a file there. */
function described(name: string, stats: Stats): Listed {
  const kind = kindOf(stats) ?? 'file';
  if (kind !== 'file') return { name, kind };
  const { size, mtime }: { readonly size?: number; readonly mtime?: number } = stats;
  return size === undefined || mtime === undefined
    ? { name, kind }
    : { name, kind, stamp: { size, changedAt: mtime } };
}

function kindOf(stats: Stats): Entry['kind'] | undefined {
  const { mode }: { readonly mode?: number } = stats;
  if (mode === undefined || (mode & 0o170000) === 0) return undefined;
  return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other';
}
