// Knows: the documents that a WSDL is made of: itself and everything that it imports or includes, by address.
// Must not know: where they come from (disk, HTTP), what they mean.

import type { XmlElement } from '../xml/element.ts';

/** One document. `url` is absolute: `https://…` where it was fetched, `file:///…` where it was read from disk. */
export interface SourceDocument {
  readonly url: string;
  /** What people are shown: a path relative to the WSDL, or the address without credentials and query. */
  readonly shown: string;
  readonly root: XmlElement;
  /** Bytes as they came. */
  readonly bytes: Uint8Array;
  /** Every import and include in it with a location: as written, and the address that it resolves to. */
  readonly references: readonly DocumentReference[];
}

export interface DocumentReference {
  readonly kind: 'wsdl-import' | 'xsd-import' | 'xsd-include' | 'xsd-redefine';
  /** As it stands in the document. */
  readonly location: string;
  readonly url: string;
}

/** The WSDL first, then what it leads to, each once, in the order of their first mention. */
export interface DocumentSet {
  readonly main: SourceDocument;
  readonly byUrl: ReadonlyMap<string, SourceDocument>;
}
