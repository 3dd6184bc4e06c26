// Knows: what can be done with records of a layout, each compiled to JavaScript once per projection.
// Must not know: files, batches, adapters.

import type { FaultPlace } from '../../fault.ts';
import type { ByteSink } from '../../model/byte-sink.ts';
import { recent } from '../../model/recent.ts';
import type { Row } from '../../model/value.ts';
import type { Filter } from '../../query/filter.ts';
import type { Layout } from '../layout.ts';
import { generateDecoder } from './decoder.ts';
import { encoderOf } from './encoder.ts';
import { fitter } from './fit.ts';
import { generatePredicate } from './predicate.ts';
import { project } from './projection.ts';
import { generateWriter } from './writer.ts';

/** Where the record at hand stands: source, collection, record number, byteOffset of its first byte. Asked only for a fault. */
export type Locate = () => FaultPlace;

/** Decodes the record in `bytes[start, end)`. A field that cannot be decoded holds its Fault. */
export type Decode = (bytes: Uint8Array, start: number, end: number, locate: Locate) => Row;

/** Appends the record as one JSON object. Throws the Fault of a field that cannot be decoded and leaves `out` unchanged. */
export type Write = (bytes: Uint8Array, start: number, end: number, out: ByteSink, locate: Locate) => void;

/** Does the record match? Throws the Fault of a field that had to be looked at and cannot be decoded. */
export type Test = (bytes: Uint8Array, start: number, end: number, locate: Locate) => boolean;

export interface Predicate {
  /** One entry for each conjunct of the filter: `exact`, or `none` where it names a field that the layout does not have. */
  readonly coverage: readonly ('exact' | 'none')[];
  readonly test: Test;
}

export interface Codec {
  readonly layout: Layout;
  /**
   * `fields`: dotted paths, through lists too; a group's path means all of it without its alternates. Unknown path: `invalid`
   * Fault. A record of the wrong length makes every field its Fault.
   */
  decoder(fields: readonly string[]): Decode;
  /** The same text as `JSON.stringify(toJson(…))` of the decoded row, members in the order of asking. */
  writer(fields: readonly string[]): Write;
  predicate(filter: Filter): Predicate;
  /**
   * A record from the fields that `row` has. The other bytes come from `into` (which stays as it is), or are blanks and zeros
   * by type. A field whose bytes already hold the value keeps them. `rejected` Fault: the value does not fit.
   */
  encode(row: Row, into?: Uint8Array): Uint8Array;
}

/** Code is generated when it is first asked for, and kept with the codec: one codec for each layout is enough. */
export function compile(layout: Layout): Codec {
  const fit = fitter(layout);
  const decoders = recent<Decode>(KEPT);
  const writers = recent<Write>(KEPT);
  const decoder = (fields: readonly string[]): Decode =>
    decoders(JSON.stringify(fields), () => {
      const nodes = project(layout, fields);
      return fit.decode(generateDecoder(layout, nodes), nodes);
    });
  return {
    layout,
    decoder,
    writer: (fields) =>
      writers(JSON.stringify(fields), () => fit.write(generateWriter(layout, project(layout, fields)))),
    predicate(filter) {
      const { coverage, test } = generatePredicate(layout, filter, decoder);
      return { coverage, test: fit.test(test) };
    },
    encode: encoderOf(layout),
  };
}

/** Projections kept of each kind: clients choose them, so their number must not grow without end. */
const KEPT = 256;
