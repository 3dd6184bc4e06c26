// Knows: which fields of a row a client can ask for.
// Must not know: how it asks.

import type { Field, Type } from './type.ts';

/** A union is answered as a whole, so nobody could name an alternate inside it: it is left out. */
export function answerable(fields: readonly Field[], inUnion = false): readonly Field[] {
  return fields
    .filter(({ alternate }) => !inUnion || alternate !== true)
    .map((field) => ({ ...field, type: answerableType(field.type, inUnion) }));
}

/** A shared type comes from a schema, which knows no alternates; it stays the object that it is. */
export function answerableType(type: Type, inUnion = false): Type {
  if ('shared' in type && type.shared === true) return type;
  switch (type.kind) {
    case 'object':
      return { ...type, fields: answerable(type.fields, inUnion) };
    case 'list':
      return { ...type, of: answerableType(type.of, inUnion) };
    case 'union':
      return {
        ...type,
        of: type.of.map((member) => ({ ...member, fields: answerable(member.fields, true) })),
      };
    default:
      return type;
  }
}
