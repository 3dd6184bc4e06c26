// Knows: what goes out to a service and what comes back, before anybody reads it.
// Must not know: what the XML means, how it is carried.

import type { TraceContext } from '#spi';
import type { XmlElement } from '../xml/element.ts';

export type SoapVersion = '1.1' | '1.2';

/** A request of one operation; the XML is well-formed and declares the namespaces that it uses. */
export interface SoapRequest extends TraceContext {
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
  /** It does no harm when it is sent again: on a connection that turns out to be dead it is. */
  readonly idempotent: boolean;
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

/** An answer that is an envelope. A one-way operation may be answered with nothing: then there is no body. */
export type SoapReply = {
  /** Elements inside Header. */
  readonly headers: readonly XmlElement[];
  /** Content-ID → bytes. */
  readonly attachments: ReadonlyMap<string, Uint8Array>;
} & (
  | {
      readonly kind: 'answer';
      /** Elements inside Body. */
      readonly body: readonly XmlElement[];
    }
  | { readonly kind: 'fault'; readonly fault: SoapFaultContent }
);

/** What a SOAP Fault says (SOAP 1.1, section 4.4; SOAP 1.2 part 1, section 5.4). */
export interface SoapFaultContent {
  /** Local name: `Client`, `Server.Timeout`, `Sender`. */
  readonly code: string;
  /** The innermost subcode of SOAP 1.2, local name. */
  readonly subcode?: string;
  readonly reason?: string;
  /** Elements inside the detail. */
  readonly detail: readonly XmlElement[];
}

/** Sends a request and waits. Throws Faults only; a SOAP Fault is an answer, because only the caller knows its detail. */
export type Exchange = (request: SoapRequest) => Promise<SoapReply>;
