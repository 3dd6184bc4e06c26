// Knows: an XML element once it is read: names with their namespaces resolved, content in document order.
// Must not know: how it was read or will be written, schemas, SOAP.

/** An expanded name (Namespaces in XML 1.0, section 2.1); `uri` is empty for a name in no namespace. */
export interface XmlName {
  readonly uri: string;
  readonly local: string;
}

export interface XmlAttribute extends XmlName {
  readonly value: string;
}

/** Prefix → namespace as in scope at an element; `''` is the default namespace. Shared where an element declares none. */
export type XmlScope = ReadonlyMap<string, string>;

export interface XmlElement extends XmlName {
  /** Without the declarations of namespaces. */
  readonly attributes: readonly XmlAttribute[];
  /** Elements and text in document order; neighbouring text and CDATA are one string. Comments and instructions are gone. */
  readonly content: readonly (XmlElement | string)[];
  readonly scope: XmlScope;
  /** Where the start tag ends in the document, the first line is 1. */
  readonly line: number;
}

/** One text for an expanded name, for maps: `{urn:bank}score`. */
export function nameText({ uri, local }: XmlName): string {
  return uri === '' ? local : `{${uri}}${local}`;
}

export function sameName(a: XmlName, b: XmlName): boolean {
  return a.local === b.local && a.uri === b.uri;
}

export function childrenOf({ content }: XmlElement): readonly XmlElement[] {
  return content.filter((part) => typeof part !== 'string');
}

/** All text directly inside, as it stands. */
export function textOf({ content }: XmlElement): string {
  return content.filter((part) => typeof part === 'string').join('');
}

export function attributeOf({ attributes }: XmlElement, local: string, uri = ''): string | undefined {
  return attributes.find((attribute) => attribute.local === local && attribute.uri === uri)?.value;
}

/** The expanded name that a QName in content or in an attribute's value stands for; undefined for an unknown prefix. */
export function resolveName(qname: string, scope: XmlScope): XmlName | undefined {
  const colon = qname.indexOf(':');
  const prefix = colon < 0 ? '' : qname.slice(0, colon);
  const uri = scope.get(prefix) ?? (prefix === '' ? '' : undefined);
  return uri === undefined ? undefined : { uri, local: qname.slice(colon + 1) };
}
