// Knows: how bytes of this machine become a file on the server: in order, resumed after a break, and read again.
// Must not know: under which name the file is wanted, who reads it.

import type { Stats } from 'ssh2';
import { Fault } from '#spi';
import { pause } from './deadline.ts';
import type { Draft } from './draft.ts';
import {
  cacheFault,
  damagedOnTheWay,
  diskFull,
  isMissing,
  isNotOffered,
  notOffered,
  type Remote,
} from './faults.ts';
import { endsOf, type Identity, isSame } from './identity.ts';
import { AHEAD, openRemote, PIECE, piecesOf } from './remote-file.ts';
import type { Session } from './session.ts';

/** An upload, over several connections if need be. */
export interface Upload {
  readonly of: Remote;
  /** Path on the server. */
  readonly path: string;
  readonly draft: Draft;
  /** Permissions that the file is to have; absent: what the server gives. */
  readonly mode: number | undefined;
  /** A file that is there already is overwritten; else it is a fault. */
  readonly over: boolean;
  /** The version that it is to replace. */
  readonly before: Identity | undefined;
  /** The server was asked to create it. */
  created: boolean;
  /** The server has opened it for writing. */
  opened: boolean;
  /** Bytes from the start that the server has confirmed. */
  confirmed: number;
}

/** Files up to this size are read again whole when they are checked, larger ones at both ends. */
const CHECKED_BYTES = 8_388_608;
/** Bytes before the place where an upload is resumed that have to be what was sent. */
const TAIL = 4_096;
/** How often, and after how long each, a server's clock is looked at that has to move on by a second. */
const TOUCHES = 6;
const TOUCH_MS = 300;
/** Flags of an open: section 6.3 of the draft. */
const WRITE = 0x02;
const CREAT = 0x08;
const TRUNC = 0x10;
const EXCL = 0x20;

/**
 * Goes on where the upload was broken off. Throws `unavailable`: `file-unwritable`, `disk-full`, `quota`, `write-error`, `file-exists`, a
 * lost connection; then what is confirmed stays.
 */
export async function send(session: Session, upload: Upload, signal?: AbortSignal): Promise<void> {
  const { of, draft, path, mode } = upload;
  const from = upload.created ? await verified(session, upload) : undefined;
  const fresh = WRITE | CREAT | (upload.over || from !== undefined ? TRUNC : EXCL);
  const flags = from === undefined || from === 0 ? fresh : WRITE;
  upload.created = true;
  upload.confirmed = from ?? 0;
  const attributes = mode === undefined ? {} : { mode };
  const handle = await session.request<Buffer>(
    of,
    (sftp, answer) => sftp.open(path, flags, attributes, answer),
    'write',
  );
  upload.opened = true;
  try {
    await sendPieces(session, upload, handle, signal);
  } catch (error) {
    throw await explained(session, upload, error);
  }
  // By default the server takes away permissions from what is new.
  if (mode !== undefined) await allowed(session, of, handle, mode);
  await synced(session, of, handle);
  await session.request<void>(
    of,
    (sftp, answer) => sftp.close(handle, (error) => answer(error, undefined)),
    'write',
  );
  if (upload.confirmed !== draft.length()) throw damagedOnTheWay(of);
}

async function sendPieces(
  session: Session,
  upload: Upload,
  handle: Buffer,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { of, draft } = upload;
  const size = draft.length();
  const going: { readonly end: number; readonly done: Promise<void> }[] = [];
  for (let at = upload.confirmed; at < size || going.length > 0; ) {
    signal?.throwIfAborted();
    for (; going.length < AHEAD && at < size; at += PIECE) {
      const bytes = Buffer.from(await draft.read(at, Math.min(PIECE, size - at)));
      const offset = at;
      const done = session.request<void>(
        of,
        (sftp, answer) =>
          sftp.write(handle, bytes, 0, bytes.length, offset, (error) => answer(error, undefined)),
        'write',
      );
      done.catch(() => {});
      going.push({ end: offset + bytes.length, done });
    }
    const next = going.shift();
    await next?.done;
    upload.confirmed = next?.end ?? upload.confirmed;
  }
}

