// Knows: a place for files that is reached by SFTP: its files and folders, its connections and its cache.
// Must not know: records, queries, when anything is looked at.

import { join, resolve } from 'node:path';
import { Fault, type Host } from '#spi';
import type { CacheOptions } from '../options/cache-options.ts';
import type { SftpOptions } from '../options/sftp-options.ts';
import type { ByteStore } from '../store/byte-store.ts';
import { begunIn } from './begun.ts';
import { cacheAt, keyOf } from './cache.ts';
import { connections } from './connections.ts';
import { type Followed, followed } from './followed.ts';
import { leftOversOf } from './left-overs.ts';
import { type Listing, listingOf } from './listing.ts';
import { logIn, loginOf } from './login.ts';
import { listRemote } from './remote-folder.ts';
import { parentOf, remoteFolder, remotePath } from './remote-path.ts';

export interface SftpStore extends ByteStore, AsyncDisposable {}

/** Nothing is connected before a file is opened, unless something is left of a write that was broken off. Throws misconfigured Faults. */
export async function sftpStore(
  {
    sftp: options,
    cache: kept,
  }: { readonly sftp: SftpOptions; readonly cache: Pick<CacheOptions, 'folder' | 'maxBytes'> },
  gateway: Host,
): Promise<SftpStore> {
  const { host, port, user, root } = options;
  const folder = join(resolve(gateway.path(kept.folder)), encodeURIComponent(gateway.source));
  const login = await loginOf(options, gateway);
  const cache = await cacheAt(folder, kept.maxBytes);
  const shared = connections((ask) => logIn(login, ask), options.connections);
  const begun = await begunIn(folder);
  const closing = new AbortController();
  const leftOvers = leftOversOf({ host, writes: begun, connections: shared, closing: closing.signal });
  leftOvers.soon();
  const files = new Map<string, Followed>();
  /** Files that are wanted whether a folder has them or not. */
  const configured = new Set<string>();
  const listings = new Map<string, Listing>();
  /** Names a place on the server for good. */
  const placeOf = (path: string) => JSON.stringify([host, port, user, path]);
  const copiesOf = (path: string) => cache.of(placeOf(remotePath(path, root).path));

  const listing = (path: string): Listing => {
    const at = remoteFolder(path, root);
    const of = { host, path: path === '' ? at.path : path };
    const prefix = path === '' || path.endsWith('/') ? path : `${path}/`;
    return listingOf({
      ...options,
      record: join(folder, `${keyOf(placeOf(at.path))}.list`),
      async look() {
        const found = await shared.use((session) => listRemote(session, of, at));
        leftOvers.soon();
        return found;
      },
      isCopied: (name) => copiesOf(prefix + name).newest() !== undefined,
      gone(name) {
        if (!configured.has(prefix + name)) copiesOf(prefix + name).abandon();
      },
    });
  };

  return {
    file(path) {
      const known = files.get(path);
      if (known !== undefined) return known;
      const at = remotePath(path, root);
      const parent = parentOf(path);
      // What comes after its folder was listed comes from there.
      if (!listings.has(parent.folder)) configured.add(path);
      const file = followed({
        options,
        file: placeOf(at.path),
        begun,
        leftOvers,
        folder,
        copies: cache.of(placeOf(at.path)),
        connections: shared,
        path,
        at,
        beside() {
          const list = listings.get(parent.folder);
          return list && { listing: list, name: parent.name };
        },
      });
      files.set(path, file);
      return file;
    },
    async list(path, ask) {
      const list = listings.get(path) ?? listing(path);
      listings.set(path, list);
      return list.entries(ask);
    },
    check() {
      for (const { fault } of listings.values()) throwIfAny(fault());
      for (const [path, { fault }] of files) {
        const { folder: parent, name } = parentOf(path);
        if (configured.has(path) || listings.get(parent)?.has(name) === true) throwIfAny(fault());
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Fault('unavailable', 'The source is being closed', { code: 'closing' }));
      await shared[Symbol.asyncDispose]();
      await leftOvers.ended();
      for (const list of listings.values()) await list.ended();
      for (const file of files.values()) await file[Symbol.asyncDispose]();
    },
  };
}

function throwIfAny(fault: Fault | undefined): void {
  if (fault !== undefined) throw fault;
}
