// Knows: the records of a file, slice by slice, the next slice being read while the one at hand is converted.
// Must not know: what becomes of the records.

import { read } from 'node:fs';
import type { Block } from '../../codec/framing/block.ts';
import { recordCount } from '../../codec/framing/fixed.ts';
import { blockOf, Found } from '../../codec/framing/found.ts';
import { framerOf } from '../../codec/framing/framer-of.ts';
import type { Framing } from '../../codec/framing/framing.ts';

/** Two buffers of this size are enough to keep the disk busy, and small enough to stay in the processor's cache. */
const SLICE = 1_048_576;

/** Where the reader of slices stands: bytes of the file that are behind it. */
export interface FileSlices {
  readonly blocks: AsyncGenerator<Block, void>;
  consumed(): number;
}

/** A block is valid until the next one is asked for. Faults are thrown as by `scanRecords`. */
export function fileSlices(fd: number, size: number, framing: Framing): FileSlices {
  const { header = 0, trailer = 0 } = framing;
  const end = size - trailer;
  if (framing.kind === 'fixed') recordCount(size, framing);
  let offset = header;
  return { blocks: slices(), consumed: () => offset };

  async function* slices(): AsyncGenerator<Block, void> {
    const core = framerOf(framing);
    const found = new Found();
    let record = 0;
    let length = SLICE;
    let [buffer, other] = [new Uint8Array(length), new Uint8Array(length)];
    let reading = readFully(fd, buffer, offset, end);
    while (offset < end) {
      const filled = await reading;
      const last = offset + filled >= end || filled < buffer.length;
      found.clear();
      const rest = core.frame(buffer, 0, filled, { offset, record, last }, found);
      if (rest === 0 && found.length === 0) {
        if (last) return;
        // A record that is longer than a slice.
        length *= 2;
        buffer = new Uint8Array(length);
        reading = readFully(fd, buffer, offset, end);
        continue;
      }
      const block = blockOf(found, buffer, offset, record);
      offset += rest;
      record += found.length;
      if (other.length < length) other = new Uint8Array(length);
      [buffer, other] = [other, buffer];
      reading = readFully(fd, buffer, offset, end);
      // Its failure is told when it is waited for.
      reading.catch(() => {});
      yield block;
    }
  }
}

/** Fills `into` from `offset` on; how many bytes there were up to `end`. */
async function readFully(fd: number, into: Uint8Array, offset: number, end: number): Promise<number> {
  const wanted = Math.min(into.length, end - offset);
  let filled = 0;
  while (filled < wanted) {
    const count = await readOnce(fd, into, filled, wanted - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

function readOnce(
  fd: number,
  into: Uint8Array,
  at: number,
  length: number,
  position: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, into, at, length, position, (error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}
