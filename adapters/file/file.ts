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
import type { ByteStore, StoredFile } from './byte-store.ts';
import { diskStore } from './disk.ts';
import { unpackedFile } from './gzip.ts';
import { type Keepers, keepersOf } from './keepers.ts';
import { keptFile } from './kept-file.ts';
import { layoutTexts } from './layout-texts.ts';
import { type Served, servedFile } from './offer.ts';
import { openSet } from './open-set.ts';
import { type CollectionOptions, type FileOptions, options } from './options.ts';
import type { PolicyOptions } from './policy-options.ts';
import { servedSet } from './set.ts';
import type { SftpOptions } from './sftp-options.ts';
import { sharedFile } from './shared-file.ts';
import { tableOf } from './table.ts';
import { versionsOf } from './version.ts';

/** Files on a disk, each a table: records in any format by a copybook, or lines of text by a parse map. */
export const adapter = defineAdapter<FileOptions>({
  name: 'file',
  options,
  open: async (given, host) => {
    const { store } = given;
    if (store !== undefined && 'sftp' in store) return sftpSource(given, store.sftp, host);
    return fileSource(given, diskStore(host.path(given.root ?? store?.disk.root ?? '.')), host);
  },
});

async function sftpSource(given: FileOptions, sftp: SftpOptions, host: Host): Promise<Source> {
  const { sftpStore } = await import('./sftp/store.ts');
  const store = await sftpStore({ sftp, cache: given.cache }, host);
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
  given: Pick<FileOptions, 'collections' | 'defaults' | 'keepVersions' | 'watchEveryMs'>,
  store: ByteStore,
  host: Host,
): Promise<Source> {
  const { collections, defaults, keepVersions, watchEveryMs } = given;
  const tables = new Map<string, Served>();
  const keepers = keepersOf(keepVersions);
  const files = sharedFiles(store, keepers);
  const problems: Fault[] = [];
  let remarks: readonly Remark[] = [];
  for (const [name, collection] of Object.entries(collections)) {
    try {
      tables.set(
        name,
        await serve(name, { collection, defaults }, { store, files, keepers, watchEveryMs }, host),
      );
    } catch (error) {
      problems.push(toFault(error).at({ source: host.source, collection: name }));
    }
  }
  throwTogether(problems);
  return {
    model: {
      // It costs nothing before somebody watches.
      collections: [...tables.values()].map(({ collection }) => ({ ...collection, watchable: true })),
      operations: [],
      // The data is first looked at by a check.
      get remarks() {
        return remarks;
      },
    },
    access: (query) => accessOf(servedAt(tables, query.collection), query),
    watch: (collection, how) => servedAt(tables, collection).watch(how),
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
      throwTogether(found);
      store.check?.();
    },
    async [Symbol.asyncDispose]() {
      for (const served of tables.values()) await served[Symbol.asyncDispose]();
      await files[Symbol.asyncDispose]();
      await keepers?.[Symbol.asyncDispose]();
    },
  };
}

interface SharedFiles extends AsyncDisposable {
  file(path: string, packed: boolean): StoredFile;
}

/** Collections over one file, as of several record types, share what is open of it and what was unpacked. */
function sharedFiles(store: ByteStore, keepers: Keepers | undefined): SharedFiles {
  const files = new Map<string, StoredFile>();
  /** Layer by layer, the outer ones first. */
  const layers: AsyncDisposable[] = [];
  return {
    file(path, packed) {
      const id = JSON.stringify([path, packed]);
      const known = files.get(id);
      if (known !== undefined) return known;
      const onStore = store.file(path);
      const whole = packed ? unpackedFile(onStore) : undefined;
      if (whole !== undefined) layers.unshift(whole);
      const shared = sharedFile(whole ?? onStore);
      layers.unshift(shared);
      const keeper = packed ? keepers?.unpacked : keepers?.open;
      const kept = keeper === undefined ? undefined : keptFile(shared, keeper);
      if (kept !== undefined) layers.unshift(kept);
      const file = kept ?? shared;
      files.set(id, file);
      return file;
    },
    async [Symbol.asyncDispose]() {
      for (const layer of layers) await layer[Symbol.asyncDispose]();
    },
  };
}

/** Where files are, and what all collections share. */
interface Places {
  readonly store: ByteStore;
  readonly files: SharedFiles;
  readonly keepers: Keepers | undefined;
  readonly watchEveryMs: number;
}

async function serve(
  name: string,
  {
    collection,
    defaults,
  }: { readonly collection: CollectionOptions; readonly defaults?: PolicyOptions | undefined },
  { store, files, keepers, watchEveryMs }: Places,
  host: Host,
): Promise<Served> {
  const { source, sliceMs } = host;
  const { files: set, path = '', compression } = collection;
  if (set !== undefined) {
    const texts = await layoutTexts(collection, defaults, host.path);
    return servedSet(openSet(name, { ...collection, files: set }, texts, store, keepers, host), watchEveryMs);
  }
  const stored = files.file(path, compression === 'gzip');
  const texts = await layoutTexts(collection, defaults, host.path);
  const table = tableOf({ source, collection: name }, collection, texts);
  const versions = versionsOf({ source, table, stored, sliceMs });
  return servedFile({ source, table, stored, sliceMs, versions }, watchEveryMs);
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
