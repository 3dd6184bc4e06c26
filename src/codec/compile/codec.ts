// Knows: what can be done with records of a layout.
// Must not know: how it is done.

import type { FaultPlace } from '../../fault.ts';
import type { ByteSink } from '../../model/byte-sink.ts';
import type { Row } from '../../model/value.ts';
import type { Filter } from '../../query/filter.ts';
import type { Layout } from '../layout.ts';

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
