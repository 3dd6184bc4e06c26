// Files in memory for the tests of framing.

import type { Block, ByteSource } from '../../../src/codec/framing/block.ts';
import { type RecordWriter, recordWriter, type WriterOptions } from '../../../src/codec/framing/enframe.ts';
import { Found } from '../../../src/codec/framing/found.ts';
import { framerOf } from '../../../src/codec/framing/framer-of.ts';
import type { Framing, LineFraming, RdwFraming } from '../../../src/codec/framing/framing.ts';
import { type ScanAsk, scanRecords } from '../../../src/codec/framing/scan.ts';
import { Fault } from '../../../src/fault.ts';
import { ByteSink } from '../../../src/model/byte-sink.ts';
import type { Random } from '../../random.ts';

export const bytesOf = (hex: string): Uint8Array => Uint8Array.fromHex(hex.replaceAll(/\s/g, ''));
export const hexOf = (bytes: Uint8Array): string => bytes.toHex();
export const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

export const V: RdwFraming = {
  kind: 'rdw',
  order: 'big',
  inclusive: true,
  adjust: 0,
  blocks: false,
  spanned: false,
};

export const lines = (...ends: readonly string[]): LineFraming => ({
  kind: 'lines',
  ends: ends.map(bytesOf),
  mark: false,
});

/** A source; `known`: does it say its size? */
export function sourceOf(bytes: Uint8Array, known = true): ByteSource {
  return {
    ...(known ? { size: bytes.length } : {}),
    async read(into, offset) {
      const part = bytes.subarray(offset, offset + into.length);
      into.set(part);
      return part.length;
    },
  };
}

export interface Seen {
  readonly hex: string;
  readonly record: number;
  readonly offset: number;
  readonly extent: { readonly offset: number; readonly length: number };
}

export function seen(block: Block, i: number): Seen {
  return {
    hex: hexOf(block.bytes.subarray(block.start(i), block.end(i))),
    record: block.record(i),
    offset: block.offset(i),
    extent: block.extent(i),
  };
}

export async function scanned(
  bytes: Uint8Array,
  framing: Framing,
  ask: Partial<ScanAsk> & { readonly known?: boolean } = {},
): Promise<readonly Seen[]> {
  const all: Seen[] = [];
  const { known = true, ...rest } = ask;
  const signal = new AbortController().signal;
  for await (const block of scanRecords(sourceOf(bytes, known), framing, { signal, ...rest })) {
    for (let i = 0; i < block.length; i++) all.push(seen(block, i));
  }
  return all;
}

/** The records before the fault, and the fault. */
export async function broken(
  bytes: Uint8Array,
  framing: Framing,
  ask: Partial<ScanAsk> & { readonly known?: boolean } = {},
): Promise<{ readonly records: readonly string[]; readonly fault: Fault }> {
  const records: string[] = [];
  const { known = true, ...rest } = ask;
  const signal = new AbortController().signal;
  try {
    for await (const block of scanRecords(sourceOf(bytes, known), framing, { signal, ...rest })) {
      for (let i = 0; i < block.length; i++) records.push(seen(block, i).hex);
    }
  } catch (fault) {
    if (fault instanceof Fault) return { records, fault };
    throw fault;
  }
  throw new Error(`no fault, but ${records.length} records`);
}

/** The same through the synchronous core, each stretch of a length of its own. */
export function framed(bytes: Uint8Array, framing: Framing, stretch: () => number): readonly string[] {
  const core = framerOf(framing);
  const all: string[] = [];
  let pending = new Uint8Array(0);
  let given = 0;
  let base = 0;
  for (let last = false; !last; ) {
    const fresh = bytes.subarray(given, given + stretch());
    given += fresh.length;
    last = given === bytes.length;
    const buffer = new Uint8Array([...pending, ...fresh]);
    let rest = 0;
    for (;;) {
      const found = new Found();
      const at = { offset: base + rest, record: all.length, last };
      rest = core.frame(buffer, rest, buffer.length, at, found);
      for (let i = 0; i < found.length; i++) all.push(hexOf(buffer.subarray(found.starts[i], found.ends[i])));
      if (!last || found.length === 0) break;
    }
    base += rest;
    pending = buffer.slice(rest);
  }
  return all;
}

export function written(
  records: readonly Uint8Array[],
  framing: Framing,
  options: WriterOptions = {},
): Uint8Array {
  const writer: RecordWriter = recordWriter(framing, options);
  const out = new ByteSink(16);
  for (const record of records) writer.write(record, out);
  writer.finish(out);
  return out.take();
}

/** Records of random bytes; `least` to `most` of them. `from`: which bytes may be. */
export function randomRecords(
  { int, pick }: Random,
  count: number,
  least: number,
  most: number,
  from?: readonly number[],
): readonly Uint8Array[] {
  return Array.from({ length: count }, () =>
    Uint8Array.from({ length: least + int(most - least + 1) }, () =>
      from === undefined ? int(256) : pick(from),
    ),
  );
}
