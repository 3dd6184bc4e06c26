// Knows: which ranges of an index's keys hold all rows for which some conjuncts of a filter are true, and no other rows; and whether the
// index gives an order.
// Must not know: the data, other ways through a file.

import type { Conjunct, Filter, Order, Value } from '#spi';
import { type IndexOf, keyBytesOf } from './index-of.ts';
import { above, compareKeys, type KeyBytes } from './key-bytes.ts';

/** Keys from `from` on, below `below`; without it, to the end. */
export interface KeyRange {
  readonly from: Uint8Array;
  readonly below?: Uint8Array | undefined;
}

export interface Ranged {
  /** In key order; no two have a key in common. */
  readonly ranges: readonly KeyRange[];
  /** What they answer exactly. */
  readonly used: ReadonlySet<Conjunct>;
  /** How many fields, from the first one on, are answered by equality. */
  readonly equal: number;
  /** Fields that have one value in all of the ranges. */
  readonly fixed: ReadonlySet<string>;
}

/** Combinations of values of several `in` that are looked up one by one. */
const MOST_RANGES = 4_096;

/** Equality on the first fields, then bounds of the field behind them, and a cursor in the order of the index. */
export function rangesOf(where: Filter, index: IndexOf): Ranged {
  const bytes = keyBytesOf(index);
  const used = new Set<Conjunct>();
  const fixed = new Set<string>();
  let prefixes = leadingKeys(where, index, used);
  let equal = prefixes === undefined ? 0 : (prefixes[0]?.length ?? index.fields.length);
  prefixes ??= [[]];
  if (prefixes.length === 1) for (const { field } of index.fields.slice(0, equal)) fixed.add(field);
  for (; equal < index.fields.length; equal++) {
    const field = index.fields[equal]?.field ?? '';
    const found = equality(where, field, equal < index.nullable);
    if (found === undefined || prefixes.length * found.values.length > MOST_RANGES) break;
    used.add(found.conjunct);
    if (found.values.length === 1) fixed.add(field);
    prefixes = prefixes.flatMap((prefix) => found.values.map((value) => [...prefix, value]));
  }
  const bound = boundsOf(where, index.fields[equal]?.field, used);
  const cursors = where.flatMap((conjunct) => cursorRange(conjunct, { index, bytes, prefixes }, used));
  const ranges = prefixes.map((prefix) => {
    const start = bytes.of(prefix);
    const whole: KeyRange = { from: start, below: above(start) };
    return [...bound.map((one) => one(bytes, prefix)), ...cursors].reduce(intersection, whole);
  });
  return { ranges: apart(ranges), used, equal, fixed };
}

/**
 * The direction in which the index gives the order: its fields one behind the other, but for those that have one value. All fields have to be
 * told, which makes the order total: without a key, rows with equal fields are in the file's order, ascending only.
 */
export function directionOf(
  order: Order,
  { fields }: IndexOf,
  { fixed, keyed }: { readonly fixed: ReadonlySet<string>; readonly keyed: boolean },
): 'ascending' | 'descending' | undefined {
  let next = 0;
  let direction: boolean | undefined;
  const skip = (until: string): void => {
    for (; next < fields.length; next++) {
      const { field } = fields[next] ?? { field: until };
      if (field === until || !fixed.has(field)) return;
    }
  };
  for (const { field, descending } of order) {
    skip(field);
    // Behind a whole key nothing is left to be told apart.
    if (next === fields.length && keyed) break;
    if (fields[next]?.field !== field) {
      if (fixed.has(field)) continue;
      return undefined;
    }
    next++;
    if (fixed.has(field)) continue;
    direction ??= descending;
    if (direction !== descending) return undefined;
  }
  skip('');
  if (next < fields.length || (direction === true && !keyed)) return undefined;
  return direction === true ? 'descending' : 'ascending';
}

/** Keys of a batched lookup over the first fields of the index. */
function leadingKeys(
  where: Filter,
  { fields }: IndexOf,
  used: Set<Conjunct>,
): (readonly Value[])[] | undefined {
  for (const conjunct of where) {
    if (conjunct.op !== 'keys' || conjunct.fields.length > fields.length) continue;
    const places = fields
      .slice(0, conjunct.fields.length)
      .map(({ field }) => conjunct.fields.findIndex((operand) => operand.field === field));
    if (places.includes(-1)) continue;
    used.add(conjunct);
    // A null in a key is equal to nothing.
    return conjunct.keys
      .filter((key) => !key.includes(null))
      .map((key) => places.map((place) => key[place] ?? null));
  }
  return undefined;
}

