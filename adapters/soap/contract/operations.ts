// Knows: how the operations of a port become shapes, each for itself: one that needs something we cannot do is left out and said so.
// Must not know: documents, HTTP, the configuration.

import { camelCase, capital, distinct, type Remark } from '#spi';
import { type Shapes, unsupportedRemark } from '../shape/shapes.ts';
import type { BoundHeader, BoundMessage, Port, WsdlOperation } from '../wsdl/wsdl.ts';
import { type SchemaSet, Unsupported } from '../xsd/components.ts';
import { type MessageShape, messageShape } from './message-shape.ts';
import { type FaultShape, type HeaderShape, type OperationShape, onlyField, RESULT } from './operation.ts';

/** API name → operation, in the order of the WSDL. */
export function operationShapes(
  port: Port,
  set: SchemaSet,
  shapes: Shapes,
  remark: (remark: Remark) => void,
): readonly (readonly [name: string, of: OperationShape, source: WsdlOperation])[] {
  const made = port.operations.flatMap((operation): (readonly [WsdlOperation, OperationShape])[] => {
    try {
      return [[operation, operationShape(operation, port, set, shapes)]];
    } catch (error) {
      remark(unsupportedRemark(`operation ${operation.name}`, withPlace(error, operation)));
      return [];
    }
  });
  const wanted = made.map(([{ name }]) => camelCase(name));
  const names = distinct(wanted);
  return made.map(([operation, of], i) => {
    const name = names[i] ?? operation.name;
    if (name !== wanted[i]) {
      remark({
        subject: `operation ${operation.name}`,
        message: `is called ${name}: another operation is called ${wanted[i]} already`,
        place: operation.place,
      });
    }
    return [name, of, operation];
  });
}

function withPlace(error: unknown, { place }: WsdlOperation): unknown {
  return error instanceof Unsupported && error.place === '' ? new Unsupported(error.message, place) : error;
}

function operationShape(
  operation: WsdlOperation,
  port: Port,
  set: SchemaSet,
  shapes: Shapes,
): OperationShape {
  const { name, style, input, output, action } = operation;
  const inputShape = shapeOf(operation, input, name, set, shapes);
  const outputShape =
    output === undefined ? undefined : shapeOf(operation, output, `${name} Response`, set, shapes);
  const inputHeaders = headerShapes(input.headers, fieldsOf(inputShape), set, shapes);
  const outputHeaders = headerShapes(output?.headers ?? [], [RESULT], set, shapes);
  const wrapped = style === 'rpc' || isWrapped(operation);
  const unwrapped = outputShape?.kind === 'object' && wrapped ? onlyField(outputShape.shape) : undefined;
  return {
    legacyName: name,
    action,
    version: port.version,
    oneWay: output === undefined,
    input: inputShape,
    ...(input.use === 'encoded' && input.encodingStyle !== undefined
      ? { encodingStyle: input.encodingStyle }
      : {}),
    inputHeaders,
    ...(outputShape === undefined ? {} : { output: outputShape }),
    ...(unwrapped === undefined ? {} : { unwrapped }),
    anyWrapper: style === 'rpc',
    encodedOutput: output?.use === 'encoded',
    outputHeaders,
    faults: faultShapes(operation, set, shapes),
  };
}

function shapeOf(
  operation: WsdlOperation,
  message: BoundMessage,
  wanted: string,
  set: SchemaSet,
  shapes: Shapes,
): MessageShape {
  if (operation.style === 'document' && message.use === 'encoded') {
    throw new Unsupported('A document message that is encoded', message.place);
  }
  // The element around the parts of an rpc answer is called as the toolkit likes (WSDL 1.1, section 3.5).
  const wrapper = { uri: message.namespace, local: operation.name };
  return messageShape(
    {
      style: operation.style,
      encoded: message.use === 'encoded',
      parts: inOrder(message, operation),
      wrapper,
      wanted,
      place: message.place,
    },
    set,
    shapes,
  );
}

/** parameterOrder names the parts of both messages; those that it leaves out, a return value, keep their place (section 2.4.6). */
function inOrder({ parts }: BoundMessage, { parameterOrder }: WsdlOperation): BoundMessage['parts'] {
  if (parameterOrder === undefined) return parts;
  const rank = (name: string): number => {
    const at = parameterOrder.indexOf(name);
    return at < 0 ? parameterOrder.length : at;
  };
  return parts.toSorted((a, b) => rank(a.name) - rank(b.name));
}

/** The convention of document/literal wrapped: the element of the input is called as the operation. */
function isWrapped({ name, input }: WsdlOperation): boolean {
  const [part] = input.parts;
  return part?.element?.local === name;
}

function fieldsOf(message: MessageShape): readonly string[] {
  if (message.kind === 'nothing') return [];
  return message.kind === 'value' ? [message.field] : message.shape.type.fields.map(({ name }) => name);
}

function headerShapes(
  headers: readonly BoundHeader[],
  taken: readonly string[],
  set: SchemaSet,
  shapes: Shapes,
): readonly HeaderShape[] {
  const names = distinct([
    ...taken,
    ...headers.map(({ part }) => camelCase(part.element?.local ?? part.name)),
  ]);
  return headers.map(({ part, namespace, place }, i): HeaderShape => {
    const field = names[taken.length + i] ?? part.name;
    if (part.element !== undefined) {
      return { field, name: part.element, shape: shapes.ofElement(set.element(part.element), '') };
    }
    if (part.type === undefined)
      throw new Unsupported(`The header "${part.name}" has neither an element nor a type`, place);
    return {
      field,
      name: { uri: namespace, local: part.name },
      shape: shapes.ofType(set.type(part.type), capital(part.name)),
    };
  });
}

/** What cannot be shown of a fault's detail is left out of it; that the operation failed is told all the same. */
function faultShapes(operation: WsdlOperation, set: SchemaSet, shapes: Shapes): readonly FaultShape[] {
  return operation.faults.flatMap(({ name, parts, namespace }): readonly FaultShape[] => {
    const [part] = parts;
    try {
      if (part?.element !== undefined) {
        const shape = shapes.ofElement(set.element(part.element), '');
        return [{ field: camelCase(part.element.local), name: part.element, shape }];
      }
      if (part?.type === undefined) return [];
      const shape = shapes.ofType(set.type(part.type), capital(name));
      return [{ field: camelCase(part.name), name: { uri: namespace, local: part.name }, shape }];
    } catch (error) {
      if (error instanceof Unsupported) return [];
      throw error;
    }
  });
}
