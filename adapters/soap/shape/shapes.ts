// Knows: how the types of a schema become shapes, each named type one shape, however often and wherever it is used.
// Must not know: documents, envelopes, values.

import {
  camelCase,
  distinct,
  type Field,
  nameGiver,
  type ObjectType,
  pascalCase,
  type Remark,
  type UnionMember,
} from '#spi';
import type { XmlName } from '../xml/element.ts';
import type {
  AttributeUse,
  ComplexType,
  ElementDeclaration,
  SchemaSet,
  TypeDefinition,
} from '../xsd/components.ts';
import { Unsupported } from '../xsd/components.ts';
import { contentOf, slotFields } from './content.ts';
import type {
  ArrayShape,
  AttributeMember,
  FlagShape,
  ObjectShape,
  Part,
  RawShape,
  Shape,
  SimpleShape,
  TextListShape,
  UnionShape,
} from './shape.ts';
import type { SimpleShapes } from './simple-shapes.ts';

export interface Shapes {
  /** The shape of a declared element's values. `owner`: name of the type around it, empty for a global element. */
  ofElement(declaration: ElementDeclaration, owner: string): Shape;
  /** The shape of a type. `wanted`: a name for it, where it has none of its own. */
  ofType(type: TypeDefinition, wanted: string): Shape;
  /** The object of a complex type itself, even where types are derived from it: the wrapper of an operation. Undefined for other content. */
  ofWrapper(type: TypeDefinition, wanted: string): ObjectShape | undefined;
  typeName(wanted: string): string;
}

/** What an object shape holds while its members are being found. */
interface Building {
  readonly fields: Field[];
  readonly attributes: AttributeMember[];
  readonly parts: Part[];
  readonly text: { field: string; readonly shape: SimpleShape | TextListShape } | undefined;
}

/** `remark` is told every name that had to be changed. */
export function shapesOf(set: SchemaSet, simple: SimpleShapes, remark: (remark: Remark) => void): Shapes {
  const free = nameGiver();
  const objects = new Map<ComplexType, ObjectShape>();
  const others = new Map<ComplexType, UnionShape | ArrayShape>();

  const typeName = (wanted: string): string => free(pascalCase(wanted));

  const ownName = (type: ComplexType, wanted: string): string => {
    const asked = pascalCase(type.name?.local ?? wanted);
    const given = free(asked);
    if (given !== asked && type.name !== undefined) {
      remark({
        subject: `type ${type.name.local}`,
        message: `is shown as ${given}: another type is called ${asked} already`,
        place: type.place,
      });
    }
    return given;
  };

  const objectShape = (type: ComplexType, wanted: string): ObjectShape => {
    const known = objects.get(type);
    if (known !== undefined) return known;
    // The object is there before its members are: they may lead back to it.
    const name = ownName(type, wanted);
    const fields: Field[] = [];
    const attributes: AttributeMember[] = [];
    const parts: Part[] = [];
    const own = memberType(name, type.name?.local ?? name, fields);
    const text =
      type.content.kind === 'simple' ? { field: TEXT, shape: simple.of(type.content.type, name) } : undefined;
    const shape: ObjectShape = {
      kind: 'object',
      type: own,
      ...(type.name === undefined ? {} : { xsdName: type.name }),
      attributes,
      content: { kind: 'sequence', of: parts, optional: false },
      ...(type.anyAttribute ? { otherAttributes: otherName(type) } : {}),
      ...(text === undefined ? {} : { text }),
    };
    objects.set(type, shape);
    try {
      fill(type, name, { fields, attributes, parts, text });
    } catch (error) {
      objects.delete(type);
      throw error;
    }
    return shape;
  };

  const fill = (type: ComplexType, owner: string, { fields, attributes, parts, text }: Building): void => {
    const particle = type.content.kind === 'elements' ? type.content.particle : undefined;
    const content = contentOf(particle, owner, { shapeOf: ofElement, typeName });
    const wanted = [
      ...content.slots.map((slot) => slot.wanted),
      ...(text === undefined ? [] : [TEXT]),
      ...type.attributes.map(({ name }) => name.local),
    ];
    const names = distinct(wanted.map(camelCase));
    for (const [i, legacy] of wanted.entries()) {
      if (names[i] === camelCase(legacy)) continue;
      remark({
        subject: `${owner}.${legacy}`,
        message: `is shown as ${names[i]}: another field is called ${camelCase(legacy)} already`,
        place: type.place,
      });
    }
    const slots = content.slots.length;
    fields.push(...slotFields(content.slots, names));
    parts.push(content.parts(names));
    if (text !== undefined) {
      text.field = names[slots] ?? TEXT;
      fields.push({ name: text.field, type: text.shape.type });
    }
    const before = fields.length;
    for (const [i, use] of type.attributes.entries()) {
      const member = attributeMember(use, names[before + i] ?? '', owner);
      attributes.push(member);
      fields.push(attributeField(use, member));
    }
    if (type.anyAttribute) fields.push(OTHER_FIELD(otherName(type)));
  };

  const attributeMember = (use: AttributeUse, field: string, owner: string): AttributeMember => ({
    field,
    name: use.name,
    shape: simple.of(use.type, `${owner} ${use.name.local}`, use.name.local),
    required: use.required,
    ...(use.default === undefined ? {} : { default: use.default }),
    ...(use.fixed === undefined ? {} : { fixed: use.fixed }),
  });

  const unionShape = (type: ComplexType, derived: readonly ComplexType[], wanted: string): UnionShape => {
    const known = others.get(type);
    if (known?.kind === 'union') return known;
    const of: UnionMember[] = [];
    const members = new Map<string, ObjectShape>();
    const tags = distinct(
      [...(type.abstract ? [] : [type]), ...derived].map(({ name }) => name?.local ?? ''),
    );
    const shape: UnionShape = {
      kind: 'union',
      type: {
        kind: 'union',
        name: free(`Any${pascalCase(type.name?.local ?? wanted)}`),
        shared: true,
        of,
      },
      members,
      ...(type.abstract ? {} : { declared: tags[0] ?? '' }),
    };
    others.set(type, shape);
    for (const [i, member] of [...(type.abstract ? [] : [type]), ...derived].entries()) {
      const object = objectShape(member, wanted);
      const tag = tags[i] ?? '';
      members.set(tag, object);
      of.push(tagged(object.type, tag));
    }
    return shape;
  };

  const ofType = (type: TypeDefinition, wanted: string, element?: string): Shape => {
    if (type.kind === 'any') return { ...RAW, whole: true };
    if (type.kind === 'simple') return simple.of(type, wanted, element);
    if (type.mixed) return { ...RAW, whole: false };
    if (type.content.kind === 'array') return arrayShape(type, type.content, wanted);
    const derived = set.derivedFrom(type);
    if (derived.length > 0) return unionShape(type, derived, wanted);
    if (type.abstract) {
      throw new Unsupported(
        `The type "${type.name?.local ?? wanted}" is abstract and nothing is derived from it`,
        type.place,
      );
    }
    return isFlag(type) ? flagOf(type.name) : objectShape(type, wanted);
  };

  const arrayShape = (
    type: ComplexType,
    content: Extract<ComplexType['content'], { kind: 'array' }>,
    wanted: string,
  ): ArrayShape => {
    const known = others.get(type);
    if (known?.kind === 'array') return known;
    const item = ofType(content.item(), `${wanted} Item`);
    const shape: ArrayShape = {
      kind: 'array',
      type: { kind: 'list', of: item.type },
      item,
      itemName: content.itemName,
      itemElement: 'item',
    };
    others.set(type, shape);
    return shape;
  };

  const ofElement = (declaration: ElementDeclaration, owner: string): Shape => {
    const { name, default: standard, fixed } = declaration;
    const shape = ofType(declaration.type(), `${owner} ${name.local}`.trim(), name.local);
    const whenEmpty = fixed ?? standard;
    return shape.kind === 'simple' && whenEmpty !== undefined ? { ...shape, whenEmpty } : shape;
  };

  return {
    ofElement,
    ofType: (type, wanted) => ofType(type, wanted),
    ofWrapper: (type, wanted) =>
      type.kind === 'complex' &&
      !type.mixed &&
      type.content.kind !== 'array' &&
      type.content.kind !== 'simple'
        ? objectShape(type, wanted)
        : undefined,
    typeName,
  };
}

