// Knows: the shape of each simple type: one value, or a list of values with spaces between them.
// Must not know: elements, documents.

import { pascalCase, type Scalar, type Value } from '#spi';
import { nameText, type XmlName } from '../xml/element.ts';
import { builtIn } from '../xsd/built-in.ts';
import { type Facet, type SimpleType, Unsupported } from '../xsd/components.ts';
import { type Facets, restricted } from '../xsd/facets.ts';
import type { Lexical, TimeReading } from '../xsd/lexical.ts';
import type { SimpleShape, TextListShape } from './shape.ts';

export interface SimpleShapes {
  /** `wanted`: a name for an enumeration without one. `local`: the element or attribute whose values these are. */
  of(type: SimpleType, wanted: string, local?: string): SimpleShape | TextListShape;
}

/** How times are read at an element or attribute of this name. */
export type ReadingAt = (local: string | undefined) => TimeReading;

export function simpleShapes(readingAt: ReadingAt, typeName: (wanted: string) => string): SimpleShapes {
  /** Named enumerations keep one type, so that the API has one. */
  const enums = new Map<SimpleType, Lexical>();

  const of = (type: SimpleType, wanted: string, local?: string): SimpleShape | TextListShape => {
    const { variety } = type;
    if (variety.of === 'list') {
      const item = of(variety.item, `${wanted} Item`, local);
      if (item.kind === 'textList') throw new Unsupported('A list of lists', '');
      return { kind: 'textList', type: { kind: 'list', of: item.type }, of: item };
    }
    if (variety.of === 'restriction') {
      const base = of(variety.base, wanted, local);
      if (base.kind === 'textList') return base;
    }
    const lexical = lexicalOf(type, wanted, readingAt(local));
    const xsdName = nameOf(type);
    return { kind: 'simple', type: lexical.type, lexical, ...(xsdName === undefined ? {} : { xsdName }) };
  };

  const lexicalOf = (type: SimpleType, wanted: string, reading: TimeReading): Lexical => {
    const { variety } = type;
    switch (variety.of) {
      case 'built-in': {
        const own = builtIn(variety.local, reading);
        if (own === undefined) throw new Unsupported(`There is no built-in type "${variety.local}"`, '');
        return own;
      }
      case 'restriction': {
        const known = enums.get(type);
        if (known !== undefined) return known;
        const base = lexicalOf(variety.base, wanted, reading);
        const narrowed = restricted(base, facetsOf(variety.facets), pascalCase(type.name?.local ?? wanted));
        if (narrowed.type.kind !== 'enum' || narrowed.type === base.type) return narrowed;
        const named = { ...narrowed, type: { ...narrowed.type, name: typeName(narrowed.type.name) } };
        enums.set(type, named);
        return named;
      }
      case 'union':
        return unionOf(variety.members.map((member) => memberOf(member, wanted, reading)));
      case 'list':
        throw new Unsupported('A list inside a union', '');
    }
  };

  const memberOf = (member: SimpleType, wanted: string, reading: TimeReading): Lexical =>
    member.variety.of === 'list'
      ? { type: TEXT, parse: (text) => text.trim().replace(/\s+/g, ' '), print: (value) => String(value) }
      : lexicalOf(member, wanted, reading);

  return { of };
}

const TEXT: Scalar = { kind: 'string' };

/** A union of types: text of any of them, kept as it came, white space aside. */
function unionOf(members: readonly Lexical[]): Lexical {
  return {
    type: TEXT,
    parse: (text, scope) => {
      const fits = members.some((member) => member.parse(text, scope) !== undefined);
      return fits ? text.trim() : undefined;
    },
    print: (value: Value) => {
      const text = String(value);
      return members.some((member) => member.parse(text, new Map()) !== undefined) ? text : undefined;
    },
    expected: 'a value of one of the types that the service names',
  };
}

/** The type itself or the nearest above it that has a name: what `xsi:type` says. */
function nameOf(type: SimpleType): XmlName | undefined {
  if (type.name !== undefined) return type.name;
  return type.variety.of === 'restriction' ? nameOf(type.variety.base) : undefined;
}

function facetsOf(facets: readonly Facet[]): Facets {
  const all = (name: string): readonly string[] =>
    facets.filter((facet) => facet.name === name).map(({ value }) => value);
  const last = (name: string): string | undefined => all(name).at(-1);
  const single = Object.fromEntries(
    SINGLE.flatMap((name) => {
      const value = last(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const enumeration = all('enumeration');
  const patterns = all('pattern');
  return {
    ...single,
    ...(enumeration.length === 0 ? {} : { enumeration }),
    ...(patterns.length === 0 ? {} : { patterns }),
  };
}

const SINGLE = [
  'length',
  'minLength',
  'maxLength',
  'totalDigits',
  'fractionDigits',
  'minInclusive',
  'maxInclusive',
  'minExclusive',
  'maxExclusive',
  'whiteSpace',
] as const;

/** For messages: the type as the schema calls it. */
export function xsdNameText({ xsdName, type }: SimpleShape): string {
  return xsdName === undefined ? type.kind : nameText(xsdName);
}
