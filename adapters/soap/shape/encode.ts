// Knows: how a value becomes an element of its shape, and what is said where it cannot.
// Must not know: schema documents, envelopes, HTTP.

import { Fault, isList, isRecord, TAG, typeText, type Value } from '#spi';
import type { XmlElement, XmlName } from '../xml/element.ts';
import { ENCODING11, ENCODING12, XOP, XSD, XSI } from '../xml/namespaces.ts';
import { readFragment } from '../xml/read-xml.ts';
import { elementText, escapeAttribute, escapeText, unwritable } from '../xml/write-xml.ts';
import { encodeContent } from './encode-content.ts';
import { type Encoding, missing, refused } from './encoding.ts';
import type { ArrayShape, AttributeMember, ObjectShape, Shape, SimpleShape, TextListShape } from './shape.ts';

/** `name` is how the element is called; the text declares no namespaces: they are gathered in `how`. */
export function encode(name: XmlName, shape: Shape, value: Value, at: string, how: Encoding): string {
  if (value === null) return element(name, ` ${how.qname(XSI, 'nil')}="true"`, '', how);
  switch (shape.kind) {
    case 'simple':
      if (value instanceof Uint8Array && how.attach !== undefined) {
        const reference = `cid:${how.attach(value)}`;
        return element(name, typed(shape, how), `<${how.qname(XOP, 'Include')} href="${reference}"/>`, how);
      }
      return element(name, typed(shape, how), escapeText(textFor(shape, value, at, how)), how);
    case 'textList':
      return element(name, '', escapeText(textFor(shape, value, at, how)), how);
    case 'flag':
      return value === true ? element(name, '', '', how) : '';
    case 'raw':
      return rawElement(name, shape.whole, value, at, how);
    case 'array':
      return encodeArray(name, shape, value, at, how);
    case 'union': {
      const tag = isRecord(value) ? value[TAG] : undefined;
      const member = typeof tag === 'string' ? shape.members.get(tag) : undefined;
      if (member === undefined || typeof tag !== 'string') {
        throw refused(at, `must say by "${TAG}" which type it is: ${[...shape.members.keys()].join(', ')}`);
      }
      const type = how.encoded || tag !== shape.declared ? xsiType(member.xsdName, how) : '';
      return encodeObject(name, member, value, at, how, type);
    }
    case 'object':
      return encodeObject(name, shape, value, at, how, how.encoded ? xsiType(shape.xsdName, how) : '');
  }
}

function element(name: XmlName, attributes: string, content: string, how: Encoding): string {
  const tag = how.qname(name.uri, name.local);
  return content === '' ? `<${tag}${attributes}/>` : `<${tag}${attributes}>${content}</${tag}>`;
}

/** In rpc/encoded every value says its type. */
function typed({ xsdName }: SimpleShape, how: Encoding): string {
  return how.encoded ? xsiType(xsdName, how) : '';
}

function xsiType(name: XmlName | undefined, how: Encoding): string {
  if (name === undefined) return '';
  return ` ${how.qname(XSI, 'type')}="${how.qname(name.uri, name.local)}"`;
}

/** The text of a value, every character of which XML can hold. */
function textFor(shape: SimpleShape | TextListShape, value: Value, at: string, how: Encoding): string {
  if (shape.kind === 'textList') {
    if (!isList(value)) throw refused(at, 'must be a list');
    const words = value.map((word) => textFor(shape.of, word, at, how));
    const spaced = words.find((word) => /^$|\s/.test(word));
    if (spaced !== undefined) throw refused(at, 'holds a value that is empty or has white space in it');
    return words.join(' ');
  }
  const { lexical, xsdName, type } = shape;
  const text = lexical.print(value);
  if (text === undefined)
    throw refused(at, `must be ${lexical.expected ?? xsdName?.local ?? typeText(type)}`);
  const bad = unwritable(text);
  if (bad >= 0) {
    throw refused(at, 'holds a character that XML cannot hold', {
      code: 'unwritable-character',
      position: bad,
    });
  }
  return xsdName?.uri === XSD && (xsdName.local === 'QName' || xsdName.local === 'NOTATION')
    ? qnameText(text, how)
    : text;
}

/** `{uri}local` → a prefix that is declared, and the local name. */
function qnameText(text: string, how: Encoding): string {
  const [, uri = '', local = text] = /^\{([^}]*)\}(.*)$/.exec(text) ?? [];
  return how.qname(uri, local);
}

function rawElement(name: XmlName, whole: boolean, value: Value, at: string, how: Encoding): string {
  const parts = fragment(value, at);
  const [only] = parts.filter((part) => typeof part !== 'string' || part.trim() !== '');
  if (!whole) return element(name, '', rawContent(parts), how);
  if (
    only === undefined ||
    typeof only === 'string' ||
    parts.some((part) => part !== only && typeof part !== 'string')
  ) {
    throw refused(at, 'must be one XML element');
  }
  // The client's element under the name that the service expects, with its own types and attributes.
  return elementText({ ...only, uri: name.uri, local: name.local });
}

