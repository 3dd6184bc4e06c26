// Knows: which rows two moments of a collection do not have in common: found by walking both in the order of their keys.
// Must not know: what is told of them, who watches.

import { compareRows, type OrderKey, type Value } from '#spi';
import { heapOf } from '../reads/merge.ts';
import { type Slice, slices } from '../slices.ts';
import { fetchRows, keyReader, type Moment, type Part, rowsByKey, type Watched } from './moment.ts';

/** A row of a moment, by the number of its part and its own. */
export interface Place {
  readonly part: number;
  readonly row: number;
}

/** In the order of the keys; what is only `before` is gone, what is only `after` is new, both are one key with other bytes. */
export interface Differences {
  readonly length: number;
  at(i: number): { readonly before?: Place; readonly after?: Place };
}

/** Takes 16 bytes for each difference. Throws as a read of either moment does. */
export async function compareMoments(
  watched: Watched,
  before: Moment,
  after: Moment,
  signal: AbortSignal,
): Promise<Differences> {
  const order: readonly OrderKey[] = watched.key.map((part) => ({ ...part, descending: false }));
  const ranks = new Map(order.map((key, i) => [key, i]));
  const compare = (a: readonly Value[], b: readonly Value[]) =>
    compareRows(order, (key) => a[ranks.get(key) ?? 0] ?? null, b);
  const slice = slices(watched.sliceMs);
  const found = differences();
  const walkOf = (moment: Moment, other: Moment) => {
    // A version that both have has no differences.
    const common = new Set(other.parts.map(({ id }) => id));
    const parts = moment.parts.flatMap((part, i) => (common.has(part.id) ? [] : [{ part, i }]));
    return cursorOver(merged(watched, parts, compare, signal));
  };
  const old = walkOf(before, after);
  const fresh = walkOf(after, before);
  try {
    for (let step = 0; ; step++) {
      const a = old.head() ?? (await old.more());
      const b = fresh.head() ?? (await fresh.more());
      if (a === undefined && b === undefined) return found;
      const way = a === undefined ? 1 : b === undefined ? -1 : alike(a, b) ? 0 : compare(a.key(), b.key());
      if (way <= 0) old.pass();
      if (way >= 0) fresh.pass();
      if (way !== 0) found.add(way < 0 ? a : undefined, way < 0 ? undefined : b);
      else if (a !== undefined && b !== undefined && !alike(a, b)) found.add(a, b);
      if ((step & 0xff) === 0) await breathe(slice, signal);
    }
  } finally {
    await old.end();
    await fresh.end();
  }
}

async function breathe(slice: Slice, signal: AbortSignal): Promise<void> {
  if (!slice.over()) return;
  await slice.next();
  signal.throwIfAborted();
}

interface Entry extends Place {
  readonly bytes: Uint8Array;
  /** What the name of the file says. */
  readonly constants: Part['constants'];
  readonly key: () => readonly Value[];
}

/** Whoever has the same bytes, and a file whose name says the same, has the same key and the same values. */
function alike(a: Entry, b: Entry): boolean {
  const { length } = a.bytes;
  if (length !== b.bytes.length) return false;
  for (let i = 0; i < length; i++) if (a.bytes[i] !== b.bytes[i]) return false;
  const names = Object.keys(a.constants);
  return names.every((name) => a.constants[name] === b.constants[name]);
}

interface NumberedPart {
  readonly part: Part;
  readonly i: number;
}

async function* walk(
  watched: Watched,
  { part, i }: NumberedPart,
  signal: AbortSignal,
): AsyncGenerator<Entry, void> {
  const keyOf = keyReader(watched, part);
  const { constants } = part;
  for await (const numbers of rowsByKey(part, signal)) {
    let next = 0;
    for await (const [rows, at] of fetchRows(part, numbers, signal)) {
      const bytes = rows.bytes.slice(rows.start(at), rows.end(at));
      yield { part: i, row: numbers[next++] ?? 0, bytes, constants, key: () => keyOf(bytes) };
    }
  }
}

/** All rows of the parts, in the order of the whole key. */
async function* merged(
  watched: Watched,
  parts: readonly NumberedPart[],
  compare: (a: readonly Value[], b: readonly Value[]) => number,
  signal: AbortSignal,
): AsyncGenerator<Entry, void> {
  const walks = parts.map((part) => walk(watched, part, signal));
  const [only] = walks;
  if (only !== undefined && walks.length === 1) return yield* only;
  interface Head {
    readonly entries: AsyncGenerator<Entry, void>;
    entry: Entry;
    key: readonly Value[];
  }
  const heap = heapOf<Head>((a, b) => compare(a.key, b.key));
  try {
    for (const entries of walks) {
      const { value: entry } = await entries.next();
      if (entry !== undefined) heap.push({ entries, entry, key: entry.key() });
    }
    for (let head = heap.first(); head !== undefined; head = heap.first()) {
      yield head.entry;
      const { value: entry } = await head.entries.next();
      if (entry === undefined) heap.pop();
      else {
        head.entry = entry;
        head.key = entry.key();
        heap.settle();
      }
    }
  } finally {
    for (const entries of walks) await entries.return();
  }
}

/** One entry at a time. */
function cursorOver(entries: AsyncGenerator<Entry, void>) {
  let head: Entry | undefined;
  let ended = false;
  return {
    head: () => head,
    async more(): Promise<Entry | undefined> {
      if (ended) return undefined;
      const { value } = await entries.next();
      head = value ?? undefined;
      ended = head === undefined;
      return head;
    },
    pass(): void {
      head = undefined;
    },
    end: () => entries.return(),
  };
}

const NONE = 0xffff_ffff;

function differences() {
  const columns = [numbers(), numbers(), numbers(), numbers()] as const;
  const [oldParts, oldRows, newParts, newRows] = columns;
  const place = (parts: Numbers, rows: Numbers, i: number): Place | undefined =>
    rows.at(i) === NONE ? undefined : { part: parts.at(i), row: rows.at(i) };
  return {
    get length() {
      return oldRows.length;
    },
    add(before: Place | undefined, after: Place | undefined): void {
      oldParts.push(before?.part ?? NONE);
      oldRows.push(before?.row ?? NONE);
      newParts.push(after?.part ?? NONE);
      newRows.push(after?.row ?? NONE);
    },
    at(i: number) {
      const [before, after] = [place(oldParts, oldRows, i), place(newParts, newRows, i)];
      return {
        ...(before === undefined ? {} : { before }),
        ...(after === undefined ? {} : { after }),
      };
    },
  };
}

const CHUNK = 8_192;

/** Whole numbers below 2^32, of any number. */
function numbers() {
  const chunks: Uint32Array[] = [];
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(number: number): void {
      if (length % CHUNK === 0) chunks.push(new Uint32Array(CHUNK));
      const chunk = chunks.at(-1);
      if (chunk !== undefined) chunk[length % CHUNK] = number;
      length++;
    },
    at: (i: number): number => chunks[Math.floor(i / CHUNK)]?.[i % CHUNK] ?? NONE,
  };
}

type Numbers = ReturnType<typeof numbers>;
