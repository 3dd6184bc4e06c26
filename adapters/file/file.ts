// Knows: a source of files: opens its layouts, offers its collections, checks its data.
// Must not know: where files are (byte stores) and what bytes mean (codec).

import {
  type Access,
  defineAdapter,
  Fault,
  type FaultDetail,
  type Host,
  type Query,
  type Remark,
  type Source,
  toFault,
} from '#spi';
import { indexFolderOf } from './indexes/index-folder.ts';
import { indexKeeper } from './indexes/index-keeper.ts';
import { type FileOptions, options } from './options/options.ts';
import type { SftpOptions } from './options/sftp-options.ts';
import type { Served } from './reads/offer.ts';
import { PROCESS_SCANS, type ScansOf, scansOf } from './scans/scans.ts';
import { type Parts, serve } from './serving.ts';
import type { ByteStore } from './store/byte-store.ts';
import { diskStore } from './store/disk.ts';
import { keepersOf } from './versions/keepers.ts';
import { refreshing } from './versions/refreshing.ts';
import { sharedFiles } from './versions/shared-files.ts';
import { agreementsOf } from './write/agreements.ts';
import type { Writer } from './write/write.ts';
import { type Writers, type Written, writersOf } from './write/writers.ts';

/** Files on a disk, each a table: records in any format by a copybook, or lines of text by a parse map. */
export const adapter = defineAdapter<FileOptions>({
  name: 'file',
  options,
  open: async (given, host) => {
    const { store } = given;
    if (store !== undefined && 'sftp' in store) return sftpSource(given, store.sftp, host);
    const { root = '.', copies = false, ...how } = store?.disk ?? { root: given.root };
    const folder = host.path(root);
    const disk = diskStore(folder, how);
    if (!copies) return fileSource(given, disk, host);
    const { copiesOnDisk } = await import('./store/copies-on-disk.ts');
    return sourceOver(await copiesOnDisk(disk, { root: folder, cache: given.cache }, host), given, host);
  },
});

async function sftpSource(given: FileOptions, sftp: SftpOptions, host: Host): Promise<Source> {
  const { sftpStore } = await import('./sftp/store.ts');
  return sourceOver(await sftpStore({ sftp, cache: given.cache }, host), given, host);
}

/** The store is closed with the source. */
async function sourceOver(
  store: ByteStore & AsyncDisposable,
  given: FileOptions,
  host: Host,
): Promise<Source> {
  try {
    const source = await fileSource(given, store, host);
    return {
      ...source,
      async [Symbol.asyncDispose]() {
        await source[Symbol.asyncDispose]();
        await store[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}

/** A source over any place for files. The data is not touched: only layouts are read here. */
export async function fileSource(
  given: Pick<FileOptions, 'collections' | 'defaults' | 'cache' | 'keepVersions' | 'watchEveryMs'>,
  store: ByteStore,
  host: Host,
  threads: ScansOf = PROCESS_SCANS,
): Promise<Source> {
  const { collections, defaults, cache, keepVersions, watchEveryMs } = given;
  const scans = scansOf(threads);
  const keepers = keepersOf(keepVersions);
  const files = sharedFiles(store, keepers);
  const background = refreshing(store, host.quiet);
  const indexes = indexKeeper({ folder: indexFolderOf(cache, host), fromBytes: cache.indexFromBytes });
  const agreements = agreementsOf(collections);
  const parts: Parts = {
    store,
    files,
    background,
    scans,
    indexes,
    keepers,
    watchEveryMs,
    agreements,
    host,
    defaults,
  };
  const tables = new Map<string, Served>();
  const written: Written[] = [];
  const outboxes = new Map<string, Writer>();
  const problems: Fault[] = [];
  let remarks: readonly Remark[] = [];
  for (const [name, collection] of Object.entries(collections)) {
    try {
      const serving = await serve(name, collection, parts);
      tables.set(name, serving.served);
      if (serving.written !== undefined) written.push(serving.written);
      if (serving.outbox !== undefined) outboxes.set(name, serving.outbox);
    } catch (error) {
      problems.push(toFault(error).at({ source: host.source, collection: name }));
    }
  }
  throwTogether(problems);
  const { operations, ...writers }: Writers = writersOf(written, outboxes);
  background.start();
  return {
    ...writers,
    model: {
      // It costs nothing before somebody watches.
      collections: [...tables.values()].map(({ collection }) => ({ ...collection, watchable: true })),
      operations,
      // The data is first looked at by a check.
      get remarks() {
        return remarks;
      },
    },
    access: (query) => accessOf(servedAt(tables, query.collection), query),
    watch: (collection, how) => servedAt(tables, collection).watch(how),
    version: (collection) => tables.get(collection)?.version(),
    async check(signal) {
      const found: Fault[] = [];
      const told: Remark[] = [];
      for (const [name, served] of tables) {
        try {
          told.push(...(await served.check(signal)));
        } catch (error) {
          signal.throwIfAborted();
          found.push(toFault(error).at({ source: host.source, collection: name }));
        }
      }
      remarks = told;
      found.push(...files.stale().map((fault) => fault.at({ source: host.source })));
      throwTogether(found);
      store.check?.();
    },
    stale() {
      for (const served of tables.values()) {
        const fault = served.stale?.();
        if (fault !== undefined) return fault;
      }
      return files.stale()[0] ?? faultOf(store);
    },
    async [Symbol.asyncDispose]() {
      background[Symbol.dispose]();
      await scans[Symbol.asyncDispose]();
      for (const served of tables.values()) await served[Symbol.asyncDispose]();
      await files[Symbol.asyncDispose]();
      await keepers?.[Symbol.asyncDispose]();
    },
  };
}

function faultOf(store: ByteStore): Fault | undefined {
  try {
    store.check?.();
    return undefined;
  } catch (error) {
    return toFault(error);
  }
}

/** A query that is asked again is the same object: its predicate need not be generated again. */
const offers = new WeakMap<Query, { readonly served: Served; readonly access: Access }>();

function servedAt(tables: ReadonlyMap<string, Served>, collection: string): Served {
  const served = tables.get(collection);
  if (served === undefined) throw new Fault('not-found', `There is no collection "${collection}"`);
  return served;
}

function accessOf(served: Served, query: Query): Access {
  const known = offers.get(query);
  if (known?.served === served) return known.access;
  const access = served.offer(query);
  offers.set(query, { served, access });
  return access;
}

/** One fault for several: the gravest of them, with all of them as its details. */
function throwTogether(faults: readonly Fault[]): void {
  const gravest = faults.find(({ misconfigured }) => misconfigured) ?? faults[0];
  if (gravest === undefined) return;
  if (faults.length === 1) throw gravest;
  const errors = faults.flatMap((fault): readonly FaultDetail[] =>
    fault.errors.length > 0
      ? fault.errors.map((detail) => ({ ...fault.place, ...detail }))
      : [{ ...fault.place, message: fault.message }],
  );
  throw new Fault(gravest.kind, `${gravest.message} (and ${faults.length - 1} more)`, {
    ...gravest.place,
    code: gravest.code,
    misconfigured: gravest.misconfigured,
    errors,
    cause: gravest.cause,
  });
}
