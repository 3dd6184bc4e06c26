// Knows: how the `access` of a configuration becomes the way in.
// Must not know: credentials, servers.

import { createAuthenticate } from '../auth/create-authenticate.ts';
import type { Issuers } from '../auth/issuers.ts';
import { accessFiles } from '../config/access-files.ts';
import type { Config } from '../config/config.ts';
import { Fault } from '../fault.ts';
import type { Observe } from '../observe.ts';
import { fileChanges } from '../serving/on-file-change.ts';

/** A file of `access` that cannot be used is a problem of the configuration, and then nobody is let in. */
export async function openAccess(config: Config, observe: Observe, issuers: Issuers) {
  const files = accessFiles(config, fileChanges(config.policy.reload));
  try {
    const roles = Object.keys(config.roles);
    const authenticating = await createAuthenticate(config.access, { roles, observe, issuers, ...files });
    return { authenticating, problems: [] };
  } catch (error) {
    if (!(error instanceof Fault && error.misconfigured)) throw error;
    const authenticating = await createAuthenticate(undefined, { roles: [], observe, ...files });
    return { authenticating, problems: [config.problem(['access'], error.message)] };
  }
}
