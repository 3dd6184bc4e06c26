// Knows: what goes out to a service and what comes back, before anybody reads it.
// Must not know: what the XML means, how it is carried.

import type { XmlElement } from '../xml/element.ts';

export type SoapVersion = '1.1' | '1.2';

/** A request of one operation; the XML is well-formed and declares the namespaces that it uses. */
export interface SoapRequest {
  /** For messages of faults: the WSDL's name of the operation. */
  readonly operation: string;
  readonly version: SoapVersion;
  readonly endpoint: string;
  /** The value of SOAPAction, or of `action` in SOAP 1.2; empty is a value too. */
  readonly action: string;
  /** What stands inside Body. */
  readonly body: string;
  /** Header blocks, without those of security. */
  readonly headers: readonly string[];
  /** Attributes of Envelope beside its namespaces: encodingStyle of rpc/encoded. */
  readonly encodingStyle?: string;
  /** Parts of an MTOM message; the body refers to them by `cid:`. */
  readonly attachments?: readonly Attachment[];
  /** No answer is expected: any 2xx is one. */
  readonly oneWay: boolean;
  readonly signal: AbortSignal;
}

/** Content-ID without its angle brackets. */
export interface Attachment {
  readonly contentId: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** An answer that is an envelope; a SOAP Fault in it has been thrown already. */
export interface SoapReply {
  /** Absent for a one-way operation that was answered with an empty body. */
  readonly envelope?: XmlElement;
  /** Elements inside Header, and inside Body. */
  readonly headers: readonly XmlElement[];
  readonly body: readonly XmlElement[];
  /** Content-ID → bytes. */
  readonly attachments: ReadonlyMap<string, Uint8Array>;
}

/** Sends a request and waits. Throws Faults only; a SOAP Fault as a `SoapFault` (see soap-fault). */
export type Exchange = (request: SoapRequest) => Promise<SoapReply>;
