// Knows: which parts of the configuration take effect only at a start of the process.
// Must not know: who reads them.

import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/config.ts';

/** Dotted path in the file → what stands there. */
const AT_START: Readonly<Record<string, (config: Config) => unknown>> = {
  'server.port': ({ server }) => server.port,
  'server.host': ({ server }) => server.host,
  'server.tls': ({ server }) => server.tls,
  'telemetry.log': ({ telemetry }) => telemetry.log,
  'telemetry.metrics': ({ telemetry }) => telemetry.metrics,
  // Nothing is measured where nobody may look; who may, is read again.
  'telemetry.metricsRoles': ({ telemetry: { metrics, metricsRoles } }) =>
    metrics !== undefined || metricsRoles !== undefined,
  'telemetry.traces': ({ telemetry }) => telemetry.traces,
  'telemetry.audit': ({ telemetry }) => telemetry.audit,
  state: ({ state }) => state,
  'policy.reload': ({ policy: { reload } }) => [reload.pollMs, reload.settleMs],
};

/** `server.port needs a restart`: one line for each part that has changed and goes on as it was. */
export function restartNeeded(before: Config, after: Config): readonly string[] {
  return Object.entries(AT_START).flatMap(([path, of]) =>
    isDeepStrictEqual(of(before), of(after)) ? [] : [`${path} needs a restart`],
  );
}
