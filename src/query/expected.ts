// Knows: whether a row still is what a change expects of it.
// Must not know: where the row comes from.

import { Fault } from '../fault.ts';
import { compareValues } from '../model/comparison.ts';
import { type Field, fieldAt, isComparable, type Type } from '../model/type.ts';
import { cellAt, type Row, settled, toJson, type Value } from '../model/value.ts';

/** Throws `stale` unless the row has every expected value. A value that could not be decoded is not the one expected. */
export function checkExpected(
  row: Row,
  expected: Readonly<Record<string, Value>>,
  fields: readonly Field[],
): void {
  for (const [path, value] of Object.entries(expected)) {
    const type = fieldAt(fields, path)?.type;
    const cell = cellAt(row, path);
    if (type !== undefined && !(cell instanceof Fault) && isSame(type, settled(cell), value)) continue;
    throw new Fault('stale', `"${path}" is no longer what was expected`, {
      code: 'changed-row',
      field: path,
    });
  }
}

/** Whether two values of a type are the same, also where they cannot be ordered. */
export function isSame(type: Type, a: Value, b: Value): boolean {
  if (a === null || b === null) return a === b;
  if (isComparable(type)) return compareValues(type, a, b) === 0;
  return JSON.stringify(toJson(type, a)) === JSON.stringify(toJson(type, b));
}
