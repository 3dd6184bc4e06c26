// Knows: where an issuer's keys are: where the configuration says, or where its OpenID configuration says.
// Must not know: keys.

import { Fault } from '../fault.ts';
import type { IssuerDeclaration } from './access.ts';
import { fetchJson } from './fetch-json.ts';
import { isJsonObject } from './json-members.ts';
import { isSafeAddress } from './safe-address.ts';

/**
 * The issuer's key set. By discovery (OpenID Connect Discovery 1.0, section 4) the document must name the very issuer it was asked of, and
 * keys at a safe address. Throws `unavailable` (`keys-unavailable`).
 */
export async function fetchKeySet(
  { issuer, jwks }: IssuerDeclaration,
  signal: AbortSignal,
): Promise<unknown> {
  const address = typeof jwks === 'string' ? jwks : await discover(issuer, signal);
  return await fetchJson(address, signal);
}

async function discover(issuer: string, signal: AbortSignal): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const document = await fetchJson(url, signal);
  const named = isJsonObject(document) ? document : {};
  if (named['issuer'] !== issuer) throw strange(issuer, 'names another issuer');
  const { jwks_uri: keys } = named;
  if (typeof keys !== 'string' || !isSafeAddress(keys))
    throw strange(issuer, 'names no keys at an https address');
  return keys;
}

function strange(issuer: string, what: string): Fault {
  return new Fault('unavailable', `The OpenID configuration of ${issuer} ${what}`, {
    code: 'keys-unavailable',
  });
}
