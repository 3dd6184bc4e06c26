// Knows: which files `server.tls` names, and that they are watched.
// Must not know: what stands in them, servers.

import { resolve } from 'node:path';
import type { Observe } from '../observe.ts';
import type { Config } from './config.ts';
import { onFileChange } from './file-changes.ts';

/** `tls` for the listener, where the configuration has it. */
export function tlsParts({ folder, server }: Pick<Config, 'folder' | 'server'>, observe: Observe) {
  const { tls } = server;
  if (tls === undefined) return {};
  const { clients } = tls;
  const files = {
    certificate: resolve(folder, tls.certificate),
    key: resolve(folder, tls.key),
    ...(clients === undefined
      ? {}
      : { clients: { ...clients, authorities: resolve(folder, clients.authorities) } }),
  };
  return { tls: { files, observe, watch: onFileChange } };
}
