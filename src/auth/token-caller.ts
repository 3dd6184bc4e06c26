// Knows: what a verified token says about who asks.
// Must not know: signatures, where tokens come from.

import type { Json } from '../model/value.ts';
import type { Caller } from '../query/caller.ts';
import type { IssuerDeclaration } from './access.ts';
import { type JsonObject, memberAt } from './json-members.ts';
import { notAccepted } from './refusal.ts';

/** Longest name of a client: it stands in every audit record. */
const MAX_CLIENT_CHARS = 256;

/** `defined`: roles of the configuration in its order; others that the token names are ignored. Throws `bad-credentials` without a client. */
export function callerOfToken(
  payload: JsonObject,
  issuer: Pick<IssuerDeclaration, 'issuer' | 'roles' | 'rolesOf' | 'client'>,
  defined: readonly string[],
): Caller {
  const client = memberAt(payload, issuer.client);
  if (typeof client !== 'string' || client === '' || client.length > MAX_CLIENT_CHARS) {
    throw notAccepted('no-client-in-token');
  }
  const words = wordsIn(memberAt(payload, issuer.roles));
  const { rolesOf } = issuer;
  const named = new Set(
    rolesOf === undefined
      ? words
      : words.flatMap((word) => (Object.hasOwn(rolesOf, word) ? (rolesOf[word] ?? []) : [])),
  );
  return {
    client,
    issuer: issuer.issuer,
    roles: defined.filter((role) => named.has(role)),
    claims: { ...payload, sub: payload['sub'] ?? client, client },
    by: 'token',
  };
}

/** A list of words, or words with blanks between them as in `scope` (RFC 8693, section 4.2). */
function wordsIn(json: Json | undefined): readonly string[] {
  if (typeof json === 'string') return json.split(' ').filter((word) => word !== '');
  return Array.isArray(json) ? json.filter((word) => typeof word === 'string') : [];
}
