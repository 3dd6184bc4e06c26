// Knows: what a change of rows is, and which fields it takes.
// Must not know: facades, sources.

import { Fault } from '../fault.ts';
import { didYouMean, nearest } from '../model/naming.ts';
import type { Collection, Field, WriteVerb } from '../model/type.ts';
import type { Value } from '../model/value.ts';
import type { Policy } from '../policy.ts';
import { shown } from './literal.ts';

/** One row to write. */
export interface Change {
  readonly collection: string;
  readonly verb: WriteVerb;
  /** Values of the key fields in declared order; absent for `insert`, whose key is in its values or made by the source. */
  readonly key?: readonly Value[];
  /** By API field name. What is left out: `insert` gives it the source's default, `update` leaves it as it is. */
  readonly values: Readonly<Record<string, Value>>;
  /** Only if the row still has these values: else `stale`. Not for `insert`. An `upsert` that has them, or `{}`, finds a row, or fails. */
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
 * names the row. An upsert gives every field, for it must not depend on what was there before. What is seen only masked is not written.
 */
export function writtenFields({ fields, key }: Collection, verb: WriteVerb): readonly Field[] {
  const own = fields.filter(
    ({ readOnly, alternate, mask }) => readOnly !== true && alternate !== true && mask === undefined,
  );
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

/** Throws `too-costly` for more changes than one request may ask for. */
export function checkNumber(changes: number, { write }: Policy): void {
  if (changes <= write.maxChanges) return;
  throw new Fault('too-costly', `${changes} changes in one request; the limit is ${write.maxChanges}`, {
    code: 'change-limit',
  });
}

/** What a change expects of its row must be something: what was left empty by mistake would change any row. `parameter`: where it stands. */
export function checkExpectation(
  expected: NonNullable<Change['expected']>,
  { name }: Collection,
  parameter: string,
): void {
  if (Object.keys(expected).length > 0) return;
  throw new Fault('invalid', 'Nothing is expected of the row', {
    code: 'no-values',
    collection: name,
    parameter,
    hint: `Name a field, or leave out "${parameter}".`,
  });
}

/** For `update` and `delete`, and for an `upsert` that expects something. */
export function noRow(): Fault {
  return new Fault('not-found', 'There is no such row', { code: 'no-row' });
}

/** Why a change takes no value for this field: `invalid`. */
export function notWritten(collection: Collection, field: string, verb: WriteVerb): Fault {
  const { name, key, fields } = collection;
  const known = fields.find((candidate) => candidate.name === field);
  if (known === undefined) return unknownField(collection, field, verb);
  const why =
    verb !== 'insert' && key.includes(field)
      ? 'is part of the key, which names the row and does not change'
      : known.mask !== undefined
        ? 'is masked and cannot be written'
        : 'can only be read';
  return new Fault('invalid', `"${field}" ${why}`, { code: 'read-only-field', collection: name, field });
}

/** `verb`: only fields that it takes are proposed. */
export function unknownField(collection: Collection, field: string, verb?: WriteVerb): Fault {
  const fields = verb === undefined ? collection.fields : writtenFields(collection, verb);
  const names = fields.map(({ name }) => name);
  const hint = nearest(field, names);
  const message = `"${collection.name}" has no field ${shown(field)}.${didYouMean(field, names)}`;
  return new Fault('invalid', message, {
    code: 'unknown-field',
    collection: collection.name,
    ...(hint === undefined ? {} : { hint }),
  });
}
