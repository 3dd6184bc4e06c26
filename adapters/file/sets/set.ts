// Knows: what several files offer as one collection: which of them a query concerns, what each has to answer, and how the answers
// come together.
// Must not know: what is inside a record, how one file is read.

import {
  type Access,
  type Filter,
  fieldAt,
  fieldsOf,
  isComparable,
  type Order,
  type Query,
  type Remark,
  type Value,
} from '#spi';
import { checkIndexes, costOf, countingJourney, routed, type Served } from '../reads/offer.ts';
import { countRecords, cursorExpired } from '../reads/read.ts';
import { explain, type Route, routeOf } from '../reads/route.ts';
import type { Journey } from '../reads/selection.ts';
import { checkSample } from '../tables/sample.ts';
import type { VersionIndex } from '../versions/version.ts';
import { feedOf } from '../watch/feed.ts';
import { watchedSet } from '../watch/moment.ts';
import { type FileSet, memberTable, named } from './file-set.ts';
import { isSettled, remaining } from './member-filter.ts';
import type { View } from './set-files.ts';
import { setKeys } from './set-keys.ts';
import { type Part, readParts } from './set-read.ts';

/** `watchEveryMs`: how often newer versions are looked for while somebody watches. */
export function servedSet(of: FileSet, watchEveryMs: number): Served {
  const feed = feedOf(watchedSet(of), watchEveryMs);
  const keys = setKeys(of);
  const check = (view: View, signal: AbortSignal) => keys.check(view, { signal });
  return {
    collection: of.collection,
    offer: (query) => offer(of, query, check),
    stale: () => of.files.stale()[0],
    version: () => of.files.known(),
    async check(signal) {
      await using view = await of.files.open({ signal });
      for (const member of view.members) {
        await named(member, () => checkSample(memberTable(of, view, member), member.file, signal));
      }
      if (of.key.length > 0) await check(view, signal);
      const told: Remark[] = [];
      for (const member of view.members) {
        const own = memberTable(of, view, member);
        told.push(...(await named(member, () => checkIndexes(own, member.file, signal))));
      }
      const [held] = of.files.stale();
      if (held !== undefined) throw held;
      const { collection, table } = of;
      const message = `no file matches "${table.path}": the collection is empty`;
      return view.members.length > 0 ? told : [{ subject: `collection ${collection.name}`, message }];
    },
    watch: (how) => feed.watch(how),
    async [Symbol.asyncDispose]() {
      await feed[Symbol.asyncDispose]();
      await keys[Symbol.asyncDispose]();
      await of.files[Symbol.asyncDispose]();
    },
  };
}

function goesByKey(route: Route): boolean {
  return route.way === 'keys' || route.way === 'walk' || (route.way === 'ranges' && route.order === 'key');
}

async function hasSome(
  { keys, bytes }: VersionIndex,
  wanted: readonly (readonly Value[])[],
): Promise<boolean> {
  for (const key of wanted) if ((await keys.find(bytes.of(key))) >= 0) return true;
  return false;
}

type CheckKeys = (view: View, signal: AbortSignal) => Promise<void>;

