// Knows: one remote file: when it is looked at, that a version is copied to the cache before anybody reads it, and that the last good
// one is served while there is nothing better.
// Must not know: records, queries, how a connection comes about.

import type { Fault } from '#spi';
import type { SftpOptions } from '../options/sftp-options.ts';
import type { ByteFile, FileEdit, StoredFile } from '../store/byte-store.ts';
import { unsettled } from '../store/settled.ts';
import type { BegunWrites } from './begun.ts';
import type { Copies } from './cache.ts';
import type { Connections } from './connections.ts';
import { type Draft, isWhole } from './draft.ts';
import { editOf } from './edit.ts';
import { cacheFault, changed, isLost, isMissing, noRename, type Remote } from './faults.ts';
import { type Identity, identityText, isSame } from './identity.ts';
import type { LeftOvers } from './left-overs.ts';
import { type Listing, tellsSame } from './listing.ts';
import { looksOf } from './looks.ts';
import { copyInto, openRemote } from './remote-file.ts';
import { isDataSet, type RemotePath } from './remote-path.ts';
import type { Session } from './session.ts';
import { settlingFor } from './settled.ts';
import { turnOf } from './turns.ts';
import { writePlace } from './write-place.ts';

/** Times of whole seconds tell two changes apart that are so far from each other. */
const TOLD_MS = 2_000;

export interface Followed extends StoredFile, AsyncDisposable {
  /** What the last look for a reader ended with. */
  fault(): Fault | undefined;
}

export interface FollowedOf {
  readonly options: SftpOptions;
  /** Names the remote file for good. */
  readonly file: string;
  readonly begun: BegunWrites;
  readonly leftOvers: LeftOvers;
  /** Of the cache. */
  readonly folder: string;
  readonly copies: Copies;
  readonly connections: Connections;
  readonly path: string;
  readonly at: RemotePath;
  /** The folder it lies in, where somebody lists that, and its name there. */
  beside(): { readonly listing: Listing; readonly name: string } | undefined;
}

