// Knows: what one operation of a service is to the gateway: its model, how its arguments become a message, how an answer becomes a value.
// Must not know: documents, HTTP, the configuration's text.

import type { Cell, Field, ObjectType, Type, Value } from '#spi';
import type { Attachment, SoapVersion } from '../exchange/message.ts';
import { decode, decodeObject, isNil } from '../shape/decode.ts';
import { mayBeEmpty } from '../shape/decode-content.ts';
import { corrupt, type Decoding, fits } from '../shape/decoding.ts';
import { encode } from '../shape/encode.ts';
import { type Encoding, prefixes } from '../shape/encoding.ts';
import type { ObjectShape, Shape } from '../shape/shape.ts';
import { childrenOf, type XmlElement, type XmlName } from '../xml/element.ts';
import type { MessageShape } from './message-shape.ts';

/** A header block that the WSDL declares. */
export interface HeaderShape {
  readonly field: string;
  readonly name: XmlName;
  readonly shape: Shape;
}

/** An element that may stand in the detail of a fault. */
export type FaultShape = HeaderShape;

export interface OperationShape {
  /** The WSDL's name. */
  readonly legacyName: string;
  readonly action: string;
  readonly version: SoapVersion;
  readonly oneWay: boolean;
  readonly input: MessageShape;
  /** rpc/encoded: `encodingStyle` of the envelope. */
  readonly encodingStyle?: string;
  readonly inputHeaders: readonly HeaderShape[];
  /** Absent for a one-way operation. */
  readonly output?: MessageShape;
  /** Of what the output holds, this one field is the answer: it is all there is. */
  readonly unwrapped?: string;
  /** In rpc only the parts count, the name of the element around them does not. */
  readonly anyWrapper: boolean;
  readonly encodedOutput: boolean;
  readonly outputHeaders: readonly HeaderShape[];
  readonly faults: readonly FaultShape[];
}

export interface SoapMessage {
  readonly body: string;
  readonly headers: readonly string[];
  readonly attachments: readonly Attachment[];
}

/** Values that the configuration gives to header blocks, by field; they are not arguments then. */
export type HeaderValues = Readonly<Record<string, Value>>;

/** Field of the answer beside those of headers. */
export const RESULT = 'result';

/** The fields of the arguments. */
export function inputFields(of: OperationShape, given: HeaderValues): readonly Field[] {
  const headers = of.inputHeaders
    .filter(({ field }) => !Object.hasOwn(given, field))
    .map(
      ({ field, name, shape }): Field => ({
        name: field,
        type: shape.type,
        nullable: true,
        legacyName: name.local,
        doc: 'A header block of the request',
      }),
    );
  return [...messageFields(of.input), ...headers];
}

function messageFields(message: MessageShape): readonly Field[] {
  switch (message.kind) {
    case 'nothing':
      return [];
    case 'object':
      return message.shape.type.fields;
    case 'value':
      return [
        {
          name: message.field,
          type: message.shape.type,
          legacyName: message.name.local,
          ...(message.nillable ? { nullable: true } : {}),
        },
      ];
  }
}

/** The type of the answer; `answerType`: the object that holds it beside the headers, where some are declared. */
export function outputType(of: OperationShape, answerName: () => string): Type {
  const result = resultType(of);
  if (of.outputHeaders.length === 0) return result;
  const headers = of.outputHeaders.map(
    ({ field, name, shape }): Field => ({
      name: field,
      type: shape.type,
      nullable: true,
      legacyName: name.local,
      doc: 'A header block of the answer',
    }),
  );
  const answer: ObjectType = {
    kind: 'object',
    name: answerName(),
    shared: true,
    fields: [{ name: RESULT, type: result, nullable: true }, ...headers],
  };
  return answer;
}

const DONE: Type = { kind: 'boolean' };

function resultType({ output, unwrapped }: OperationShape): Type {
  if (output === undefined || output.kind === 'nothing') return DONE;
  if (output.kind === 'value') return output.shape.type;
  if (unwrapped === undefined) return output.shape.type.fields.length === 0 ? DONE : output.shape.type;
  return output.shape.type.fields.find(({ name }) => name === unwrapped)?.type ?? DONE;
}

