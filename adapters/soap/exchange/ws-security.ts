// Knows: the WS-Security header of one message: timestamp, UsernameToken, certificate and signature, and whom it is for.
// Must not know: where secrets come from, how messages are sent.

import { randomUUID } from 'node:crypto';
import { WSSecurity } from 'soap';
import type { XmlScope } from '../xml/element.ts';
import { ENVELOPE11, ENVELOPE12, WSSE, WSU, XSI } from '../xml/namespaces.ts';
import { escapeAttribute } from '../xml/write-xml.ts';
import type { Signing, UsernameToken, WsSecurity } from './credentials.ts';
import type { Attachment, SoapVersion } from './message.ts';
import { type SignedPart, signatureXml } from './signature.ts';

export interface SecuredMessage {
  /** `wsse:Security` */
  readonly header: string;
  /** What Body must have so that the signature finds it. */
  readonly bodyAttributes: string;
}

const PROFILES = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss';
const X509 = `${PROFILES}-x509-token-profile-1.0#X509v3`;
const BASE64 = `${PROFILES}-soap-message-security-1.0#Base64Binary`;
const LIFE = { minutes: 10 } as const;

/** `prefix`: of the envelope; `body`: what stands inside Body. */
export function securedMessage(
  version: SoapVersion,
  prefix: string,
  security: WsSecurity,
  body: string,
  attachments: readonly Attachment[],
): SecuredMessage {
  const { timestamp, mustUnderstand, actor, usernameToken, signing } = security;
  // One for each message, so that no element of the body can have the same.
  const unique = randomUUID();
  const parts = {
    ...(timestamp ? { Timestamp: timestampPart(`Timestamp-${unique}`) } : {}),
    ...(usernameToken === undefined
      ? {}
      : { UsernameToken: tokenPart(`UsernameToken-${unique}`, usernameToken) }),
  };
  const bodyId = `Body-${unique}`;
  const bodyAttributes =
    signing?.sign.includes('Body') === true ? ` xmlns:wsu="${WSU}" wsu:Id="${bodyId}"` : '';
  const signedBody = (): SignedPart => ({
    id: bodyId,
    xml: `<${prefix}:Body${bodyAttributes}>${inlined(body, attachments)}</${prefix}:Body>`,
  });
  const signature =
    signing === undefined
      ? ''
      : signed(
          signing.sign.flatMap((name) => (name === 'Body' ? signedBody() : (parts[name] ?? []))),
          scopeOf(version, prefix),
          `X509-${unique}`,
          signing,
        );
  // SOAP 1.2 calls the actor role (part 1, section 5.2.2).
  const role = version === '1.1' ? 'actor' : 'role';
  const attributes = [
    ` xmlns:wsse="${WSSE}" xmlns:wsu="${WSU}"`,
    ...(actor === undefined ? [] : [` ${prefix}:${role}="${escapeAttribute(actor)}"`]),
    ...(mustUnderstand ? [` ${prefix}:mustUnderstand="1"`] : []),
  ];
  const content = Object.values(parts).map(({ xml }) => xml);
  return {
    header: `<wsse:Security${attributes.join('')}>${content.join('')}${signature}</wsse:Security>`,
    bodyAttributes,
  };
}

/** What the prefixes mean in the header and in the envelope around Body. */
function scopeOf(version: SoapVersion, prefix: string): XmlScope {
  return new Map([
    [prefix, version === '1.1' ? ENVELOPE11 : ENVELOPE12],
    ['xsi', XSI],
    ['wsse', WSSE],
    ['wsu', WSU],
  ]);
}

/** The certificate, and the signature that names it (X.509 Token Profile 1.1, section 3.2.1). */
function signed(parts: readonly SignedPart[], scope: XmlScope, id: string, signing: Signing): string {
  const token = `<wsse:BinarySecurityToken EncodingType="${BASE64}" ValueType="${X509}" wsu:Id="${id}">${signing.certificate}</wsse:BinarySecurityToken>`;
  const keyInfo = `<wsse:SecurityTokenReference><wsse:Reference URI="#${id}" ValueType="${X509}"/></wsse:SecurityTokenReference>`;
  return token + signatureXml(parts, scope, keyInfo, signing);
}

function timestampPart(id: string): SignedPart {
  const created = Temporal.Now.instant();
  const text = (when: Temporal.Instant): string => when.toString({ smallestUnit: 'second' });
  return {
    id,
    xml: `<wsu:Timestamp wsu:Id="${id}"><wsu:Created>${text(created)}</wsu:Created><wsu:Expires>${text(created.add(LIFE))}</wsu:Expires></wsu:Timestamp>`,
  };
}

/** UsernameToken Profile 1.1, made by node-soap; a digest needs nonce and time (section 3.1). */
function tokenPart(id: string, { user, password, type, nonce, created }: UsernameToken): SignedPart {
  const header = new WSSecurity(user, password, {
    passwordType: type === 'digest' ? 'PasswordDigest' : 'PasswordText',
    hasTimeStamp: false,
    hasNonce: nonce || type === 'digest',
    hasTokenCreated: created || type === 'digest',
  }).toXML();
  const own = header.slice(header.indexOf('<wsse:UsernameToken'), header.lastIndexOf('</wsse:Security>'));
  // Its own Id has colons, which no Id may have.
  return { id, xml: own.replace(/ wsu:Id="[^"]*"/, ` wsu:Id="${id}"`) };
}

/** A signature covers the bytes and not the references to them (XOP 1.0, section 4): what is digested has them in their places. */
function inlined(body: string, attachments: readonly Attachment[]): string {
  if (attachments.length === 0) return body;
  const byId = new Map(attachments.map(({ contentId, bytes }) => [contentId, bytes]));
  return body.replace(
    /<[^\s<>/]+:Include href="cid:([^"]*)"\/>/g,
    (whole, id: string) => byId.get(id)?.toBase64() ?? whole,
  );
}
