// Knows: a few fields of a row, as a selection that shows something whatever shape the row has.
// Must not know: who shows it.

import { elementOf, type Field, isScalar } from '../model/type.ts';
import { hasFields } from './output-types.ts';

/** Up to `most` plain fields; where there are none, what stands in the first group, list or union. Never empty. */
export function someFields(fields: readonly Field[], most: number): readonly string[] {
  const shown = fields.filter((field) => field.alternate !== true && hasFields(field));
  const plain = shown.filter(({ type }) => isScalar(elementOf(type)));
  if (plain.length > 0) return plain.slice(0, most).map(({ name }) => name);
  const [first] = shown;
  if (first === undefined) return ['__typename'];
  const inside = elementOf(first.type);
  const below = inside.kind === 'object' ? someFields(inside.fields, most) : ['__typename'];
  return [`${first.name} { ${below.join(' ')} }`];
}
