// Knows: how an element of a reply becomes a value of its shape, and what is said where it does not.
// Must not know: schema documents, envelopes, HTTP.

import { type Cell, Fault, TAG } from '#spi';
import {
  attributeOf,
  childrenOf,
  nameText,
  resolveName,
  textOf,
  type XmlElement,
  type XmlName,
} from '../xml/element.ts';
import { ENCODING12, XML, XOP, XSI } from '../xml/namespaces.ts';
import { contentText, elementText } from '../xml/write-xml.ts';
import { decodeContent } from './decode-content.ts';
import { corrupt, type Decoding, fits, pathTo, unexpected } from './decoding.ts';
import type { ArrayShape, ObjectShape, Shape, SimpleShape, TextListShape, UnionShape } from './shape.ts';

/** The value of an element; a Fault in its place, or anywhere inside, where it does not decode. `at`: dotted path, for faults. */
export function decode(shape: Shape, element: XmlElement, at: string, how: Decoding): Cell {
  if (--how.budget.elements < 0)
    return corrupt('too-many-references', 'The reply refers to itself over and over', at);
  if (isNil(element)) return null;
  const referred = how.byId === undefined ? undefined : referredBy(element, how.byId);
  if (referred === null)
    return corrupt('unknown-reference', 'The reply refers to an element that is not in it', at);
  if (referred !== undefined) return decodeReferred(shape, referred, at, how);
  switch (shape.kind) {
    case 'simple':
    case 'textList':
      return decodeText(shape, element, at, how);
    case 'flag':
      return true;
    case 'raw':
      return shape.whole ? elementText(element) : contentText(element);
    case 'array':
      return decodeArray(shape, element, at, how);
    case 'union':
      return decodeUnion(shape, element, at, how);
    case 'object':
      return decodeObject(shape, element, at, how);
  }
}

/** What an element refers to, in its place. A graph that leads back to itself has no form as a tree. */
function decodeReferred(shape: Shape, referred: XmlElement, at: string, how: Decoding): Cell {
  if (how.following.has(referred)) {
    return corrupt('reference-cycle', 'The service sent something that contains itself', at);
  }
  how.following.add(referred);
  try {
    return decode(shape, referred, at, how);
  } finally {
    how.following.delete(referred);
  }
}

export function isNil(element: XmlElement): boolean {
  const nil = attributeOf(element, 'nil', XSI)?.trim();
  return nil === 'true' || nil === '1';
}

/** Null for a reference to nothing, undefined where there is none. */
function referredBy(
  element: XmlElement,
  byId: ReadonlyMap<string, XmlElement>,
): XmlElement | null | undefined {
  const href = attributeOf(element, 'href');
  if (href?.startsWith('#') === true) return byId.get(href.slice(1)) ?? null;
  const ref = attributeOf(element, 'ref', ENCODING12);
  return ref === undefined ? undefined : (byId.get(ref) ?? null);
}

function decodeText(
  shape: SimpleShape | TextListShape,
  element: XmlElement,
  at: string,
  how: Decoding,
): Cell {
  const [inside] = childrenOf(element);
  if (inside !== undefined) {
    const bytes = inside.uri === XOP && inside.local === 'Include' ? attachmentOf(inside, how) : undefined;
    if (bytes !== undefined && shape.type.kind === 'bytes') return bytes;
    return unexpected(inside, at);
  }
  return textValue(shape, textOf(element), element, at, how);
}

/** A part is referred to as `cid:` and its Content-ID, percent-encoded (RFC 2392). */
function attachmentOf(include: XmlElement, { attachments }: Decoding): Uint8Array | undefined {
  const href = attributeOf(include, 'href') ?? '';
  if (!href.startsWith('cid:')) return undefined;
  try {
    return attachments.get(decodeURIComponent(href.slice(4)));
  } catch {
    return undefined;
  }
}

