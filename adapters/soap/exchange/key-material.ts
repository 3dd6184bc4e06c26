// Knows: whether keys and certificates are what their options say, before any of them is used.
// Must not know: where they come from, what they are for. Nothing of a key stands in a fault, nor what OpenSSL says of it.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { Fault } from '#spi';

export type PrivateKey = KeyObject;

/** A private key in PEM. Throws a misconfigured Fault that names `option`: `wsSecurity.x509.key`. */
export function privateKeyOf(option: string, pem: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    const locked = /ENCRYPTED/.test(pem);
    throw badKey(
      option,
      locked
        ? 'is no private key that its passphrase opens'
        : 'is no private key in PEM (-----BEGIN PRIVATE KEY-----)',
    );
  }
}

/** The first of the certificates in PEM. */
export function certificateOf(option: string, pem: string): X509Certificate {
  try {
    if (pem.includes('-----BEGIN')) return new X509Certificate(pem);
  } catch {
    // Said below.
  }
  throw badKey(option, 'is no certificate in PEM (-----BEGIN CERTIFICATE-----)');
}

export function checkPair(option: string, certificate: X509Certificate, key: KeyObject): void {
  if (!certificate.checkPrivateKey(key)) throw badKey(option, 'is not the key of the certificate');
}

export function badKey(option: string, problem: string): Fault {
  return new Fault('invalid', `${option} ${problem}`, { code: 'bad-key', misconfigured: true });
}
