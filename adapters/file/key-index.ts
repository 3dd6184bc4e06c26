// Knows: the keys of one file version in key order, and which record each belongs to.
// Must not know: bytes, layouts, files. It is given the keys in the order of the records.

import { compareValues, type Scalar, type Value } from '#spi';
import type { Slice } from './slices.ts';

/** A rank is a place in key order, a record a place in the file; both count from 0. */
export interface KeyIndex {
  readonly length: number;
  /** The records stand in the file in key order: rank and record are the same number. */
  readonly ascending: boolean;
  record(rank: number): number;
  key(rank: number): readonly Value[];
  /** Rank of the record with this key, or -1. */
  find(key: readonly Value[]): number;
  /** First rank whose key is greater than `key`; `length` if there is none. */
  above(key: readonly Value[]): number;
  /** First rank whose key is not less than `key`; `length` if there is none. */
  from(key: readonly Value[]): number;
}

/** Two records with one key; the numbers count from 0. */
export interface KeyTwins {
  readonly first: number;
  readonly second: number;
  readonly key: readonly Value[];
}

/** Collects the keys record by record, then puts them in order. */
export interface KeyCollector {
  add(key: readonly Value[]): void;
  /** The index, or the first two records (in key order) that have one key. */
  finish(ask: { readonly slice: Slice; readonly signal: AbortSignal }): Promise<KeyIndex | KeyTwins>;
}

/** One `types` entry for each part of the key. No key may hold a null. */
export function collectKeys(types: readonly Scalar[]): KeyCollector {
  // One array for each part of the key: an array of numbers or of texts is dense, an array of tuples is not.
  const columns: Value[][] = types.map(() => []);
  let length = 0;
  let ascending = true;

  const keyAt = (record: number): readonly Value[] => columns.map((column) => column[record] ?? null);
  const compareWith = (record: number, key: readonly Value[]): number => {
    for (const [part, type] of types.entries()) {
      const result = compareValues(type, columns[part]?.[record] ?? null, key[part] ?? null);
      if (result !== 0) return result;
    }
    return 0;
  };
  const compare = (a: number, b: number): number => {
    for (const [part, type] of types.entries()) {
      const column = columns[part];
      const result = compareValues(type, column?.[a] ?? null, column?.[b] ?? null);
      if (result !== 0) return result;
    }
    return 0;
  };

  return {
    add(key) {
      if (ascending && length > 0 && compareWith(length - 1, key) >= 0) ascending = false;
      for (const [part, column] of columns.entries()) column.push(key[part] ?? null);
      length++;
    },
    async finish(ask) {
      if (ascending) return index(length, undefined, compareWith, keyAt);
      const order = await sortInSlices(length, compare, ask);
      for (let rank = 1; rank < length; rank++) {
        const first = order[rank - 1] ?? 0;
        const second = order[rank] ?? 0;
        if (compare(first, second) === 0) return { first, second, key: keyAt(first) };
        if ((rank & 0xfff) === 0 && ask.slice.over()) await ask.slice.next();
      }
      return index(length, order, compareWith, keyAt);
    },
  };
}

export function isKeyIndex(built: KeyIndex | KeyTwins): built is KeyIndex {
  return 'ascending' in built;
}

function index(
  length: number,
  order: Uint32Array | undefined,
  compareWith: (record: number, key: readonly Value[]) => number,
  keyAt: (record: number) => readonly Value[],
): KeyIndex {
  const record = (rank: number): number => (order === undefined ? rank : (order[rank] ?? 0));
  /** First rank whose key compares with `key` as at least `least` (0: not less, 1: greater). */
  const lowest = (key: readonly Value[], least: 0 | 1): number => {
    let low = 0;
    let high = length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (Math.sign(compareWith(record(middle), key)) >= least) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  return {
    length,
    ascending: order === undefined,
    record,
    key: (rank) => keyAt(record(rank)),
    above: (key) => lowest(key, 1),
    from: (key) => lowest(key, 0),
    find(key) {
      const rank = lowest(key, 0);
      return rank < length && compareWith(record(rank), key) === 0 ? rank : -1;
    },
  };
}

const RUN = 2_048;

/**
 * The numbers below `length` in the order of `compare`, equal ones ascending: a bottom-up merge sort that stops
 * between runs for others. The engine's own sort cannot be interrupted.
 */
async function sortInSlices(
  length: number,
  compare: (a: number, b: number) => number,
  { slice, signal }: { readonly slice: Slice; readonly signal: AbortSignal },
): Promise<Uint32Array> {
  let from = new Uint32Array(length);
  for (let i = 0; i < length; i++) from[i] = i;
  for (let start = 0; start < length; start += RUN) {
    from.subarray(start, start + RUN).sort(compare);
    if (slice.over()) await slice.next();
    signal.throwIfAborted();
  }
  let to = new Uint32Array(length);
  for (let width = RUN; width < length; width *= 2) {
    for (let start = 0; start < length; start += 2 * width) {
      const middle = Math.min(start + width, length);
      const end = Math.min(start + 2 * width, length);
      let left = start;
      let right = middle;
      for (let at = start; at < end; at++) {
        const takeLeft = left < middle && (right >= end || compare(from[left] ?? 0, from[right] ?? 0) <= 0);
        to[at] = (takeLeft ? from[left++] : from[right++]) ?? 0;
        if ((at & 0xfff) === 0 && slice.over()) {
          await slice.next();
          signal.throwIfAborted();
        }
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
