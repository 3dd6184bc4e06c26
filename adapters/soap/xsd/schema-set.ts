// Knows: how schema documents become one set of components, each read once and when it is first asked for.
// Must not know: where the documents come from, values, the model.

import { attributeOf, nameText, sameName, type XmlName } from '../xml/element.ts';
import { ENCODING11, ENCODING12, XSD } from '../xml/namespaces.ts';
import { isTrue, readComplexType, type Types } from './complex-types.ts';
import {
  type AnyType,
  type ComplexType,
  type ElementDeclaration,
  type SchemaSet,
  type TypeDefinition,
  Unsupported,
} from './components.ts';
import { type Declared, docOf, indexOf, partOf, placeOf, type SchemaDocument } from './schema-index.ts';
import { builtInType, readSimpleType, referenceOf } from './simple-types.ts';

const ANY_TYPE: AnyType = { kind: 'any', name: { uri: XSD, local: 'anyType' } };
const ANY_ITEMS: ComplexType = {
  kind: 'complex',
  name: { uri: ENCODING11, local: 'Array' },
  place: '',
  abstract: false,
  mixed: false,
  attributes: [],
  anyAttribute: false,
  content: { kind: 'array', itemName: ANY_TYPE.name, item: () => ANY_TYPE },
};

export function schemaSet(schemas: readonly SchemaDocument[]): SchemaSet {
  const index = indexOf(schemas);
  const types = new Map<string, TypeDefinition>();
  const elements = new Map<string, ElementDeclaration>();
  const reading = new Set<string>();

  const typeByName = (name: XmlName, place: string): TypeDefinition => {
    const key = nameText(name);
    const known = types.get(key) ?? ownType(name);
    if (known !== undefined) return known;
    const declared = index.find('type', name);
    if (declared === undefined) throw new Unsupported(`There is no type "${key}"`, place);
    if (reading.has(key)) throw new Unsupported(`The type "${name.local}" is derived from itself`, place);
    reading.add(key);
    try {
      const type = readType(declared, name);
      types.set(key, type);
      return type;
    } finally {
      reading.delete(key);
    }
  };

  const readType = (declared: Declared, name: XmlName | undefined): TypeDefinition =>
    declared.element.local === 'simpleType'
      ? readSimpleType(declared, name, typeByName)
      : readComplexType(declared, name, around);

  /** Heads of substitution groups → the global elements that name them. */
  let members: Map<string, readonly Declared[]> | undefined;
  const membersOf = (head: XmlName): readonly Declared[] => {
    members ??= Map.groupBy(
      index
        .all('element')
        .map(([, declared]) => declared)
        .filter(({ element }) => attributeOf(element, 'substitutionGroup') !== undefined),
      (declared) => nameText(referenceOf(declared, 'substitutionGroup') ?? { uri: '', local: '' }),
    );
    return members.get(nameText(head)) ?? [];
  };

  const globalElement = (name: XmlName, place: string): ElementDeclaration => {
    const key = nameText(name);
    const known = elements.get(key);
    if (known !== undefined) return known;
    const declared = index.find('element', name);
    if (declared === undefined) throw new Unsupported(`There is no element "${key}"`, place);
    const declaration = declarationOf(declared, name, () =>
      membersOf(name).flatMap((member) => {
        const own = attributeOf(member.element, 'name');
        if (own === undefined) return [];
        const one = globalElement({ uri: member.schema.targetNamespace, local: own }, placeOf(member));
        return [...(one.abstract ? [] : [one]), ...one.substitutes()];
      }),
    );
    elements.set(key, declaration);
    return declaration;
  };

  const declarationOf = (
    declared: Declared,
    name: XmlName,
    substitutes: ElementDeclaration['substitutes'],
  ): ElementDeclaration => {
    let type: TypeDefinition | undefined;
    const doc = docOf(declared);
    const standard = attributeOf(declared.element, 'default');
    const fixed = attributeOf(declared.element, 'fixed');
    return {
      name,
      ...(doc === undefined ? {} : { doc }),
      place: placeOf(declared),
      nillable: isTrue(declared, 'nillable'),
      abstract: isTrue(declared, 'abstract'),
      ...(standard === undefined ? {} : { default: standard }),
      ...(fixed === undefined ? {} : { fixed }),
      type: () => (type ??= elementType(declared)),
      substitutes,
    };
  };

  const elementType = (declared: Declared): TypeDefinition => {
    const name = referenceOf(declared, 'type');
    if (name !== undefined) return typeByName(name, placeOf(declared));
    const inside = partOf(declared, 'complexType', 'simpleType');
    if (inside !== undefined) return readType(inside, undefined);
    const head = referenceOf(declared, 'substitutionGroup');
    return head === undefined ? ANY_TYPE : globalElement(head, placeOf(declared)).type();
  };

  const elementOf = (declared: Declared): ElementDeclaration => {
    const reference = referenceOf(declared, 'ref');
    if (reference !== undefined) return globalElement(reference, placeOf(declared));
    const { element, schema } = declared;
    const local = attributeOf(element, 'name');
    if (local === undefined) throw new Unsupported('An element has no name', placeOf(declared));
    const form = attributeOf(element, 'form') ?? attributeOf(schema.root, 'elementFormDefault');
    const uri = form === 'qualified' ? schema.targetNamespace : '';
    return declarationOf(declared, { uri, local }, () => []);
  };

  const around: Types = { index, typeByName, elementOf };

  let bases: readonly (readonly [base: XmlName, derived: XmlName])[] | undefined;
  const derivedFrom = ({ name }: ComplexType): readonly ComplexType[] => {
    if (name === undefined) return [];
    bases ??= index.all('type').flatMap(([own, declared]) => {
      const base = baseOf(declared);
      return base === undefined ? [] : [[base, own] as const];
    });
    const found: ComplexType[] = [];
    const visit = (base: XmlName): void => {
      for (const [, derived] of bases?.filter(([of]) => sameName(of, base)) ?? []) {
        const type = typeByName(derived, '');
        if (type.kind !== 'complex' || found.includes(type)) continue;
        found.push(type);
        visit(derived);
      }
    };
    visit(name);
    return found.filter((type) => !type.abstract);
  };

  return {
    element: (name) => globalElement(name, ''),
    type: (name) => typeByName(name, ''),
    derivedFrom,
  };
}

function ownType(name: XmlName): TypeDefinition | undefined {
  const { uri, local } = name;
  if (uri === XSD && local === 'anyType') return ANY_TYPE;
  if ((uri === ENCODING11 || uri === ENCODING12) && local === 'Array') return ANY_ITEMS;
  return builtInType(name);
}

function baseOf(declared: Declared): XmlName | undefined {
  const content = partOf(declared, 'complexContent', 'simpleContent');
  const derivation = content === undefined ? undefined : partOf(content, 'extension', 'restriction');
  return derivation === undefined ? undefined : referenceOf(derivation, 'base');
}
