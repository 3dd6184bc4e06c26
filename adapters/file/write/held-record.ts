// Knows: how one record is taken from its place in the file, with the bytes around it that are its own.
// Must not know: layouts, changes.

import type { Locate } from '#codec/compile/compile';
import { extract } from '#codec/framing/extract';
import type { Framing } from '#codec/framing/framing';
import type { ByteFile } from '../store/byte-store.ts';
import type { Owner } from '../tables/place.ts';
import type { Span } from '../tables/rows.ts';

/** A record as it stands in the file. */
export interface HeldRecord {
  readonly span: Span;
  /** All that the span has: descriptor words and line ends included. */
  readonly raw: Uint8Array;
  /** The record alone. */
  readonly record: Uint8Array;
  /** Of a line, what ends it; a last line may end with nothing. */
  readonly ending: Uint8Array;
  /** For faults. */
  readonly locate: Locate;
}

export async function holdRecord(
  file: ByteFile,
  framing: Framing,
  span: Span,
  owner: Owner,
  ask: { readonly signal: AbortSignal },
): Promise<HeldRecord> {
  const raw = new Uint8Array(span.length);
  await file.read(raw, span.offset, ask);
  const block = framing.kind === 'fixed' ? undefined : extract(uncut(framing), raw, 0, raw.length, span);
  const [start, end] = block === undefined ? [0, raw.length] : [block.start(0), block.end(0)];
  const record = (block?.bytes ?? raw).subarray(start, end);
  const { source, collection } = owner;
  return {
    span,
    raw,
    record,
    ending: framing.kind === 'lines' ? raw.subarray(end) : raw.subarray(raw.length),
    locate: (at) => ({
      source,
      collection,
      record: span.record + 1,
      byteOffset: block?.offset(0, at) ?? span.offset + at,
    }),
  };
}

/** With the part of a line that its layout does not look at. */
function uncut(framing: Framing): Framing {
  if (framing.kind !== 'lines') return framing;
  const { shown: _, ...whole } = framing;
  return whole;
}
