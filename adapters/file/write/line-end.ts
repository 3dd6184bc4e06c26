// Knows: how the lines of a file end.
// Must not know: what is in them.

import type { LineFraming } from '#codec/framing/framing';
import type { ByteFile } from '../store/byte-store.ts';
import { scanFile } from '../tables/fetch.ts';

export interface LineEnds {
  /** What ends the file's first line; in a file without one, the shortest that the format has. */
  readonly usual: Uint8Array;
  /** The last line ends with one, or there is no line. */
  readonly ended: boolean;
}

export async function lineEndsIn(
  file: ByteFile,
  framing: LineFraming,
  ask: { readonly signal: AbortSignal },
): Promise<LineEnds> {
  const { ends, header = 0, trailer = 0 } = framing;
  const shortest = ends.reduce((best, end) => (end.length <= best.length ? end : best));
  const { shown: _, ...whole } = framing;
  for await (const block of scanFile(file, whole, ask)) {
    const { offset, length } = block.extent(0);
    const from = block.end(0);
    const usual = block.bytes.slice(from, from + offset + length - block.offset(0) - (from - block.start(0)));
    const end = file.size - trailer;
    const longest = Math.max(...ends.map((one) => one.length));
    const last = new Uint8Array(Math.min(longest, end - header));
    await file.read(last, end - last.length, ask);
    const ended = ends.some(
      (one) => one.length <= last.length && isSame(last.subarray(last.length - one.length), one),
    );
    return { usual: usual.length === 0 ? shortest : usual, ended };
  }
  return { usual: shortest, ended: true };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => b[i] === byte);
}
