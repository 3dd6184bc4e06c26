// Knows: the keys of one file version in their order, in pages, and which row each belongs to: only the pages that a question needs are
// looked at.
// Must not know: values and layouts; where pages are kept.

import { compareWith, copyBytes, type EntryRuns, ROW_BYTES, rowOf } from './entry-runs.ts';
import { DamagedPages, type Pages, type PageWriter } from './page-file.ts';
import type { Turns } from './sort-entries.ts';

/** A rank is a place in key order, a row a place in the file; both count from 0. Bytes of keys as of `KeyBytes`. */
export interface OrderedIndex {
  readonly length: number;
  /** The rows stand in the file in key order: rank and row are the same number. */
  readonly ascending: boolean;
  /** First rank whose key is not less than `key`; `length` if there is none. */
  from(key: Uint8Array): Promise<number>;
  /** Rank of the first row with this key, or -1. */
  find(key: Uint8Array): Promise<number>;
  row(rank: number): Promise<number>;
  /** Filled up with zeros. */
  key(rank: number): Promise<Uint8Array>;
  /** The rows from one rank up to, not including, another, as many at a time as stand on a page; backwards with `descending`. */
  rows(low: number, high: number, descending: boolean): AsyncGenerator<Float64Array, void>;
}

/** Two rows with one key, the first such in key order. */
export interface Twins {
  readonly first: number;
  readonly second: number;
}

/** What a file of an index says of itself. */
export interface IndexFacts {
  readonly width: number;
  readonly length: number;
  readonly ascending: boolean;
}

const PAGE_BYTES = 8_192;

/** Writes the entries in order. With `unique`, two rows that have one key end it. */
export async function writeIndex(
  runs: EntryRuns,
  {
    writer,
    unique,
    facts: more,
  }: { readonly writer: PageWriter; readonly unique: boolean; readonly facts: object },
  turns: Turns,
): Promise<Pages | Twins> {
  const { width, strict, ordered, length } = runs;
  const stride = width + ROW_BYTES;
  const page = new Uint8Array(Math.max(1, Math.floor(PAGE_BYTES / stride)) * stride);
  const firsts: Uint8Array[] = [];
  const looking = unique && !strict;
  let filled = 0;
  let before: Uint8Array | undefined;
  let twins: Twins | undefined;
  const flush = async (): Promise<void> => {
    if (filled === 0) return;
    firsts.push(page.slice(0, width));
    before = page.slice(filled - stride, filled);
    await writer.append(page.subarray(0, filled));
    filled = 0;
  };
  await runs.drain(
    {
      push(bytes, at, own) {
        if (looking && twins === undefined && (filled > 0 || before !== undefined)) {
          const from = filled > 0 ? filled - stride : 0;
          const last = filled > 0 ? page : (before ?? page);
          if (sameKey(last, from, width, bytes, at, own)) {
            twins = { first: rowOf(last, from + width), second: rowOf(bytes, at + own) };
          }
        }
        const shared = own < width ? own : width;
        copyBytes(bytes, at, shared, page, filled);
        for (let i = shared; i < width; i++) page[filled + i] = 0;
        copyBytes(bytes, at + own, ROW_BYTES, page, filled + width);
        filled += stride;
        return filled === page.length;
      },
      flush,
    },
    turns,
  );
  await flush();
  if (twins !== undefined) return twins;
  const summary = new Uint8Array(firsts.length * width);
  for (const [i, first] of firsts.entries()) summary.set(first, i * width);
  const facts: IndexFacts = { width, length, ascending: ordered };
  return writer.finish({ facts: { ...more, ...facts }, summary });
}

/** Keys of runs may be wider than all keys: what is behind is zeros. */
function sameKey(
  a: Uint8Array,
  from: number,
  width: number,
  b: Uint8Array,
  at: number,
  own: number,
): boolean {
  const shared = own < width ? own : width;
  for (let i = 0; i < shared; i++) if (a[from + i] !== b[at + i]) return false;
  for (let i = shared; i < width; i++) if (a[from + i] !== 0) return false;
  return true;
}

export function isTwins(made: Pages | Twins): made is Twins {
  return 'first' in made;
}

/** Throws `DamagedPages` for pages of something else. */
export function orderedIndex(pages: Pages): OrderedIndex {
  const { width, length, ascending } = indexFacts(pages.about.facts);
  const stride = width + ROW_BYTES;
  const perPage = Math.max(1, Math.floor(PAGE_BYTES / stride));
  const { summary } = pages.about;

  /** The last page that begins below the key, where the first entry that is not below it is, or right behind it. */
  const pageOf = (key: Uint8Array): number => {
    let low = 0;
    let high = pages.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareWith(summary, middle * width, width, key, key.length) < 0) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  };
  const from = async (key: Uint8Array): Promise<number> => {
    if (length === 0) return 0;
    const number = pageOf(key);
    const page = await pages.read(number);
    let low = 0;
    let high = page.length / stride;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareWith(page, middle * stride, width, key, key.length) < 0) low = middle + 1;
      else high = middle;
    }
    return number * perPage + low;
  };
  const row = async (rank: number): Promise<number> => {
    if (ascending) return rank;
    const page = await pages.read(Math.floor(rank / perPage));
    return rowOf(page, (rank % perPage) * stride + width);
  };
  const key = async (rank: number): Promise<Uint8Array> => {
    const page = await pages.read(Math.floor(rank / perPage));
    const at = (rank % perPage) * stride;
    return page.subarray(at, at + width);
  };
  return {
    length,
    ascending,
    from,
    row,
    key,
    async find(wanted) {
      const rank = await from(wanted);
      if (rank === length) return -1;
      const found = await key(rank);
      return compareWith(found, 0, width, wanted, wanted.length) === 0 ? rank : -1;
    },
    async *rows(low, high, descending) {
      const first = Math.floor(low / perPage);
      const last = Math.floor((high - 1) / perPage);
      for (let n = first; low < high && n <= last; n++) {
        const number = descending ? last - (n - first) : n;
        const begin = Math.max(low, number * perPage);
        const end = Math.min(high, (number + 1) * perPage);
        const rows = new Float64Array(end - begin);
        const page = ascending ? undefined : await pages.read(number);
        for (let i = 0; i < rows.length; i++) {
          const rank = descending ? end - 1 - i : begin + i;
          rows[i] = page === undefined ? rank : rowOf(page, (rank - number * perPage) * stride + width);
        }
        yield rows;
      }
    },
  };
}

function indexFacts(facts: unknown): IndexFacts {
  if (
    typeof facts === 'object' &&
    facts !== null &&
    'width' in facts &&
    'length' in facts &&
    'ascending' in facts
  ) {
    const { width, length, ascending } = facts;
    if (typeof width === 'number' && typeof length === 'number' && typeof ascending === 'boolean') {
      return { width, length, ascending };
    }
  }
  throw new DamagedPages('no index');
}
