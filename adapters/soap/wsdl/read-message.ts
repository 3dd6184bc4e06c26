// Knows: how a binding lays the parts of a message into Body, Header and Fault (WSDL 1.1, sections 3.5 to 3.7 and 5).
// Must not know: operations, services.

import type { Remark } from '#spi';
import { attributeOf, childrenOf, type XmlName } from '../xml/element.ts';
import { WSDL, WSDL_MIME } from '../xml/namespaces.ts';
import { Unsupported } from '../xsd/components.ts';
import { type Definitions, type Located, nameIn, partOf, partsOf, placeOf, referred } from './definitions.ts';
import type { BoundFault, BoundHeader, BoundMessage, MessagePart, Use } from './wsdl.ts';

export interface Binding {
  readonly definitions: Definitions;
  /** Namespace of the extension elements: of SOAP 1.1 or 1.2. */
  readonly soap: string;
  /** Of headers of the answer that cannot be read: the operation works without them. */
  remark(remark: Remark): void;
}

/**
 * `abstract`: `wsdl:input` or `wsdl:output` of the port type; `bound`: the same of the binding, which may be missing where it has nothing to
 * say. Throws `Unsupported`.
 */
export function readMessage(abstract: Located, bound: Located | undefined, binding: Binding): BoundMessage {
  const message = referred(abstract, 'message', 'message', binding.definitions);
  const parts = partsOfMessage(message);
  const { body, around } = bodyOf(bound, binding);
  const headers = around.flatMap((element) => readHeaders(element, binding));
  const style = body === undefined ? undefined : attributeOf(body.element, 'encodingStyle');
  return {
    name: message.name,
    use: useOf(body),
    parts: bodyParts(parts, body, message, headers),
    namespace: namespaceOf(body),
    ...(style === undefined ? {} : { encodingStyle: style }),
    headers,
    place: placeOf(bound ?? abstract),
  };
}

/** `wsdl:fault` of the port type; the binding need not repeat it. */
export function readFault(abstract: Located, bound: Located | undefined, binding: Binding): BoundFault {
  const message = referred(abstract, 'message', 'message', binding.definitions);
  const fault = bound === undefined ? undefined : partOf(bound, binding.soap, 'fault');
  return {
    name: attributeOf(abstract.element, 'name') ?? message.name.local,
    message: message.name,
    parts: partsOfMessage(message),
    use: useOf(fault),
    namespace: namespaceOf(fault),
    place: placeOf(abstract),
  };
}

function partsOfMessage(message: Located): readonly MessagePart[] {
  return partsOf(message, WSDL, 'part').map((part) => {
    const element = nameIn(part, 'element');
    const type = nameIn(part, 'type');
    return {
      name: attributeOf(part.element, 'name') ?? '',
      ...(element === undefined ? {} : { element }),
      ...(type === undefined ? {} : { type }),
      place: placeOf(part),
    };
  });
}

/** `soap:body` and the elements that may hold headers beside it: in MIME both stand in the root part (section 5). */
function bodyOf(
  bound: Located | undefined,
  { soap }: Binding,
): { readonly body: Located | undefined; readonly around: readonly Located[] } {
  if (bound === undefined) return { body: undefined, around: [] };
  const multipart = partOf(bound, WSDL_MIME, 'multipartRelated');
  if (multipart === undefined) return { body: partOf(bound, soap, 'body'), around: [bound] };
  const parts = partsOf(multipart, WSDL_MIME, 'part');
  const attached = parts.find((part) => partOf(part, soap, 'body') === undefined);
  if (attached !== undefined) {
    throw new Unsupported(
      'Attachments by MIME (SwA, mime:multipartRelated) are not supported',
      placeOf(attached),
    );
  }
  const around = [bound, ...parts];
  return { body: parts.map((part) => partOf(part, soap, 'body')).find((body) => body !== undefined), around };
}

/** Section 3.5: all parts, or those that `parts` names. */
function bodyParts(
  parts: readonly MessagePart[],
  body: Located | undefined,
  message: Located & { readonly name: XmlName },
  headers: readonly BoundHeader[],
): readonly MessagePart[] {
  const selected = body === undefined ? undefined : attributeOf(body.element, 'parts');
  if (selected === undefined) {
    // A part that the binding sends as a header does not stand in Body as well: so JAX-WS and .NET read it.
    const sent = headers
      .filter((header) => sameMessage(header.message, message.name))
      .map(({ part }) => part.name);
    return parts.filter(({ name }) => !sent.includes(name));
  }
  const names = selected.split(/\s+/).filter((name) => name !== '');
  const missing = names.find((name) => parts.every((part) => part.name !== name));
  if (missing !== undefined && body !== undefined) {
    throw new Unsupported(`The message "${message.name.local}" has no part "${missing}"`, placeOf(body));
  }
  return parts.filter(({ name }) => names.includes(name));
}

function sameMessage(a: XmlName, b: XmlName): boolean {
  return a.local === b.local && a.uri === b.uri;
}

/** A header of a request that cannot be sent takes the operation with it; one of an answer is only not read. */
function readHeaders(around: Located, binding: Binding): readonly BoundHeader[] {
  return partsOf(around, binding.soap, 'header').flatMap((header) => {
    try {
      const faults = partsOf(header, binding.soap, 'headerfault').flatMap((fault) =>
        tolerated(fault, binding, () => [readHeader(fault, binding)]),
      );
      return [{ ...readHeader(header, binding), faults }];
    } catch (error) {
      if (around.element.local !== 'output') throw error;
      return tolerated(header, binding, () => {
        throw error;
      });
    }
  });
}

function readHeader(header: Located, { definitions }: Binding): Omit<BoundHeader, 'faults'> {
  const message = referred(header, 'message', 'message', definitions);
  const wanted = attributeOf(header.element, 'part');
  const part = partsOfMessage(message).find(({ name }) => name === wanted);
  if (part === undefined) {
    throw new Unsupported(
      wanted === undefined
        ? 'A header names no part of its message'
        : `The message "${message.name.local}" has no part "${wanted}"`,
      placeOf(header),
    );
  }
  const style = attributeOf(header.element, 'encodingStyle');
  return {
    message: message.name,
    part,
    use: useOf(header),
    namespace: namespaceOf(header),
    ...(style === undefined ? {} : { encodingStyle: style }),
    place: placeOf(header),
  };
}

function tolerated<T>(at: Located, { remark }: Binding, read: () => readonly T[]): readonly T[] {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    remark({
      subject: `soap:${at.element.local}`,
      message: `${error.message}; it is not read`,
      place: error.place,
    });
    return [];
  }
}

/** Section 3.5 requires it; who leaves it out means literal (WS-I Basic Profile 1.1, R2707). */
function useOf(located: Located | undefined): Use {
  return located !== undefined && attributeOf(located.element, 'use') === 'encoded' ? 'encoded' : 'literal';
}

function namespaceOf(located: Located | undefined): string {
  return located === undefined ? '' : (attributeOf(located.element, 'namespace') ?? '');
}

/** An extension that the WSDL says must be understood (section 2.1.3), of a namespace that is not ours. */
export function requiredExtensions(
  { element, document }: Located,
  known: readonly string[],
): readonly Located[] {
  return childrenOf(element)
    .filter((child) => !known.includes(child.uri) && isTrue(attributeOf(child, 'required', WSDL)))
    .map((child) => ({ element: child, document }));
}

function isTrue(text: string | undefined): boolean {
  return text === 'true' || text === '1';
}
