// Knows: an XML signature over parts of a message (XML Signature 1.1) in the manner of WS-Security: RSA, exclusive canonical form.
// Must not know: what the parts mean, where the key comes from.

import { createHash, sign } from 'node:crypto';
import { canonicalXml } from '../xml/canonical-xml.ts';
import type { XmlScope } from '../xml/element.ts';
import { DS, EXCLUSIVE_C14N } from '../xml/namespaces.ts';
import type { Signing } from './credentials.ts';

/** An element as it goes out, and its `wsu:Id`. */
export interface SignedPart {
  readonly id: string;
  readonly xml: string;
}

const ALGORITHMS = {
  'rsa-sha1': { uri: `${DS}rsa-sha1`, hash: 'sha1' },
  'rsa-sha256': { uri: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', hash: 'sha256' },
  'rsa-sha512': { uri: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512', hash: 'sha512' },
} as const;
const DIGESTS = {
  sha1: `${DS}sha1`,
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  sha512: 'http://www.w3.org/2001/04/xmlenc#sha512',
} as const;

/** `ds:Signature`. `scope`: prefixes in scope around every part and around the signature; `keyInfo`: what names the certificate. */
export function signatureXml(
  parts: readonly SignedPart[],
  scope: XmlScope,
  keyInfo: string,
  { key, algorithm, digest }: Signing,
): string {
  const { uri, hash } = ALGORITHMS[algorithm];
  const references = parts.map(({ id, xml }) => {
    const value = createHash(digest).update(canonicalXml(xml, scope)).digest('base64');
    return `<ds:Reference URI="#${id}"><ds:Transforms><ds:Transform Algorithm="${EXCLUSIVE_C14N}"/></ds:Transforms><ds:DigestMethod Algorithm="${DIGESTS[digest]}"/><ds:DigestValue>${value}</ds:DigestValue></ds:Reference>`;
  });
  const info = `<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="${EXCLUSIVE_C14N}"/><ds:SignatureMethod Algorithm="${uri}"/>${references.join('')}</ds:SignedInfo>`;
  const signed = new TextEncoder().encode(canonicalXml(info, new Map([['ds', DS]])));
  const value = sign(hash, signed, key).toString('base64');
  return `<ds:Signature xmlns:ds="${DS}">${info}<ds:SignatureValue>${value}</ds:SignatureValue><ds:KeyInfo>${keyInfo}</ds:KeyInfo></ds:Signature>`;
}
