// Knows: what a WSDL 1.1 says about services, once its names are resolved. Plain data.
// Must not know: how it is written in documents, what schemas mean.

import type { Remark } from '#spi';
import type { SoapVersion } from '../exchange/message.ts';
import type { XmlName } from '../xml/element.ts';
import type { SchemaDocument } from '../xsd/schema-index.ts';
import type { SourceDocument } from './documents.ts';

export interface Wsdl {
  /** In the order of the documents. */
  readonly services: readonly Service[];
  /** Every `xs:schema`; one that is included under several namespaces is there once for each. */
  readonly schemas: readonly WsdlSchema[];
  readonly remarks: readonly Remark[];
}

export interface WsdlSchema extends SchemaDocument {
  readonly document: SourceDocument;
}

export interface Service {
  readonly name: string;
  readonly doc?: string;
  /** Those with a SOAP binding that we can speak. */
  readonly ports: readonly Port[];
  readonly place: string;
}

export interface Port {
  readonly name: string;
  readonly doc?: string;
  readonly binding: XmlName;
  readonly version: SoapVersion;
  /** Absent where the WSDL leaves it to the configuration. */
  readonly address?: string;
  readonly operations: readonly WsdlOperation[];
  readonly place: string;
}

export interface WsdlOperation {
  readonly name: string;
  /** Name of `wsdl:input`, where several operations of the port have the same name: it tells them apart (section 2.4.5). */
  readonly inputName?: string;
  /** Lines of `wsdl:documentation`, white space in each collapsed. */
  readonly doc?: string;
  readonly style: 'document' | 'rpc';
  /** SOAPAction, or `action` of SOAP 1.2. Empty where none is given. */
  readonly action: string;
  /** False only where SOAP 1.2 says so (`soapActionRequired`). */
  readonly actionRequired: boolean;
  readonly input: BoundMessage;
  /** Absent: one-way, nothing is answered. */
  readonly output?: BoundMessage;
  readonly faults: readonly BoundFault[];
  /** Names of the parts in the order of an rpc signature. */
  readonly parameterOrder?: readonly string[];
  /** In the binding. */
  readonly place: string;
}

export type Use = 'literal' | 'encoded';

/** A message and where each of its parts goes. */
export interface BoundMessage {
  readonly name: XmlName;
  readonly use: Use;
  /** Those that stand in Body, in order. */
  readonly parts: readonly MessagePart[];
  /** rpc: namespace of the element around the parts. */
  readonly namespace: string;
  readonly encodingStyle?: string;
  readonly headers: readonly BoundHeader[];
  readonly place: string;
}

export interface MessagePart {
  readonly name: string;
  readonly element?: XmlName;
  readonly type?: XmlName;
  readonly place: string;
}

export interface BoundHeader {
  readonly message: XmlName;
  readonly part: MessagePart;
  readonly use: Use;
  readonly namespace: string;
  readonly encodingStyle?: string;
  /** `soap:headerfault`: what a header that is refused is answered with. */
  readonly faults: readonly Omit<BoundHeader, 'faults'>[];
  readonly place: string;
}

export interface BoundFault {
  readonly name: string;
  readonly message: XmlName;
  /** A message of a fault has one part (section 3.6); whatever more there is stands here too. */
  readonly parts: readonly MessagePart[];
  readonly use: Use;
  readonly namespace: string;
  readonly place: string;
}
