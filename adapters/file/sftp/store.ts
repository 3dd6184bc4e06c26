// Knows: a place for files that is reached by SFTP: when it looks for a newer version, and that a version is copied to the cache
// before anybody reads it. While the server is down, or the file is being written, the last good version is served.
// Must not know: records, queries, how a connection comes about.

import { join, resolve } from 'node:path';
import { Fault, type Host, toFault, unlessAborted } from '#spi';
import type { ByteStore, StoredFile } from '../byte-store.ts';
import type { CacheOptions } from '../cache-options.ts';
import type { SftpOptions } from '../sftp-options.ts';
import { type Cache, cacheAt } from './cache.ts';
import { type Connections, connections } from './connections.ts';
import { within } from './deadline.ts';
import { type Draft, isWhole } from './draft.ts';
import { cacheFault, changed, isLost, type Remote } from './faults.ts';
import { type Identity, isSame } from './identity.ts';
import { logIn, loginOf } from './login.ts';
import { copyInto, openRemote } from './remote-file.ts';
import { type RemotePath, remotePath } from './remote-path.ts';
import type { Session } from './session.ts';

export interface SftpStore extends ByteStore, AsyncDisposable {}

/** Nothing is connected before a file is opened. Throws misconfigured Faults. */
export async function sftpStore(
  {
    sftp: options,
    cache,
  }: { readonly sftp: SftpOptions; readonly cache: Pick<CacheOptions, 'folder' | 'maxBytes'> },
  host: Host,
): Promise<SftpStore> {
  const folder = join(resolve(host.path(cache.folder)), encodeURIComponent(host.source));
  const login = await loginOf(options, host);
  const store: Store = {
    options,
    folder,
    cache: await cacheAt(folder, cache.maxBytes),
    connections: connections((ask) => logIn(login, ask), options.connections),
  };
  const files = new Map<string, Followed>();
  return {
    file(path) {
      const known = files.get(path);
      if (known !== undefined) return known;
      const file = followed(store, path, remotePath(path, options.root));
      files.set(path, file);
      return file;
    },
    async list(folder) {
      throw new Fault(
        'unsupported',
        `Patterns of files are not looked for by SFTP: "${folder || '.'}" is not listed`,
        {
          code: 'no-listing',
          misconfigured: true,
          hint: 'Name each file in a collection of its own, by "path".',
        },
      );
    },
    check() {
      for (const { fault } of files.values()) if (fault() !== undefined) throw fault();
    },
    async [Symbol.asyncDispose]() {
      await store.connections[Symbol.asyncDispose]();
      for (const file of files.values()) await file[Symbol.asyncDispose]();
    },
  };
}

interface Store {
  readonly options: SftpOptions;
  readonly folder: string;
  readonly cache: Cache;
  readonly connections: Connections;
}

interface Followed extends StoredFile, AsyncDisposable {
  /** What the last look ended with. */
  fault(): Fault | undefined;
}

function followed({ options, folder, cache, connections }: Store, path: string, at: RemotePath): Followed {
  const { host, port, user, settleMs, maxAgeMs, waitMs } = options;
  const of: Remote = { host, path };
  const file = JSON.stringify([host, port, user, at.path]);
  const settled = settledAfter(settleMs);
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  /** Somebody has waited long enough for the look that goes on; nobody else waits for it. */
  let slow = false;
  let fault: Fault | undefined;
  /** What a break left of a copy. */
  let begun: Draft | undefined;

  const forget = async (): Promise<void> => {
    const left = begun;
    begun = undefined;
    await left?.[Symbol.asyncDispose]();
  };

  const fetchFrom = async (session: Session): Promise<void> => {
    await using remote = await openRemote(session, of, at);
    const { identity } = remote;
    if (isSame(cache.newest(file), identity)) return;
    if (!settled(identity)) {
      if (cache.newest(file) !== undefined) return;
      throw unsettled(of, settleMs);
    }
    if (!isSame(begun?.identity, identity)) await forget();
    try {
      begun ??= await cache.draft(file, identity);
      await copyInto(begun, remote, of, folder);
      await remote.confirm();
      if (!(await isWhole(begun))) throw changed(of);
      await cache.publish(file, begun);
      begun = undefined;
    } catch (error) {
      if (!isLost(error)) await forget();
      throw cacheFault(of, folder, error);
    }
  };

  /** A connection that is lost is worth another one as long as each brings the copy on. */
  const look = async (): Promise<void> => {
    for (;;) {
      const before = begun?.length() ?? 0;
      try {
        await connections.use(fetchFrom);
        fault = undefined;
        return;
      } catch (error) {
        if (isLost(error) && (begun?.length() ?? 0) > before) continue;
        fault = toFault(error);
        throw error;
      } finally {
        lookedAt = Date.now();
      }
    }
  };

  const looked = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = undefined;
      slow = false;
    });
    // It goes on when everybody who waits for it has left.
    looking.catch(() => {});
    return looking;
  };

  return {
    path,
    fault: () => fault,
    async open({ signal }) {
      signal.throwIfAborted();
      if (cache.newest(file) !== undefined && !slow && isDue(lookedAt, maxAgeMs)) {
        const waited = within(
          looked().catch(() => {}),
          waitMs,
          () => {
            slow = looking !== undefined;
          },
        );
        await unlessAborted(waited, signal);
      }
      if (cache.newest(file) === undefined) await unlessAborted(looked(), signal);
      try {
        return await cache.open(file, path, signal);
      } catch (error) {
        // Somebody else deleted or damaged the copy, so it was dropped.
        if (cache.newest(file) !== undefined) throw error;
        await unlessAborted(looked(), signal);
        return cache.open(file, path, signal);
      }
    },
    async [Symbol.asyncDispose]() {
      await looking?.catch(() => {});
      await forget();
    },
  };
}

/** A clock that was set back makes every age negative: then nobody knows how long ago it was. */
function isDue(lookedAt: number, maxAgeMs: number): boolean {
  const age = Date.now() - lookedAt;
  return age < 0 || age >= maxAgeMs;
}

/** By the time of change, or, for a server whose clock is ahead, because the file has looked the same for so long. */
function settledAfter(settleMs: number): (identity: Identity) => boolean {
  let seen: { readonly identity: Identity; readonly at: number } | undefined;
  return (identity) => {
    const now = Date.now();
    if (seen === undefined || !isSame(seen.identity, identity)) seen = { identity, at: now };
    return now - identity.changedAt * 1000 >= settleMs || now - seen.at >= settleMs;
  };
}

function unsettled({ host, path }: Remote, settleMs: number): Fault {
  return new Fault('unavailable', `"${path}" on ${host} may still be written to`, {
    code: 'file-unsettled',
    hint: `It is served when it has not changed for ${settleMs} ms ("settleMs").`,
  });
}
