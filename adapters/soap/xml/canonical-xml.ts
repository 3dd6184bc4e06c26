// Knows: the canonical form of XML that we wrote ourselves (Exclusive XML Canonicalization 1.0), which is what a signature covers.
// Must not know: signatures, SOAP. It reads no XML of others: comments, CDATA, instructions and raw line ends never come here.

import type { XmlScope } from './element.ts';

/** An element whose end has not come yet: what its prefixes mean, and which of them the output says already. */
interface Open {
  readonly scope: XmlScope;
  readonly rendered: XmlScope;
}

const NONE: XmlScope = new Map();
const TAG = /<(\/?)([^\s/>]+)([^>]*?)(\/?)>/g;
const ATTRIBUTE = /\s([^\s=]+)="([^"]*)"/g;

/** `text`: one element with double-quoted attributes; `around`: prefixes in scope where it stands. Takes time in proportion to the text. */
export function canonicalXml(text: string, around: XmlScope): string {
  const open: Open[] = [{ scope: around, rendered: NONE }];
  const pieces: string[] = [];
  let at = 0;
  for (const match of text.matchAll(TAG)) {
    const [whole, closing, name = '', attributes = '', empty] = match;
    if (match.index > at) pieces.push(canonicalText(text.slice(at, match.index)));
    at = match.index + whole.length;
    if (closing !== '') {
      open.pop();
      pieces.push(whole);
      continue;
    }
    const outer = open.at(-1) ?? { scope: around, rendered: NONE };
    const known = attributes === '' && isKnown(outer, prefixOf(name));
    const { tag, inner } = known ? { tag: `<${name}>`, inner: outer } : startTag(name, attributes, outer);
    pieces.push(tag);
    if (empty === '') open.push(inner);
    else pieces.push(`</${name}>`);
  }
  return pieces.join('');
}

function prefixOf(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? '' : name.slice(0, colon);
}

function isKnown({ scope, rendered }: Open, prefix: string): boolean {
  return prefix === 'xml' || (scope.get(prefix) ?? '') === (rendered.get(prefix) ?? '');
}

/** A namespace is said where its prefix is used in a name, and not again below (section 3). */
function startTag(
  name: string,
  written: string,
  outer: Open,
): { readonly tag: string; readonly inner: Open } {
  const all = [...written.matchAll(ATTRIBUTE)].map(([, key = '', value = '']) => ({ key, value }));
  const declared = all.filter(({ key }) => key === 'xmlns' || key.startsWith('xmlns:'));
  const attributes = all.filter((attribute) => !declared.includes(attribute));
  const scope =
    declared.length === 0
      ? outer.scope
      : new Map([
          ...outer.scope,
          ...declared.map(({ key, value }) => [key.slice('xmlns:'.length), plain(value)] as const),
        ]);
  const used = new Set([
    prefixOf(name),
    ...attributes.map(({ key }) => prefixOf(key)).filter((prefix) => prefix !== ''),
  ]);
  const said = [...used]
    .filter((prefix) => !isKnown({ scope, rendered: outer.rendered }, prefix))
    .toSorted()
    .map((prefix) => [prefix, scope.get(prefix) ?? ''] as const);
  const namespaces = said.map(
    ([prefix, uri]) => ` xmlns${prefix === '' ? '' : `:${prefix}`}="${canonicalValue(uri)}"`,
  );
  // By namespace, then by local name; no namespace comes first (Canonical XML 1.0, section 2.2).
  const place = (key: string): string => {
    const prefix = prefixOf(key);
    return `${prefix === '' ? '' : (scope.get(prefix) ?? prefix)}\u0000${key.slice(key.indexOf(':') + 1)}`;
  };
  const sorted = attributes
    .map(({ key, value }) => ({ order: place(key), text: ` ${key}="${canonicalValue(plain(value))}"` }))
    .toSorted((a, b) => (a.order < b.order ? -1 : 1));
  return {
    tag: `<${name}${namespaces.join('')}${sorted.map(({ text }) => text).join('')}>`,
    inner: { scope, rendered: said.length === 0 ? outer.rendered : new Map([...outer.rendered, ...said]) },
  };
}

const REFERENCE = /&(?:#(\d+)|#x([0-9A-Fa-f]+)|(amp|lt|gt|quot|apos));/g;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function plain(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(REFERENCE, (_, decimal?: string, hex?: string, name = '') =>
    decimal === undefined && hex === undefined
      ? (NAMED[name] ?? '')
      : String.fromCodePoint(Number.parseInt(decimal ?? hex ?? '', decimal === undefined ? 16 : 10)),
  );
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};

function canonicalText(text: string): string {
  if (!text.includes('&')) return text;
  return plain(text).replace(/[&<>\r]/g, (character) => ESCAPES[character] ?? character);
}

function canonicalValue(text: string): string {
  return text.replace(/[&<"\t\n\r]/g, (character) => ESCAPES[character] ?? character);
}
