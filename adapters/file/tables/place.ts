// Knows: where in its file a row stands, for faults.
// Must not know: what a fault is about.

import type { Locate } from '#codec/compile/compile';
import { Fault } from '#spi';
import type { Rows } from './rows.ts';

/** Whose rows they are. */
export interface Owner {
  readonly source: string;
  readonly collection: string;
  /** Of several files, the one that they are in. */
  readonly file?: string;
}

/** What faults say of the place of a row is known of it. */
export interface Whose {
  readonly source: string;
  readonly table: { readonly collection: { readonly name: string } };
  readonly file?: string;
}

export function ownerOf({ source, table, file }: Whose): Owner {
  return { source, collection: table.collection.name, ...(file === undefined ? {} : { file }) };
}

/** One of these serves all rows of a block: making one for each would cost more than decoding it. */
export interface Place {
  /** The row at hand, counted from 0 in the block. */
  i: number;
  /** For the codec. */
  readonly locate: Locate;
  /** A fault of the row at hand, with its place and bytes in the file where the row was rearranged to be decoded. */
  settle<T>(thrown: T): T | Fault;
}

export function placeIn(owner: Owner, rows: Rows): Place {
  const { origin } = rows;
  const { source, collection, file } = owner;
  const known = file === undefined ? { source, collection } : { source, collection, file };
  const place: Place = {
    i: 0,
    locate: (at) => ({
      ...known,
      record: rows.record(place.i, at) + 1,
      byteOffset: origin === undefined ? rows.offset(place.i, at) : at,
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