/** XML that a client sent, taken apart: it is written again by us, so nothing of it can break out of its element. */
function fragment(value: Value, at: string): readonly (XmlElement | string)[] {
  if (typeof value !== 'string') throw refused(at, 'must be XML as text');
  try {
    return readFragment(value);
  } catch (error) {
    throw error instanceof Fault ? error.at({ field: at, parameter: at }) : error;
  }
}

function rawContent(parts: readonly (XmlElement | string)[]): string {
  return parts.map((part) => (typeof part === 'string' ? escapeText(part) : elementText(part))).join('');
}

/** Whole elements for a wildcard. */
export function anyElements(value: Value, at: string): string {
  const parts = fragment(value, at);
  if (parts.some((part) => typeof part === 'string' && part.trim() !== '')) {
    throw refused(at, 'must be XML elements, without text between them');
  }
  return rawContent(parts.filter((part) => typeof part !== 'string'));
}

function encodeArray(name: XmlName, shape: ArrayShape, value: Value, at: string, how: Encoding): string {
  if (!isList(value)) throw refused(at, 'must be a list');
  const items = value.map((item, i) => {
    const path = `${at}[${i}]`;
    return encode({ uri: '', local: shape.itemElement }, shape.item, item, path, how);
  });
  const itemType = how.qname(shape.itemName.uri, shape.itemName.local);
  // SOAP 1.1, section 5.4.2.1; SOAP 1.2 part 2, section 3.1.6.
  const says =
    how.version === '1.2'
      ? ` ${how.qname(ENCODING12, 'itemType')}="${itemType}" ${how.qname(ENCODING12, 'arraySize')}="${items.length}"`
      : ` ${how.qname(ENCODING11, 'arrayType')}="${itemType}[${items.length}]"${xsiType({ uri: ENCODING11, local: 'Array' }, how)}`;
  return element(name, says, items.join(''), how);
}

function encodeObject(
  name: XmlName,
  shape: ObjectShape,
  value: Value,
  at: string,
  how: Encoding,
  type: string,
): string {
  const group = groupOf(shape, value, at);
  const attributes = shape.attributes.map((member) => attribute(member, group, at, how)).join('');
  const others = otherAttributes(shape, group, at, how);
  const content =
    shape.text === undefined
      ? encodeContent({ at, how, encode, any: anyElements }, shape.content, group)
      : escapeText(
          textFor(shape.text.shape, textOf(group, shape.text.field, at), pathOf(at, shape.text.field), how),
        );
  return element(name, type + attributes + others, content, how);
}

function textOf(group: Readonly<Record<string, Value>>, field: string, at: string): Value {
  const value = group[field];
  if (value === undefined || value === null) throw missing(pathOf(at, field));
  return value;
}

function groupOf({ type }: ObjectShape, value: Value, at: string): Readonly<Record<string, Value>> {
  if (isList(value) || typeof value !== 'object' || value === null || value instanceof Uint8Array) {
    throw refused(at, 'must be a group of fields');
  }
  const names = new Set(type.fields.map((field) => field.name));
  const unknown = Object.keys(value).find((member) => member !== TAG && !names.has(member));
  if (unknown !== undefined) throw refused(pathOf(at, unknown), 'is no field here');
  return Object.fromEntries(Object.entries(value));
}

function attribute(
  { field, name, shape, required, fixed }: AttributeMember,
  group: Readonly<Record<string, Value>>,
  at: string,
  how: Encoding,
): string {
  const path = pathOf(at, field);
  const value = group[field] ?? null;
  if (value === null && fixed === undefined) {
    if (required) throw missing(path);
    return '';
  }
  const text = value === null ? (fixed ?? '') : textFor(shape, value, path, how);
  if (fixed !== undefined && text !== fixed) throw refused(path, 'has a fixed value and may be left out');
  return ` ${how.qname(name.uri, name.local)}="${escapeAttribute(text)}"`;
}

function otherAttributes(
  { otherAttributes: field }: ObjectShape,
  group: Readonly<Record<string, Value>>,
  at: string,
  how: Encoding,
): string {
  const value = field === undefined ? null : (group[field] ?? null);
  if (field === undefined || value === null) return '';
  if (!isRecord(value)) throw refused(pathOf(at, field), 'must be an object of texts');
  return Object.entries(value)
    .map(([name, text]) => {
      const [, uri = '', local = name] = /^\{([^}]*)\}(.*)$/.exec(name) ?? [];
      const fits =
        typeof text === 'string' && /^[\p{L}_][\p{L}\p{N}._-]*$/u.test(local) && unwritable(text) < 0;
      if (!fits) throw refused(pathOf(at, field), 'must be an object of names of attributes and their texts');
      return ` ${how.qname(uri, local)}="${escapeAttribute(text)}"`;
    })
    .join('');
}

function pathOf(at: string, field: string): string {
  return at === '' ? field : `${at}.${field}`;
}
