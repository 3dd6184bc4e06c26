// Knows: how records of VB and VBS are written into blocks anew, and how large the blocks of a file are.
// Must not know: what changed, and why.

import { blockLength, WORD } from '#codec/framing/descriptor';
import { recordWriter } from '#codec/framing/enframe';
import type { RdwFraming } from '#codec/framing/framing';
import { ByteSink } from '#spi';
import type { ByteFile } from '../store/byte-store.ts';
import { scanFile } from '../tables/fetch.ts';
import { readPart } from './content.ts';

/** Of a file without blocks; half a track of a 3390 disk. */
const USUAL_BLOCK = 27_998;

interface Ask {
  readonly signal: AbortSignal;
}

/** Bytes of the largest block of the file. Throws `corrupt` where there is none at the offset at which one must begin. */
export async function largestBlock(file: ByteFile, framing: RdwFraming, ask: Ask): Promise<number> {
  const { header = 0, trailer = 0 } = framing;
  const end = file.size - trailer;
  let largest = 0;
  const word = new Uint8Array(WORD);
  for (let at = header; at + WORD <= end; ) {
    await file.read(word, at, ask);
    const length = blockLength(word, 0, framing, { record: 0, offset: at });
    largest = Math.max(largest, length);
    at += length;
  }
  return largest === 0 ? USUAL_BLOCK : largest;
}

/** By number of a record in the file: what comes before it, and what it becomes (undefined: it goes). */
export interface RecordChanges {
  readonly changed: ReadonlyMap<number, Uint8Array | undefined>;
  readonly before: ReadonlyMap<number, readonly Uint8Array[]>;
  readonly behind: readonly Uint8Array[];
}

const PIECE = 262_144;

/** The whole file with these changes, its records in new blocks and otherwise as they are. */
export async function* reblocked(
  file: ByteFile,
  framing: RdwFraming,
  { changed, before, behind }: RecordChanges,
  blockSize: number,
  ask: Ask,
): AsyncGenerator<Uint8Array, void> {
  const { header = 0, trailer = 0 } = framing;
  const writer = recordWriter(framing, {
    blockSize,
    header: await readPart(file, 0, header, ask),
    trailer: await readPart(file, file.size - trailer, trailer, ask),
  });
  const out = new ByteSink(2 * PIECE);
  for await (const block of scanFile(file, framing, ask)) {
    for (let i = 0; i < block.length; i++) {
      const number = block.record(i);
      for (const record of before.get(number) ?? []) writer.write(record, out);
      const record = changed.has(number)
        ? changed.get(number)
        : block.bytes.subarray(block.start(i), block.end(i));
      if (record !== undefined) writer.write(record, out);
      if (out.length >= PIECE) yield out.take();
    }
  }
  for (const record of behind) writer.write(record, out);
  writer.finish(out);
  yield out.take();
}
