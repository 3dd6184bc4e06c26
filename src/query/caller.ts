// Knows: who asks: the name, the roles and the claims that credentials have proven.
// Must not know: credentials, how they are checked, what a role may do.

import type { Json } from '../model/value.ts';

export interface Caller {
  /** For the audit record and for limits: the name of a configured client, the subject of a token. Never a credential. */
  readonly client: string;
  /** Of a token: who has given the name. Another issuer, or the configuration, may have given the same to somebody else. */
  readonly issuer?: string;
  /** In the order of the configuration; without any, nothing may be done. */
  readonly roles: readonly string[];
  /** What row rules may refer to as `@claims.name`; `sub` and `client` are always there. */
  readonly claims: Readonly<Record<string, Json>>;
  readonly by: 'anonymous' | 'development' | 'key' | 'token' | 'certificate';
}

/** Equal for the same client, and for nobody else. Who has a key and a certificate is one client. */
export function clientId({ client, issuer, by }: Caller): string {
  return JSON.stringify(by === 'anonymous' ? [by] : issuer === undefined ? [client] : [client, issuer]);
}
