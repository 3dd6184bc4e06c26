// Knows: how a remote file is replaced or made: gathered here, sent, checked, and named, each step of which may meet a lost connection.
// Must not know: when files are looked at, how they are copied.

import type { ByteFile, FileEdit } from '../store/byte-store.ts';
import type { Begun, BegunWrites } from './begun.ts';
import type { Copies } from './cache.ts';
import type { Connections } from './connections.ts';
import { pause } from './deadline.ts';
import type { Draft } from './draft.ts';
import {
  alreadyThere,
  cacheFault,
  changedMeanwhile,
  isLost,
  isUnreachable,
  outcomeUnknown,
  type Remote,
  torn,
} from './faults.ts';
import { type Identity, identityText, isSame } from './identity.ts';
import type { Session } from './session.ts';
import { comeBack, identityAt, isSameState, nameAnew, nameOver, tidy } from './swap.ts';
import { check, gather, movedOn, send, type Upload } from './upload.ts';
import type { WritePlace } from './write-place.ts';

/** How often it is asked what became of a rename that got no answer, and how long it waits in between. */
const ASKED = 4;
const BETWEEN_MS = 300;

export interface EditOf {
  readonly of: Remote;
  /** Names the remote file for good. */
  readonly file: string;
  /** Of the cache. */
  readonly folder: string;
  readonly copies: Copies;
  readonly connections: Connections;
  readonly begun: BegunWrites;
  readonly place: WritePlace;
  /** False: it is written in its place. */
  readonly rename: boolean;
  /** What the edit began with. */
  readonly before: Identity | undefined;
  readonly opened: ByteFile | undefined;
  /** The file on the server is about to be another one. */
  changing(): void;
  /** It is another one, of which there is a copy, or not. */
  changed(kept: boolean): void;
  /** Another writer may come. */
  leave(): Promise<void>;
}

export function editOf(edit: EditOf): FileEdit {
  const { of, folder, copies, opened } = edit;
  let used = false;
  return {
    ...(opened === undefined ? {} : { file: opened }),
    async replace(content, ask) {
      if (used) throw new TypeError('One change an edit');
      used = true;
      const draft = await copies.draft().catch((error: unknown) => {
        throw cacheFault(of, folder, error);
      });
      try {
        await gather(draft, content, { of, folder, room: copies.room }, ask);
        const made = edit.rename ? await besideIt(edit, draft, ask) : await inPlace(edit, draft, ask);
        // It is on the server: a copy that cannot be kept is made once more by the next look.
        const kept = await copies.publish(draft, made).then(
          () => true,
          () => false,
        );
        edit.changed(kept);
        return identityText(made);
      } finally {
        await draft[Symbol.asyncDispose]();
      }
    },
    [Symbol.asyncDispose]: () => edit.leave(),
  };
}

interface Ask {
  readonly signal: AbortSignal;
}

async function besideIt(edit: EditOf, draft: Draft, { signal }: Ask): Promise<Identity> {
  const { of, file, folder, place, connections } = edit;
  const { target, part, aside, mode } = place;
  const write: Begun = { path: of.path, file, target, part, aside };
  await edit.begun.begin(write).catch((error: unknown) => {
    throw cacheFault(of, folder, error);
  });
  try {
    const upload: Upload = {
      of,
      path: part,
      draft,
      mode,
      over: false,
      before: edit.before,
      created: false,
      opened: false,
      confirmed: 0,
    };
    const made = await sent(connections, upload, signal);
    return await named(edit, write, made, signal);
  } finally {
    try {
      await connections.use((session) => tidy(session, of, write));
      await edit.begun.end(write);
    } catch {
      // The server cannot be reached, or does not let it be deleted: there is a record of it.
      edit.begun.leave(write);
    }
  }
}

/** A connection that is lost is worth another one as long as each brings the upload on. */
async function sent(connections: Connections, upload: Upload, signal?: AbortSignal): Promise<Identity> {
  for (;;) {
    const before = upload.confirmed;
    try {
      return await connections.use(async (session) => {
        await send(session, upload, signal);
        return movedOn(session, upload, await check(session, upload));
      });
    } catch (error) {
      if (!isLost(error) || upload.confirmed <= before) throw error;
    }
  }
}

/** From the first attempt on it is finished, whoever leaves. */
async function named(edit: EditOf, write: Begun, made: Identity, signal: AbortSignal): Promise<Identity> {
  const { of, before, connections } = edit;
  let attempts = 0;
  const attempt = async (session: Session): Promise<void> => {
    if (attempts > 0) await comeBack(session, of, write);
    const now = await identityAt(session, of, write.target);
    if (attempts > 0 && isSame(now, made)) return;
    if (!isSameState(before, now)) throw before === undefined ? alreadyThere(of) : changedMeanwhile(of);
    if (attempts === 0) signal.throwIfAborted();
    attempts++;
    edit.changing();
    await (before === undefined ? nameAnew(session, of, write) : nameOver(session, of, write));
  };
  try {
    for (let asked = 1; ; asked++) {
      try {
        await connections.use(attempt);
        return made;
      } catch (error) {
        if (attempts === 0 || !isUnreachable(error)) throw error;
        if (asked === ASKED) throw outcomeUnknown(of, error);
        await pause(BETWEEN_MS);
      }
    }
  } catch (error) {
    // What was asked for over a connection that is lost may have come about after it was looked for.
    if (attempts < 2 || isUnreachable(error)) throw error;
    const now = await connections.use((session) => identityAt(session, of, write.target));
    if (isSame(now, made)) return made;
    throw error;
  }
}

/** What was begun is finished: broken off, it would leave a part of the file. */
async function inPlace(edit: EditOf, draft: Draft, { signal }: Ask): Promise<Identity> {
  const { of, place, before, connections } = edit;
  const { target: path, mode } = place;
  await connections.use(async (session) => {
    const now = await identityAt(session, of, path);
    if (!isSameState(before, now)) throw before === undefined ? alreadyThere(of) : changedMeanwhile(of);
  });
  signal.throwIfAborted();
  const over = before !== undefined;
  const upload: Upload = {
    of,
    path,
    draft,
    mode,
    over,
    before,
    created: false,
    opened: false,
    confirmed: 0,
  };
  edit.changing();
  try {
    return await sent(connections, upload);
  } catch (error) {
    if (!upload.opened) throw error;
    throw torn(of, error);
  }
}
