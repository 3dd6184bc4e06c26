// Knows: how any number of keys, given row by row, come out in their order: sorted in runs that fit in memory, which are then merged.
// Must not know: what the bytes of a key mean, and what becomes of the ordered entries.

import { heapOf } from '../reads/merge.ts';
import type { Pages, PageWriter } from './page-file.ts';
import { type Entries, sortEntries, type Turns } from './sort-entries.ts';

/** Behind its key an entry has the number of its row, the most significant byte first. */
export const ROW_BYTES = 5;

/** Takes entries in order. */
export interface EntrySink {
  /** `at`: where the entry begins in `bytes`; `width`: of its key, which zeros may fill up. True: to be flushed before the next. */
  push(bytes: Uint8Array, at: number, width: number): boolean;
  flush(): Promise<void>;
}

export interface EntryRuns extends AsyncDisposable {
  /** The key of the next row. False: not taken, to be given again after a `flush`. */
  add(key: Uint8Array, length: number): boolean;
  flush(turns: Turns): Promise<void>;
  /** Of the longest key so far. */
  readonly width: number;
  readonly length: number;
  /** So far no key was less than the one before it; with `strict`, none was equal to it either. */
  readonly ordered: boolean;
  readonly strict: boolean;
  /** Once, when all were added. */
  drain(sink: EntrySink, turns: Turns): Promise<void>;
}

/** Bytes of a run: what sorting takes in memory is one and a half of it. */
const RUN_BYTES = 33_554_432;
/** Bytes that are moved at once when a run outgrows its memory. */
const LARGEST_MOVE_BYTES = 4_194_304;
const CHUNK_BYTES = 262_144;
/** Entries that are given another width at once. */
const REWIDENED = 8_192;

interface Run {
  readonly stride: number;
  /** Its first chunk among the spilled pages, and how many chunks it has. */
  readonly first: number;
  readonly chunks: number;
}

/** `spill`: where runs go when there is more than one. */
export function entryRuns(spill: () => Promise<PageWriter>, runBytes = RUN_BYTES): EntryRuns {
  const runs: Run[] = [];
  let writer: PageWriter | undefined;
  let spilled: Pages | undefined;
  let chunks = 0;
  let width = 0;
  let bytes = new Uint8Array(4_096);
  /** Entries in the run at hand, and before it. */
  let count = 0;
  let before = 0;
  let widest = 0;
  let ordered = true;
  let strict = true;
  /** The run at hand came in order. */
  let sorted = true;
  let last = new Uint8Array(0);

  const stride = () => width + ROW_BYTES;
  const fits = (length: number): boolean => {
    if (length > width) {
      if (count > REWIDENED) return false;
      rewiden(Math.max(length, count === 0 ? 0 : Math.ceil(width * 1.25)));
    }
    const needed = (count + 1) * stride();
    if (needed <= bytes.length) return true;
    if (needed > runBytes && count > 0) return false;
    // To move much holds everybody up; memory that is not touched yet costs nothing.
    const next = 4 * bytes.length > LARGEST_MOVE_BYTES ? runBytes : 4 * bytes.length;
    const more = new Uint8Array(Math.max(needed, Math.min(runBytes, next)));
    more.set(bytes.subarray(0, count * stride()));
    bytes = more;
    return true;
  };
  const rewiden = (wider: number): void => {
    if (count > 0) {
      const old = stride();
      const next = wider + ROW_BYTES;
      const moved = new Uint8Array(Math.max(bytes.length, count * next));
      for (let i = 0; i < count; i++) {
        const at = i * old;
        moved.set(bytes.subarray(at, at + width), i * next);
        moved.set(bytes.subarray(at + width, at + old), i * next + wider);
      }
      bytes = moved;
    }
    width = wider;
  };
  const runAtHand = (): Entries => ({ bytes, stride: stride(), width, length: count });

  return {
    get width() {
      return widest;
    },
    get length() {
      return before + count;
    },
    get ordered() {
      return ordered;
    },
    get strict() {
      return ordered && strict;
    },
    add(key, length) {
      if (!fits(length)) return false;
      if (length > widest) widest = length;
      const at = count * stride();
      if (sorted && count > 0) {
        const difference = compareWith(bytes, at - stride(), width, key, length);
        if (difference > 0) {
          sorted = false;
          ordered = false;
        } else if (difference === 0) strict = false;
      } else if (count === 0 && before > 0 && ordered) {
        const difference = compareWith(last, 0, last.length, key, length);
        if (difference > 0) ordered = false;
        else if (difference === 0) strict = false;
      }
      for (let i = 0; i < length; i++) bytes[at + i] = key[i] ?? 0;
      for (let i = length; i < width; i++) bytes[at + i] = 0;
      putRow(bytes, at + width, before + count);
      count++;
      return true;
    },
    async flush(turns) {
      writer ??= await spill();
      const run = runAtHand();
      last = bytes.slice((count - 1) * stride(), (count - 1) * stride() + width);
      const chunk = chunksInto(writer, run.stride);
      await drainRun(run, sorted, chunk, turns);
      await chunk.flush();
      runs.push({ stride: run.stride, first: chunks, chunks: chunk.written() });
      chunks += chunk.written();
      before += count;
      count = 0;
      width = 0;
      sorted = true;
    },
    async drain(sink, turns) {
      if (runs.length === 0) return drainRun(runAtHand(), sorted, sink, turns);
      if (count > 0) await this.flush(turns);
      bytes = new Uint8Array(0);
      spilled = await writer?.finish({ facts: null, summary: new Uint8Array(0) });
      if (spilled === undefined) return;
      const cursors = runs.map((run) => cursorOn(spilled, run));
      if (ordered) for (const cursor of cursors) await drainCursor(cursor, sink, turns);
      else await mergeCursors(cursors, sink, turns);
    },
    async [Symbol.asyncDispose]() {
      await (spilled ?? writer)?.[Symbol.asyncDispose]();
    },
  };
}

