// Knows: which global components the schema documents declare, by kind and name, and what surrounds each of them.
// Must not know: what a component means.

import { attributeOf, childrenOf, nameText, type XmlElement, type XmlName } from '../xml/element.ts';
import { XSD } from '../xml/namespaces.ts';

/** One `xs:schema` element. The same document can be included under two namespaces: then it is there twice. */
export interface SchemaDocument {
  readonly root: XmlElement;
  readonly targetNamespace: string;
  /** What people are shown: `types/common.xsd`. */
  readonly shown: string;
}

/** An element of a schema document with what decides how its names are to be taken. */
export interface Declared {
  readonly element: XmlElement;
  readonly schema: SchemaDocument;
}

export type GlobalKind = 'element' | 'type' | 'attribute' | 'group' | 'attributeGroup';

export interface SchemaIndex {
  find(kind: GlobalKind, name: XmlName): Declared | undefined;
  all(kind: GlobalKind): readonly (readonly [XmlName, Declared])[];
}

const KINDS: Readonly<Record<string, GlobalKind>> = {
  element: 'element',
  complexType: 'type',
  simpleType: 'type',
  attribute: 'attribute',
  group: 'group',
  attributeGroup: 'attributeGroup',
};

/** Of two components with one name the first counts: that is one document, reached on two ways. */
export function indexOf(schemas: readonly SchemaDocument[]): SchemaIndex {
  const found = new Map<GlobalKind, Map<string, readonly [XmlName, Declared]>>();
  for (const schema of schemas) {
    for (const element of childrenOf(schema.root)) {
      const kind = element.uri === XSD ? KINDS[element.local] : undefined;
      const local = attributeOf(element, 'name');
      if (kind === undefined || local === undefined) continue;
      const name = { uri: schema.targetNamespace, local };
      const known = found.get(kind) ?? new Map<string, readonly [XmlName, Declared]>();
      found.set(kind, known);
      if (!known.has(nameText(name))) known.set(nameText(name), [name, { element, schema }]);
    }
  }
  return {
    find: (kind, name) => found.get(kind)?.get(nameText(name))?.[1],
    all: (kind) => [...(found.get(kind)?.values() ?? [])],
  };
}

/** `types.xsd:12`. */
export function placeOf({ element, schema }: Declared): string {
  return `${schema.shown}:${element.line}`;
}

/** The element and its children of the XML Schema namespace, annotations left out. */
export function partsOf({ element, schema }: Declared): readonly Declared[] {
  return childrenOf(element)
    .filter(({ uri, local }) => uri === XSD && local !== 'annotation')
    .map((child) => ({ element: child, schema }));
}

/** The first child with one of these names. */
export function partOf(declared: Declared, ...names: readonly string[]): Declared | undefined {
  return partsOf(declared).find(({ element }) => names.includes(element.local));
}

/** What `xs:documentation` says, white space collapsed; undefined for nothing. */
export function docOf({ element }: Declared): string | undefined {
  const texts = childrenOf(element)
    .filter(({ uri, local }) => uri === XSD && local === 'annotation')
    .flatMap(childrenOf)
    .filter(({ local }) => local === 'documentation')
    .map((documentation) => plainText(documentation));
  const text = texts.join(' ').replace(/\s+/g, ' ').trim();
  return text === '' ? undefined : text;
}

function plainText({ content }: XmlElement): string {
  return content.map((part) => (typeof part === 'string' ? part : plainText(part))).join('');
}
