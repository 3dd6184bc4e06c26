// Knows: the named components of all WSDL documents of a set, and how one refers to another.
// Must not know: what a component says.

import type { Remark } from '#spi';
import {
  attributeOf,
  childrenOf,
  nameText,
  resolveName,
  type XmlElement,
  type XmlName,
} from '../xml/element.ts';
import { WSDL } from '../xml/namespaces.ts';
import { Unsupported } from '../xsd/components.ts';
import { type DocumentSet, documentsOf, placeIn, type SourceDocument } from './documents.ts';
import { isNamed } from './references.ts';

/** An element with the document that it stands in. */
export interface Located {
  readonly element: XmlElement;
  readonly document: SourceDocument;
}

export type ComponentKind = 'message' | 'portType' | 'binding';

export interface Definitions {
  find(kind: ComponentKind, name: XmlName): Located | undefined;
  readonly services: readonly Located[];
}

/** Of two components with one name the first counts and the second is remarked. */
export function definitionsOf(set: DocumentSet, remark: (remark: Remark) => void): Definitions {
  const found = new Map<string, Located>();
  const services: Located[] = [];
  for (const document of documentsOf(set)) {
    if (!isNamed(document.root, WSDL, 'definitions')) continue;
    const uri = attributeOf(document.root, 'targetNamespace') ?? '';
    for (const element of childrenOf(document.root)) {
      if (element.uri !== WSDL) continue;
      const located = { element, document };
      if (element.local === 'service') services.push(located);
      const local = attributeOf(element, 'name');
      if (!isComponent(element.local) || local === undefined) continue;
      const key = `${element.local} ${nameText({ uri, local })}`;
      if (!found.has(key)) found.set(key, located);
      else
        remark({
          subject: local,
          message: `There are two of wsdl:${element.local} "${local}"; the first counts`,
          place: placeOf(located),
        });
    }
  }
  return { find: (kind, name) => found.get(`${kind} ${nameText(name)}`), services };
}

function isComponent(local: string): local is ComponentKind {
  return local === 'message' || local === 'portType' || local === 'binding';
}

export function placeOf({ element, document }: Located): string {
  return placeIn(document, element);
}

/** Children of one namespace and name. */
export function partsOf({ element, document }: Located, uri: string, local: string): readonly Located[] {
  return childrenOf(element)
    .filter((child) => isNamed(child, uri, local))
    .map((child) => ({ element: child, document }));
}

export function partOf(located: Located, uri: string, local: string): Located | undefined {
  return partsOf(located, uri, local)[0];
}

/** The expanded name that an attribute holds; undefined without the attribute. Throws `Unsupported` for an unknown prefix. */
export function nameIn({ element, document }: Located, attribute: string): XmlName | undefined {
  const text = attributeOf(element, attribute)?.trim();
  if (text === undefined) return undefined;
  const name = resolveName(text, element.scope);
  if (name !== undefined) return name;
  throw new Unsupported(`The prefix of "${text}" is not declared`, placeIn(document, element));
}

/** The component that an attribute names. Throws `Unsupported` where it is not there. */
export function referred(
  from: Located,
  attribute: string,
  kind: ComponentKind,
  { find }: Definitions,
): Located & { readonly name: XmlName } {
  const name = nameIn(from, attribute);
  const place = placeOf(from);
  if (name === undefined) throw new Unsupported(`wsdl:${from.element.local} names no ${kind}`, place);
  const located = find(kind, name);
  if (located !== undefined) return { ...located, name };
  const text = attributeOf(from.element, attribute)?.trim() ?? '';
  // The classic mistake: `message="GetScore"` for `message="tns:GetScore"`. Guessing could take the wrong one.
  const own = attributeOf(from.document.root, 'targetNamespace') ?? '';
  const meant = name.uri === '' && own !== '' && find(kind, { uri: own, local: name.local }) !== undefined;
  throw new Unsupported(
    meant
      ? `"${text}" has no prefix and so is in no namespace; there is a ${kind} "${text}" in ${own}`
      : `There is no ${kind} "${nameText(name)}"`,
    place,
  );
}

/** Lines of `wsdl:documentation`, white space in each collapsed; undefined for nothing. */
export function documentationOf(located: Located): string | undefined {
  const text = partsOf(located, WSDL, 'documentation')
    .map(({ element }) => textIn(element))
    .join('\n');
  const lines = text.split(/\r?\n/).map((line) => line.replace(/\s+/g, ' ').trim());
  const doc = lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return doc === '' ? undefined : doc;
}

/** HTML inside documentation counts for its text. */
function textIn({ content }: XmlElement): string {
  return content.map((part) => (typeof part === 'string' ? part : textIn(part))).join('');
}
