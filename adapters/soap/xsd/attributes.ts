// Knows: how the attributes of complex types are read: own ones, those of attribute groups, inherited ones.
// Must not know: content models, values.

import { attributeOf, nameText, type XmlName } from '../xml/element.ts';
import { WSDL, XML, XSD } from '../xml/namespaces.ts';
import { type AttributeUse, type ComplexType, type SimpleType, Unsupported } from './components.ts';
import { type Declared, docOf, partOf, partsOf, placeOf, type SchemaIndex } from './schema-index.ts';
import { builtInType, readSimpleType, referenceOf, type TypeByName } from './simple-types.ts';

export type Attributes = Pick<ComplexType, 'attributes' | 'anyAttribute'>;

export interface AttributeTypes {
  readonly index: SchemaIndex;
  readonly typeByName: TypeByName;
}

const STRING: SimpleType = {
  kind: 'simple',
  name: { uri: XSD, local: 'string' },
  variety: { of: 'built-in', local: 'string' },
};

/** Attributes declared directly inside, those of groups among them. A prohibited one is left out. */
export function attributesOf(declared: Declared, types: AttributeTypes): readonly AttributeUse[] {
  return readUses(declared, types).flatMap(({ use, prohibited }) => (prohibited ? [] : [use]));
}

export function hasAnyAttribute(declared: Declared, types: AttributeTypes): boolean {
  return partsOf(declared).some((part) => {
    if (part.element.local === 'anyAttribute') return true;
    return part.element.local === 'attributeGroup' && hasAnyAttribute(groupOf(part, types), types);
  });
}

/** What is inherited with what is declared here: a restriction may declare it otherwise, or prohibit it. */
export function inherited(
  before: Attributes,
  declared: Declared,
  how: 'extension' | 'restriction',
  types: AttributeTypes,
): Attributes {
  const own = readUses(declared, types);
  const redeclared = new Set(own.map(({ use }) => nameText(use.name)));
  return {
    attributes: [
      ...before.attributes.filter(({ name }) => !redeclared.has(nameText(name))),
      ...own.flatMap(({ use, prohibited }) => (prohibited ? [] : [use])),
    ],
    anyAttribute: hasAnyAttribute(declared, types) || (how === 'extension' && before.anyAttribute),
  };
}

interface Use {
  readonly use: AttributeUse;
  readonly prohibited: boolean;
}

function readUses(declared: Declared, types: AttributeTypes): readonly Use[] {
  return partsOf(declared).flatMap((part): readonly Use[] => {
    if (part.element.local === 'attributeGroup') return readUses(groupOf(part, types), types);
    return part.element.local === 'attribute' ? readUse(part, types) : [];
  });
}

function groupOf(reference: Declared, { index }: AttributeTypes): Declared {
  const name = referenceOf(reference, 'ref');
  const group = name === undefined ? undefined : index.find('attributeGroup', name);
  if (group === undefined)
    throw new Unsupported(`There is no attribute group "${name?.local ?? ''}"`, placeOf(reference));
  return group;
}

function readUse(declared: Declared, types: AttributeTypes): readonly Use[] {
  const reference = referenceOf(declared, 'ref');
  if (reference?.uri === WSDL) return [];
  const use = reference === undefined ? localUse(declared, types) : referredUse(declared, reference, types);
  return [{ use, prohibited: attributeOf(declared.element, 'use') === 'prohibited' }];
}

function localUse(declared: Declared, types: AttributeTypes): AttributeUse {
  const { element, schema } = declared;
  const local = attributeOf(element, 'name');
  if (local === undefined) throw new Unsupported('An attribute has no name', placeOf(declared));
  const form = attributeOf(element, 'form') ?? attributeOf(schema.root, 'attributeFormDefault');
  const uri = form === 'qualified' ? schema.targetNamespace : '';
  return useOf(declared, declared, { uri, local }, types);
}

function referredUse(declared: Declared, name: XmlName, types: AttributeTypes): AttributeUse {
  const global = types.index.find('attribute', name);
  if (global !== undefined) return useOf(declared, global, name, types);
  // xml:lang and its kin are known without a schema document.
  if (name.uri === XML) return { name, type: STRING, required: isRequired(declared) };
  throw new Unsupported(`There is no attribute "${name.local}"`, placeOf(declared));
}

function useOf(at: Declared, declaration: Declared, name: XmlName, types: AttributeTypes): AttributeUse {
  const doc = docOf(at) ?? docOf(declaration);
  const standard = attributeOf(at.element, 'default') ?? attributeOf(declaration.element, 'default');
  const fixed = attributeOf(at.element, 'fixed') ?? attributeOf(declaration.element, 'fixed');
  return {
    name,
    type: typeOf(declaration, types),
    required: isRequired(at),
    ...(doc === undefined ? {} : { doc }),
    ...(standard === undefined ? {} : { default: standard }),
    ...(fixed === undefined ? {} : { fixed }),
  };
}

function isRequired({ element }: Declared): boolean {
  return attributeOf(element, 'use') === 'required';
}

function typeOf(declaration: Declared, { typeByName }: AttributeTypes): SimpleType {
  const name = referenceOf(declaration, 'type');
  const inside = partOf(declaration, 'simpleType');
  if (name === undefined) {
    return inside === undefined ? STRING : readSimpleType(inside, undefined, typeByName);
  }
  const type = builtInType(name) ?? typeByName(name, placeOf(declaration));
  if (type.kind === 'simple') return type;
  throw new Unsupported(`The type "${name.local}" of an attribute is no simple type`, placeOf(declaration));
}
