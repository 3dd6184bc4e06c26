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
import type { ByteStore } from './byte-store.ts';
import { diskStore } from './disk.ts';
import { gatesOf } from './gates.ts';
import { unpackedFile } from './gzip.ts';
import { layoutTexts } from './layout-texts.ts';
import { type Served, servedFile } from './offer.ts';
import { openSet } from './open-set.ts';
import { type CollectionOptions, type FileOptions, options } from './options.ts';
import type { PolicyOptions } from './policy-options.ts';
import { type PublishedFile, published } from './publication.ts';
import { type Refreshing, refreshing } from './refreshing.ts';
import { servedSet } from './set.ts';
import type { SftpOptions } from './sftp-options.ts';
import { type SharedFile, sharedFile } from './shared-file.ts';
import { tableOf } from './table.ts';
import { triggerOf } from './trigger.ts';
import { versionsOf } from './version.ts';

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
    const { copiesOnDisk } = await import('./copies-on-disk.ts');
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
  { collections, defaults }: Pick<FileOptions, 'collections' | 'defaults'>,
  store: ByteStore,
  host: Host,
): Promise<Source> {
  const tables = new Map<string, Served>();
  const files = sharedFiles(store);
  const background = refreshing(store);
  const problems: Fault[] = [];
  let remarks: readonly Remark[] = [];
  for (const [name, collection] of Object.entries(collections)) {
    try {
      tables.set(name, await serve(name, { collection, defaults }, { store, files, background }, host));
    } catch (error) {
      problems.push(toFault(error).at({ source: host.source, collection: name }));
    }
  }
  throwTogether(problems);
  background.start();
  return {
    model: {
      collections: [...tables.values()].map(({ collection }) => collection),
      operations: [],
      // The data is first looked at by a check.
      get remarks() {
        return remarks;
      },
    },
    access: (query) => accessOf(tables.get(query.collection), query),
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
      for (const served of tables.values()) await served[Symbol.asyncDispose]();
      await files[Symbol.asyncDispose]();
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

interface SharedFiles extends AsyncDisposable {
  file(path: string, packed: boolean): OneFile;
  /** What keeps newer versions from being shown. */
  stale(): readonly Fault[];
}

interface OneFile {
  readonly publication: PublishedFile;
  readonly shared: SharedFile;
}

/** Collections over one file, as of several record types, share what is open of it and what was unpacked. */
function sharedFiles(store: ByteStore): SharedFiles {
  const files = new Map<string, OneFile>();
  const unpacked: AsyncDisposable[] = [];
  return {
    file(path, packed) {
      const id = JSON.stringify([path, packed]);
      const known = files.get(id);
      if (known !== undefined) return known;
      const onStore = store.file(path);
      const whole = packed ? unpackedFile(onStore) : undefined;
      if (whole !== undefined) unpacked.push(whole);
      const publication = published(whole ?? onStore);
      const file = { publication, shared: sharedFile(publication) };
      files.set(id, file);
      return file;
    },
    stale: () => [...files.values()].flatMap(({ publication }) => publication.stale() ?? []),
    async [Symbol.asyncDispose]() {
      for (const { publication, shared } of files.values()) {
        await shared[Symbol.asyncDispose]();
        await publication[Symbol.asyncDispose]();
      }
      for (const file of unpacked) await file[Symbol.asyncDispose]();
    },
  };
}

async function serve(
  name: string,
  {
    collection,
    defaults,
  }: { readonly collection: CollectionOptions; readonly defaults?: PolicyOptions | undefined },
  {
    store,
    files,
    background,
  }: { readonly store: ByteStore; readonly files: SharedFiles; readonly background: Refreshing },
  host: Host,
): Promise<Served> {
  const { source, sliceMs } = host;
  const { files: set, path = '', compression, refresh, publish } = collection;
  if (set !== undefined) {
    const texts = await layoutTexts(collection, defaults, host.path);
    const opened = openSet(name, { ...collection, files: set }, texts, store, host);
    if (refresh !== undefined) background.add(refresh, opened.files, [set.glob]);
    return servedSet(opened);
  }
  const { publication, shared: stored } = files.file(path, compression === 'gzip');
  const texts = await layoutTexts(collection, defaults, host.path);
  const table = tableOf({ source, collection: name }, collection, texts);
  // Whatever one collection demands of the file holds for all over it.
  for (const gate of gatesOf({ source, path, table, options: collection, texts, store, sliceMs })) {
    publication.demand(gate);
  }
  if (refresh !== undefined) {
    const trigger = publish?.trigger;
    const paths = trigger === undefined ? [path] : [path, triggerOf(trigger, path)];
    background.add(refresh, publication, paths);
  }
  const versions = versionsOf({ source, table, stored, sliceMs });
  return servedFile({ source, table, stored, sliceMs, versions });
}

/** A query that is asked again is the same object: its predicate need not be generated again. */
const offers = new WeakMap<Query, { readonly served: Served; readonly access: Access }>();

function accessOf(served: Served | undefined, query: Query): Access {
  if (served === undefined) throw new Fault('not-found', `There is no collection "${query.collection}"`);
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
