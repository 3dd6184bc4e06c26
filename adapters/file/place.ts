// Knows: where in its file a record stands, for faults.
// Must not know: what a fault is about.

import type { Locate } from '#codec/compile/compile';
import { Fault } from '#spi';
import type { Block } from './blocks.ts';

/** One of these serves a whole block: making one for each record would cost more than decoding it. */
export interface Place {
  /** The record at hand, counted from 0 in the block. */
  i: number;
  /** For the codec, which adds the field and the field's offset in the record. */
  readonly locate: Locate;
  /** A fault of the record at hand, with its offset in the file where the record was rearranged to be decoded. */
  settle<T>(thrown: T): T | Fault;
}

export function placeIn(source: string, collection: string, block: Block): Place {
  const { moved } = block;
  const place: Place = {
    i: 0,
    locate: () => ({
      source,
      collection,
      record: block.record(place.i) + 1,
      byteOffset: moved === undefined ? block.offset(place.i) : 0,
    }),
    settle(thrown) {
      if (moved === undefined || !(thrown instanceof Fault) || thrown.place.byteOffset === undefined)
        return thrown;
      // The codec counts bytes of the rearranged record, which mean nothing to anyone.
      const message =
        thrown.code === 'long-record'
          ? 'The line goes on behind the last column of its layout'
          : thrown.message;
      return new Fault(thrown.kind, message, {
        ...thrown.place,
        byteOffset: moved(place.i, thrown.place.byteOffset),
        code: thrown.code,
        errors: thrown.errors,
        misconfigured: thrown.misconfigured,
        cause: thrown.cause,
      });
    },
  };
  return place;
}
