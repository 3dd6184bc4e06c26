// Knows: where changed, removed and new records go in the bytes of a file.
// Must not know: layouts, values, how bytes are kept.

import { recordWriter } from '#codec/framing/enframe';
import type { Framing } from '#codec/framing/framing';
import { ByteSink, Fault } from '#spi';
import type { ByteFile } from '../store/byte-store.ts';
import type { Span } from '../tables/rows.ts';
import { largestBlock } from './blocks.ts';
import { joined } from './form.ts';
import type { HeldRecord } from './held-record.ts';
import { type LineEnds, lineEndsIn } from './line-end.ts';

/** What becomes of the records of a file. Bytes of records are those without descriptor words and line ends. */
export interface Placing {
  /** Records that are there: as they are then, or undefined for one that goes. */
  readonly changed: readonly { readonly held: HeldRecord; readonly record: Uint8Array | undefined }[];
  /** New ones in their order, each before a record that is there, or behind the last. */
  readonly inserted: readonly { readonly before?: Span; readonly record: Uint8Array }[];
}

/** `length` bytes at `offset` become others. `held`: what stands there. */
export interface Splice {
  readonly offset: number;
  readonly length: number;
  readonly held: Uint8Array;
  readonly bytes: Uint8Array;
}

interface Ask {
  readonly signal: AbortSignal;
}

export interface Placed {
  /** In the order of their offsets. */
  readonly splices: readonly Splice[];
  /** Blocks have to be formed anew: the records can only be written one behind the other. */
  readonly reblocked?: { readonly blockSize: number };
}

/** Throws `invalid` (`bad-value`) for a record that the format cannot hold. */
export async function place(
  { changed, inserted }: Placing,
  file: ByteFile,
  framing: Framing,
  blockSize: number | undefined,
  ask: Ask,
): Promise<Placed> {
  const end = file.size - (framing.trailer ?? 0);
  const blocked = framing.kind === 'rdw' && framing.blocks;
  const lines =
    framing.kind === 'lines' && inserted.length > 0 ? await lineEndsIn(file, framing, ask) : undefined;
  const size = blocked ? (blockSize ?? (await largestBlock(file, framing, ask))) : undefined;
  const frame = framer(framing, lines, size);
  const splices = changed.map(({ held, record }): Splice => {
    const { span, raw, ending } = held;
    const bytes = record === undefined ? new Uint8Array(0) : frame([record], { ending });
    return { offset: span.offset, length: span.length, held: raw, bytes };
  });
  const places = Map.groupBy(inserted, ({ before }) => before?.offset ?? end);
  const isGone = changed.some(
    ({ held: { span }, record }) => record === undefined && span.offset + span.length === end,
  );
  for (const [offset, some] of places) {
    const framed = frame(
      some.map(({ record }) => record),
      {},
    );
    const open = offset === end && lines !== undefined && !lines.ended && !isGone;
    const bytes = open ? joined(lines.usual, framed) : framed;
    splices.push({ offset, length: 0, held: new Uint8Array(0), bytes });
  }
  splices.sort((a, b) => a.offset - b.offset || a.length - b.length);
  const moved =
    size !== undefined &&
    (splices.some(({ length, bytes, offset }) => length !== bytes.length && offset !== end) ||
      (framing.kind === 'rdw' && framing.spanned && changed.length > 0));
  if (!moved) return { splices };
  for (const { record } of changed) if (record !== undefined) frame([record], {});
  return { splices, reblocked: { blockSize: size } };
}

type Frame = (records: readonly Uint8Array[], how: { readonly ending?: Uint8Array }) => Uint8Array;

function framer(framing: Framing, lines: LineEnds | undefined, blockSize: number | undefined): Frame {
  return (records, { ending }) => {
    // A record that stays in its block needs none of its own.
    const own = ending === undefined ? framing : unblocked(framing);
    const inner = { ...own, header: 0, trailer: 0 };
    const end = ending ?? lines?.usual;
    const writer = recordWriter(inner, {
      ...(end === undefined || end.length === 0 || framing.kind !== 'lines' ? {} : { end }),
      ...(blockSize === undefined ? {} : { blockSize }),
    });
    const out = new ByteSink(1_024);
    for (const record of records) {
      checkMeasured(record, framing);
      writing(() => writer.write(record, out));
    }
    writer.finish(out);
    const bytes = out.take();
    return ending?.length === 0 && framing.kind === 'lines'
      ? bytes.subarray(0, records[0]?.length ?? 0)
      : bytes;
  };
}

function unblocked(framing: Framing): Framing {
  return framing.kind === 'rdw' ? { ...framing, blocks: false } : framing;
}

/** What the record format cannot hold is a value of the request that is not valid. */
export function writing<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'rejected') throw error;
    throw new Fault('invalid', error.message, { ...error.place, code: 'bad-value', cause: error });
  }
}

function checkMeasured(record: Uint8Array, framing: Framing): void {
  if (framing.kind !== 'measured') return;
  const said = framing.lengthOf(record, 0, record.length);
  if (said === record.length) return;
  const what = typeof said === 'number' ? `${said} bytes` : 'another length';
  throw new Fault('invalid', `The record has ${record.length} bytes, and by its fields ${what}`, {
    code: 'bad-value',
    ...(said instanceof Fault ? said.place : {}),
  });
}
