// Knows: how the types of a catalog get names that no other type has.
// Must not know: sources, facades, which names are wanted for what.

import { pascalCase } from './naming.ts';
import type { Field, ObjectType, Type, UnionMember, UnionType } from './type.ts';

export interface TypeNamer {
  /** Types of fields are named by where they stand: `CustomerAddress`. */
  fields(fields: readonly Field[], owner: string): readonly Field[];
  type(type: Type, wanted: string): Type;
}

/** `free` gives each name once. A shared type keeps its own name where that is free, and stays one type wherever it is used. */
export function typeNamer(free: (wanted: string) => string): TypeNamer {
  const shared = new Map<Type, Type>();

  const fieldsOf = (fields: readonly Field[], owner: string): readonly Field[] =>
    fields.map((field) => ({ ...field, type: typeOf(field.type, owner + pascalCase(field.name)) }));

  const typeOf = (type: Type, wanted: string): Type => {
    switch (type.kind) {
      case 'object':
        return objectOf(type, wanted);
      case 'list':
        return { ...type, of: typeOf(type.of, wanted) };
      case 'enum':
        return type.shared === true
          ? once(type, (name) => ({ ...type, name }))
          : { ...type, name: free(wanted) };
      case 'union':
        return unionOf(type, wanted);
      default:
        return type;
    }
  };

  /** The one type that a shared type becomes. */
  const once = <T extends Type & { readonly name: string }>(type: T, make: (name: string) => T): T => {
    const known = shared.get(type);
    // cast: what was made of a type is of its kind.
    if (known !== undefined) return known as T;
    const made = make(free(type.name));
    shared.set(type, made);
    return made;
  };

  const objectOf = <T extends ObjectType>(type: T, wanted: string): T => {
    if (type.shared !== true) {
      const name = free(wanted);
      return { ...type, name, fields: fieldsOf(type.fields, name) };
    }
    const known = shared.has(type);
    const fields: Field[] = [];
    const made = once<T>(type, (name) => ({ ...type, name, fields }));
    // It is known before its fields are: they may lead back to it.
    if (!known) fields.push(...fieldsOf(type.fields, made.name));
    return made;
  };

  const unionOf = (type: UnionType, wanted: string): UnionType => {
    const known = shared.has(type);
    const of: UnionMember[] = [];
    const made =
      type.shared === true
        ? once(type, (name) => ({ ...type, name, of }))
        : { ...type, name: free(wanted), of };
    if (!known) {
      for (const member of type.of) of.push(objectOf(member, wanted + pascalCase(member.tag)));
    }
    return made;
  };

  return { fields: fieldsOf, type: typeOf };
}
