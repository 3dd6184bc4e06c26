// Knows: how simple types are read from schema documents.
// Must not know: complex types, values.

import { attributeOf, resolveName, type XmlName } from '../xml/element.ts';
import { ENCODING11, ENCODING12, XSD } from '../xml/namespaces.ts';
import { builtInNames, listItemOf } from './built-in.ts';
import { type Facet, type SimpleType, type TypeDefinition, Unsupported } from './components.ts';
import { type Declared, docOf, partOf, partsOf, placeOf } from './schema-index.ts';

/** Looks a named type up, for references. */
export type TypeByName = (name: XmlName, place: string) => TypeDefinition;

const FACETS = [
  'enumeration',
  'length',
  'minLength',
  'maxLength',
  'pattern',
  'whiteSpace',
  'totalDigits',
  'fractionDigits',
  'minInclusive',
  'maxInclusive',
  'minExclusive',
  'maxExclusive',
];

/** Names that the encodings of SOAP spell otherwise. */
const ENCODED: Readonly<Record<string, string>> = { base64: 'base64Binary' };

/** A built-in simple type; the encodings of SOAP have types of the same names. */
export function builtInType({ uri, local }: XmlName): SimpleType | undefined {
  const encoded = uri === ENCODING11 || uri === ENCODING12;
  if (uri !== XSD && !encoded) return undefined;
  const own = encoded ? (ENCODED[local] ?? local) : local;
  const item = listItemOf(own);
  if (item !== undefined) {
    const of: SimpleType = {
      kind: 'simple',
      name: { uri: XSD, local: item },
      variety: { of: 'built-in', local: item },
    };
    return { kind: 'simple', name: { uri: XSD, local: own }, variety: { of: 'list', item: of } };
  }
  return builtInNames.has(own)
    ? { kind: 'simple', name: { uri: XSD, local: own }, variety: { of: 'built-in', local: own } }
    : undefined;
}

/** The name that an attribute such as `type` or `base` holds; `Unsupported` for a prefix that is not declared. */
export function referenceOf(declared: Declared, attribute: string): XmlName | undefined {
  const qname = attributeOf(declared.element, attribute)?.trim();
  return qname === undefined ? undefined : resolved(declared, qname);
}

function resolved(declared: Declared, qname: string): XmlName {
  const name = resolveName(qname, declared.element.scope);
  if (name === undefined)
    throw new Unsupported(`The prefix of "${qname}" is not declared`, placeOf(declared));
  // A document without a namespace that is included takes the namespace of the one that includes it.
  const { root, targetNamespace } = declared.schema;
  const adopted = name.uri === '' && attributeOf(root, 'targetNamespace') === undefined;
  return adopted ? { uri: targetNamespace, local: name.local } : name;
}

export function readSimpleType(
  declared: Declared,
  name: XmlName | undefined,
  typeByName: TypeByName,
): SimpleType {
  const doc = docOf(declared);
  const own = {
    kind: 'simple' as const,
    ...(name === undefined ? {} : { name }),
    ...(doc === undefined ? {} : { doc }),
  };
  const restriction = partOf(declared, 'restriction');
  if (restriction !== undefined) {
    const base = simpleBase(restriction, 'base', typeByName);
    return { ...own, variety: { of: 'restriction', base, facets: facetsOf(restriction) } };
  }
  const list = partOf(declared, 'list');
  if (list !== undefined) {
    return { ...own, variety: { of: 'list', item: simpleBase(list, 'itemType', typeByName) } };
  }
  const union = partOf(declared, 'union');
  if (union !== undefined) {
    const named = (attributeOf(union.element, 'memberTypes') ?? '')
      .split(/\s+/)
      .filter((qname) => qname !== '')
      .map((qname) => simple(typeByName(resolved(union, qname), placeOf(union)), union));
    const inside = partsOf(union)
      .filter(({ element }) => element.local === 'simpleType')
      .map((member) => readSimpleType(member, undefined, typeByName));
    return { ...own, variety: { of: 'union', members: [...named, ...inside] } };
  }
  throw new Unsupported('A simple type is neither a restriction nor a list nor a union', placeOf(declared));
}

/** The facets of a restriction, also of one inside simpleContent. */
export function facetsOf(restriction: Declared): readonly Facet[] {
  return partsOf(restriction)
    .filter(({ element }) => FACETS.includes(element.local))
    .map(({ element }) => ({ name: element.local, value: attributeOf(element, 'value') ?? '' }));
}

/** The simple type that an attribute names, or that stands inside. */
function simpleBase(declared: Declared, attribute: string, typeByName: TypeByName): SimpleType {
  const name = referenceOf(declared, attribute);
  if (name !== undefined) return simple(typeByName(name, placeOf(declared)), declared);
  const inside = partOf(declared, 'simpleType');
  if (inside !== undefined) return readSimpleType(inside, undefined, typeByName);
  throw new Unsupported(`"${attribute}" names no type`, placeOf(declared));
}

function simple(type: TypeDefinition, at: Declared): SimpleType {
  if (type.kind === 'simple') return type;
  throw new Unsupported(`"${type.name?.local ?? 'A type'}" is no simple type`, placeOf(at));
}
