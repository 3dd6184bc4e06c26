// Knows: how the rows of a file are looked at one batch after the other, and what is remembered of those that match.
// Must not know: threads, and who asked.

import type { FixedFraming } from '#codec/framing/framing';
import { ByteSink } from '#spi';
import { type Selection, selectAll } from '../reads/selection.ts';
import type { ByteFile } from '../store/byte-store.ts';
import { scanFile, scanFixed } from '../tables/fetch.ts';
import { type Rows, type Span, spansOf } from '../tables/rows.ts';
import type { Table } from '../tables/table.ts';
import { type Findings, type ScanOrder, spanNumbers, type Want } from './scan-order.ts';

/** A scan under way. */
export interface Work {
  /** Looks at one batch of rows more; `done` when there is none, or no more is wanted. Throws as a read of the rows does. */
  step(): Promise<{ readonly done?: boolean }>;
  /** How much was found since it was last taken: nothing, something, or as much as makes a report. */
  found(): 'nothing' | 'some' | 'enough';
  take(): Findings;
  close(): Promise<void>;
}

export interface WorkPlace {
  /** Made of the order's recipe. */
  readonly table: Table;
  /** The order's file, open. */
  readonly file: ByteFile;
  /** Memory that is the work's until it is closed. */
  readonly buffer: Uint8Array<ArrayBuffer>;
}

export function workOf({ owner, where, records, want }: ScanOrder, { table, file, buffer }: WorkPlace): Work {
  const { signal } = new AbortController();
  const { fixed } = table;
  const blocks =
    records === undefined || fixed === undefined
      ? scanFile(file, table.framing, { signal, buffer })
      : scanFixed(file, fixed, ...records, { signal, buffer });
  const test = where.length === 0 ? undefined : table.codec.predicate(where).test;
  const { source, file: member } = owner;
  const of = { source, table, ...(member === undefined ? {} : { file: member }) };
  const selections = selectAll(of, table.rows(blocks), test);
  const tally = tallyOf(want, fixed === undefined ? places() : wholeRecords(fixed));
  return {
    async step() {
      if (tally.sated()) return { done: true };
      const { done, value } = await selections.next();
      if (done === true) return { done };
      tally.add(value);
      return { done: tally.sated() };
    },
    found: tally.found,
    take: tally.take,
    async close() {
      await selections.return();
    },
  };
}

interface Tally extends Pick<Work, 'found' | 'take'> {
  add(selection: Selection): void;
  /** Nothing more is wanted. */
  sated(): boolean;
}

function tallyOf(want: Want, gathered: Gathered): Tally {
  switch (want.kind) {
    case 'count':
      return counting();
    case 'rows':
      return gathering(want, gathered);
    case 'bits':
      return marking(want.rows);
  }
}

function counting(): Tally {
  let count = 0;
  return {
    add: ({ block, picked }) => {
      count += picked?.length ?? block.length;
    },
    sated: () => false,
    found: () => 'nothing',
    take: () => ({ kind: 'count', count }),
  };
}

/** Rows of a report, about: a batch's worth is not cut. Whoever asked has them in memory together. */
const ENOUGH_ROWS = 2_048;
const ENOUGH_BYTES = 1_048_576;

/** Rows, as they are handed over. */
interface Gathered {
  /** Adds a row, which is gone with its block; how many bytes it has. */
  add(block: Rows, i: number): number;
  take(): Findings;
}

function gathering(
  { skip, limit }: { readonly skip: number; readonly limit: number },
  gathered: Gathered,
): Tally {
  let rows = 0;
  let bytes = 0;
  let skipped = 0;
  let left = limit;
  return {
    add({ block, picked }) {
      const count = picked?.length ?? block.length;
      const passed = Math.min(count, skip - skipped);
      skipped += passed;
      const wanted = Math.min(count - passed, left);
      for (let n = passed; n < passed + wanted; n++) {
        bytes += gathered.add(block, picked === undefined ? n : (picked[n] ?? 0));
      }
      rows += wanted;
      left -= wanted;
    },
    sated: () => left <= 0,
    found: () => (rows === 0 ? 'nothing' : rows >= ENOUGH_ROWS || bytes >= ENOUGH_BYTES ? 'enough' : 'some'),
    take() {
      rows = 0;
      bytes = 0;
      return gathered.take();
    },
  };
}

/** Records themselves, so that nobody has to read them again. */
function wholeRecords({ length, shown }: FixedFraming): Gathered {
  const size = Math.min(length, shown);
  let numbers: number[] = [];
  const bytes = new ByteSink();
  return {
    add(block, i) {
      numbers.push(block.record(i));
      bytes.reserve(size);
      bytes.bytes.set(block.bytes.subarray(block.start(i), block.start(i) + size), bytes.length);
      bytes.length += size;
      return size;
    },
    take() {
      const findings: Findings = {
        kind: 'records',
        numbers: Float64Array.from(numbers),
        bytes: bytes.take(),
      };
      numbers = [];
      return findings;
    },
  };
}

/** What a row was made of is not always in one place: it is made anew of its records. */
function places(): Gathered {
  let spans: Span[] = [];
  return {
    add(block, i) {
      let bytes = 0;
      for (const span of spansOf(block, i)) {
        spans.push(span);
        bytes += span.length;
      }
      return bytes;
    },
    take() {
      const findings: Findings = { kind: 'places', spans: spanNumbers(spans) };
      spans = [];
      return findings;
    },
  };
}

function marking(rows: number): Tally {
  const bits = new Uint8Array(Math.ceil(rows / 8));
  let block: Rows | undefined;
  /** Rows in the blocks before this one. */
  let before = 0;
  return {
    add(selection) {
      if (block !== selection.block) before += block?.length ?? 0;
      block = selection.block;
      const { picked } = selection;
      const count = picked?.length ?? block.length;
      for (let n = 0; n < count; n++) {
        const row = before + (picked === undefined ? n : (picked[n] ?? 0));
        bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
      }
    },
    sated: () => false,
    found: () => 'nothing',
    take: () => ({ kind: 'bits', bits }),
  };
}
