// Knows: a conversion by one thread: it writes one buffer while it fills the other.
// Must not know: which form the rows have.

import type { Block } from '../../codec/framing/block.ts';
import type { ByteSink } from '../../model/byte-sink.ts';
import type { Prepared } from './conversion.ts';
import { type Conversion, convertBlock } from './convert-block.ts';
import { type Output, type Pen, penOf } from './output.ts';

export interface Totals {
  readonly rows: number;
  readonly rejected: number;
}

export interface Outputs {
  readonly out: Output;
  readonly rejects?: Output;
}

/** Buffers are written when they have this many bytes. */
const WORTHWHILE = 1_048_576;

/**
 * Converts at most `limit` rows. Throws the Fault of a record that cannot be converted, when the rows before it are
 * written; `BrokenPipe` when nobody reads any more.
 */
export async function convertAlone(
  blocks: AsyncIterable<Block>,
  { rendering, test }: Pick<Prepared, 'rendering' | 'test'>,
  { out, rejects }: Outputs,
  limit: number,
): Promise<Totals> {
  const pen = penOf(out, WORTHWHILE);
  const rejectPen = rejects === undefined ? undefined : penOf(rejects, WORTHWHILE);
  pen.sink.text(rendering.head);
  let rows = 0;
  let rejected = 0;
  try {
    for await (const block of blocks) {
      const begin = pen.sink.length;
      const converted = convertBlock(block, conversionOf(pen, rejectPen), limit - rows);
      if (rows === 0 && converted.rows > 0) dropSeparator(pen.sink, begin, rendering.separator);
      rows += converted.rows;
      rejected += converted.rejected;
      if (converted.fault !== undefined) throw converted.fault;
      if (pen.sink.length >= WORTHWHILE) await pen.flush();
      if (rejectPen !== undefined && rejectPen.sink.length >= WORTHWHILE) await rejectPen.flush();
      if (rows >= limit) break;
    }
    rendering.finish?.(pen.sink);
    pen.sink.text(rendering.tail);
  } finally {
    await pen.end();
    await rejectPen?.end();
  }
  return { rows, rejected };

  function conversionOf(to: Pen, bad: Pen | undefined): Conversion {
    return {
      rendering,
      out: to.sink,
      ...(test === undefined ? {} : { test }),
      ...(bad === undefined ? {} : { rejects: bad.sink }),
    };
  }
}

/** The first row of the file has no separator in front of it. */
export function dropSeparator(sink: ByteSink, begin: number, separator: number): void {
  if (separator === 0) return;
  sink.bytes.copyWithin(begin, begin + separator, sink.length);
  sink.length -= separator;
}
