// Knows: a source of files: opens its layouts, offers its collections, checks its data.
// Must not know: where files are (byte stores) and what bytes mean (codec).

import {
  type Access,
  defineAdapter,
  Fault,
  type FaultDetail,
  type Host,
  type Query,
  type Source,
  toFault,
} from '#spi';
import type { ByteStore } from './byte-store.ts';
import { diskStore } from './disk.ts';
import { unpackedFile } from './gzip.ts';
import { layoutTexts } from './layout-texts.ts';
import { type CollectionOptions, type FileOptions, options } from './options.ts';
import type { PolicyOptions } from './policy-options.ts';
import { countRecords, readBatches } from './read.ts';
import { explain, routeOf } from './route.ts';
import { checkSample } from './sample.ts';
import type { Journey, OpenTable } from './selection.ts';
import type { SftpOptions } from './sftp-options.ts';
import { type SharedFile, sharedFile } from './shared-file.ts';
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
  const store = await sftpStore(sftp, host);
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
  const tables = new Map<string, OpenTable>();
  const files = sharedFiles(store);
  const problems: Fault[] = [];
  for (const [name, collection] of Object.entries(collections)) {
    try {
      tables.set(name, await openTable(name, { collection, defaults }, files, host));
    } catch (error) {
      problems.push(toFault(error).at({ source: host.source, collection: name }));
    }
  }
  throwTogether(problems);
  return {
    model: { collections: [...tables.values()].map(({ table }) => table.collection), operations: [] },
    access: (query) => accessOf(tables.get(query.collection), query),
    async check(signal) {
      const found: Fault[] = [];
      for (const [name, open] of tables) {
        try {
          await checkTable(open, signal);
        } catch (error) {
          signal.throwIfAborted();
          found.push(toFault(error).at({ source: host.source, collection: name }));
        }
      }
      throwTogether(found);
      store.check?.();
    },
    async [Symbol.asyncDispose]() {
      for (const { versions } of tables.values()) await versions[Symbol.asyncDispose]();
      await files[Symbol.asyncDispose]();
    },
  };
}

interface SharedFiles extends AsyncDisposable {
  file(path: string, packed: boolean): SharedFile;
}

/** Collections over one file, as of several record types, share what is open of it and what was unpacked. */
function sharedFiles(store: ByteStore): SharedFiles {
  const files = new Map<string, SharedFile>();
  const unpacked: AsyncDisposable[] = [];
  return {
    file(path, packed) {
      const id = JSON.stringify([path, packed]);
      const known = files.get(id);
      if (known !== undefined) return known;
      const onStore = store.file(path);
      const whole = packed ? unpackedFile(onStore) : undefined;
      if (whole !== undefined) unpacked.push(whole);
      const file = sharedFile(whole ?? onStore);
      files.set(id, file);
      return file;
    },
    async [Symbol.asyncDispose]() {
      for (const file of [...files.values(), ...unpacked]) await file[Symbol.asyncDispose]();
    },
  };
}

async function openTable(
  name: string,
  {
    collection,
    defaults,
  }: { readonly collection: CollectionOptions; readonly defaults?: PolicyOptions | undefined },
  files: SharedFiles,
  { source, sliceMs, path }: Host,
): Promise<OpenTable> {
  const stored = files.file(collection.path, collection.compression === 'gzip');
  const texts = await layoutTexts(collection, defaults, path);
  const table = tableOf({ source, collection: name }, collection, texts);
  const versions = versionsOf({ source, table, stored, sliceMs });
  return { source, table, stored, sliceMs, versions };
}

/** A query that is asked again is the same object: its predicate need not be generated again. */
const offers = new WeakMap<Query, { readonly open: OpenTable; readonly access: Access }>();

function accessOf(open: OpenTable | undefined, query: Query): Access {
  if (open === undefined) throw new Fault('not-found', `There is no collection "${query.collection}"`);
  const known = offers.get(query);
  if (known?.open === open) return known.access;
  const access = offer(open, query);
  offers.set(query, { open, access });
  return access;
}

function offer(open: OpenTable, { collection, where, order }: Query): Access {
  const { table } = open;
  const route = routeOf(where, order, table.key);
  const predicate = route.rest.length === 0 ? undefined : table.codec.predicate(route.rest);
  const rest = predicate?.coverage.values();
  const coverage = route.answered.map((answered) => (answered ? 'exact' : (rest?.next().value ?? 'none')));
  const journey: Journey = { route, ...(predicate === undefined ? {} : { test: predicate.test }) };
  return {
    where: coverage,
    ordered: route.ordered,
    limits: true,
    cost: route.way === 'keys' ? 'keys' : route.way === 'walk' && route.rest.length === 0 ? 'index' : 'scan',
    explain: explain(route, table.codec.layout, open.stored.path, table.key, table.note),
    read: (ask) => readBatches(open, journey, ask),
    ...(coverage.every((covered) => covered === 'exact')
      ? {
          count: (ask) =>
            countRecords(open, countingJourney(open, { collection, where, order }, journey), ask),
        }
      : {}),
  };
}

/** Counting needs no order, so no index is built for it; unless only the index answers all of the filter. */
function countingJourney({ table }: OpenTable, { where }: Query, journey: Journey): Journey {
  const route = routeOf(where, [], table.key);
  if (route.way !== 'scan') return journey;
  if (route.rest.length === 0) return { route };
  const { coverage, test } = table.codec.predicate(route.rest);
  return coverage.every((covered) => covered === 'exact') ? { route, test } : journey;
}

/** The file can be read, divides into records that the layout describes, and its key is unique. */
async function checkTable(of: OpenTable, signal: AbortSignal): Promise<void> {
  const { table, stored, versions } = of;
  await using file = await stored.open({ signal });
  await checkSample(of, file, signal);
  if (table.key.length > 0) await versions.index(file, { signal });
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