/** Text of an element or attribute of the scope around it. */
export function textValue(
  shape: SimpleShape | TextListShape,
  text: string,
  { scope }: Pick<XmlElement, 'scope'>,
  at: string,
  how: Decoding,
): Cell {
  if (shape.kind === 'textList') {
    const words = text.trim();
    return words === ''
      ? []
      : words.split(/\s+/).map((word) => textValue(shape.of, word, { scope }, at, how));
  }
  const read = text === '' && shape.whenEmpty !== undefined ? shape.whenEmpty : text;
  const value = shape.lexical.parse(read, scope);
  if (value !== undefined) return value;
  const hint = how.hint(shape, read);
  const type = shape.xsdName?.local ?? shape.type.kind;
  return corrupt('bad-value', `The service sent something that is no ${type}`, at, {
    hex: new TextEncoder().encode(read.slice(0, SHOWN_CHARACTERS)).toHex().toUpperCase(),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Of a text that does not decode, so many characters are shown in hex. */
const SHOWN_CHARACTERS = 40;

function decodeArray({ item }: ArrayShape, element: XmlElement, at: string, how: Decoding): Cell {
  const items = childrenOf(element);
  const sparse = items.find(({ attributes }) => attributes.some(({ local }) => local === 'position'));
  const partial = element.attributes.some(({ local }) => local === 'offset');
  if (sparse !== undefined || partial) {
    return corrupt('sparse-array', 'The service sent a part of an array, which has no form here', at);
  }
  return items.map((child, i) => decode(item, child, `${at}[${i}]`, how));
}

function decodeUnion(shape: UnionShape, element: XmlElement, at: string, how: Decoding): Cell {
  const tag = tagOf(shape, element, how);
  const member = tag === undefined ? undefined : shape.members.get(tag);
  if (tag === undefined || member === undefined) {
    return corrupt('unknown-type', 'The service sent a type that its WSDL does not derive here', at, {
      hint: [...shape.members.keys()].slice(0, 10).join(', '),
    });
  }
  const object = decodeObject(member, element, at, how);
  return object instanceof Fault ? object : { [TAG]: tag, ...object };
}

/** By `xsi:type`; an element without it has the declared type. */
function tagOf(
  { members, declared }: UnionShape,
  element: XmlElement,
  { names }: Decoding,
): string | undefined {
  const written = attributeOf(element, 'type', XSI)?.trim();
  if (written === undefined) return declared;
  const name = resolveName(written, element.scope);
  if (name === undefined) return undefined;
  for (const [tag, { xsdName }] of members) {
    if (xsdName !== undefined && fits(xsdName, name, names)) return tag;
  }
  return undefined;
}

type Group = { readonly [name: string]: Cell };

export function decodeObject(
  shape: ObjectShape,
  element: XmlElement,
  at: string,
  how: Decoding,
): Group | Fault {
  const out: Record<string, Cell> = {};
  if (shape.text === undefined) {
    const wrong = decodeContent({ at, how, out, decode }, shape.content, element);
    if (wrong !== undefined) return wrong;
  } else {
    const { field, shape: text } = shape.text;
    out[field] = decodeText(text, element, pathTo(at, field), how);
  }
  return decodeAttributes(shape, element, at, how, out) ?? out;
}

function decodeAttributes(
  { attributes, otherAttributes }: ObjectShape,
  element: XmlElement,
  at: string,
  how: Decoding,
  out: Record<string, Cell>,
): Fault | undefined {
  const left = new Set(element.attributes.filter(isOwn));
  for (const member of attributes) {
    const found = [...left].find((attribute) => fits(member.name, attribute, how.names));
    const path = pathTo(at, member.field);
    if (found !== undefined) {
      left.delete(found);
      out[member.field] = textValue(member.shape, found.value, element, path, how);
    } else if (member.default !== undefined || member.fixed !== undefined) {
      out[member.field] = textValue(member.shape, member.default ?? member.fixed ?? '', element, path, how);
    } else if (member.required) {
      out[member.field] = corrupt('missing-attribute', `The service left out "${member.name.local}"`, path);
    }
  }
  if (left.size === 0) return undefined;
  if (otherAttributes !== undefined) {
    out[otherAttributes] = Object.fromEntries(
      [...left].map((attribute) => [nameText(attribute), attribute.value]),
    );
    return undefined;
  }
  const [first] = left;
  return how.unknown === 'ignore' || first === undefined ? undefined : unexpected(first, at, 'attribute');
}

/** Attributes that say something of the element itself are no members: those of xsi and of SOAP's encodings, and plain ids. */
function isOwn({ uri, local }: XmlName): boolean {
  if (uri === XSI || uri === XML) return false;
  if (uri !== '')
    return !/\/(encoding\/?|soap-encoding|envelope\/?|soap-envelope)$|wssecurity-utility/.test(uri);
  return local !== 'id' && local !== 'href';
}
