// Knows: which elements of a WSDL or a schema lead to other documents, and where to.
// Must not know: what stands there, how it is fetched.

import { attributeOf, childrenOf, type XmlElement } from '../xml/element.ts';
import { ENCODING11, ENCODING12, WSDL, XML, XSD } from '../xml/namespaces.ts';
import { resolveAddress } from './address.ts';
import type { DocumentReference } from './documents.ts';

/** A reference with the element that it stands in, and its attribute. */
export interface ReferenceElement {
  readonly reference: DocumentReference;
  readonly element: XmlElement;
  readonly attribute: 'location' | 'schemaLocation';
}

/** The references of a whole document, in its order. `url`: of the document. */
export function referencesOf(root: XmlElement, url: string): readonly DocumentReference[] {
  return referenceElements(root, url).map(({ reference }) => reference);
}

/** As `referencesOf`, with the elements. Those of schemas inside `wsdl:types` are among them. */
export function referenceElements(root: XmlElement, url: string): readonly ReferenceElement[] {
  if (isNamed(root, XSD, 'schema')) return schemaReferences(root, url);
  if (!isNamed(root, WSDL, 'definitions')) return [];
  return childrenOf(root).flatMap((child) => {
    if (isNamed(child, WSDL, 'import')) return reference(child, 'wsdl-import', 'location', url);
    if (!isNamed(child, WSDL, 'types')) return [];
    return embeddedSchemas(child).flatMap((schema) => schemaReferences(schema, url));
  });
}

export function embeddedSchemas(types: XmlElement): readonly XmlElement[] {
  return childrenOf(types).filter((child) => isNamed(child, XSD, 'schema'));
}

/** The references of one `xs:schema`. */
export function schemaReferences(schema: XmlElement, url: string): readonly ReferenceElement[] {
  return childrenOf(schema).flatMap((child) => {
    const kind = child.uri === XSD && Object.hasOwn(KINDS, child.local) ? KINDS[child.local] : undefined;
    return kind === undefined || isKnown(child) ? [] : reference(child, kind, 'schemaLocation', url);
  });
}

const KINDS: Readonly<Record<string, DocumentReference['kind']>> = {
  import: 'xsd-import',
  include: 'xsd-include',
  redefine: 'xsd-redefine',
};

/**
 * No location, no reference: then the namespace comes from elsewhere. `xml:base` does not count: neither WSDL 1.1 nor XML Schema 1.0 knows it,
 * and the toolkits that wrote the documents resolve against the document's own address.
 */
function reference(
  element: XmlElement,
  kind: DocumentReference['kind'],
  attribute: 'location' | 'schemaLocation',
  base: string,
): readonly ReferenceElement[] {
  const location = attributeOf(element, attribute);
  if (location === undefined || location.trim() === '') return [];
  // What is no address stays as it is written; fetching it then says so.
  const url = resolveAddress(location, base) ?? location;
  return [{ reference: { kind, location, url, line: element.line }, element, attribute }];
}

const KNOWN = new Set([XML, XSD, ENCODING11, ENCODING12]);

/** Schemas of the standards at the addresses of their owners: the gateway knows them, and these hosts are not there to serve it. */
function isKnown(element: XmlElement): boolean {
  return (
    element.local === 'import' &&
    KNOWN.has(attributeOf(element, 'namespace') ?? '') &&
    /^\s*https?:\/\/(?:www\.w3\.org|schemas\.xmlsoap\.org)\//.test(
      attributeOf(element, 'schemaLocation') ?? '',
    )
  );
}

export function isNamed(element: XmlElement, uri: string, local: string): boolean {
  return element.local === local && element.uri === uri;
}
