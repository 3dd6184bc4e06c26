// Knows: a shape: how the values of one type of the model stand in XML. Plain data, made from a schema once and read by decode and encode.
// Must not know: schema documents, envelopes.

import type { ListType, ObjectType, Scalar, UnionType } from '#spi';
import type { XmlName } from '../xml/element.ts';
import type { Lexical } from '../xsd/lexical.ts';

export type Shape =
  | SimpleShape
  | TextListShape
  | FlagShape
  | ObjectShape
  | UnionShape
  | RawShape
  | ArrayShape;

/** Text of one simple type. */
export interface SimpleShape {
  readonly kind: 'simple';
  readonly type: Scalar;
  readonly lexical: Lexical;
  /** The type's name, for `xsi:type` of rpc/encoded; absent for an anonymous type. */
  readonly xsdName?: XmlName;
  /** What an empty element that the schema gives a default for stands for. */
  readonly whenEmpty?: string;
}

/** `xs:list`: values with spaces between them. */
export interface TextListShape {
  readonly kind: 'textList';
  readonly type: ListType;
  readonly of: SimpleShape;
}

/** A complex type with neither attributes nor content: that the element is there is all it says. The value is true. */
export interface FlagShape {
  readonly kind: 'flag';
  readonly type: Scalar;
  readonly xsdName?: XmlName;
}

/** A complex type. `type.fields`, `attributes` and `content` may lead back to this very object: types can contain themselves. */
export interface ObjectShape {
  readonly kind: 'object';
  readonly type: ObjectType;
  readonly xsdName?: XmlName;
  readonly attributes: readonly AttributeMember[];
  /** simpleContent: the field that holds the element's text. */
  readonly text?: { readonly field: string; readonly shape: SimpleShape | TextListShape };
  /** Element content; an empty sequence for none. */
  readonly content: GroupPart;
  /** `xs:anyAttribute`: the field (json) that holds all attributes without a declaration, by `{uri}local`. */
  readonly otherAttributes?: string;
}

export interface AttributeMember {
  readonly field: string;
  readonly name: XmlName;
  readonly shape: SimpleShape | TextListShape;
  readonly required: boolean;
  /** A fixed value is written when none is given. */
  readonly fixed?: string;
  readonly default?: string;
}

/** What stands inside an element, as in the schema's content model. */
export type Part = ElementPart | AnyPart | GroupPart | RepeatPart;

export function isGroup(part: Part): part is GroupPart {
  return part.kind === 'sequence' || part.kind === 'choice' || part.kind === 'all';
}

/** One element, or a list of it where `list`. */
export interface ElementPart {
  readonly kind: 'element';
  readonly field: string;
  readonly name: XmlName;
  readonly shape: Shape;
  readonly min: number;
  /** Infinity for unbounded. */
  readonly max: number;
  readonly nillable: boolean;
  /** The field holds a list, of one element too. */
  readonly list: boolean;
}

/** `xs:any`: whole elements as XML text. */
export interface AnyPart {
  readonly kind: 'any';
  readonly field: string;
  readonly min: number;
  readonly max: number;
  readonly list: boolean;
}

/** A group that occurs at most once: its parts are fields of the object around it. */
export interface GroupPart {
  readonly kind: 'sequence' | 'choice' | 'all';
  readonly of: readonly Part[];
  readonly optional: boolean;
}

/**
 * A group that can occur several times: one field, a list, so that order and grouping are kept. Of a sequence each element of the list
 * is an object with the group's fields; of a choice it is a union whose members have one field each.
 */
export interface RepeatPart {
  readonly kind: 'repeat';
  readonly field: string;
  readonly of: ObjectShape | ChoiceShape;
  readonly min: number;
  readonly max: number;
}

/** One occurrence of a repeated choice: tag → the branch that occurs. */
export interface ChoiceShape {
  readonly kind: 'choices';
  readonly type: UnionType;
  readonly branches: ReadonlyMap<string, ObjectShape>;
}

/** A complex type with types derived from it: told apart by `xsi:type`. */
export interface UnionShape {
  readonly kind: 'union';
  readonly type: UnionType;
  /** Tag → concrete type. */
  readonly members: ReadonlyMap<string, ObjectShape>;
  /** Tag of the declared type itself: an element without `xsi:type` has it. Absent where that type is abstract. */
  readonly declared?: string;
}

/** Anything: mixed content, `xs:anyType`. The value is XML text of the element's content; for anyType of the element itself. */
export interface RawShape {
  readonly kind: 'raw';
  readonly type: Scalar;
  readonly whole: boolean;
}

/** An array of SOAP encoding (SOAP 1.1, section 5.4.2): children of any name. */
export interface ArrayShape {
  readonly kind: 'array';
  readonly type: ListType;
  readonly item: Shape;
  /** For `arrayType` (1.1) and `itemType` (1.2). */
  readonly itemName: XmlName;
  /** Name of an item's element when written. */
  readonly itemElement: string;
}
