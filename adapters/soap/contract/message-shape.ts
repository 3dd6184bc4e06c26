// Knows: how the message of an operation stands in the Body and Header of an envelope: wrapped, bare, or as the parts of an rpc call.
// Must not know: envelopes, HTTP, the configuration.

import { camelCase, distinct, type Field } from '#spi';
import type { ElementPart, ObjectShape, Shape } from '../shape/shape.ts';
import type { Shapes } from '../shape/shapes.ts';
import type { XmlName } from '../xml/element.ts';
import { type SchemaSet, Unsupported } from '../xsd/components.ts';

/** A part of a message (WSDL 1.1, section 2.3): of an element, or of a type. */
export interface MessagePart {
  readonly name: string;
  readonly element?: XmlName;
  readonly type?: XmlName;
}

export interface MessageDeclaration {
  readonly style: 'document' | 'rpc';
  readonly encoded: boolean;
  /** Those that stand in Body, in order. */
  readonly parts: readonly MessagePart[];
  /** rpc: name of the element around the parts. */
  readonly wrapper: XmlName;
  /** For names of types without one. */
  readonly wanted: string;
  readonly place: string;
}

/**
 * What a message holds. `object`: the members of the one element in Body are its fields; `value`: the element is one value under a name of
 * its own; `nothing`: Body is empty.
 */
export type MessageShape =
  | { readonly kind: 'object'; readonly name: XmlName; readonly shape: ObjectShape }
  | {
      readonly kind: 'value';
      readonly name: XmlName;
      readonly field: string;
      readonly shape: Shape;
      readonly nillable: boolean;
    }
  | { readonly kind: 'nothing' };

export function messageShape(message: MessageDeclaration, set: SchemaSet, shapes: Shapes): MessageShape {
  if (message.style === 'rpc')
    return { kind: 'object', name: message.wrapper, shape: rpcShape(message, set, shapes) };
  const [part, second] = message.parts;
  if (part === undefined) return { kind: 'nothing' };
  if (second !== undefined) {
    throw new Unsupported(
      `A document message of several parts (${part.name}, ${second.name})`,
      message.place,
    );
  }
  if (part.element === undefined) {
    throw new Unsupported(
      `The part "${part.name}" of a document message names a type instead of an element`,
      message.place,
    );
  }
  const declaration = set.element(part.element);
  const type = declaration.type();
  const wrapper = shapes.ofWrapper(type, part.element.local);
  if (wrapper !== undefined) return { kind: 'object', name: part.element, shape: wrapper };
  return {
    kind: 'value',
    name: part.element,
    field: camelCase(part.element.local),
    shape: shapes.ofElement(declaration, ''),
    nillable: declaration.nillable,
  };
}

/** The parts as members of one object: in rpc their elements are in no namespace (WS-I Basic Profile 1.1, R2735). */
function rpcShape(
  { parts, encoded, wanted, place }: MessageDeclaration,
  set: SchemaSet,
  shapes: Shapes,
): ObjectShape {
  const names = distinct(parts.map(({ name }) => camelCase(name)));
  const of = parts.map((part, i): ElementPart => {
    const shape = partShape(part, wanted, place, set, shapes);
    return {
      kind: 'element',
      field: names[i] ?? '',
      name: { uri: '', local: part.name },
      shape,
      // An accessor may be nil or left out where it is encoded (SOAP 1.1, section 5.1); R2211 forbids nil where it is literal.
      min: encoded ? 0 : 1,
      max: 1,
      nillable: encoded,
      list: false,
    };
  });
  const fields = of.map(
    ({ field, shape }, i): Field => ({
      name: field,
      type: shape.type,
      ...(encoded ? { nullable: true } : {}),
      legacyName: parts[i]?.name ?? field,
    }),
  );
  return {
    kind: 'object',
    type: { kind: 'object', name: shapes.typeName(wanted), shared: true, fields },
    attributes: [],
    content: { kind: 'all', of, optional: false },
  };
}

function partShape(part: MessagePart, wanted: string, place: string, set: SchemaSet, shapes: Shapes): Shape {
  if (part.type !== undefined) return shapes.ofType(set.type(part.type), `${wanted} ${part.name}`);
  if (part.element !== undefined) return shapes.ofElement(set.element(part.element), '');
  throw new Unsupported(`The part "${part.name}" has neither an element nor a type`, place);
}
