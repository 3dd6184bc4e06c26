// Knows: one remote file, open on one session: what it is now, its bytes, and how it becomes a copy.
// Must not know: when to look, where copies are kept.

import type { Stats } from 'ssh2';
import { Fault } from '#spi';
import type { Draft } from './draft.ts';
import { cacheFault, changed, notAFile, type Remote } from './faults.ts';
import { endsOf, type Identity } from './identity.ts';
import { liesBelow, outside, type RemotePath } from './remote-path.ts';
import type { Session } from './session.ts';

/** The most that every server takes or answers in one piece (draft-ietf-secsh-filexfer-02, section 3: 34000 bytes for a packet). */
export const PIECE = 32_768;
/** Requests that are under way at once, so that a long line is kept full. */
export const AHEAD = 16;

export interface RemoteFile extends AsyncDisposable {
  readonly identity: Identity;
  /** Throws `file-changed` where the file ends before. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Throws `file-changed` when the file, or what its name leads to, is not what it was when it was opened. */
  confirm(): Promise<void>;
}

/** Throws `unavailable`: `file-missing`, `file-unreadable`, `not-a-file`, `no-size`; `path-outside-root` for a link that leads out. */
export async function openRemote(
  session: Session,
  of: Remote,
  { path, below }: RemotePath,
): Promise<RemoteFile> {
  const stat = () => session.request<Stats>(of, (sftp, answer) => sftp.stat(path, answer));
  // A named pipe would hold up the server that opens it.
  checkKind(of, await stat());
  if (below !== undefined) await checkPlace(session, of, path, below);
  const handle = await session.request<Buffer>(of, (sftp, answer) => sftp.open(path, 'r', answer));
  const close = async (): Promise<void> => {
    try {
      await session.request<void>(of, (sftp, answer) =>
        sftp.close(handle, (error) => answer(error, undefined)),
      );
    } catch {
      // Nothing was written: the server closes what its session leaves open.
    }
  };
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    const into = Buffer.alloc(length);
    for (let filled = 0; filled < length; ) {
      const count = await session.request<number>(of, (sftp, answer) =>
        sftp.read(handle, into, filled, length - filled, offset + filled, answer),
      );
      if (count === 0) throw changed(of);
      filled += count;
    }
    return into;
  };
  try {
    const opened = await session.request<Stats>(of, (sftp, answer) => sftp.fstat(handle, answer));
    checkKind(of, opened);
    const about = aboutOf(of, opened);
    const identity = { ...about, ends: await endsOf(about.size, read) };
    return {
      identity,
      read,
      async confirm() {
        const byHandle = await session.request<Stats>(of, (sftp, answer) => sftp.fstat(handle, answer));
        for (const now of [byHandle, await stat()]) {
          if (now.size !== about.size || now.mtime !== about.changedAt) throw changed(of);
        }
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Servers that say nothing of the kind are believed. */
function checkKind(of: Remote, stats: Stats): void {
  const { mode }: { readonly mode?: number } = stats;
  if (mode !== undefined && (mode & 0o170000) !== 0 && !stats.isFile()) throw notAFile(of);
}

function aboutOf({ host, path }: Remote, stats: Stats): Pick<Identity, 'size' | 'changedAt'> {
  const { size, mtime }: { readonly size?: number; readonly mtime?: number } = stats;
  if (size !== undefined && mtime !== undefined) return { size, changedAt: mtime };
  throw new Fault('unavailable', `${host} does not tell size and time of change of "${path}"`, {
    code: 'no-size',
  });
}

async function checkPlace(session: Session, of: Remote, path: string, below: string): Promise<void> {
  const [file, root] = await Promise.all(
    [path, below].map((each) => session.request<string>(of, (sftp, answer) => sftp.realpath(each, answer))),
  );
  if (file !== undefined && root !== undefined && liesBelow(file, root)) return;
  throw outside(of.path, `"${of.path}" is a link that leads out of the source's root folder on ${of.host}`);
}

/** All bytes from `offset` on, in order, with several requests under way. Throws as reading does. */
export async function* piecesOf({ identity, read }: RemoteFile, offset: number): AsyncIterable<Uint8Array> {
  const coming: Promise<Uint8Array>[] = [];
  for (let asked = offset; asked < identity.size || coming.length > 0; ) {
    for (; coming.length < AHEAD && asked < identity.size; asked += PIECE) {
      const piece = read(asked, Math.min(PIECE, identity.size - asked));
      // The first that fails is told; those behind it fail with it.
      piece.catch(() => {});
      coming.push(piece);
    }
    const next = await coming.shift();
    if (next !== undefined) yield next;
  }
}

/** Goes on where the draft ends. What is there stays there when it throws. */
export async function copyInto(draft: Draft, remote: RemoteFile, of: Remote, folder: string): Promise<void> {
  for await (const piece of piecesOf(remote, draft.length())) {
    await draft.append(piece).catch((error: unknown) => {
      throw cacheFault(of, folder, error);
    });
  }
}
