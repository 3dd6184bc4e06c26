// Knows: how a WSDL and everything that it leads to becomes one set, and how it is told which files led to a failure.
// Must not know: disks, HTTP, what WSDL and schemas mean beyond their root elements and references.

import { Fault, toFault } from '#spi';
import { documentText } from '../xml/document-text.ts';
import type { XmlElement } from '../xml/element.ts';
import { WSDL, WSDL20, XSD } from '../xml/namespaces.ts';
import { readXml } from '../xml/read-xml.ts';
import { isFileAddress, shownAddress } from './address.ts';
import type { DocumentReference, DocumentSet, SourceDocument } from './documents.ts';
import { isNamed, referencesOf } from './references.ts';

/** Throws Faults whose message is what is wrong, without the address: `there is no such file`. */
export type FetchDocument = (url: string) => Promise<FetchedDocument>;

export interface FetchedDocument {
  readonly bytes: Uint8Array;
  readonly contentType?: string;
  /** Where it was found in the end, if that is another address than the one asked for. */
  readonly url?: string;
}

export interface LoadLimits {
  readonly maxDocuments: number;
  /** Of all documents together. */
  readonly maxBytes: number;
}

export const LOAD_LIMITS: LoadLimits = { maxDocuments: 1_000, maxBytes: 67_108_864 };

/** A document that is to be fetched, and the reference that it was first mentioned in. */
interface Wanted {
  readonly url: string;
  readonly by?: { readonly document: SourceDocument; readonly reference: DocumentReference };
}

/**
 * The WSDL at `url` and all that it leads to: level by level, in the order of the documents, each address once. A fault's message is the
 * chain of files that led there, one a line; it is `misconfigured` where a file is wrong, because no waiting mends it.
 */
export async function loadDocuments(
  url: string,
  fetchDocument: FetchDocument,
  limits: LoadLimits = LOAD_LIMITS,
): Promise<DocumentSet> {
  const byUrl = new Map<string, SourceDocument>();
  /** The mention that led to each document. */
  const ways = new Map<SourceDocument, Wanted>();
  const asked = new Set([url]);
  let bytes = 0;

  const load = async (wanted: Wanted): Promise<SourceDocument> => {
    if (!URL.canParse(wanted.url)) {
      throw new Fault('invalid', 'this is no address', { code: 'bad-reference', misconfigured: true });
    }
    if (wanted.by !== undefined && isFileAddress(wanted.url) && !isFileAddress(wanted.by.document.url)) {
      throw new Fault('invalid', 'a document from the network cannot lead to a file', {
        code: 'bad-reference',
      });
    }
    if (ways.size === limits.maxDocuments) {
      throw new Fault('invalid', `more than ${limits.maxDocuments} documents`, {
        code: 'too-many-documents',
      });
    }
    const fetched = await fetchDocument(wanted.url);
    bytes += fetched.bytes.length;
    if (bytes > limits.maxBytes) {
      throw new Fault('invalid', `more than ${limits.maxBytes} bytes in all documents together`, {
        code: 'documents-too-large',
      });
    }
    const own = fetched.url ?? wanted.url;
    return byUrl.get(own) ?? readDocument(own, fetched, url, wanted.by?.reference.kind);
  };

  const chained = (wanted: Wanted, fault: Fault): Fault => {
    const lines: string[] = [];
    for (let { by }: Pick<Wanted, 'by'> = wanted; by !== undefined; by = ways.get(by.document)?.by) {
      const { document, reference } = by;
      const target = shownReference(reference, url);
      lines.unshift(`${document.shown}:${reference.line} ${VERBS[reference.kind]} ${target},`);
    }
    return located(fault, wanted, url, lines);
  };

  const queue: Wanted[] = [{ url }];
  for (const wanted of queue) {
    let document: SourceDocument;
    try {
      document = await load(wanted);
    } catch (error) {
      const fault = toFault(error);
      // A bug is told as what it is.
      throw fault.kind === 'internal' ? error : chained(wanted, fault);
    }
    byUrl.set(wanted.url, document);
    if (ways.has(document)) continue;
    byUrl.set(document.url, document);
    asked.add(document.url);
    ways.set(document, wanted);
    for (const reference of document.references) {
      if (asked.has(reference.url)) continue;
      asked.add(reference.url);
      queue.push({ url: reference.url, by: { document, reference } });
    }
  }
  const main = byUrl.get(url);
  if (main === undefined) throw new Fault('internal', 'A WSDL was loaded and is not there');
  return { main, byUrl };
}

const VERBS: Readonly<Record<DocumentReference['kind'], string>> = {
  'wsdl-import': 'imports',
  'xsd-import': 'imports',
  'xsd-include': 'includes',
  'xsd-redefine': 'redefines',
};

function shownReference({ url, location }: DocumentReference, main: string): string {
  return URL.canParse(url) ? shownAddress(url, main) : location;
}

/** Throws what `readXml` throws, and a Fault for a root element that is not expected there. */
function readDocument(
  url: string,
  { bytes, contentType }: FetchedDocument,
  main: string,
  kind: DocumentReference['kind'] | undefined,
): SourceDocument {
  const text = documentText(bytes, contentType);
  const expected = kind === undefined || kind === 'wsdl-import' ? 'a WSDL' : 'a schema';
  if (isHtml(text, contentType)) {
    throw new Fault(
      'upstream',
      `an HTML page (root element html) instead of ${expected}; is it a login page?`,
      {
        code: 'not-a-schema',
      },
    );
  }
  const root = readXml(text);
  refuseRoot(root, kind, expected);
  return {
    url,
    shown: shownAddress(url, main),
    root,
    bytes,
    ...(contentType === undefined ? {} : { contentType }),
    references: referencesOf(root, url),
  };
}

/** Most HTML is no XML, so this is asked before it is read. */
function isHtml(text: string, contentType: string | undefined): boolean {
  const declared = /^\s*text\/html\b/i.test(contentType ?? '') && !/^\s*<\?xml\b/.test(text);
  return declared || /^\s*(?:<!--[\s\S]*?-->\s*)*<(?:!doctype\s+html|html)\b/i.test(text);
}

/** An import of a WSDL may lead to a schema: the example of WSDL 1.1, section 2.1.2, does so. */
function refuseRoot(root: XmlElement, kind: DocumentReference['kind'] | undefined, expected: string): void {
  const wsdl = isNamed(root, WSDL, 'definitions');
  const schema = isNamed(root, XSD, 'schema');
  if (kind === undefined ? wsdl : kind === 'wsdl-import' ? wsdl || schema : schema) return;
  if (isNamed(root, WSDL20, 'description')) {
    throw new Fault('invalid', 'a WSDL 2.0 document; WSDL 1.1 is what can be read', { code: 'wsdl-2.0' });
  }
  const found = root.uri === '' ? `"${root.local}" in no namespace` : `"${root.local}" of ${root.uri}`;
  throw new Fault('upstream', `expected ${expected}, found the root element ${found}`, {
    code: 'not-a-schema',
  });
}

/** The fault with the chain as its message; of a file it is about the configuration. */
function located(fault: Fault, { url, by }: Wanted, main: string, chain: readonly string[]): Fault {
  const shown = by === undefined ? shownAddress(url, main) : shownReference(by.reference, main);
  const options = { ...fault.place, code: fault.code, errors: fault.errors, cause: fault.cause };
  const message = [...chain, `${shown}: ${fault.message}`].join('\n');
  return isFileAddress(url)
    ? new Fault('invalid', message, { ...options, misconfigured: true })
    : new Fault(fault.kind, message, { ...options, misconfigured: fault.misconfigured });
}
