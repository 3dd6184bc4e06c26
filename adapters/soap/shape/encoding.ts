// Knows: what encoding a request is told and gathers: the prefixes of namespaces, the parts that stand beside the envelope.
// Must not know: shapes, how anything is encoded.

import { Fault, type FaultPlace } from '#spi';
import type { SoapVersion } from '../exchange/message.ts';
import { ENCODING11, XML, XOP, XSD, XSI } from '../xml/namespaces.ts';
import { escapeAttribute } from '../xml/write-xml.ts';

export interface Encoding {
  readonly version: SoapVersion;
  /** rpc/encoded: every value says its type. */
  readonly encoded: boolean;
  /** `n1:score`, and the namespace is declared in the end; the local name alone for no namespace. */
  qname(uri: string, local: string): string;
  /** MTOM: takes bytes away and gives the Content-ID under which they are sent. Absent: bytes are base64 inside. */
  readonly attach?: (bytes: Uint8Array) => string;
}

export interface Prefixes {
  qname(uri: string, local: string): string;
  /** ` xmlns:n1="…"` for every namespace that was used. */
  declarations(): string;
}

/** Namespaces of the standards have the prefixes that everybody gives them: some servers look for those. */
const USUAL: ReadonlyMap<string, string> = new Map([
  [XSI, 'xsi'],
  [XSD, 'xsd'],
  [ENCODING11, 'soapenc'],
  [XOP, 'xop'],
]);

/** Prefixes `n1`, `n2`, … in the order of their first use. There is no default namespace, so a bare name is in none. */
export function prefixes(): Prefixes {
  const given = new Map<string, string>();
  return {
    qname(uri, local) {
      if (uri === '') return local;
      if (uri === XML) return `xml:${local}`;
      const prefix = given.get(uri) ?? USUAL.get(uri) ?? `n${given.size + 1}`;
      given.set(uri, prefix);
      return `${prefix}:${local}`;
    },
    declarations: () =>
      [...given].map(([uri, prefix]) => ` xmlns:${prefix}="${escapeAttribute(uri)}"`).join(''),
  };
}

/** An argument that cannot be sent. Nothing of its value is repeated. */
export function refused(at: string, what: string, more: FaultPlace & { readonly code?: string } = {}): Fault {
  return new Fault('invalid', `"${at}" ${what}`, { code: 'bad-value', field: at, parameter: at, ...more });
}

export function missing(at: string): Fault {
  return refused(at, 'is missing', { code: 'missing-argument' });
}
