// Knows: what can be done with records of a layout, each compiled to JavaScript once per projection.
// Must not know: files, batches, adapters.

import type { FaultPlace } from '../../fault.ts';
import type { ByteSink } from '../../model/byte-sink.ts';
import { recent } from '../../model/recent.ts';
import type { Row } from '../../model/value.ts';
import { type Filter, fieldsOf } from '../../query/filter.ts';
import type { Layout, Node } from '../layout.ts';
import { scalarAt } from '../paths.ts';
import { chooserOf } from './choice.ts';
import { generateDecoder } from './decoder.ts';
import { encoderOf } from './encoder.ts';
import { fitter } from './fit.ts';
import { initialOf } from './initial.ts';
import { topOf } from './place.ts';
import { generatePredicate } from './predicate.ts';
import { project } from './projection.ts';
import { shapeOf } from './shape.ts';
import { generateWriter } from './writer.ts';

/**
 * Where the byte `at` bytes behind the first one of the record at hand stands: source, collection, record number, and the byte's
 * offset in the file, where a record may be rearranged. Asked only for a fault.
 */
export type Locate = (at: number) => FaultPlace;

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
   * Fault. A record of the wrong length makes every field its Fault, and so does a counter of a table that slides.
   */
  decoder(fields: readonly string[]): Decode;
  /** The same text as `JSON.stringify(toJson(…))` of the decoded row, members in the order of asking. */
  writer(fields: readonly string[]): Write;
  predicate(filter: Filter): Predicate;
  /**
   * A record from the fields that `row` has, as long as its counters and variants say. The other bytes come from `into` (which stays
   * as it is), or from the layout's template, or are blanks and zeros by type. A field whose bytes already hold the value keeps
   * them. A list without its counter sets it. A union's object names its variant in `@type`, or is of the one that `into` has. `rejected`
   * Fault: the value does not fit, or fields contradict each other. `corrupt` Fault: `into` is no record of the layout.
   */
  encode(row: Row, into?: Uint8Array): Uint8Array;
}

/** Code is generated when it is first asked for, and kept with the codec: one codec for each layout is enough. */
export function compile(layout: Layout): Codec {
  const chooser = chooserOf(layout, (view, fields, named) =>
    // What rules look at holds no union.
    generateDecoder(view, project(view, fields), chooser, { place: topOf(view), named }),
  );
  const initial = initialOf(layout);
  const shape = shapeOf(layout, chooser);
  const fit = fitter(layout, shape, initial);
  const exact = recent<{ readonly decode: Decode; readonly nodes: readonly Node[] }>(KEPT);
  const decoders = recent<Decode>(KEPT);
  const writers = recent<Write>(KEPT);
  const exactDecoder = (fields: readonly string[]) =>
    exact(JSON.stringify(fields), () => {
      const nodes = project(layout, fields);
      return { nodes, decode: generateDecoder(layout, nodes, chooser) };
    });
  // Who only reads need not wait for it.
  let encode: Codec['encode'] | undefined;
  return {
    layout,
    decoder: (fields) =>
      decoders(JSON.stringify(fields), () => {
        const { decode, nodes } = exactDecoder(fields);
        return fit.decode(decode, nodes);
      }),
    writer: (fields) =>
      writers(JSON.stringify(fields), () => {
        const nodes = project(layout, fields);
        return fit.write(generateWriter(layout, nodes, chooser), nodes);
      }),
    predicate(filter) {
      const { coverage, test } = generatePredicate(layout, filter, (fields) => exactDecoder(fields).decode);
      const seen = fieldsOf(filter).flatMap((path) => scalarAt(layout.nodes, path) ?? []);
      return { coverage, test: fit.test(test, seen) };
    },
    encode(row, into) {
      encode ??= encoderOf({ layout, chooser, shape, fit: fit.fit, initial });
      return encode(row, into);
    },
  };
}

/** Projections kept of each kind: clients choose them, so their number must not grow without end. */
const KEPT = 256;
