// Knows: what decoding a reply is told, and what it says of a reply that is not as its WSDL has it.
// Must not know: shapes but by type, how anything is decoded.

import { type Cell, Fault, type FaultPlace } from '#spi';
import { nameText, sameName, type XmlElement, type XmlName } from '../xml/element.ts';
import type { LaterList } from './later.ts';
import type { Shape, SimpleShape } from './shape.ts';

/** What decoding one reply needs beside the element. */
export interface Decoding {
  /** Elements and attributes must have the namespace that the schema says (`exact`); else the local name decides. */
  readonly names: 'exact' | 'local';
  /** What the schema does not know: a fault, or left out. */
  readonly unknown: 'fail' | 'ignore';
  /** Elements by their `id`, which `href` refers to (SOAP 1.1, section 5.1); absent where nothing is encoded so. */
  readonly byId?: ReadonlyMap<string, XmlElement>;
  /** Content-ID → bytes of an MTOM part. */
  readonly attachments: ReadonlyMap<string, Uint8Array>;
  /** What is still allowed: references can make a small reply very large. */
  readonly budget: { elements: number };
  /** Elements whose references are being followed. */
  readonly following: Set<XmlElement>;
  /** Long lists are left here for later; absent: everything is decoded at once, as it must be while references are followed. */
  readonly later?: LaterList[];
  /** What would make a text that is none of its type readable; undefined for nothing. */
  hint(shape: SimpleShape, text: string): string | undefined;
}

/** Decodes one element; handed to what decodes the content around it. */
export type DecodeElement = (shape: Shape, element: XmlElement, at: string, how: Decoding) => Cell;

export function fits(declared: XmlName, found: XmlName, names: Decoding['names']): boolean {
  return names === 'exact' ? sameName(declared, found) : declared.local === found.local;
}

export function pathTo(at: string, field: string): string {
  return at === '' ? field : `${at}.${field}`;
}

export function unexpected(found: XmlName, at: string, what: 'element' | 'attribute' = 'element'): Fault {
  return corrupt(
    `unexpected-${what}`,
    `The service sent an ${what} "${nameText(found)}" that its WSDL does not know here`,
    at,
    {
      hint: 'If that is how the service is: replies: { names: local } where only the namespace differs, replies: { unknown: ignore } to leave it out',
    },
  );
}

export function corrupt(code: string, message: string, at: string, place: FaultPlace = {}): Fault {
  return new Fault('corrupt', message, { code, ...(at === '' ? {} : { field: at }), ...place });
}
