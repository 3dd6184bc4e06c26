// Knows: how the locations in a document are written anew while every other byte stays as it is.
// Must not know: which new locations there are, files.

import { Fault } from '#spi';
import type { SourceDocument } from '../wsdl/documents.ts';
import { referenceElements } from '../wsdl/references.ts';
import { childrenOf, type XmlElement } from '../xml/element.ts';
import { startTags, valuePlace } from './start-tags.ts';

interface Edit {
  /** Offsets in units. */
  readonly start: number;
  readonly end: number;
  readonly value: string;
}

/**
 * The bytes of the document with other locations in it. `locate`: address of a reference → what its location becomes: ASCII that needs no
 * escaping. A location that is so already is left alone. Throws a Fault where the encoding of the document cannot be edited.
 */
export function relocate(document: SourceDocument, locate: (url: string) => string): Uint8Array {
  const { root, url, bytes } = document;
  const references = referenceElements(root, url);
  if (references.length === 0) return bytes;
  const units = unitsOf(bytes);
  const tags = startTags(units.text);
  const elements = inOrder(root);
  const agree =
    elements.length === tags.length && elements.every(({ local }, i) => isCalled(tags[i]?.name, local));
  if (!agree) throw notEditable(document);
  const places = new Map(elements.map((element, i) => [element, tags[i]]));
  const edits = references.flatMap(({ reference, element, attribute }): readonly Edit[] => {
    const tag = places.get(element);
    const place = tag === undefined ? undefined : valuePlace(units.text, tag, attribute);
    if (place === undefined) throw notEditable(document);
    const value = locate(reference.url);
    return reference.location === value ? [] : [{ ...place, value }];
  });
  return spliced(bytes, edits, units);
}

function notEditable({ shown }: SourceDocument): Fault {
  return new Fault('unsupported', `${shown}: the encoding of this document cannot be edited`, {
    code: 'encoding-not-editable',
  });
}

/** Elements in the order of their start tags. */
function inOrder(root: XmlElement): readonly XmlElement[] {
  const elements: XmlElement[] = [];
  const waiting = [root];
  for (let element = waiting.pop(); element !== undefined; element = waiting.pop()) {
    elements.push(element);
    waiting.push(...childrenOf(element).toReversed());
  }
  return elements;
}

/** The local name of markup is ASCII in WSDL and schemas; another element's may look otherwise in bytes, so only its end is compared. */
function isCalled(name: string | undefined, local: string): boolean {
  if (name === undefined) return false;
  const own = name.slice(name.indexOf(':') + 1);
  return own === local || /[^\u0020-\u007e]/.test(local);
}

interface Units {
  /** One character for each unit; markup and ASCII are themselves. */
  readonly text: string;
  /** Bytes of a unit. */
  readonly size: 1 | 2;
  readonly bigEndian: boolean;
}

/**
 * UTF-16 by its byte order mark or the zero beside the first `<`. In every other encoding that XML on the web has, markup and ASCII are
 * bytes below 128 and nothing else has the bytes of `<`, `>`, quotes and spaces, so a unit is a byte.
 */
function unitsOf(bytes: Uint8Array): Units {
  const [first = 0, second = 0] = bytes;
  const bigEndian = (first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c);
  const littleEndian = (first === 0xff && second === 0xfe) || (first === 0x3c && second === 0);
  if (bigEndian || littleEndian) {
    const decoder = new TextDecoder(bigEndian ? 'utf-16be' : 'utf-16le', { ignoreBOM: true });
    return { text: decoder.decode(bytes), size: 2, bigEndian };
  }
  return { text: new TextDecoder('windows-1252').decode(bytes), size: 1, bigEndian };
}

function spliced(bytes: Uint8Array, edits: readonly Edit[], units: Units): Uint8Array {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const { start, end, value } of edits.toSorted((a, b) => a.start - b.start)) {
    pieces.push(bytes.subarray(at, start * units.size), written(value, units));
    at = end * units.size;
  }
  pieces.push(bytes.subarray(at));
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

/** ASCII in the units of the document. */
function written(value: string, { size, bigEndian }: Units): Uint8Array {
  const out = new Uint8Array(value.length * size);
  for (let i = 0; i < value.length; i++) {
    out[i * size + (size === 2 && bigEndian ? 1 : 0)] = value.charCodeAt(i);
  }
  return out;
}
