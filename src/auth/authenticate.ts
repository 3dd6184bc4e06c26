// Knows: what a request shows of who sends it, and what becomes of that: a caller, or a fault.
// Must not know: servers, rights.

import type { Caller } from '../query/caller.ts';

/** What a client shows. */
export interface Credentials {
  /** `Authorization`, as it came. */
  readonly authorization?: string;
  /** `X-Api-Key`, as it came. */
  readonly apiKey?: string;
  /** The certificate of the client's side of TLS, verified by the handshake; not one that a header speaks of. */
  readonly certificate?: ClientCertificate;
}

export interface ClientCertificate {
  /** SHA-256 of the certificate: upper case, with colons. */
  readonly fingerprint256: string;
  /** Distinguished name in the order of the certificate: `CN=web-team,O=Bank`. */
  readonly subject: string;
  readonly subjectAltName?: string;
}

/**
 * Throws `unauthenticated`: nothing shown where something must be (`no-credentials`), or something that is not accepted (`bad-credentials`;
 * why, only the log knows). What is shown is never weaker than nothing: a wrong key is refused where anonymous callers are welcome.
 */
export type Authenticate = (credentials: Credentials) => Promise<Caller>;
