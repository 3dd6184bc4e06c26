// Knows: how many entries of one length are put in the order of their leading bytes, without holding anybody up.
// Must not know: what the bytes mean.

import type { Slice } from '../slices.ts';

/** Entries one behind the other: `stride` bytes each, of which the first `width` are compared. */
export interface Entries {
  readonly bytes: Uint8Array;
  readonly stride: number;
  readonly width: number;
  readonly length: number;
}

export interface Turns {
  readonly slice: Slice;
  readonly signal: AbortSignal;
}

/** Numbers handled between two looks at the clock. */
const PER_LOOK = 16_384;
/** Groups up to this size are sorted at once. */
const SMALL = 256;

/**
 * The numbers of the entries in order, equal ones ascending: a radix sort from the last byte to the first, which is stable, reads every
 * byte twice, and can stop anywhere. Of wide keys only `AT_ONCE` bytes are taken at a time; what they leave equal is sorted by the next.
 */
export async function sortEntries(entries: Entries, turns: Turns): Promise<Uint32Array> {
  const order = new Uint32Array(entries.length);
  for (let i = 0; i < order.length; ) {
    const end = Math.min(order.length, i + PER_LOOK);
    for (; i < end; i++) order[i] = i;
    await look(turns);
  }
  const spare = new Uint32Array(entries.length);
  await sortRange(entries, { order, spare, from: 0, to: order.length, byte: 0 }, turns);
  return order;
}

const AT_ONCE = 16;

interface Range {
  readonly order: Uint32Array;
  readonly spare: Uint32Array;
  readonly from: number;
  readonly to: number;
  /** All entries of the range have equal bytes before this one. */
  readonly byte: number;
}

async function sortRange(entries: Entries, range: Range, turns: Turns): Promise<void> {
  const { order, from, to } = range;
  const { width } = entries;
  for (let { byte } = range; byte < width; ) {
    if (to - from <= SMALL) {
      order.subarray(from, to).sort((a, b) => compareFrom(entries, byte, a, b) || a - b);
      return;
    }
    // Bytes that all have in common say nothing.
    const telling: number[] = [];
    for (; byte < width && telling.length < AT_ONCE; byte++) {
      if (!(await isCommon(entries, range, byte, turns))) telling.push(byte);
    }
    for (const at of telling.toReversed()) await sortByByte(entries, range, at, turns);
    if (byte >= width || telling.length === 0) continue;
    await sortTies(entries, { ...range, byte }, telling, turns);
    return;
  }
}

/** Groups that the bytes so far leave equal are sorted by what follows. */
async function sortTies(
  entries: Entries,
  { order, spare, from, to, byte }: Range,
  telling: readonly number[],
  turns: Turns,
): Promise<void> {
  const { bytes, stride } = entries;
  const isTie = (a: number, b: number): boolean =>
    telling.every((at) => bytes[a * stride + at] === bytes[b * stride + at]);
  let start = from;
  for (let i = from + 1; i <= to; i++) {
    if (i < to && isTie(order[start] ?? 0, order[i] ?? 0)) continue;
    if (i - start > 1) await sortRange(entries, { order, spare, from: start, to: i, byte }, turns);
    start = i;
    if ((i & 0xfff) === 0) await look(turns);
  }
}

async function isCommon(
  { bytes, stride }: Entries,
  { order, from, to }: Range,
  at: number,
  turns: Turns,
): Promise<boolean> {
  const first = bytes[(order[from] ?? 0) * stride + at];
  for (let i = from; i < to; ) {
    const end = Math.min(to, i + PER_LOOK);
    for (; i < end; i++) if (bytes[(order[i] ?? 0) * stride + at] !== first) return false;
    await look(turns);
  }
  return true;
}

async function sortByByte(
  { bytes, stride }: Entries,
  { order, spare, from, to }: Range,
  at: number,
  turns: Turns,
): Promise<void> {
  /** How many entries have the byte, then where the next of them goes. */
  const places = new Uint32Array(256);
  for (let i = from; i < to; ) {
    const end = Math.min(to, i + PER_LOOK);
    for (; i < end; i++) {
      const byte = bytes[(order[i] ?? 0) * stride + at] ?? 0;
      places[byte] = (places[byte] ?? 0) + 1;
    }
    await look(turns);
  }
  let next = from;
  for (let byte = 0; byte < 256; byte++) {
    const count = places[byte] ?? 0;
    places[byte] = next;
    next += count;
  }
  for (let i = from; i < to; ) {
    const end = Math.min(to, i + PER_LOOK);
    for (; i < end; i++) {
      const entry = order[i] ?? 0;
      const byte = bytes[entry * stride + at] ?? 0;
      const place = places[byte] ?? 0;
      spare[place] = entry;
      places[byte] = place + 1;
    }
    await look(turns);
  }
  order.set(spare.subarray(from, to), from);
}

function compareFrom({ bytes, stride, width }: Entries, from: number, a: number, b: number): number {
  const x = a * stride;
  const y = b * stride;
  for (let i = from; i < width; i++) {
    const difference = (bytes[x + i] ?? 0) - (bytes[y + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

async function look({ slice, signal }: Turns): Promise<void> {
  if (!slice.over()) return;
  await slice.next();
  signal.throwIfAborted();
}
