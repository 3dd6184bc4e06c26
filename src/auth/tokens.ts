// Knows: when a token (JWT) is believed: issuer, audience, algorithm, type, times, signature.
// Must not know: HTTP, what the roles may do.

import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { Fault } from '../fault.ts';
import type { Caller } from '../query/caller.ts';
import type { IssuerDeclaration } from './access.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { isJsonObject, memberAt } from './json-members.ts';
import { notAccepted } from './refusal.ts';
import { callerOfToken } from './token-caller.ts';

export interface TrustedIssuer {
  readonly declared: IssuerDeclaration;
  readonly keys: Pick<IssuerKeys, 'keyOf'>;
}

export interface VerifiedToken {
  readonly caller: Caller;
  /** When it ends, clock skew included, in milliseconds since 1970. */
  readonly untilMs: number;
  /** SHA-256 of the client certificate that it is bound to, in base64url (RFC 8705, section 3.1). */
  readonly certificate?: string;
}

/** Types of tokens that are access tokens, or say nothing (RFC 9068, section 2.1). Others, such as `logout+jwt`, are made for other ends. */
const ACCESS_TYPES: ReadonlySet<string> = new Set(['jwt', 'at+jwt']);

/**
 * Verifies one token. The issuer is chosen by what the token says before anything is believed, then everything is verified for that issuer
 * (RFC 8725). Throws `bad-credentials`, and `unavailable` (`keys-unavailable`) where the issuer's keys cannot be had.
 */
export function tokenVerifier(
  trusted: readonly TrustedIssuer[],
  defined: readonly string[],
  now: () => number,
): (token: string) => Promise<VerifiedToken> {
  const byIssuer = new Map(trusted.map((issuer) => [issuer.declared.issuer, issuer]));
  return async (token) => {
    try {
      const issuer = byIssuer.get(decodeJwt(token).iss ?? '');
      if (issuer === undefined) throw notAccepted('unknown-issuer');
      const { declared } = issuer;
      checkType(decodeProtectedHeader(token).typ, declared.typ);
      const skewS = declared.clockSkewMs / 1_000;
      const { payload } = await jwtVerify(token, (header) => issuer.keys.keyOf(header), {
        issuer: declared.issuer,
        audience: declared.audience,
        algorithms: [...declared.algorithms],
        clockTolerance: skewS,
        currentDate: new Date(now()),
        requiredClaims: ['exp'],
      });
      const { exp = 0, iat } = payload;
      if (iat !== undefined && iat > now() / 1_000 + skewS) throw notAccepted('issued-in-future');
      if (!isJsonObject(payload)) throw notAccepted('no-claims');
      const certificate = memberAt(payload, 'cnf.x5t#S256');
      return {
        caller: callerOfToken(payload, declared, defined),
        untilMs: (exp + skewS) * 1_000,
        ...(typeof certificate === 'string' ? { certificate } : {}),
      };
    } catch (error) {
      if (error instanceof Fault) throw error;
      // jose throws its own errors for everything that is wrong with a token; a TypeError of Web Crypto is one more of those.
      throw notAccepted(error instanceof errors.JOSEError ? error.code : 'unreadable-token');
    }
  };
}

/** Case does not matter, nor does `application/` in front (RFC 7515, section 4.1.9). */
function checkType(typ: unknown, wanted: string | undefined): void {
  const plain = (type: string): string => type.toLowerCase().replace(/^application\//, '');
  const shown = typeof typ === 'string' ? plain(typ) : undefined;
  const fine =
    wanted === undefined ? shown === undefined || ACCESS_TYPES.has(shown) : shown === plain(wanted);
  if (!fine) throw notAccepted('token-type');
}
