// Knows: which kinds of credentials a configuration accepts, for who tells clients of them.
// Must not know: how they are checked, where they are told.

import type { Config } from './config.ts';

export interface AcceptedCredentials {
  readonly credentials: readonly ('key' | 'token' | 'certificate')[];
  /** Some of it is shown to who shows none. */
  readonly anonymous: boolean;
}

/** Undefined where nobody is asked who it is. */
export function acceptedBy({
  access,
  server,
}: Pick<Config, 'access' | 'server'>): AcceptedCredentials | undefined {
  if (access?.development === true) return undefined;
  const { clients = {}, clientsFile, tokens = [], anonymous } = access ?? {};
  const known = Object.values(clients);
  return {
    credentials: [
      ...(clientsFile !== undefined || known.some(({ keys }) => keys.length > 0) ? (['key'] as const) : []),
      ...(tokens.length > 0 ? (['token'] as const) : []),
      ...(server.tls?.clients === undefined ? [] : (['certificate'] as const)),
    ],
    anonymous: anonymous !== undefined,
  };
}

/** What GraphiQL's editor of headers begins with, so that a stranger sees where a credential is typed in. */
export function editorHeaders(
  accepted: AcceptedCredentials | undefined,
): Readonly<Record<string, string>> | undefined {
  if (accepted === undefined || accepted.anonymous) return undefined;
  if (accepted.credentials.includes('key')) return { 'X-Api-Key': '' };
  return accepted.credentials.includes('token') ? { Authorization: 'Bearer ' } : undefined;
}
