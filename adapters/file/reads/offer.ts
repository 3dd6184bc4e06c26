// Knows: what one file offers for a query, and when it is healthy.
// Must not know: how its layout came about, and other files.

import {
  type Access,
  type ChangeEvent,
  type Collection,
  Fault,
  type Filter,
  type Query,
  type Remark,
  type WatchHow,
} from '#spi';
import type { ByteFile } from '../store/byte-store.ts';
import { checkSample } from '../tables/sample.ts';
import type { Table } from '../tables/table.ts';
import { feedOf } from '../watch/feed.ts';
import { watchedFile } from '../watch/moment.ts';
import { countRecords, readBatches } from './read.ts';
import { bestRoute, explain } from './route.ts';
import type { Journey, OpenTable } from './selection.ts';

/** A collection that can be asked. */
export interface Served extends AsyncDisposable {
  readonly collection: Collection;
  offer(query: Query): Access;
  /** Throws the fault that keeps it from being read; what is odd and no fault it tells. */
  check(signal: AbortSignal): Promise<readonly Remark[]>;
  /** What keeps newer data from being shown while older data is. */
  stale?(): Fault | undefined;
  /** As of a source. */
  version(): string | undefined;
  watch(how: WatchHow): AsyncIterable<ChangeEvent>;
}

/** `watchEveryMs`: how often a newer version is looked for while somebody watches. */
export function servedFile(open: OpenTable, watchEveryMs: number): Served {
  const feed = feedOf(watchedFile(open), watchEveryMs);
  return {
    collection: open.table.collection,
    offer: (query) => offer(open, query),
    check: (signal) => checkTable(open, signal),
    version: () => open.stored.known?.(),
    watch: (how) => feed.watch(how),
    async [Symbol.asyncDispose]() {
      await feed[Symbol.asyncDispose]();
      await open.versions[Symbol.asyncDispose]();
    },
  };
}

function offer(newest: OpenTable, query: Query): Access {
  const { table } = newest;
  const { version } = query;
  const open = version === undefined ? newest : { ...newest, version };
  const { route, coverage, ...rest } = routed(table, query);
  const journey: Journey = { route, ...rest };
  return {
    where: coverage,
    ordered: route.ordered,
    limits: true,
    cost: costOf(journey),
    explain: explain(route, table.codec.layout, open.stored.path, table.key, table.note),
    read: (ask) => readBatches(open, journey, ask),
    ...(coverage.every((covered) => covered === 'exact')
      ? { count: (ask) => countRecords(open, countingJourney(table, query.where, journey), ask) }
      : {}),
  };
}

export function costOf({ route }: Journey): Access['cost'] {
  if (route.way === 'keys') return 'keys';
  return route.way === 'ranges' || (route.way === 'walk' && route.rest.length === 0) ? 'index' : 'scan';
}

/** The journey that answers most of a query. */
export function routed(
  table: Table,
  { where, order }: Pick<Query, 'where' | 'order'>,
): Journey & { readonly coverage: Access['where'] } {
  const route = bestRoute(where, order, table);
  const predicate = route.rest.length === 0 ? undefined : table.codec.predicate(route.rest);
  const rest = predicate?.coverage.values();
  const coverage = route.answered.map((answered) => (answered ? 'exact' : (rest?.next().value ?? 'none')));
  return {
    route,
    coverage,
    ...(predicate === undefined ? {} : { test: predicate.test }),
    ...(route.way === 'ranges' ? wholeOf(table, where, predicate?.coverage ?? []) : {}),
  };
}

/** Only where it tells apart what the ranges and the test do. */
function wholeOf(table: Table, where: Filter, rest: Access['where']): Pick<Journey, 'whole'> {
  const { coverage, test } = table.codec.predicate(where);
  const inexact = (covered: Access['where']): number => covered.filter((one) => one !== 'exact').length;
  return inexact(coverage) === inexact(rest) ? { whole: { where, test } } : {};
}

/** Counting needs no order, so no index is built for it; unless only the index answers all of the filter. */
export function countingJourney(table: Table, where: Filter, journey: Journey): Journey {
  const route = bestRoute(where, [], table);
  if (route.way === 'ranges') return routed(table, { where, order: [] });
  if (route.way !== 'scan') return journey;
  if (route.rest.length === 0) return { route };
  const { coverage, test } = table.codec.predicate(route.rest);
  return coverage.every((covered) => covered === 'exact') ? { route, test } : journey;
}

/** The file can be read, divides into records that the layout describes, and its key is unique. */
async function checkTable(of: OpenTable, signal: AbortSignal): Promise<readonly Remark[]> {
  await using file = await of.stored.open({ signal });
  await checkSample(of, file, signal);
  if (of.table.key.length > 0) {
    await using _ = await of.versions.index(file, { signal });
  }
  return checkIndexes(of, file, signal);
}

/** What is odd about the indexes of a file: nothing of it keeps a query from being answered. */
export async function checkIndexes(
  { table, stored, versions }: OpenTable,
  file: ByteFile,
  signal: AbortSignal,
): Promise<readonly Remark[]> {
  const subject = `collection ${table.collection.name}`;
  const told: Remark[] = [];
  for (const { id, unique } of table.indexes) {
    if (unique) continue;
    try {
      await using _ = await versions.index(file, { signal, id });
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'corrupt') throw error;
      const { record } = error.place;
      const place = record === undefined ? '' : ` (record ${record} of "${stored.path}")`;
      told.push({ subject, message: `the index ${id} cannot be made: ${error.message}${place}` });
    }
  }
  const trouble = versions.trouble();
  if (trouble !== undefined) {
    const message = `indexes of "${stored.path}" are in memory, and are made again after each start: ${trouble}`;
    told.push({ subject, message });
  }
  return told;
}
