// Knows: how complex types are read from schema documents, inheritance worked out.
// Must not know: values, the model.

import { attributeOf, type XmlName } from '../xml/element.ts';
import { ENCODING11, ENCODING12, WSDL, XSD } from '../xml/namespaces.ts';
import { type Attributes, attributesOf, hasAnyAttribute, inherited } from './attributes.ts';
import {
  type ComplexType,
  type ContentModel,
  type GroupParticle,
  type Particle,
  type SimpleType,
  type TypeDefinition,
  Unsupported,
} from './components.ts';
import { contentOf, type Elements } from './particles.ts';
import { type Declared, docOf, partOf, placeOf } from './schema-index.ts';
import { facetsOf, readSimpleType, referenceOf, type TypeByName } from './simple-types.ts';

/** What reading a type needs of the set around it. */
export interface Types extends Elements {
  readonly typeByName: TypeByName;
}

export function readComplexType(declared: Declared, name: XmlName | undefined, types: Types): ComplexType {
  const doc = docOf(declared);
  const own = {
    kind: 'complex' as const,
    ...(name === undefined ? {} : { name }),
    ...(doc === undefined ? {} : { doc }),
    place: placeOf(declared),
    abstract: isTrue(declared, 'abstract'),
  };
  const simpleContent = partOf(declared, 'simpleContent');
  const complexContent = partOf(declared, 'complexContent');
  if (simpleContent !== undefined) return { ...own, ...withText(simpleContent, types) };
  const mixed =
    isTrue(declared, 'mixed') || (complexContent !== undefined && isTrue(complexContent, 'mixed'));
  if (complexContent !== undefined) return { ...own, ...derived(complexContent, mixed, types) };
  const particle = contentOf(declared, types);
  return {
    ...own,
    mixed,
    attributes: attributesOf(declared, types),
    anyAttribute: hasAnyAttribute(declared, types),
    content: particle === undefined ? { kind: 'empty' } : { kind: 'elements', particle },
  };
}

type Derived = Pick<ComplexType, 'mixed' | 'attributes' | 'anyAttribute' | 'content'>;

interface Derivation {
  readonly how: 'extension' | 'restriction';
  readonly declared: Declared;
  readonly base: TypeDefinition;
}

function derivationOf(content: Declared, types: Types): Derivation {
  const declared = partOf(content, 'extension', 'restriction');
  const name = declared === undefined ? undefined : referenceOf(declared, 'base');
  if (declared === undefined || name === undefined)
    throw new Unsupported('The content of a type has no base', placeOf(content));
  const how = declared.element.local === 'extension' ? 'extension' : 'restriction';
  return { how, declared, base: types.typeByName(name, placeOf(declared)) };
}

/** simpleContent: text with attributes. */
function withText(content: Declared, types: Types): Derived {
  const { how, declared, base } = derivationOf(content, types);
  const text = textOf(base, declared);
  const facets = how === 'restriction' ? facetsOf(declared) : [];
  const inside = partOf(declared, 'simpleType');
  const narrowed = inside === undefined ? text : readSimpleType(inside, undefined, types.typeByName);
  return {
    mixed: false,
    ...withInherited(base, declared, how, types),
    content: {
      kind: 'simple',
      type:
        facets.length === 0
          ? narrowed
          : { kind: 'simple', variety: { of: 'restriction', base: narrowed, facets } },
    },
  };
}

function textOf(base: TypeDefinition, at: Declared): SimpleType {
  if (base.kind === 'simple') return base;
  if (base.kind === 'complex' && base.content.kind === 'simple') return base.content.type;
  throw new Unsupported('The base of simpleContent has no text', placeOf(at));
}

