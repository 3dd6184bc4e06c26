// Knows: what stands in the headers of a request: a key, a token, or nothing.
// Must not know: which keys and tokens are accepted.

import type { Credentials } from './authenticate.ts';
import { KEY_PREFIX } from './key-prefix.ts';
import { ambiguous, notAccepted } from './refusal.ts';

export type Shown =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'token'; readonly token: string };

/** Longest key that is looked up. */
const MAX_KEY_CHARS = 256;

/** Longest token that is looked at: one with hundreds of groups is still shorter. */
const MAX_TOKEN_CHARS = 16_384;

/**
 * A key comes as `X-Api-Key: …` or as `Authorization: Bearer op_…`, a token as `Authorization: Bearer …` (RFC 6750, section 2.1). Throws
 * `bad-credentials` for both headers at once, for other schemes, and for what is too long to be one.
 */
export function shownIn({ authorization, apiKey }: Credentials): Shown {
  if (authorization !== undefined && apiKey !== undefined) throw ambiguous('several-credentials');
  if (apiKey !== undefined) return keyOf(apiKey);
  if (authorization === undefined) return { kind: 'nothing' };
  const [, bearer] = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization) ?? [];
  if (bearer === undefined) throw notAccepted('no-bearer');
  if (bearer.startsWith(KEY_PREFIX)) return keyOf(bearer);
  if (bearer.length > MAX_TOKEN_CHARS) throw notAccepted('token-too-long');
  return { kind: 'token', token: bearer };
}

function keyOf(key: string): Shown {
  if (key === '' || key.length > MAX_KEY_CHARS) throw notAccepted('no-key');
  return { kind: 'key', key };
}
