// Knows: how the text of a document that somebody else wrote becomes elements, and what is refused: every XML here is hostile input.
// Must not know: schemas, SOAP, where the text comes from.

import { SaxesParser } from 'saxes';
import { Fault } from '#spi';
import type { XmlAttribute, XmlElement, XmlName, XmlScope } from './element.ts';
import { XML_LIMITS, type XmlLimits } from './limits.ts';
import { XML, XMLNS, XSI } from './namespaces.ts';

type Part = XmlElement | string;

/** An element whose end has not come yet. */
interface Open {
  readonly content: Part[];
  text: string;
}

/**
 * The document's element. Well-formed XML 1.0 with namespaces, or a Fault `upstream`: `bad-xml` with line and column, `xml-doctype` (without
 * a document type there are no entities but the five predefined ones, and nothing can be made to expand), `xml-limit`. Nothing of the
 * document is repeated in a fault. The prefix `xsi` is known without a declaration: some servers forget it, and it can mean nothing else.
 */
export function readXml(text: string, limits: XmlLimits = XML_LIMITS): XmlElement {
  const reader = xmlReader(limits);
  reader.write(text);
  return reader.close();
}

/** Reads a document piece by piece, so that a large one need not hold up everything else. Faults as in `readXml`. */
export interface XmlReader {
  write(piece: string): void;
  close(): XmlElement;
}

/** Elements and text that a client sent to stand inside an element. Faults are `invalid` instead. */
export function readFragment(text: string, limits: XmlLimits = XML_LIMITS): readonly Part[] {
  try {
    // Text that ends this element and begins another would be two roots, which the parser refuses.
    return readXml(`<fragment>${text}</fragment>`, limits).content;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault('invalid', error.message, { code: error.code });
  }
}

const NAMES: XmlScope = new Map([
  ['xml', XML],
  ['xsi', XSI],
]);

export function xmlReader(limits: XmlLimits): XmlReader {
  const parser = new SaxesParser({ xmlns: true, position: true, additionalNamespaces: { xsi: XSI } });
  const document: Open = { content: [], text: '' };
  const open: Open[] = [document];
  const scopes: XmlScope[] = [NAMES];
  let elements = 0;
  let attributes = 0;

  const inner = (): Open => open.at(-1) ?? document;
  parser.on('doctype', () => {
    throw new Fault('upstream', 'The XML has a document type, which is not allowed in SOAP', {
      code: 'xml-doctype',
    });
  });
  parser.on('opentagstart', () => {
    attributes = 0;
    if (++elements > limits.maxElements) throw beyond(`more than ${limits.maxElements} elements`);
    if (open.length > limits.maxDepth) throw beyond(`elements nested deeper than ${limits.maxDepth}`);
  });
  parser.on('attribute', () => {
    if (++attributes > limits.maxAttributes)
      throw beyond(`an element with more than ${limits.maxAttributes} attributes`);
  });
  parser.on('opentag', (tag) => {
    const around = scopes.at(-1) ?? NAMES;
    const scope = scopeOf(around, tag.ns);
    const content: Part[] = [];
    const element: XmlElement = {
      uri: tag.uri,
      local: tag.local,
      attributes: ownAttributes(tag.attributes),
      content,
      scope,
      line: parser.line,
    };
    flush(inner());
    inner().content.push(element);
    open.push({ content, text: '' });
    scopes.push(scope);
  });
  parser.on('closetag', () => {
    flush(inner());
    open.pop();
    scopes.pop();
  });
  const onText = (part: string): void => {
    inner().text += part;
  };
  parser.on('text', onText);
  parser.on('cdata', onText);

  const guarded = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (error instanceof Fault) throw error;
      const place = `line ${parser.line}, column ${parser.columnIndex + 1}`;
      throw new Fault('upstream', `The XML is not well-formed: ${place}`, { code: 'bad-xml' });
    }
  };
  return {
    write: (piece) => guarded(() => parser.write(piece)),
    close() {
      guarded(() => parser.close());
      const root = document.content.find((part) => typeof part !== 'string');
      if (root === undefined) throw new Fault('upstream', 'The XML has no element', { code: 'bad-xml' });
      return root;
    },
  };
}

function flush(open: Open): void {
  if (open.text === '') return;
  open.content.push(open.text);
  open.text = '';
}

function scopeOf(around: XmlScope, declared: Readonly<Record<string, string>>): XmlScope {
  // Most elements declare nothing, and asking so costs less than listing.
  for (const _ in declared) return new Map([...around, ...Object.entries(declared)]);
  return around;
}

const NO_ATTRIBUTES: readonly XmlAttribute[] = [];

type Written = XmlName & { readonly value: string };

function ownAttributes(written: Readonly<Record<string, Written>>): readonly XmlAttribute[] {
  for (const _ in written) {
    return Object.values(written)
      .filter(({ uri }) => uri !== XMLNS)
      .map(({ uri, local, value }) => ({ uri, local, value }));
  }
  return NO_ATTRIBUTES;
}

function beyond(what: string): Fault {
  return new Fault('upstream', `The XML has ${what}`, { code: 'xml-limit' });
}
