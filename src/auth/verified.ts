// Knows: which tokens have been verified a moment ago, so that a client that asks often is not verified each time.
// Must not know: how a token is verified.

import type { VerifiedToken } from './tokens.ts';

/** A token whose issuer takes it back by a new key is believed for at most so long, in milliseconds. */
const KEPT_MS = 60_000;
const MOST = 10_000;

export interface Verified {
  get(hash: string): VerifiedToken | undefined;
  /** What the same token was verified to at the same time by another request goes first: one object for the same credentials. */
  keep(hash: string, token: VerifiedToken): VerifiedToken;
}

/** By the hash of the token: the token itself is kept nowhere. Of more than 10 000, the one verified first gives way. */
export function verifiedTokens(now: () => number): Verified {
  const kept = new Map<string, { readonly token: VerifiedToken; readonly untilMs: number }>();
  const get = (hash: string): VerifiedToken | undefined => {
    const found = kept.get(hash);
    if (found === undefined) return undefined;
    if (now() < found.untilMs) return found.token;
    kept.delete(hash);
    return undefined;
  };
  return {
    get,
    keep(hash, token) {
      const known = get(hash);
      if (known !== undefined) return known;
      kept.set(hash, { token, untilMs: Math.min(now() + KEPT_MS, token.untilMs) });
      const [oldest] = kept.keys();
      if (kept.size > MOST && oldest !== undefined) kept.delete(oldest);
      return token;
    },
  };
}
