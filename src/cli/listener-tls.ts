// Knows: TLS of the listener as the configuration has it, for who serves and for who only checks.
// Must not know: sockets.

import type { Config } from '../config/config.ts';
import type { Problem } from '../config/problem.ts';
import { tlsFiles } from '../config/tls-files.ts';
import { Fault } from '../fault.ts';
import { readCertificates, type TlsParts } from '../http/certificates.ts';
import type { Observe } from '../observe.ts';
import { fileChanges } from '../serving/on-file-change.ts';

/** For `listen`; nothing where the configuration has no TLS. */
export function listenerTls(config: Config, observe: Observe): { readonly tls?: TlsParts } {
  const files = tlsFiles(config);
  return files === undefined ? {} : { tls: { files, observe, watch: fileChanges(config.policy.reload) } };
}

/** What is wrong with its files, at its place in the configuration. */
export async function tlsProblems(config: Config): Promise<readonly Problem[]> {
  const files = tlsFiles(config);
  if (files === undefined) return [];
  try {
    await readCertificates(files);
    return [];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return [config.problem(['server', 'tls'], error.message)];
  }
}
