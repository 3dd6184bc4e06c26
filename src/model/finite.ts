// Knows: which types have values at all: a group that must hold another of its own kind has none that ends.
// Must not know: facades.

import { mayBeLeftOut, type Type, typesBelow } from './type.ts';

const known = new WeakMap<Type, boolean>();

/** Whether a value of the type can be written down. */
export function hasFiniteValue(type: Type): boolean {
  const settled = known.get(type);
  if (settled !== undefined) return settled;
  const all = [...typesBelow([{ name: '', type }])];
  // What has a value of finite ones has one itself: until nothing more is found.
  const finite = new Set<Type>();
  for (let before = -1; before < finite.size; ) {
    before = finite.size;
    for (const one of all) if (!finite.has(one) && isBuilt(one, finite)) finite.add(one);
  }
  for (const one of all) known.set(one, finite.has(one));
  return finite.has(type);
}

function isBuilt(type: Type, finite: ReadonlySet<Type>): boolean {
  switch (type.kind) {
    case 'object':
      return type.fields.every(
        (field) => field.nullable === true || mayBeLeftOut(field) || finite.has(field.type),
      );
    case 'union':
      return type.of.some((member) => finite.has(member));
    // A list may be empty.
    default:
      return true;
  }
}
