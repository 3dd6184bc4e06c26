// Knows: how a source of the configuration becomes one that can be opened, kept and compared with that of the next configuration.
// Must not know: adapters, how sources live.

import { cacheOf } from '../cache/configured.ts';
import type { Memory } from '../cache/memory.ts';
import type { Config, SourceConfig } from '../config/config.ts';
import { hostOf } from '../config/host.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Observe } from '../observe.ts';
import type { Tracer } from '../query/trace.ts';
import type { SourceDeclaration } from '../run/sources/sources.ts';
import { traced } from '../run/sources/traced.ts';

/** What stands around sources beside their guards: answers of all of them share one memory. */
interface Around {
  readonly memory: Memory;
  readonly observe: Observe;
  readonly tracer: Tracer | undefined;
}

export function declare(
  source: SourceConfig,
  config: Config,
  secrets: Secrets,
  { tracer, ...keeping }: Around,
): SourceDeclaration {
  const { name, adapter, options, collections, timeoutMs, guards } = source;
  const { folder, policy, freshness } = config;
  return {
    name,
    adapter: adapter.name,
    collections,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(guards === undefined ? {} : { guards }),
    host: hostOf(name, config, secrets),
    declared: {
      adapter: adapter.name,
      options,
      timeoutMs,
      guards,
      folder,
      policy: policy.source,
      run: policy.run,
      // Of operations nobody knows beforehand whose they are.
      fresh: [collections.map((own) => freshness.collections[own]), freshness.operations],
    },
    open: async (host) => {
      const opened = await adapter.open(options, host);
      return tracer === undefined ? opened : traced({ source: name, adapter: adapter.name }, opened, tracer);
    },
    around: cacheOf(freshness, { ...keeping, behindMs: timeoutMs ?? policy.source.timeoutMs }),
  };
}
