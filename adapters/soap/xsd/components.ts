// Knows: what a set of schema documents declares (XML Schema 1.0, part 1, section 2.2), with inheritance and references worked out.
// Must not know: how it is written in documents, values, the model.

import type { XmlName } from '../xml/element.ts';

/** The components of all documents together, each read when it is first asked for. Asking throws `Unsupported` for what we cannot do. */
export interface SchemaSet {
  element(name: XmlName): ElementDeclaration;
  /** Built-in types too. */
  type(name: XmlName): TypeDefinition;
  /** The named types that extend or restrict a type, over any number of steps, abstract ones left out, in the order of the documents. */
  derivedFrom(type: ComplexType): readonly ComplexType[];
}

export type TypeDefinition = SimpleType | ComplexType | AnyType;

/** `xs:anyType`: anything at all. */
export interface AnyType {
  readonly kind: 'any';
  readonly name: XmlName;
}

export interface SimpleType {
  readonly kind: 'simple';
  /** Absent for a type without a name. */
  readonly name?: XmlName;
  readonly doc?: string;
  readonly variety:
    | { readonly of: 'built-in'; readonly local: string }
    | { readonly of: 'restriction'; readonly base: SimpleType; readonly facets: readonly Facet[] }
    | { readonly of: 'list'; readonly item: SimpleType }
    | { readonly of: 'union'; readonly members: readonly SimpleType[] };
}

/** A facet as it stands: `maxLength`, `10`. */
export interface Facet {
  readonly name: string;
  readonly value: string;
}

export interface ComplexType {
  readonly kind: 'complex';
  readonly name?: XmlName;
  readonly doc?: string;
  /** `types.xsd:12`. */
  readonly place: string;
  readonly abstract: boolean;
  readonly mixed: boolean;
  /** Inherited ones too. */
  readonly attributes: readonly AttributeUse[];
  readonly anyAttribute: boolean;
  readonly content: ContentModel;
}

export type ContentModel =
  | { readonly kind: 'empty' }
  | { readonly kind: 'simple'; readonly type: SimpleType }
  /** What is inherited stands first. */
  | { readonly kind: 'elements'; readonly particle: Particle }
  /** An array of SOAP encoding. */
  | { readonly kind: 'array'; readonly item: () => TypeDefinition; readonly itemName: XmlName };

export interface AttributeUse {
  readonly name: XmlName;
  readonly doc?: string;
  readonly type: SimpleType;
  readonly required: boolean;
  readonly default?: string;
  readonly fixed?: string;
}

/** `max` is Infinity for unbounded. */
export interface Occurs {
  readonly min: number;
  readonly max: number;
}

export type Particle =
  | ({ readonly kind: 'element'; readonly declaration: ElementDeclaration } & Occurs)
  | ({ readonly kind: 'any' } & Occurs)
  | GroupParticle;

export type GroupParticle = {
  readonly kind: 'sequence' | 'choice' | 'all';
  readonly of: readonly Particle[];
} & Occurs;

export interface ElementDeclaration {
  readonly name: XmlName;
  readonly doc?: string;
  readonly place: string;
  readonly nillable: boolean;
  readonly abstract: boolean;
  readonly default?: string;
  readonly fixed?: string;
  /** Worked out when asked: types may contain themselves. */
  type(): TypeDefinition;
  /** Elements that may stand in its place, itself left out. */
  substitutes(): readonly ElementDeclaration[];
}

/** A construct that we cannot show, or a name that nothing has: what needs it is left out, and a remark says so. */
export class Unsupported extends Error {
  readonly place: string;

  constructor(message: string, place: string) {
    super(message);
    this.name = 'Unsupported';
    this.place = place;
  }
}