/** Throws `invalid` with the place of the argument that cannot be sent; nothing has been sent then. */
export function request(
  of: OperationShape,
  input: Readonly<Record<string, Value>>,
  given: HeaderValues,
  attach: ((bytes: Uint8Array) => string) | undefined,
): Pick<SoapMessage, 'body' | 'headers'> {
  const how = encodingOf(of, attach);
  const headerFields = new Set(of.inputHeaders.map(({ field }) => field));
  const own = Object.fromEntries(Object.entries(input).filter(([name]) => !headerFields.has(name)));
  const headers = of.inputHeaders.flatMap(({ field, name, shape }) => {
    const value = given[field] ?? input[field] ?? null;
    if (value === null) return [];
    const block = encodingOf(of, undefined);
    return [declared(encode(name, shape, value, field, block), block)];
  });
  return { body: bodyOf(of.input, own, how), headers };
}

type OwnEncoding = Encoding & { declarations(): string };

function encodingOf(of: OperationShape, attach: ((bytes: Uint8Array) => string) | undefined): OwnEncoding {
  const names = prefixes();
  return {
    version: of.version,
    encoded: of.encodingStyle !== undefined,
    qname: names.qname,
    declarations: names.declarations,
    ...(attach === undefined ? {} : { attach }),
  };
}

function bodyOf(message: MessageShape, input: Readonly<Record<string, Value>>, how: OwnEncoding): string {
  switch (message.kind) {
    case 'nothing':
      return '';
    case 'object':
      return declared(encode(message.name, message.shape, input, '', { ...how, encoded: how.encoded }), how);
    case 'value': {
      const value = input[message.field] ?? null;
      return declared(encode(message.name, message.shape, value, message.field, how), how);
    }
  }
}

/** The element with the namespaces that it uses: they are known once it is written. */
function declared(element: string, how: OwnEncoding): string {
  const end = /^<[^\s/>]+/.exec(element)?.[0].length ?? 0;
  return element.slice(0, end) + how.declarations() + element.slice(end);
}

/** The value of an answer. Faults stand where something does not decode. */
export function answer(
  of: OperationShape,
  body: readonly XmlElement[],
  headers: readonly XmlElement[],
  how: Decoding,
): Cell {
  const result = resultOf(of, body, how);
  if (of.outputHeaders.length === 0) return result;
  const blocks = of.outputHeaders.flatMap(({ field, name, shape }): (readonly [string, Cell])[] => {
    const block = headers.find((candidate) => fits(name, candidate, how.names));
    return block === undefined ? [] : [[field, decode(shape, block, field, how)]];
  });
  return { [RESULT]: result, ...Object.fromEntries(blocks) };
}

function resultOf(of: OperationShape, body: readonly XmlElement[], how: Decoding): Cell {
  const { output, unwrapped } = of;
  if (output === undefined || output.kind === 'nothing') return true;
  const element = body[0] ?? leftOut(output);
  if (element === undefined) {
    return corrupt('empty-answer', `The service answered "${of.legacyName}" with nothing`, '');
  }
  if (!of.anyWrapper && !fits(output.name, element, how.names)) {
    return corrupt(
      'unexpected-answer',
      `The service answered "${of.legacyName}" with "${element.local}"`,
      '',
      {
        hint: `expected "${output.name.local}"`,
      },
    );
  }
  if (output.kind === 'value') return decode(output.shape, element, '', how);
  if (isNil(element)) return null;
  if (output.shape.type.fields.length === 0) return true;
  const group = decodeObject(output.shape, element, '', how);
  return unwrapped === undefined || group instanceof Error ? group : (group[unwrapped] ?? null);
}

/** Services leave out an element that would hold nothing: then it is as if it stood there. */
function leftOut(output: Exclude<MessageShape, { readonly kind: 'nothing' }>): XmlElement | undefined {
  if (output.kind === 'value') return undefined;
  const { content, attributes, text } = output.shape;
  const empty = text === undefined && attributes.every(({ required }) => !required) && mayBeEmpty(content);
  return empty ? { ...output.name, attributes: [], content: [], scope: new Map(), line: 0 } : undefined;
}

/** The one field that an answer consists of: an object of a single field is only a wrapper around it. */
export function onlyField(shape: ObjectShape): string | undefined {
  const [only, second] = shape.type.fields;
  const plain =
    shape.attributes.length === 0 && shape.text === undefined && shape.otherAttributes === undefined;
  return plain && second === undefined ? only?.name : undefined;
}

/** Every element of an envelope that has an `id`, for references to it (SOAP 1.1, section 5.4.1; SOAP 1.2 part 2, section 3.1.5). */
export function elementsById(elements: readonly XmlElement[]): ReadonlyMap<string, XmlElement> {
  const found = new Map<string, XmlElement>();
  const visit = (element: XmlElement): void => {
    for (const { local, value } of element.attributes) {
      if (local === 'id' && !found.has(value)) found.set(value, element);
    }
    childrenOf(element).forEach(visit);
  };
  elements.forEach(visit);
  return found;
}