function equality(
  where: Filter,
  field: string,
  nullable: boolean,
): { readonly conjunct: Conjunct; readonly values: readonly Value[] } | undefined {
  for (const conjunct of where) {
    if (!('field' in conjunct) || conjunct.field !== field) continue;
    // Nothing is equal to a null, not even another.
    if (conjunct.op === 'eq') return { conjunct, values: conjunct.value === null ? [] : [conjunct.value] };
    if (conjunct.op === 'in') return { conjunct, values: conjunct.values.filter((value) => value !== null) };
    if (conjunct.op === 'null' && conjunct.is) return { conjunct, values: nullable ? [null] : [] };
  }
  return undefined;
}

type BoundOf = (bytes: KeyBytes, prefix: readonly Value[]) => KeyRange;

const NONE: KeyRange = { from: new Uint8Array(0), below: new Uint8Array(0) };

/** A comparison is never true of a null. */
function boundsOf(where: Filter, field: string | undefined, used: Set<Conjunct>): readonly BoundOf[] {
  return where.flatMap((conjunct): readonly BoundOf[] => {
    if (!('field' in conjunct) || conjunct.field !== field || used.has(conjunct)) return [];
    const bound = boundOf(conjunct);
    if (bound === undefined) return [];
    used.add(conjunct);
    return [bound];
  });
}

function boundOf(conjunct: Conjunct): BoundOf | undefined {
  switch (conjunct.op) {
    case 'gt':
    case 'ge':
    case 'lt':
    case 'le': {
      const { op, value } = conjunct;
      if (value === null) return () => NONE;
      return (bytes, prefix) => {
        const key = bytes.of([...prefix, value]);
        const bound = op === 'gt' || op === 'le' ? above(key) : key;
        if (op === 'gt') return bound === undefined ? NONE : { from: bound };
        if (op === 'ge') return { from: key };
        return { from: bytes.beginning(prefix, ''), below: bound };
      };
    }
    case 'startsWith': {
      if (conjunct.type.kind !== 'string') return undefined;
      const { value } = conjunct;
      return (bytes, prefix) => {
        const start = bytes.beginning(prefix, value);
        return { from: start, below: above(start) };
      };
    }
    case 'null':
      return conjunct.is ? undefined : (bytes, prefix) => ({ from: bytes.beginning(prefix, '') });
    default:
      return undefined;
  }
}

interface Before {
  readonly index: IndexOf;
  readonly bytes: KeyBytes;
  readonly prefixes: readonly (readonly Value[])[];
}

/** Rows behind a cursor, or (`not`) at it or before it. */
function cursorRange(conjunct: Conjunct, before: Before, used: Set<Conjunct>): readonly KeyRange[] {
  const inner = conjunct.op === 'not' && conjunct.of.length === 1 ? conjunct.of[0] : conjunct;
  if (inner?.op !== 'after') return [];
  const tuple = cursorTuple(inner, before);
  if (tuple === undefined) return [];
  used.add(conjunct);
  const behind = conjunct.op === 'after';
  const descending = inner.order[0]?.descending === true;
  const key = before.bytes.of(tuple);
  // Behind it in ascending order, or before it in descending order, is what is greater.
  if (behind !== descending) {
    const from = behind ? above(key) : key;
    return [from === undefined ? NONE : { from }];
  }
  return [{ from: new Uint8Array(0), below: behind ? key : above(key) }];
}

/** The place of a cursor in the index: its order is that of the fields, from the first one on or behind the only prefix. */
function cursorTuple(
  { order, values }: Extract<Conjunct, { op: 'after' }>,
  { index, prefixes }: Before,
): readonly Value[] | undefined {
  const descending = order[0]?.descending;
  const [prefix] = prefixes;
  for (const start of prefixes.length === 1 && prefix !== undefined && prefix.length > 0
    ? [[], prefix]
    : [[]]) {
    const fits = order.every(
      ({ field, descending: one }, i) =>
        one === descending &&
        index.fields[start.length + i]?.field === field &&
        isPossible(values[i], start.length + i, index),
    );
    if (fits) return [...start, ...values];
  }
  return undefined;
}

function isPossible(value: Value | undefined, place: number, { nullable }: IndexOf): boolean {
  return value !== undefined && (value !== null || place < nullable);
}

function intersection(a: KeyRange, b: KeyRange): KeyRange {
  const from = compareKeys(a.from, b.from) >= 0 ? a.from : b.from;
  if (a.below === undefined || b.below === undefined) return { from, below: a.below ?? b.below };
  return { from, below: compareKeys(a.below, b.below) <= 0 ? a.below : b.below };
}

/** In order, without empty ones; equal ones once. */
function apart(ranges: readonly KeyRange[]): readonly KeyRange[] {
  return ranges
    .filter(({ from, below }) => below === undefined || compareKeys(from, below) < 0)
    .toSorted((a, b) => compareKeys(a.from, b.from))
    .filter(({ from }, i, sorted) => {
      const before = sorted[i - 1];
      return before === undefined || compareKeys(before.from, from) !== 0;
    });
}
