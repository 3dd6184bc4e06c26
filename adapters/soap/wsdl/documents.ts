// Knows: the documents that a WSDL is made of: itself and everything that it imports or includes, by address.
// Must not know: where they come from (disk, HTTP), what they mean.

import type { XmlElement } from '../xml/element.ts';

/** One document. `url` is absolute: `https://…` where it was fetched, `file:///…` where it was read from disk. */
export interface SourceDocument {
  readonly url: string;
  /** What people are shown: a path relative to the WSDL, or the address (see `shownAddress`). */
  readonly shown: string;
  readonly root: XmlElement;
  /** Bytes as they came. */
  readonly bytes: Uint8Array;
  /** As it came with the bytes: its charset counts more than that of the XML declaration. */
  readonly contentType?: string;
  /** Every import and include in it with a location: as written, and the address that it resolves to. */
  readonly references: readonly DocumentReference[];
}

export interface DocumentReference {
  readonly kind: 'wsdl-import' | 'xsd-import' | 'xsd-include' | 'xsd-redefine';
  /** As it stands in the document. */
  readonly location: string;
  /** Absolute, without a fragment: the key of what it leads to in `DocumentSet.byUrl`. */
  readonly url: string;
  /** Line of the document that it stands in, the first is 1. */
  readonly line: number;
}

/**
 * The WSDL first, then what it leads to, each once, in the order of their first mention. `byUrl` has a document under every address that
 * led to it: behind a redirect that is another one than its own, from which its references start (RFC 3986, section 5.1.3).
 */
export interface DocumentSet {
  readonly main: SourceDocument;
  readonly byUrl: ReadonlyMap<string, SourceDocument>;
}

/** Every document once, the WSDL first. */
export function documentsOf({ byUrl }: DocumentSet): readonly SourceDocument[] {
  return [...new Set(byUrl.values())];
}

/** `types.xsd:12`: where an element stands, for people. */
export function placeIn(
  { shown }: Pick<SourceDocument, 'shown'>,
  { line }: { readonly line: number },
): string {
  return `${shown}:${line}`;
}