export function followed(given: FollowedOf): Followed {
  const { options, file, begun: writes, leftOvers, folder, copies, connections, path, at, beside } = given;
  const { host, settleMs, maxAgeMs, waitMs } = options;
  const of: Remote = { host, path };
  const settling = settlingFor(settleMs);
  const told = settlingFor(TOLD_MS);
  /** What a break left of a copy. */
  let begun: { readonly draft: Draft; readonly identity: Identity } | undefined;
  /** Somebody wanted to read it: else it need not be there. */
  let wanted = false;
  /** What the last look found. */
  let seen: Identity | undefined;
  /** How often the file was changed from here: who began to look before that has seen what is no more. */
  let epoch = 0;
  /** A version whose next change a listing tells: by size or time. */
  let plain: Identity | undefined;

  const forget = async (): Promise<void> => {
    const left = begun;
    begun = undefined;
    await left?.draft[Symbol.asyncDispose]();
  };

  const isSettled = (identity: Identity): boolean => {
    if (settling.settled(identity)) return true;
    const listed = beside();
    // A file without a copy is listed only when it is settled.
    return copies.newest() === undefined && tellsSame(listed?.listing.stamp(listed.name), identity);
  };

  const fetchFrom = async (session: Session): Promise<void> => {
    const since = epoch;
    seen = undefined;
    await using remote = await openRemote(session, of, at);
    const { identity } = remote;
    seen = identity;
    plain = told.settled(identity) ? identity : undefined;
    if (isSame(copies.newest(), identity)) return;
    if (!isSettled(identity)) {
      if (copies.newest() !== undefined) return;
      const listed = beside();
      listed?.listing.withhold(listed.name);
      throw unsettled(`"${path}" on ${host}`, settleMs);
    }
    if (!isSame(begun?.identity, identity)) await forget();
    try {
      if (begun === undefined) {
        await copies.room(identity.size);
        begun = { draft: await copies.draft(), identity };
      }
      const { draft } = begun;
      await copyInto(draft, remote, of, folder);
      await remote.confirm();
      if (!(await isWhole(draft, identity))) throw changed(of);
      if (epoch !== since) throw changed(of);
      await copies.publish(draft, identity);
      begun = undefined;
    } catch (error) {
      if (!isLost(error)) await forget();
      throw cacheFault(of, folder, error);
    }
  };

  /** A connection that is lost is worth another one as long as each brings the copy on. */
  const look = async (): Promise<void> => {
    for (;;) {
      const before = begun?.draft.length() ?? 0;
      try {
        await connections.use(fetchFrom);
        leftOvers.soon();
        return;
      } catch (error) {
        if (!isLost(error) || (begun?.draft.length() ?? 0) <= before) throw error;
      }
    }
  };

  const looks = looksOf({ maxAgeMs, waitMs, look, known: () => copies.newest() !== undefined });

  const freshen = async (ask: { readonly signal: AbortSignal }): Promise<void> => {
    const newest = copies.newest();
    const listed = beside();
    if (newest !== undefined && listed !== undefined) {
      const { listing, name } = listed;
      if (listing.outOfReach()) return;
      if (listing.isFresh() && isSame(plain, newest) && tellsSame(listing.stamp(name), newest)) return;
    }
    await looks.freshen(ask).catch((error: unknown) => {
      // What was listed and cannot be had may be gone: the next one who asks has it listed anew.
      if (!ask.signal.aborted) listed?.listing.expire();
      throw error;
    });
  };

  const opened = async (signal: AbortSignal): Promise<ByteFile> => {
    try {
      return await copies.open(path, signal);
    } catch (error) {
      // Somebody else deleted or damaged the copy, so it was dropped.
      if (copies.newest() !== undefined) throw error;
      await looks.now({ signal });
      return copies.open(path, signal);
    }
  };

  /** The version that is there now, in the cache; undefined: there is none. */
  const current = async (ask: { readonly signal: AbortSignal }): Promise<Identity | undefined> => {
    try {
      await looks.anew(ask);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    if (seen !== undefined && isSame(copies.newest(), seen)) return seen;
    throw seen === undefined ? changed(of) : unsettled(`"${path}" on ${host}`, settleMs);
  };

  const edit = async (ask: { readonly signal: AbortSignal }): Promise<FileEdit> => {
    if (options.rename && isDataSet(at.path)) throw noRename(of);
    const turn = await turnOf(file, ask);
    try {
      await leftOvers.tidyOf(file);
      const before = await current(ask);
      const opened = before === undefined ? undefined : await copies.open(path, ask.signal);
      const leave = async (): Promise<void> => {
        await opened?.[Symbol.asyncDispose]();
        turn[Symbol.dispose]();
      };
      try {
        const place = await connections.use((session) => writePlace(session, of, at));
        return editOf({
          of,
          file,
          folder,
          copies,
          connections,
          begun: writes,
          place,
          rename: options.rename,
          before,
          opened,
          changing() {
            epoch++;
            looks.expire();
          },
          changed(kept) {
            epoch++;
            if (kept) looks.told();
            beside()?.listing.expire();
          },
          leave,
        });
      } catch (error) {
        await leave();
        throw error;
      }
    } catch (error) {
      turn[Symbol.dispose]();
      throw error;
    }
  };

  return {
    path,
    fault: () => (wanted ? looks.fault() : undefined),
    edit,
    async open({ signal, now = false }) {
      signal.throwIfAborted();
      wanted = true;
      await (now ? looks.now({ signal }) : freshen({ signal }));
      return opened(signal);
    },
    openBefore: (version, { signal }) => copies.openBefore(version, path, signal),
    async version({ signal, now = false }) {
      signal.throwIfAborted();
      wanted = true;
      await (now ? looks.now({ signal }) : freshen({ signal }));
      const newest = copies.newest();
      if (newest !== undefined) return identityText(newest);
      await using file = await opened(signal);
      return file.version;
    },
    async [Symbol.asyncDispose]() {
      await looks.ended();
      await forget();
    },
  };
}