function offer(of: FileSet, query: Query, checkKeys: CheckKeys): Access {
  const { table, constants } = of;
  const exact = query.where.map((conjunct) => isExact(of, conjunct));
  const where = query.where.filter((_, i) => exact[i]);
  const wanted = query.order.filter(({ field }) => !constants.has(field));
  /** Where the key is not known to give this order, no member comes in order. */
  const ordered = wanted.length === 0 || routeOf([], wanted, table.key).way === 'walk';
  const order = ordered ? wanted : [];
  const typical: Journey = routed(table, { where: typicalFilter(where, constants), order });
  const journeyOf = journeys(of, where, order);
  const partsOf = (view: View): readonly Part[] =>
    view.members.flatMap((member) => {
      const rest = remaining(where, member.constants);
      return rest === undefined ? [] : [{ member, where: rest, journey: journeyOf(rest) }];
    });
  /** Without the parts in which no key is found: of many files, a key is in one. */
  const checked = async (
    view: View,
    parts: readonly Part[],
    signal: AbortSignal,
  ): Promise<readonly Part[]> => {
    if (of.key.length === 0 || !parts.some(({ journey }) => goesByKey(journey.route))) return parts;
    await checkKeys(view, signal);
    const found: Part[] = [];
    for (const part of parts) {
      const { member, journey } = part;
      const { route } = journey;
      if (route.way !== 'keys') found.push(part);
      else {
        await using index = await named(member, () => member.versions.index(member.file, { signal }));
        if (await hasSome(index, route.keys)) found.push(part);
      }
    }
    return found;
  };
  return {
    where: exact.map((one) => (one ? 'exact' : 'none')),
    ordered,
    limits: true,
    cost: costOf(typical),
    explain: `each file of ${explain(typical.route, table.codec.layout, table.path, table.key, table.note)}`,
    async *read(ask) {
      await using view = await openAsked(of, query, ask.signal);
      const parts = await checked(view, partsOf(view), ask.signal);
      yield* readParts(of, { view, parts, order: ordered ? query.order : [] }, ask);
    },
    ...(exact.every((one) => one)
      ? {
          async count(ask) {
            await using view = await openAsked(of, query, ask.signal);
            const all = partsOf(view).map((part) => ({
              ...part,
              journey: countingJourney(table, part.where, part.journey),
            }));
            const parts = await checked(view, all, ask.signal);
            let count = 0;
            for (const { member, journey } of parts) {
              count += await named(member, () => countRecords(memberTable(of, view, member), journey, ask));
            }
            return count;
          },
        }
      : {}),
  };
}

/** Throws `stale` where a keyless page has to be of a version that is not there any more: its cursor counts rows of that version. */
async function openAsked(
  { files, collection }: FileSet,
  { version }: Query,
  signal: AbortSignal,
): Promise<View> {
  const view = await files.open({ signal, version });
  if (version === undefined || view.name === version || collection.key.length > 0) return view;
  await view[Symbol.asyncDispose]();
  throw cursorExpired(collection.name);
}

/** A condition on what names give is decided by the name; what it says of the records has to be decided by the records. */
function isExact({ table, constants }: FileSet, conjunct: Filter[number]): boolean {
  const own = fieldsOf([conjunct]).filter((field) => !constants.has(field));
  if (own.length === 0) return true;
  if (!isSettled(conjunct, constants)) return false;
  const asked = own.map((field): Filter[number] | undefined => {
    const type = fieldAt(table.collection.fields, field)?.type;
    return type !== undefined && isComparable(type) ? { op: 'null', field, type, is: true } : undefined;
  });
  const known = asked.filter((one) => one !== undefined);
  return (
    known.length === own.length &&
    table.codec.predicate(known).coverage.every((covered) => covered === 'exact')
  );
}

/** For people and for the cost: the filter as it reaches a member, as far as that does not depend on the member. */
function typicalFilter(where: Filter, constants: ReadonlySet<string>): Filter {
  return where.flatMap((conjunct): Filter => {
    const fields = fieldsOf([conjunct]);
    if (!fields.some((field) => constants.has(field))) return [conjunct];
    if (conjunct.op !== 'keys') return [];
    const own = conjunct.fields.map(({ field }) => !constants.has(field));
    if (!own.includes(true)) return [];
    const keys = conjunct.keys.map((key) => key.filter((_, i) => own[i]));
    return [{ op: 'keys', fields: conjunct.fields.filter((_, i) => own[i]), keys }];
  });
}

/** Members of which the same is asked share one generated predicate. */
function journeys({ table }: FileSet, where: Filter, order: Order): (rest: Filter) => Journey {
  const known = new Map<string, Journey>();
  return (rest) => {
    const places = rest.map((conjunct) => where.indexOf(conjunct));
    if (places.includes(-1)) return routed(table, { where: rest, order });
    const id = places.join();
    const journey = known.get(id) ?? routed(table, { where: rest, order });
    known.set(id, journey);
    return journey;
  };
}
