// Knows: who watches a serving gateway: the log on standard error, and what the configuration names.
// Must not know: what happens, how it is told.

import { resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Secrets } from '../config/secrets.ts';
import { Fault } from '../fault.ts';
import { healthPage, healthReport } from '../http/health.ts';
import { type Listening, listen } from '../http/listen.ts';
import { watchersPages } from '../http/metrics.ts';
import type { Living } from '../serving/living.ts';
import { createTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import type { Surroundings } from './command.ts';
import { createLog, logThreshold } from './log.ts';
import { errorOutput } from './log-target.ts';
import type { Configured } from './opening.ts';

/** Undefined after it has been told what cannot be watched as the configuration says. */
export async function watched(
  configured: Configured,
  surroundings: Surroundings,
): Promise<Telemetry | undefined> {
  try {
    return await watching(configured, surroundings);
  } catch (error) {
    if (!(error instanceof Fault && error.misconfigured)) throw error;
    surroundings.complain(configured.secrets.redact(error.message));
    return undefined;
  }
}

async function watching(
  { secrets, config: { telemetry, folder } }: Configured,
  { env, version }: Surroundings,
): Promise<Telemetry> {
  const level = logThreshold(env['OVERPUNCH_LOG'], telemetry.log.level);
  const log = await createLog(errorOutput(), level, secrets);
  const { metrics, metricsRoles, traces, audit } = telemetry;
  return await createTelemetry({
    metrics: metrics !== undefined || metricsRoles !== undefined,
    ...(traces === undefined
      ? {}
      : { traces: { ...traces, headers: await headersOf(traces.headers, secrets) } }),
    ...(audit === undefined
      ? {}
      : { audit: { ...audit, file: audit.file === '-' ? '-' : resolve(folder, audit.file) } }),
    version,
    log,
    redact: (text) => secrets.redact(text),
  });
}

async function headersOf(
  references: Readonly<Record<string, Parameters<Secrets['read']>[0]>>,
  secrets: Secrets,
): Promise<Readonly<Record<string, string>>> {
  const read = Object.entries(references).map(
    async ([name, reference]): Promise<[string, string]> => [name, await secrets.read(reference)],
  );
  return Object.fromEntries(await Promise.all(read));
}

const NOTHING_YET = { health: () => [], cached: () => ({ answers: 0, bytes: 0 }) };

/** The port for whoever watches the gateway. Undefined: none is configured. Throws where the address cannot be had. */
export async function listenForWatchers(
  { telemetry: { metrics: options } }: Config,
  { metrics }: Pick<Telemetry, 'metrics'>,
  living: Pick<Living, 'serving' | 'standing'>,
): Promise<Listening | undefined> {
  if (options === undefined || metrics === undefined) return undefined;
  const health = () => living.serving()?.gateway.health() ?? [];
  const shown = { type: metrics.type, text: () => metrics.text(living.serving()?.gateway ?? NOTHING_YET) };
  return await listen(
    watchersPages(shown, (path) => healthPage(path, () => healthReport(health(), living.standing()))),
    options,
  );
}
