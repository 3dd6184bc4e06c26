// Knows: how text, attributes and whole elements are written as XML.
// Must not know: schemas, SOAP.

import type { XmlElement, XmlName, XmlScope } from './element.ts';
import { XML, XMLNS } from './namespaces.ts';

const TEXT: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\r': '&#13;',
  '\u0085': '&#133;',
  '\u2028': '&#8232;',
};

/**
 * A carriage return is written as a reference: XML would read it as a line feed (section 2.11). So are U+0085 and U+2028, which readers of
 * XML 1.1 and some of 1.0 take for line ends, too.
 */
export function escapeText(text: string): string {
  return /[&<>\r\u0085\u2028]/.test(text)
    ? text.replace(/[&<>\r\u0085\u2028]/g, (character) => TEXT[character] ?? character)
    : text;
}

/** For an attribute in double quotes; white space is written as references, because XML would read it as blanks (section 3.3.3). */
export function escapeAttribute(text: string): string {
  return text.replace(
    /[&<>"\t\n\r\u0085\u2028]/g,
    (character) => TEXT[character] ?? `&#${character.charCodeAt(0)};`,
  );
}

/** What XML 1.0 has no form for (section 2.2): most control characters, lone surrogates, U+FFFE and U+FFFF. */
const UNWRITABLE =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Index of the first character that XML cannot hold, -1 if it can hold them all. */
export function unwritable(text: string): number {
  return text.search(UNWRITABLE);
}

/**
 * An element as XML that stands by itself: it declares the namespaces of its names, and every prefix in scope that its text and the values
 * of its attributes may use (`xsi:type="p:Name"`).
 */
export function elementText(element: XmlElement): string {
  const names = new Prefixes(element);
  const inner = written(element, names);
  const end = /^<[^\s/>]+/.exec(inner)?.[0].length ?? 0;
  return inner.slice(0, end) + names.declarations() + inner.slice(end);
}

/** The content of an element: text as it is, each element by itself. */
export function contentText({ content }: XmlElement): string {
  return content.map((part) => (typeof part === 'string' ? escapeText(part) : elementText(part))).join('');
}

/** Prefixes of one element and all below it. A prefix that the values use keeps its meaning; names take the others. */
class Prefixes {
  readonly #byUri = new Map<string, string>();
  readonly #byPrefix = new Map<string, string>();

  constructor(element: XmlElement) {
    for (const [prefix, uri] of usedIn(element)) this.#declare(prefix, uri);
  }

  of({ uri, local }: XmlName, scope: XmlScope): string {
    if (uri === '') return local;
    if (uri === XML) return `xml:${local}`;
    const known = this.#byUri.get(uri);
    if (known !== undefined) return `${known}:${local}`;
    const own = [...scope].find(([prefix, of]) => of === uri && prefix !== '')?.[0];
    let prefix = own ?? 'n1';
    for (let n = 1; this.#byPrefix.has(prefix); n++) prefix = `n${n}`;
    this.#declare(prefix, uri);
    return `${prefix}:${local}`;
  }

  declarations(): string {
    return [...this.#byPrefix].map(([prefix, uri]) => ` xmlns:${prefix}="${escapeAttribute(uri)}"`).join('');
  }

  #declare(prefix: string, uri: string): void {
    if (this.#byPrefix.has(prefix)) return;
    this.#byPrefix.set(prefix, uri);
    if (!this.#byUri.has(uri)) this.#byUri.set(uri, prefix);
  }
}

/** Prefixes of the scope that stand before a colon in text or in the value of an attribute. */
function usedIn(element: XmlElement): readonly (readonly [string, string])[] {
  const own = [
    ...element.attributes.filter(({ uri }) => uri !== XMLNS).map(({ value }) => value),
    ...element.content.filter((part) => typeof part === 'string'),
  ].flatMap((text) =>
    [...text.matchAll(/([\p{L}_][\p{L}\p{N}._-]*):/gu)].flatMap(([, prefix = '']) => {
      const uri = element.scope.get(prefix);
      return uri === undefined || prefix === 'xml' ? [] : [[prefix, uri] as const];
    }),
  );
  return [...own, ...element.content.flatMap((part) => (typeof part === 'string' ? [] : usedIn(part)))];
}

function written(element: XmlElement, names: Prefixes): string {
  const tag = names.of(element, element.scope);
  const attributes = element.attributes
    .map((attribute) => ` ${names.of(attribute, element.scope)}="${escapeAttribute(attribute.value)}"`)
    .join('');
  const content = element.content
    .map((part) => (typeof part === 'string' ? escapeText(part) : written(part, names)))
    .join('');
  return content === '' ? `<${tag}${attributes}/>` : `<${tag}${attributes}>${content}</${tag}>`;
}
