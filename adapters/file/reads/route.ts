// Knows: how a query is best answered from one file: by keys, along the key order, or by looking at every record.
// Must not know: the data, and how the way is gone (read).

import type { Layout, Node } from '#codec/layout';
import { type Conjunct, type Filter, fieldsOf, type Operand, type Order, type Value } from '#spi';
import type { IndexOf } from '../indexes/index-of.ts';
import { directionOf, type KeyRange, rangesOf } from '../indexes/key-ranges.ts';

type Tuple = readonly Value[];

/** A bound of the key order; `above` and `from` are lower bounds, `below` and `upTo` upper ones. */
export interface Bound {
  readonly side: 'above' | 'from' | 'below' | 'upTo';
  readonly key: Tuple;
}

/** `rest`: what the way itself does not answer; `answered`: one entry for each conjunct of the query. */
export type Route = {
  readonly rest: Filter;
  readonly answered: readonly boolean[];
  /** The rows come in the query's order. */
  readonly ordered: boolean;
} & (
  | { readonly way: 'keys'; readonly keys: readonly Tuple[]; readonly descending: boolean }
  | { readonly way: 'walk'; readonly bounds: readonly Bound[]; readonly descending: boolean }
  | RangesWay
  | { readonly way: 'scan' }
);

/** Ranges of a declared index; the rows come in its order, or in that of the key, or as they stand in the file. */
export interface RangesWay {
  readonly way: 'ranges';
  readonly index: IndexOf;
  readonly ranges: readonly KeyRange[];
  readonly order: 'index' | 'key' | 'file';
  readonly descending: boolean;
  /** The way without the index, where there is one that gives as much order. */
  readonly without?: 'walk' | 'scan';
}

/** `key`: the key fields of the collection, none for a keyless one. */
export function routeOf(where: Filter, order: Order, key: readonly Operand[]): Route {
  const direction = keyDirection(order, key);
  const lookup = keyLookup(where, key);
  if (lookup !== undefined) {
    const single = lookup.keys.length < 2;
    return {
      way: 'keys',
      keys: lookup.keys,
      descending: direction === 'descending',
      ordered: single || order.length === 0 || direction !== undefined,
      ...without(where, lookup.used),
    };
  }
  if (direction !== undefined) {
    const descending = direction === 'descending';
    const bounds = where.map((conjunct) => boundOf(conjunct, key));
    const used = new Set(where.filter((_, i) => bounds[i] !== undefined));
    return {
      way: 'walk',
      bounds: bounds.filter((bound) => bound !== undefined),
      descending,
      ordered: true,
      ...without(where, used),
    };
  }
  return { way: 'scan', ordered: order.length === 0, ...without(where, new Set()) };
}

/**
 * The way by key, by a declared index, or by a scan. A lookup of keys is the best. Then a declared index that gives the order and answers
 * a part of the filter, or whose first field is given by equality; where neither the key nor an index gives the order, one that answers
 * anything. Of several, the one that gives the order, then the one with most fields given by equality, then the one that answers more.
 */
export function bestRoute(
  where: Filter,
  order: Order,
  { key, indexes }: { readonly key: readonly Operand[]; readonly indexes: readonly IndexOf[] },
): Route {
  const own = routeOf(where, order, key);
  if (own.way === 'keys') return own;
  const keyed = key.length > 0;
  let best: { readonly route: Route; readonly merit: readonly number[] } | undefined;
  for (const index of indexes) {
    if (index.unique) continue;
    const { ranges, used, equal, fixed } = rangesOf(where, index);
    const direction = order.length === 0 ? undefined : directionOf(order, index, { fixed, keyed });
    const { way } = own;
    if (way === 'ranges') continue;
    const worthwhile =
      own.way === 'walk'
        ? equal > 0 || (direction !== undefined && used.size > 0)
        : used.size > 0 || direction !== undefined;
    if (!worthwhile) continue;
    const merit = [Number(direction !== undefined), equal, used.size];
    if (best !== undefined && compareMerit(merit, best.merit) <= 0) continue;
    const inKeyOrder = direction === undefined && own.way === 'walk';
    const route: Route = {
      way: 'ranges',
      index,
      ranges,
      order: direction !== undefined ? 'index' : inKeyOrder ? 'key' : 'file',
      ...(way === 'walk' || direction === undefined ? { without: way } : {}),
      descending: direction === undefined ? inKeyOrder && own.descending : direction === 'descending',
      ordered: direction !== undefined || inKeyOrder || order.length === 0,
      ...without(where, used),
    };
    best = { route, merit };
  }
  return best?.route ?? own;
}

function compareMerit(a: readonly number[], b: readonly number[]): number {
  for (const [i, merit] of a.entries()) if (merit !== b[i]) return merit - (b[i] ?? 0);
  return 0;
}

function without(where: Filter, used: ReadonlySet<Conjunct>): Pick<Route, 'rest' | 'answered'> {
  return {
    rest: where.filter((conjunct) => !used.has(conjunct)),
    answered: where.map((conjunct) => used.has(conjunct)),
  };
}

/**
 * The direction in which the key order gives this order: all key fields first, in declared order and one direction. What
 * comes behind a whole key tells nothing apart.
 */
