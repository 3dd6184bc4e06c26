// Knows: which files `server.tls` names.
// Must not know: what stands in them, servers.

import { resolve } from 'node:path';
import type { Config } from './config.ts';

/** Absolute paths, for the listener; undefined: it has no TLS. */
export function tlsFiles({ folder, server }: Pick<Config, 'folder' | 'server'>) {
  const { tls } = server;
  if (tls === undefined) return undefined;
  const { clients } = tls;
  return {
    certificate: resolve(folder, tls.certificate),
    key: resolve(folder, tls.key),
    ...(clients === undefined
      ? {}
      : { clients: { ...clients, authorities: resolve(folder, clients.authorities) } }),
  };
}
