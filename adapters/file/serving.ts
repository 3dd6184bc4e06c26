// Knows: how the options of a collection become what is read of it, and what writes it if it is written.
// Must not know: other collections, queries, changes.

import type { Host } from '#spi';
import type { IndexKeeper } from './indexes/index-keeper.ts';
import type { CollectionOptions } from './options/options.ts';
import type { PolicyOptions } from './options/policy-options.ts';
import type { SetOptions } from './options/set-options.ts';
import { type Served, servedFile } from './reads/offer.ts';
import type { Scans } from './scans/scans.ts';
import { openSet } from './sets/open-set.ts';
import { servedSet } from './sets/set.ts';
import type { ByteStore } from './store/byte-store.ts';
import { layoutTexts } from './tables/layout-texts.ts';
import type { LayoutTexts } from './tables/reading.ts';
import { tableOf } from './tables/table.ts';
import { gatesOf } from './versions/gates.ts';
import type { Keepers } from './versions/keepers.ts';
import type { Refreshing } from './versions/refreshing.ts';
import type { SharedFiles } from './versions/shared-files.ts';
import { triggerOf } from './versions/trigger.ts';
import { versionsOf } from './versions/version.ts';
import { type Agreements, placeOf } from './write/agreements.ts';
import { outboxWriter } from './write/outbox.ts';
import { notEditable, recordingOf, refused } from './write/writable.ts';
import type { Writer } from './write/write.ts';
import type { Written } from './write/writers.ts';

/** What the collections of a source share. */
export interface Parts {
  readonly store: ByteStore;
  readonly files: SharedFiles;
  readonly background: Refreshing;
  readonly scans: Scans;
  readonly indexes: IndexKeeper;
  readonly keepers: Keepers | undefined;
  /** How often newer data is looked for while somebody watches, in milliseconds. */
  readonly watchEveryMs: number;
  readonly agreements: Agreements;
  readonly host: Host;
  /** How fields are read, of the source. */
  readonly defaults?: PolicyOptions | undefined;
}

/** A collection as it is read, and as it is written if it is. */
export interface Serving {
  readonly served: Served;
  readonly written?: Written;
  readonly outbox?: Writer;
}

/** The data is not touched: only layouts are read here. Throws a misconfigured Fault for what cannot be served. */
export async function serve(name: string, options: CollectionOptions, parts: Parts): Promise<Serving> {
  const texts = await layoutTexts(options, parts.defaults, parts.host);
  const { files } = options;
  const serving =
    files === undefined
      ? serveFile(name, options, texts, parts)
      : serveSet(name, { ...options, files }, texts, parts);
  const why = parts.agreements.get(placeOf(options));
  if (why === undefined || (serving.written ?? serving.outbox) === undefined) return serving;
  throw refused(serving.served.collection, why);
}

function serveSet(
  name: string,
  options: CollectionOptions & { readonly files: SetOptions },
  texts: LayoutTexts,
  { store, background, scans, indexes, keepers, watchEveryMs, host }: Parts,
): Serving {
  const { refresh, outbox } = options;
  const plain = { ...openSet(name, options, texts, { store, indexes, keepers }, host), scans };
  if (refresh !== undefined) background.add(refresh, plain.files, [options.files.glob]);
  const recording = recordingOf(plain.table, options, texts, plain.collection);
  if (recording === undefined) return { served: servedSet(plain, watchEveryMs) };
  const set = { ...plain, collection: recording.collection };
  const { path: pattern = '' } = outbox ?? {};
  const { sliceMs } = host;
  return {
    served: servedSet(set, watchEveryMs),
    outbox: outboxWriter({ recording, set, store, pattern, sliceMs }),
  };
}

function serveFile(name: string, options: CollectionOptions, texts: LayoutTexts, parts: Parts): Serving {
  const { store, files, background, scans, indexes, watchEveryMs, host } = parts;
  const { source, sliceMs } = host;
  const { path = '', compression, refresh, publish } = options;
  const { publication, shared, read } = files.file(path, compression === 'gzip');
  const plain = tableOf({ source, collection: name }, options, texts);
  const recording = recordingOf(plain, options, texts);
  const table = recording === undefined ? plain : { ...plain, collection: recording.collection };
  // Whatever one collection demands of the file holds for all over it.
  for (const gate of gatesOf({ source, path, table, options, texts, store, sliceMs })) {
    publication.demand(gate);
  }
  if (refresh !== undefined) {
    const trigger = publish?.trigger;
    const paths = trigger === undefined ? [path] : [path, triggerOf(trigger, path)];
    background.add(refresh, publication, paths);
  }
  const versions = versionsOf({ source, table, stored: read, sliceMs, indexes });
  const served = servedFile({ source, table, stored: read, sliceMs, versions, scans }, watchEveryMs);
  if (recording === undefined) return { served };
  if (publication.edit === undefined) throw notEditable(table.collection);
  const writable = { ...recording, source, table, stored: publication, shared, versions, sliceMs, indexes };
  return { served, written: { writable, replaced: options.replace === true } };
}
