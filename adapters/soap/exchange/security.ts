// Knows: the security of one message in node-soap's terms.
// Must not know: where secrets come from, how messages are sent.

import {
  BasicAuthSecurity,
  BearerSecurity,
  type ISecurity,
  WSSecurity,
  WSSecurityCert,
  WSSecurityPlusCert,
} from 'soap';
import { escapeAttribute } from '../xml/write-xml.ts';
import type { Credentials, Signing, UsernameToken, WsSecurity } from './credentials.ts';
import type { SoapVersion } from './message.ts';

/** NTLM is a conversation of its own and no header of a message. */
export function securityOf(
  version: SoapVersion,
  envelopeKey: string,
  credentials: Credentials,
  wsSecurity: WsSecurity | undefined,
): ISecurity {
  const inHttp = httpSecurity(credentials);
  const inXml = wsSecurity === undefined ? {} : messageSecurity(version, envelopeKey, wsSecurity);
  return {
    addHeaders: (headers) => inHttp?.addHeaders?.(headers),
    toXML: () => inXml.toXML?.() ?? '',
    // node-soap takes its presence for a promise that the header will be filled in.
    ...(inXml.postProcess === undefined ? {} : { postProcess: inXml.postProcess.bind(inXml) }),
  };
}

function httpSecurity(credentials: Credentials): ISecurity | undefined {
  switch (credentials.kind) {
    case 'basic':
      return new BasicAuthSecurity(credentials.user, credentials.password);
    case 'bearer':
      return new BearerSecurity(credentials.token);
    case 'none':
    case 'ntlm':
      return undefined;
  }
}

function messageSecurity(version: SoapVersion, envelopeKey: string, security: WsSecurity): ISecurity {
  const { usernameToken, signing } = security;
  const token =
    usernameToken === undefined ? undefined : tokenOf(version, envelopeKey, usernameToken, security);
  if (signing === undefined) return token ?? {};
  const signature = signatureOf(signing, security, token !== undefined);
  return token === undefined ? signature : new WSSecurityPlusCert(token, signature);
}

/** UsernameToken Profile 1.1; a digest needs nonce and time (section 3.1). */
function tokenOf(
  version: SoapVersion,
  envelopeKey: string,
  { user, password, type, nonce, created }: UsernameToken,
  { timestamp, mustUnderstand, actor }: WsSecurity,
): WSSecurity {
  const token = new WSSecurity(user, password, {
    passwordType: type === 'digest' ? 'PasswordDigest' : 'PasswordText',
    hasTimeStamp: timestamp,
    hasNonce: nonce || type === 'digest',
    hasTokenCreated: created || type === 'digest',
    mustUnderstand,
    envelopeKey,
    ...(actor === undefined ? {} : { actor: escapeAttribute(actor) }),
  });
  if (version === '1.1') return token;
  // SOAP 1.2 calls it role (part 1, section 5.2.2); node-soap writes the name of 1.1.
  const toXML = token.toXML.bind(token);
  token.toXML = () => toXML().replace(` ${envelopeKey}:actor="`, ` ${envelopeKey}:role="`);
  return token;
}

const ALGORITHMS = {
  'rsa-sha1': 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
  'rsa-sha256': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'rsa-sha512': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
} as const;
const DIGESTS = {
  sha1: 'http://www.w3.org/2000/09/xmldsig#sha1',
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  sha512: 'http://www.w3.org/2001/04/xmlenc#sha512',
} as const;

/** References are by `wsu:Id`, as WS-Security wants it (SOAP Message Security 1.1, section 4). The header must always be understood. */
function signatureOf(
  { key, certificate, passphrase, algorithm, digest, sign }: Signing,
  { timestamp }: WsSecurity,
  hasToken: boolean,
): WSSecurityCert {
  return new WSSecurityCert(key, certificate, passphrase ?? '', {
    // The token brings a timestamp of its own.
    hasTimeStamp: timestamp && !hasToken,
    signatureAlgorithm: ALGORITHMS[algorithm],
    digestAlgorithm: DIGESTS[digest],
    additionalReferences: [
      ...(sign.includes('UsernameToken') && hasToken ? ['wsse:UsernameToken'] : []),
      ...(sign.includes('Timestamp') && hasToken && timestamp ? ['wsu:Timestamp'] : []),
    ],
    excludeReferencesFromSigning: [
      ...(sign.includes('Body') ? [] : ['Body']),
      ...(sign.includes('Timestamp') ? [] : ['Timestamp']),
    ],
    signerOptions: { idMode: 'wssecurity', prefix: 'ds' },
  });
}
