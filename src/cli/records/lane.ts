// Knows: one of several threads that share a conversion: each takes the next slice of the file, converts it, and writes it when all
// slices before it are written.
// Must not know: which form the rows have, and how the threads are started.

import { readSync } from 'node:fs';
import type { Block } from '../../codec/framing/block.ts';
import { blockOf, Found } from '../../codec/framing/found.ts';
import { framerOf } from '../../codec/framing/framer-of.ts';
import type { Framing } from '../../codec/framing/framing.ts';
import { Fault } from '../../fault.ts';
import { ByteSink } from '../../model/byte-sink.ts';
import type { Prepared } from './conversion.ts';
import { dropSeparator } from './convert-alone.ts';
import { type Converted, convertBlock } from './convert-block.ts';
import { BrokenPipe, writeAllSync } from './output.ts';
import { wholeBlocks } from './whole-blocks.ts';

/** What the lanes tell each other, in memory that all of them see. */
export interface Shared {
  /** By `LOCK`, `TAKEN`, `TURN` and `STATE`. */
  readonly words: Int32Array<SharedArrayBuffer>;
  /** By `OFFSET`, `RECORD`, `ROWS` and `REJECTED`; the first two belong to who holds the lock, the others to whose turn it is. */
  readonly numbers: Float64Array<SharedArrayBuffer>;
}

/** 1 while a lane takes a slice; slices taken; the slice to be written next; and one of the states below. */
const LOCK = 0;
const TAKEN = 1;
const TURN = 2;
const STATE = 3;
/** Where the next slice begins; the number of its first record; rows written and records rejected. */
const OFFSET = 0;
const RECORD = 1;
const ROWS = 2;
const REJECTED = 3;

const RUNNING = 0;
const FAILED = 1;
const BROKEN = 2;

export function shareConversion(offset: number): Shared {
  const shared: Shared = {
    words: new Int32Array(new SharedArrayBuffer(16)),
    numbers: new Float64Array(new SharedArrayBuffer(32)),
  };
  shared.numbers[OFFSET] = offset;
  return shared;
}

/** How far the lanes have come, and what they have done. */
export function sharedTotals({ words, numbers }: Shared): {
  readonly offset: number;
  readonly rows: number;
  readonly rejected: number;
  readonly broken: boolean;
} {
  return {
    offset: numbers[OFFSET] ?? 0,
    rows: numbers[ROWS] ?? 0,
    rejected: numbers[REJECTED] ?? 0,
    broken: words[STATE] === BROKEN,
  };
}

/** The other lanes stop before they write anything more. */
export function stopLanes({ words }: Shared): void {
  Atomics.compareExchange(words, STATE, RUNNING, FAILED);
  Atomics.notify(words, TURN);
  Atomics.notify(words, LOCK);
}

export interface LaneFiles {
  readonly input: number;
  /** Offset behind the last record. */
  readonly end: number;
  readonly out: number;
  readonly rejects?: number;
}

const SLICE = 1_048_576;

interface Slice {
  readonly number: number;
  readonly block?: Block;
  /** The records cannot be told apart any more. */
  readonly fault?: Fault;
}

/**
 * Works until the file has no more slices or another lane stops it. Throws the Fault that ended the conversion: of all lanes
 * exactly one does, and all rows before the bad record are written. `pause` is awaited between slices.
 */
export async function runLane(
  prepared: Prepared,
  files: LaneFiles,
  shared: Shared,
  pause?: () => Promise<void>,
): Promise<void> {
  const { rendering, test } = prepared;
  const take = taker(prepared.framing, files, shared);
  const out = new ByteSink(4 * SLICE);
  const rejects = files.rejects === undefined ? undefined : new ByteSink();
  const conversion = {
    rendering,
    out,
    ...(test === undefined ? {} : { test }),
    ...(rejects === undefined ? {} : { rejects }),
  };
  try {
    for (;;) {
      const slice = take();
      if (slice === undefined) return;
      const { block } = slice;
      const converted: Converted =
        block === undefined ? { rows: 0, rejected: 0 } : convertBlock(block, conversion);
      for (let state = turnOf(shared, slice.number); state !== 'mine'; state = turnOf(shared, slice.number)) {
        if (state === 'stopped') return;
        await pause?.();
      }
      if (shared.numbers[ROWS] === 0 && converted.rows > 0) dropSeparator(out, 0, rendering.separator);
      writeAllSync(files.out, out.bytes.subarray(0, out.length), 'the output');
      if (rejects !== undefined && files.rejects !== undefined) {
        writeAllSync(files.rejects, rejects.bytes.subarray(0, rejects.length), 'the rejects');
        rejects.length = 0;
      }
      out.length = 0;
      add(shared, ROWS, converted.rows);
      add(shared, REJECTED, converted.rejected);
      const fault = converted.fault ?? slice.fault;
      if (fault !== undefined) throw fault;
      Atomics.store(shared.words, TURN, slice.number + 1);
      Atomics.notify(shared.words, TURN);
      await pause?.();
    }
  } catch (error) {
    if (error instanceof BrokenPipe) Atomics.compareExchange(shared.words, STATE, RUNNING, BROKEN);
    stopLanes(shared);
    if (!(error instanceof BrokenPipe)) throw error;
  }
}

