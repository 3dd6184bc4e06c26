// Knows: what the configuration lends to the adapter of one of its sources: its folder, its secrets.
// Must not know: adapters.

import { resolve } from 'node:path';
import type { Host } from '../spi.ts';
import type { Config } from './config.ts';
import type { Secrets } from './secrets.ts';

export function hostOf(source: string, { folder, policy }: Config, secrets: Secrets): Host {
  return {
    source,
    path: (relative) => resolve(folder, relative),
    secret: (reference) => secrets.read(reference),
    sliceMs: policy.run.sliceMs,
  };
}
