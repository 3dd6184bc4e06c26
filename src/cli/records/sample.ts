// Knows: how much of a file is looked at to find out what it is.
// Must not know: what is found.

import { readSync } from 'node:fs';
import { type Input, readStream } from './input.ts';

const SAMPLE = 262_144;

/** The beginning of a file; none of a stream, which could not be read again. */
export function sampleOf(input: Input): { readonly sample?: Uint8Array; readonly fileSize?: number } {
  if (input.kind === 'stream') return {};
  const bytes = new Uint8Array(Math.min(SAMPLE, input.size));
  return { sample: bytes.subarray(0, readSync(input.fd, bytes, 0, bytes.length, 0)), fileSize: input.size };
}

/** The beginning of any input, which is of no use for anything else afterwards. */
export async function firstBytesOf(
  input: Input,
): Promise<{ readonly sample: Uint8Array; readonly fileSize: number }> {
  const { sample, fileSize } = sampleOf(input);
  if (sample !== undefined && fileSize !== undefined) return { sample, fileSize };
  return input.kind === 'file' ? { sample: new Uint8Array(0), fileSize: 0 } : await readStream(input, SAMPLE);
}
