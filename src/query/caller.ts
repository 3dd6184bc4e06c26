// Knows: who asks: the name, the roles and the claims that credentials have proven.
// Must not know: credentials, how they are checked, what a role may do.

import type { Json } from '../model/value.ts';

export interface Caller {
  /** For the audit record and for limits: the name of a configured client, the subject of a token. Never a credential. */
  readonly client: string;
  /** In the order of the configuration; without any, nothing may be done. */
  readonly roles: readonly string[];
  /** What row rules may refer to as `@claims.name`; `sub` and `client` are always there. */
  readonly claims: Readonly<Record<string, Json>>;
  readonly by: 'anonymous' | 'development' | 'key' | 'token' | 'certificate';
}
