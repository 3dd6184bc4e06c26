// Knows: what a change of rows is, and which fields it takes.
// Must not know: facades, sources.

import { Fault } from '../fault.ts';
import type { Collection, Field, WriteVerb } from '../model/type.ts';
import type { Value } from '../model/value.ts';

/** One row to write. */
export interface Change {
  readonly collection: string;
  readonly verb: WriteVerb;
  /** Values of the key fields in declared order; absent for `insert`, whose key is in its values or made by the source. */
  readonly key?: readonly Value[];
  /** By API field name. What is left out: `insert` gives it the source's default, `update` leaves it as it is. */
  readonly values: Readonly<Record<string, Value>>;
  /** Only if the row still has these values: else `stale`. Not for `insert`. An `upsert` that has them finds a row, or fails. */
  readonly expected?: Readonly<Record<string, Value>>;
}

export interface Outcome {
  /** Values of the key fields in declared order; of a row in a collection without a key none. */
  readonly key: readonly Value[];
  /** The row was not there before. */
  readonly created: boolean;
}

/**
 * The fields that the values of a change take, each as an argument: what may be left out is nullable or optional. A key is never changed: it
 * names the row. An upsert gives every field, for it must not depend on what was there before.
 */
export function writtenFields({ fields, key }: Collection, verb: WriteVerb): readonly Field[] {
  const own = fields.filter(({ readOnly, alternate }) => readOnly !== true && alternate !== true);
  switch (verb) {
    case 'insert':
      return own;
    case 'update':
      return own.filter(({ name }) => !key.includes(name)).map((field) => ({ ...field, optional: true }));
    case 'upsert':
      return own.filter(({ name }) => !key.includes(name)).map((field) => ({ ...field, optional: false }));
    case 'delete':
      return [];
  }
}

/** For `update` and `delete`, and for an `upsert` that expects something. */
export function noRow(): Fault {
  return new Fault('not-found', 'There is no such row', { code: 'no-row' });
}
