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
  const { origin } = block;
  const place: Place = {
    i: 0,
    locate: () => ({
      source,
      collection,
      record: block.record(place.i) + 1,
      byteOffset: origin === undefined ? block.offset(place.i) : 0,
    }),
    settle(thrown) {
      if (origin === undefined || !(thrown instanceof Fault) || thrown.place.byteOffset === undefined)
        return thrown;
      // The codec counts and shows bytes of the rearranged record, padding included, which mean nothing to anyone.
      const { byteOffset, hex } = thrown.place;
      const { offset, bytes } = origin(place.i, byteOffset);
      const message =
        thrown.code === 'long-record'
          ? 'The line goes on behind the last column of its layout'
          : thrown.message;
      return new Fault(thrown.kind, message, {
        ...thrown.place,
        byteOffset: offset,
        ...(hex === undefined
          ? {}
          : {
              hex: bytes
                .subarray(0, hex.length / 2)
                .toHex()
                .toUpperCase(),
            }),
        code: thrown.code,
        errors: thrown.errors,
        misconfigured: thrown.misconfigured,
        cause: thrown.cause,
      });
    },
  };
  return place;
}