function add({ numbers }: Shared, at: number, more: number): void {
  numbers[at] = (numbers[at] ?? 0) + more;
}

/** Waits a while until all slices before this one are written. A thread that died would be waited for without end. */
function turnOf({ words }: Shared, slice: number): 'mine' | 'others' | 'stopped' {
  const turn = Atomics.load(words, TURN);
  if (turn !== slice && Atomics.load(words, STATE) === RUNNING) Atomics.wait(words, TURN, turn, 100);
  if (Atomics.load(words, STATE) !== RUNNING) return 'stopped';
  return Atomics.load(words, TURN) === slice ? 'mine' : 'others';
}

/** Takes slices from where the lane before left off; the block is valid until the next one is taken. */
function taker(framing: Framing, { input, end }: LaneFiles, shared: Shared): () => Slice | undefined {
  const { words, numbers } = shared;
  const found = new Found();
  const blocked = framing.kind === 'rdw' && framing.blocks;
  let buffer = new Uint8Array(SLICE);

  function faultIn(frame: () => void): { readonly fault?: Fault } {
    try {
      frame();
      return {};
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      numbers[OFFSET] = end;
      return { fault: error };
    }
  }

  function next(): Slice | undefined {
    const offset = numbers[OFFSET] ?? 0;
    if (Atomics.load(words, STATE) !== RUNNING || offset >= end) return undefined;
    const number = words[TAKEN] ?? 0;
    words[TAKEN] = number + 1;
    const record = numbers[RECORD] ?? 0;
    for (;;) {
      const length = readFully(input, buffer, offset, end);
      const last = offset + length >= end || length < buffer.length;
      const whole = wholeBlocks(framing, buffer, length, last);
      found.clear();
      // Each slice has a framer of its own: what an earlier one remembers may be known to another lane only.
      const framed = framerOf(framing);
      const consumed = whole === 0 ? 0 : framed.frame(buffer, 0, whole, { offset, record, last }, found);
      if (found.length > 0 || consumed > 0) {
        const block = blockOf(found, buffer, offset, record);
        numbers[RECORD] = record + found.length;
        numbers[OFFSET] = offset + consumed;
        if (!blocked || consumed === whole) return { number, block };
        // Within a block another framer would be lost: this one has stopped before a bad record.
        const stretch = { offset: offset + consumed, record: record + found.length, last };
        return {
          number,
          block,
          ...faultIn(() => framed.frame(buffer, consumed, whole, stretch, new Found())),
        };
      }
      if (last) {
        numbers[OFFSET] = end;
        return { number };
      }
      buffer = new Uint8Array(buffer.length * 2);
    }
  }

  return () => {
    lock(words);
    try {
      return next();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      // It is told when the slices before it are written; nobody takes another one.
      numbers[OFFSET] = end;
      return { number: (words[TAKEN] ?? 1) - 1, fault: error };
    } finally {
      Atomics.store(words, LOCK, 0);
      Atomics.notify(words, LOCK, 1);
    }
  };
}

function lock(words: Int32Array<SharedArrayBuffer>): void {
  while (Atomics.compareExchange(words, LOCK, 0, 1) !== 0) Atomics.wait(words, LOCK, 1, 100);
}

/** How many bytes there were up to `end`. */
function readFully(fd: number, into: Uint8Array, offset: number, end: number): number {
  const wanted = Math.min(into.length, end - offset);
  let filled = 0;
  while (filled < wanted) {
    const count = readSync(fd, into, filled, wanted - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}
