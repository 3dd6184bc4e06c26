// Documents for tests: a bank in several files, single ones from a few words, and a fetch that answers from memory.

import { join } from 'node:path';
import { Fault } from '#spi';
import type { DocumentSet } from '../../../../adapters/soap/wsdl/documents.ts';
import { type FetchDocument, type LoadLimits, loadDocuments } from '../../../../adapters/soap/wsdl/load.ts';

/** The WSDL of the bank: two WSDLs, four schemas in sub-folders, a cycle, a schema that is included under two namespaces. */
export const BANK = join(import.meta.dirname, 'bank', 'bank.wsdl');

export type Texts = Readonly<Record<string, string | Uint8Array>>;

/** Answers from `http://host/`; the path of a document is its name, with its query. */
export function fetchFrom(texts: Texts, asked: string[] = []): FetchDocument {
  return async (url) => {
    const name = url.replace('http://host/', '');
    asked.push(name);
    const text = texts[name];
    if (text === undefined)
      throw new Fault('unavailable', 'there is no such file', { code: 'document-missing' });
    return { bytes: typeof text === 'string' ? new TextEncoder().encode(text) : text };
  };
}

export async function loadTexts(texts: Texts, main = 'main.wsdl', limits?: LoadLimits): Promise<DocumentSet> {
  return await loadDocuments(`http://host/${main}`, fetchFrom(texts), limits);
}

/** A WSDL with everything that the tests use declared as a prefix: wsdl, soap, soap12, mime, xs, and tns for its own namespace. */
export function wsdl(content: string): string {
  return `<wsdl:definitions targetNamespace="urn:t" xmlns:tns="urn:t" xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:mime="http://schemas.xmlsoap.org/wsdl/mime/">
${content}
</wsdl:definitions>`;
}

export function schema(content: string, targetNamespace?: string): string {
  const target =
    targetNamespace === undefined ? '' : ` targetNamespace="${targetNamespace}" xmlns="${targetNamespace}"`;
  return `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"${target}>${content}</xs:schema>`;
}

export const include = (location: string): string => `<xs:include schemaLocation="${location}"/>`;

export const types = (content: string): string => `<wsdl:types>${content}</wsdl:types>`;