export function putRow(bytes: Uint8Array, at: number, row: number): void {
  bytes[at] = Math.floor(row / 0x1_0000_0000);
  bytes[at + 1] = row >>> 24;
  bytes[at + 2] = row >>> 16;
  bytes[at + 3] = row >>> 8;
  bytes[at + 4] = row;
}

export function rowOf(bytes: Uint8Array, at: number): number {
  const low =
    (((bytes[at + 1] ?? 0) << 24) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 8) |
      (bytes[at + 4] ?? 0)) >>>
    0;
  return (bytes[at] ?? 0) * 0x1_0000_0000 + low;
}

/** An entry's key with a key that may be shorter or longer: the missing bytes are zeros. */
export function compareWith(
  bytes: Uint8Array,
  at: number,
  width: number,
  key: Uint8Array,
  length: number,
): number {
  const both = width < length ? width : length;
  for (let i = 0; i < both; i++) {
    const difference = (bytes[at + i] ?? 0) - (key[i] ?? 0);
    if (difference !== 0) return difference;
  }
  for (let i = both; i < width; i++) if (bytes[at + i] !== 0) return 1;
  for (let i = both; i < length; i++) if (key[i] !== 0) return -1;
  return 0;
}

async function drainRun(run: Entries, sorted: boolean, sink: EntrySink, turns: Turns): Promise<void> {
  const { bytes, stride, width, length } = run;
  const order = sorted ? undefined : await sortEntries(run, turns);
  for (let i = 0; i < length; i++) {
    if (sink.push(bytes, (order === undefined ? i : (order[i] ?? 0)) * stride, width)) await sink.flush();
    if ((i & 0xfff) === 0) await look(turns);
  }
}

/** Entries as they come, in pages of their own. */
function chunksInto(writer: PageWriter, stride: number): EntrySink & { written(): number } {
  const most = Math.max(1, Math.floor(CHUNK_BYTES / stride));
  const chunk = new Uint8Array(most * stride);
  let filled = 0;
  let written = 0;
  return {
    push(bytes, at) {
      copyBytes(bytes, at, stride, chunk, filled);
      filled += stride;
      return filled === chunk.length;
    },
    async flush() {
      if (filled === 0) return;
      await writer.append(chunk.subarray(0, filled));
      filled = 0;
      written++;
    },
    written: () => written,
  };
}

/** Keys are short: making a view costs more than copying them one by one. */
export function copyBytes(from: Uint8Array, start: number, length: number, to: Uint8Array, at: number): void {
  if (length > 48) to.set(from.subarray(start, start + length), at);
  else for (let i = 0; i < length; i++) to[at + i] = from[start + i] ?? 0;
}

/** The entry at hand of a run that was spilled. */
interface Cursor {
  readonly stride: number;
  bytes: Uint8Array;
  at: number;
  /** The next chunk; false: there is none. */
  next(): Promise<boolean>;
}

function cursorOn(pages: Pages | undefined, { stride, first, chunks }: Run): Cursor {
  let read = 0;
  const cursor: Cursor = {
    stride,
    bytes: new Uint8Array(0),
    at: 0,
    async next() {
      if (read === chunks || pages === undefined) return false;
      cursor.bytes = await pages.read(first + read);
      cursor.at = 0;
      read++;
      return true;
    },
  };
  return cursor;
}

async function drainCursor(cursor: Cursor, sink: EntrySink, turns: Turns): Promise<void> {
  while (await cursor.next()) {
    for (; cursor.at < cursor.bytes.length; cursor.at += cursor.stride) {
      if (sink.push(cursor.bytes, cursor.at, cursor.stride - ROW_BYTES)) await sink.flush();
    }
    await look(turns);
  }
}

async function mergeCursors(cursors: readonly Cursor[], sink: EntrySink, turns: Turns): Promise<void> {
  const heap = heapOf<Cursor>(compareCursors);
  for (const cursor of cursors) if (await cursor.next()) heap.push(cursor);
  let merged = 0;
  for (let cursor = heap.first(); cursor !== undefined; cursor = heap.first()) {
    if (sink.push(cursor.bytes, cursor.at, cursor.stride - ROW_BYTES)) await sink.flush();
    cursor.at += cursor.stride;
    if (cursor.at < cursor.bytes.length || (await cursor.next())) heap.settle();
    else heap.pop();
    if ((++merged & 0xfff) === 0) await look(turns);
  }
}

/** Equal keys in the order of their rows. */
function compareCursors(a: Cursor, b: Cursor): number {
  const width = a.stride - ROW_BYTES;
  const other = b.stride - ROW_BYTES;
  const both = width < other ? width : other;
  for (let i = 0; i < both; i++) {
    const difference = (a.bytes[a.at + i] ?? 0) - (b.bytes[b.at + i] ?? 0);
    if (difference !== 0) return difference;
  }
  for (let i = both; i < width; i++) if (a.bytes[a.at + i] !== 0) return 1;
  for (let i = both; i < other; i++) if (b.bytes[b.at + i] !== 0) return -1;
  return rowOf(a.bytes, a.at + width) - rowOf(b.bytes, b.at + other);
}

async function look({ slice, signal }: Turns): Promise<void> {
  if (!slice.over()) return;
  await slice.next();
  signal.throwIfAborted();
}
