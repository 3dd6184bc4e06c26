// Knows: how the records of any input come one block after the other.
// Must not know: what becomes of them.

import type { Block } from '../../codec/framing/block.ts';
import type { Framing } from '../../codec/framing/framing.ts';
import { fileSlices } from './file-slices.ts';
import { endingLines, fileSource, type Input } from './input.ts';

export interface RecordBlocks {
  /** A block is valid until the next one is asked for. */
  readonly blocks: AsyncIterable<Block>;
  /** Bytes on disk that are done. */
  consumed(): number;
}

/** `lines`: a last line may lack its end. */
export async function blocksOf(input: Input, framing: Framing, lines = false): Promise<RecordBlocks> {
  if (input.kind === 'file' && !lines) return fileSlices(input.fd, input.size, framing);
  const { scanRecords } = await import('../../codec/framing/scan.ts');
  const source = input.kind === 'file' ? fileSource(input) : input.source;
  const blocks = scanRecords(lines ? endingLines(source) : source, framing, {
    signal: new AbortController().signal,
  });
  return { blocks, consumed: () => (input.kind === 'file' ? 0 : input.consumed()) };
}