/** How far what is there is what was sent; undefined: nothing is there. */
async function verified(
  session: Session,
  { of, path, draft, confirmed }: Upload,
): Promise<number | undefined> {
  try {
    await using there = await openRemote(session, of, { path });
    const length = Math.min(there.identity.size, confirmed);
    const tail = Math.min(length, TAIL);
    const [theirs, ours] = await Promise.all([
      tail === 0 ? new Uint8Array() : there.read(length - tail, tail),
      draft.read(length - tail, tail),
    ]);
    return Buffer.from(theirs).equals(ours) ? length : 0;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** What the file on the server is now. Throws `write-error` where it is not what was sent. */
export async function check(session: Session, { of, path, draft }: Upload): Promise<Identity> {
  await using there = await openRemote(session, of, { path });
  const { identity } = there;
  const size = draft.length();
  if (identity.size !== size || identity.ends !== (await endsOf(size, draft.read))) throw damagedOnTheWay(of);
  if (size > CHECKED_BYTES) return identity;
  let at = 0;
  for await (const piece of piecesOf(there, 0)) {
    if (!Buffer.from(piece).equals(await draft.read(at, piece.length))) throw damagedOnTheWay(of);
    at += piece.length;
  }
  return identity;
}

/**
 * What the file on the server is, with a time of change that is later than that of the version before: it counts seconds, and two changes
 * within one would be told apart by nothing but size and ends. Where the server does not let it be set, versions that these do not tell
 * apart are waited with until its clock has moved on.
 */
export async function movedOn(session: Session, upload: Upload, made: Identity): Promise<Identity> {
  const { of, path, before } = upload;
  if (before === undefined || made.changedAt > before.changedAt) return made;
  const at = before.changedAt + 1;
  try {
    await session.request<void>(
      of,
      (sftp, answer) => sftp.utimes(path, at, at, (error) => answer(error, undefined)),
      'write',
    );
  } catch (error) {
    if (session.gone.aborted) throw error;
    return isSame(before, made) ? touched(session, upload, made) : made;
  }
  return identityNow(session, upload);
}

/** A byte that is there already is written again, until that has another time. */
async function touched(session: Session, upload: Upload, made: Identity): Promise<Identity> {
  const { of, path, draft } = upload;
  if (made.size === 0) return made;
  const byte = Buffer.from(await draft.read(0, 1));
  for (let i = 0; i < TOUCHES; i++) {
    await pause(TOUCH_MS);
    const handle = await session.request<Buffer>(
      of,
      (sftp, answer) => sftp.open(path, WRITE, {}, answer),
      'write',
    );
    await session.request<void>(
      of,
      (sftp, answer) => sftp.write(handle, byte, 0, 1, 0, (error) => answer(error, undefined)),
      'write',
    );
    await session.request<void>(
      of,
      (sftp, answer) => sftp.close(handle, (error) => answer(error, undefined)),
      'write',
    );
    const now = await identityNow(session, upload);
    if (now.changedAt > made.changedAt) return now;
  }
  return made;
}

async function identityNow(session: Session, { of, path }: Upload): Promise<Identity> {
  await using there = await openRemote(session, of, { path });
  return there.identity;
}

/** Takes what is to be written to this machine: it may have to be sent twice. Faults of the content are thrown as they come. */
export async function gather(
  draft: Draft,
  content: AsyncIterable<Uint8Array>,
  { of, folder, room }: { readonly of: Remote; readonly folder: string; room(size: number): Promise<void> },
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  let checkedTo = 0;
  for await (const bytes of content) {
    signal.throwIfAborted();
    if (draft.length() + bytes.length > checkedTo) {
      await room(draft.length() + bytes.length);
      checkedTo = draft.length() + bytes.length + CHECKED_BYTES;
    }
    await draft.append(bytes).catch((error: unknown) => {
      throw cacheFault(of, folder, error);
    });
  }
  signal.throwIfAborted();
  await room(draft.length());
}

async function allowed(session: Session, of: Remote, handle: Buffer, mode: number): Promise<void> {
  try {
    await session.request<void>(
      of,
      (sftp, answer) => sftp.fsetstat(handle, { mode }, (error) => answer(error, undefined)),
      'write',
    );
  } catch (error) {
    // Not every server lets them be set; the file is there all the same.
    if (session.gone.aborted) throw error;
  }
}

async function synced(session: Session, of: Remote, handle: Buffer): Promise<void> {
  try {
    await session.request<void>(
      of,
      (sftp, answer) =>
        extension(() =>
          sftp.ext_openssh_fsync(handle, (error: Error | null | undefined) => answer(error, undefined)),
        ),
      'write',
    );
  } catch (error) {
    if (!isNotOffered(error)) throw error;
  }
}

/** ssh2 throws at once where the server did not say that it has the extension. */
export function extension(ask: () => void): void {
  try {
    ask();
  } catch (error) {
    throw notOffered(error);
  }
}

/** SFTP's version 3 has no word for a full disk: a server that can be asked for its free space tells it. */
async function explained(
  session: Session,
  { of, path, draft, confirmed }: Upload,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof Fault) || error.code !== 'write-error') return error;
  try {
    const free = await session.request<number>(of, (sftp, answer) =>
      extension(() =>
        sftp.ext_openssh_statvfs(path, (failed, about: { f_frsize: number; f_bavail: number }) =>
          failed ? answer(failed, 0) : answer(null, about.f_bavail * about.f_frsize),
        ),
      ),
    );
    return free < draft.length() - confirmed ? diskFull(of, error) : error;
  } catch {
    return error;
  }
}

/** Of a file that is there. */
export function modeOf(stats: Stats): number | undefined {
  const { mode }: { readonly mode?: number } = stats;
  return mode === undefined ? undefined : mode & 0o7777;
}