/** complexContent: an extension appends to what it inherits, a restriction says all of its content again. */
function derived(content: Declared, mixed: boolean, types: Types): Derived {
  const encoded = encodedArray(content, types);
  if (encoded !== undefined) return { mixed: false, attributes: [], anyAttribute: false, content: encoded };
  const { how, declared, base } = derivationOf(content, types);
  if (base.kind === 'simple')
    throw new Unsupported('The base of complexContent is a simple type', placeOf(declared));
  const own = contentOf(declared, types);
  const before = how === 'extension' && base.kind === 'complex' ? base.content : { kind: 'empty' as const };
  return {
    mixed: mixed || (how === 'extension' && (base.kind === 'any' || base.mixed)),
    ...withInherited(base, declared, how, types),
    content: before.kind === 'simple' || before.kind === 'array' ? before : joined(before, own),
  };
}

function joined(
  before: Extract<ContentModel, { kind: 'empty' | 'elements' }>,
  own: Particle | undefined,
): ContentModel {
  const parts = [
    ...(before.kind === 'elements' ? [before.particle] : []),
    ...(own === undefined ? [] : [own]),
  ];
  const [only] = parts;
  if (only === undefined) return { kind: 'empty' };
  const sequence: GroupParticle = { kind: 'sequence', of: parts, min: 1, max: 1 };
  return { kind: 'elements', particle: parts.length === 1 ? only : sequence };
}

function withInherited(
  base: TypeDefinition,
  declared: Declared,
  how: Derivation['how'],
  types: Types,
): Attributes {
  const before: Attributes =
    base.kind === 'complex'
      ? base
      : { attributes: [], anyAttribute: base.kind === 'any' && how === 'extension' };
  return inherited(before, declared, how, types);
}

const ARRAY = 'Array';

/**
 * A restriction of soapenc:Array. Its items are named by `wsdl:arrayType="t:Item[]"` on the attribute (WSDL 1.1, section 2.2), or by
 * the one element of its sequence.
 */
function encodedArray(content: Declared, types: Types): ContentModel | undefined {
  const declared = partOf(content, 'restriction', 'extension');
  const base = declared === undefined ? undefined : referenceOf(declared, 'base');
  if (declared === undefined || base?.local !== ARRAY) return undefined;
  if (base.uri !== ENCODING11 && base.uri !== ENCODING12) return undefined;
  const attribute = partOf(declared, 'attribute');
  const arrayType = attribute === undefined ? undefined : attributeOf(attribute.element, 'arrayType', WSDL);
  if (attribute !== undefined && arrayType !== undefined) {
    const [, qname = '', sizes = ''] = /^\s*([^[\]]+)((?:\[[^\]]*\])*)\s*$/.exec(arrayType) ?? [];
    if (sizes.includes(',') || sizes.split('[').length > 2) {
      throw new Unsupported(`An array of several dimensions (${arrayType.trim()})`, placeOf(attribute));
    }
    const itemName = nameIn(attribute, qname);
    return { kind: 'array', itemName, item: () => types.typeByName(itemName, placeOf(attribute)) };
  }
  const particle = contentOf(declared, types);
  const item = particle === undefined ? undefined : onlyElement(particle);
  if (item === undefined) {
    const itemName = { uri: XSD, local: 'anyType' };
    return { kind: 'array', itemName, item: () => ({ kind: 'any', name: itemName }) };
  }
  return {
    kind: 'array',
    itemName: item.declaration.type().name ?? { uri: XSD, local: 'anyType' },
    item: () => item.declaration.type(),
  };
}

function onlyElement(particle: Particle): Extract<Particle, { kind: 'element' }> | undefined {
  if (particle.kind === 'element') return particle;
  const [only, second] = particle.kind === 'any' ? [] : particle.of;
  return only === undefined || second !== undefined ? undefined : onlyElement(only);
}

function nameIn(declared: Declared, qname: string): XmlName {
  const reference = {
    element: { ...declared.element, attributes: [{ uri: '', local: 'type', value: qname }] },
  };
  const name = referenceOf({ ...declared, ...reference }, 'type');
  if (name === undefined) throw new Unsupported('An array has no type for its items', placeOf(declared));
  return name;
}

export function isTrue({ element }: Declared, attribute: string): boolean {
  const value = attributeOf(element, attribute)?.trim();
  return value === 'true' || value === '1';
}