/** Field of the text of an element with attributes. */
const TEXT = 'value';
const RAW: Omit<RawShape, 'whole'> = { kind: 'raw', type: { kind: 'string' } };

/** A named type is one object, as the type of a field and as a union's member: the tag of a member is its own name. */
function memberType(name: string, tag: string, fields: readonly Field[]): UnionMember {
  return { kind: 'object', name, tag, shared: true, fields };
}

/** The same object where it has this tag already. */
function tagged(type: ObjectType, tag: string): UnionMember {
  return isMember(type) && type.tag === tag ? type : { ...type, tag };
}

function isMember(type: ObjectType): type is UnionMember {
  return 'tag' in type;
}

function isFlag(type: ComplexType): boolean {
  const { content, attributes, anyAttribute } = type;
  const nothing = content.kind === 'empty' || (content.kind === 'elements' && isEmptyGroup(content.particle));
  return nothing && attributes.length === 0 && !anyAttribute;
}

function isEmptyGroup(particle: Extract<ComplexType['content'], { kind: 'elements' }>['particle']): boolean {
  return particle.kind !== 'element' && particle.kind !== 'any' && particle.of.every(isEmptyGroup);
}

function flagOf(xsdName: XmlName | undefined): FlagShape {
  return { kind: 'flag', type: { kind: 'boolean' }, ...(xsdName === undefined ? {} : { xsdName }) };
}

function attributeField(use: AttributeUse, { field, shape }: AttributeMember): Field {
  return {
    name: field,
    type: shape.type,
    ...(use.required ? {} : { nullable: true }),
    ...(use.doc === undefined ? {} : { doc: use.doc }),
    legacyName: use.name.local,
  };
}

/** The name of the field for attributes without a declaration: one that no declared attribute or element takes. */
function otherName({ attributes }: ComplexType): string {
  return attributes.some(({ name }) => camelCase(name.local) === 'otherAttributes')
    ? 'otherXmlAttributes'
    : 'otherAttributes';
}

const OTHER_FIELD = (name: string): Field => ({
  name,
  type: { kind: 'json' },
  nullable: true,
  doc: 'Attributes that the schema does not name: { "name": "value" }',
});

/** What is left out, where it stands. */
export function unsupportedRemark(subject: string, error: unknown): Remark {
  if (!(error instanceof Unsupported)) throw error;
  return {
    subject,
    message: error.message,
    ...(error.place === '' ? {} : { place: error.place }),
  };
}