function keyDirection(order: Order, key: readonly Operand[]): 'ascending' | 'descending' | undefined {
  if (key.length === 0) return undefined;
  const descending = order[0]?.descending;
  const same = key.every(({ field }, i) => order[i]?.field === field && order[i]?.descending === descending);
  return same ? (descending ? 'descending' : 'ascending') : undefined;
}

/** The keys that the filter allows, if some of its conjuncts say so outright. */
function keyLookup(
  where: Filter,
  key: readonly Operand[],
): { readonly keys: readonly Tuple[]; readonly used: ReadonlySet<Conjunct> } | undefined {
  if (key.length === 0) return undefined;
  for (const conjunct of where) {
    const keys = keysOf(conjunct, key);
    // A null in a key is equal to nothing.
    if (keys !== undefined)
      return { keys: keys.filter((tuple) => !tuple.includes(null)), used: new Set([conjunct]) };
  }
  const parts = key.map(({ field }) =>
    where.find((conjunct) => conjunct.op === 'eq' && conjunct.field === field),
  );
  const tuple: Value[] = [];
  for (const part of parts) {
    if (part?.op !== 'eq' || part.value === null) return undefined;
    tuple.push(part.value);
  }
  return { keys: [tuple], used: new Set(parts.filter((part) => part !== undefined)) };
}

function keysOf(conjunct: Conjunct, key: readonly Operand[]): readonly Tuple[] | undefined {
  if (conjunct.op === 'in') {
    return key.length === 1 && conjunct.field === key[0]?.field
      ? conjunct.values.map((value) => [value])
      : undefined;
  }
  if (conjunct.op !== 'keys' || conjunct.fields.length !== key.length) return undefined;
  const places = key.map(({ field }) => conjunct.fields.findIndex((operand) => operand.field === field));
  if (places.includes(-1)) return undefined;
  return conjunct.keys.map((tuple) => places.map((place) => tuple[place] ?? null));
}

const SIDES = { gt: 'above', ge: 'from', lt: 'below', le: 'upTo' } as const;

function boundOf(conjunct: Conjunct, key: readonly Operand[]): Bound | undefined {
  switch (conjunct.op) {
    case 'gt':
    case 'ge':
    case 'lt':
    case 'le':
      return key.length === 1 && conjunct.field === key[0]?.field && conjunct.value !== null
        ? { side: SIDES[conjunct.op], key: [conjunct.value] }
        : undefined;
    case 'after':
      return cursorBound(conjunct, key, { ascending: 'above', descending: 'below' });
    case 'not': {
      // No key is null, so what does not come behind a cursor is at it or before it.
      const [only, ...more] = conjunct.of;
      return only?.op === 'after' && more.length === 0
        ? cursorBound(only, key, { ascending: 'upTo', descending: 'from' })
        : undefined;
    }
    default:
      return undefined;
  }
}

function cursorBound(
  { order, values }: Extract<Conjunct, { op: 'after' }>,
  key: readonly Operand[],
  sides: Readonly<Record<'ascending' | 'descending', Bound['side']>>,
): Bound | undefined {
  // With more than the key in it, a cursor of a row that has changed since could lie on either side of the row.
  const direction = order.length === key.length ? keyDirection(order, key) : undefined;
  return direction === undefined || values.includes(null)
    ? undefined
    : { side: sides[direction], key: values };
}

/** For people: the way, and the bytes that it looks at. No literal of the request. */
export function explain(
  route: Route,
  layout: Layout,
  path: string,
  key: readonly Operand[],
  note?: string,
): string {
  const names = key.map(({ field }) => field).join(', ');
  const looked = [...fieldsOf(route.rest)];
  const bytes = bytesOf(layout.nodes, looked);
  const looking =
    looked.length === 0
      ? ''
      : `, looking at ${bytes} of ${layout.length} bytes of each record (${looked.join(', ')})`;
  const remark = note === undefined ? '' : `; ${note}`;
  switch (route.way) {
    case 'keys':
      return `${path}: ${route.keys.length} keys through the index of ${names}${looking}${remark}`;
    case 'walk': {
      const range = route.bounds.length === 0 ? '' : ' from one key on';
      return `${path}: records in ${route.descending ? 'descending' : 'ascending'} order of ${names}${range}${looking}${remark}`;
    }
    case 'ranges': {
      const { index, ranges, order, descending } = route;
      const way = descending ? 'descending' : 'ascending';
      const fields = index.fields.map(({ field }) => field).join(', ');
      const inOrder = { index: `, in its ${way} order`, key: `, in ${way} order of ${names}`, file: '' }[
        order
      ];
      const many = ranges.length === 1 ? 'a range' : `${ranges.length} ranges`;
      return `${path}: ${many} of the index ${index.id} (${fields})${inOrder}${looking}${remark}`;
    }
    case 'scan':
      return `scan ${path}: every record in the file's order${looking}${remark}`;
  }
}

/** Bytes of a record that the fields of these paths take. */
function bytesOf(nodes: readonly Node[], paths: readonly string[], prefix = ''): number {
  return nodes.reduce((sum, node) => {
    const path = prefix + node.name;
    if (paths.includes(path)) return sum + node.length;
    return node.kind === 'group' ? sum + bytesOf(node.nodes, paths, `${path}.`) : sum;
  }, 0);
}
