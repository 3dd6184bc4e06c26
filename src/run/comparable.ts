// Knows: how what a client expects of a row is said to a source that has more of the row than the client sees.
// Must not know: why it does not see all.

import { Fault } from '../fault.ts';
import type { CatalogCollection } from '../model/catalog.ts';
import { fieldAt } from '../model/type.ts';
import { isRecord, type Value } from '../model/value.ts';

/** A group of which something is hidden is compared by what of it is seen. Throws `unsupported` where that cannot be: in lists. */
export function comparable(
  expected: Readonly<Record<string, Value>>,
  shown: CatalogCollection,
  whole: CatalogCollection,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    Object.entries(expected).flatMap(([path, value]) => parts(path, value, shown, whole)),
  );
}

function parts(
  path: string,
  value: Value,
  shown: CatalogCollection,
  whole: CatalogCollection,
): readonly (readonly [string, Value])[] {
  const field = fieldAt(shown.fields, path);
  if (field === undefined || field.type === fieldAt(whole.fields, path)?.type || value === null) {
    return [[path, value]];
  }
  if (field.type.kind !== 'object' || !isRecord(value)) {
    throw new Fault('unsupported', `Whether "${path}" has changed cannot be checked at the source`, {
      code: 'unsupported-condition',
      collection: shown.name,
      field: path,
    });
  }
  return field.type.fields
    .filter(({ mask }) => mask === undefined)
    .flatMap(({ name }) => parts(`${path}.${name}`, value[name] ?? null, shown, whole));
}
