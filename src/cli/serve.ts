// Knows: the life of a serving gateway: start, tell where it is, drain on a signal.
// Must not know: how requests are answered.

import { closeSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { DEVELOPER } from '../auth/developer.ts';
import type { Config } from '../config/config.ts';
import { Fault, toFault } from '../fault.ts';
import { pause } from '../guard/guard.ts';
import { type Listening, listen } from '../http/listen.ts';
import { createLiving, type Living } from '../serving/living.ts';
import { type Sights, sights, type WatchingHow, watchFiles } from '../serving/watched-files.ts';
import { type State, stateOf } from '../state/state.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { type Command, type Given, type Surroundings, textOf, UsageError } from './command.ts';
import { examples, firstKey, showcase } from './examples.ts';
import { listenerTls } from './listener-tls.ts';
import { CONFIG, listed, type Opened, readConfig, readConfigured } from './opening.ts';
import { listenForWatchers, watched } from './watching.ts';

export const serve: Command = {
  doc: [
    'Problems of the configuration are listed with file, line and column, and nothing is served. A source that is',
    'down disables only its own fields; it is asked again until it is back. SIGTERM and SIGINT drain: requests that',
    'run may end, then the exit code is 0; a second signal ends at once.',
    '',
    'When the file changes, and at SIGHUP, it is read again: if everything in it is right, it takes the place of the one',
    'before, without a request being cut; else the one before goes on, and the log and /health say why.',
    '',
    'The environment variable PORT gives the port where --port does not; OVERPUNCH_LOG says what the log on standard',
    'error begins with, whatever the configuration says: debug, info, warn, error or silent.',
  ].join('\n'),
  flags: {
    config: CONFIG,
    port: { type: 'string', value: 'N', doc: 'Port to listen on; 0 takes a free one' },
    host: { type: 'string', value: 'H', doc: 'Address to listen on; 0.0.0.0 for all of them' },
    'no-watch': {
      type: 'boolean',
      doc: 'Do not read a changed configuration by yourself; SIGHUP still does',
    },
  },
  async run(given, surroundings) {
    const asked = askedPort(given, surroundings);
    const file = textOf(given, 'config') ?? '';
    const stopping = signalled();
    let living: Living | undefined;
    process.on('SIGHUP', () => void living?.reload());
    const seen = await sights([resolve(file)]);
    const configured = await readConfigured(file, surroundings);
    if (configured === undefined) return 1;
    const { config, secrets } = configured;
    const telemetry = await watched(configured, surroundings);
    if (telemetry === undefined) return 1;
    const { observe } = telemetry;
    crashOn(telemetry);

    using state = keptState(config, surroundings);
    if (state === undefined) return 1;
    living = createLiving({
      config,
      secrets,
      read: () => readConfig(file),
      app: { version: surroundings.version, observe, telemetry, state, counters: new Map() },
    });
    const host = textOf(given, 'host') ?? config.server.host;
    const port = asked ?? config.server.port ?? DEFAULT_PORT;
    let listening: Listening;
    let watchers: Listening | undefined;
    try {
      watchers = await listenForWatchers(config, telemetry, living);
      listening = await listen(living.handler, {
        host,
        port,
        requestMs: config.policy.http.requestMs,
        ...listenerTls(config, observe),
      });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      surroundings.complain(error.message);
      await watchers?.close(0);
      await telemetry.end(TELEMETRY_END_MS);
      return 1;
    }

    const problems = await Promise.race([living.start(), stopping.then(() => [])]);
    if (problems.length > 0) {
      surroundings.complain(secrets.redact(listed(problems)));
      await listening.close(0);
      await living.close();
      await watchers?.close(0);
      await telemetry.end(TELEMETRY_END_MS);
      return 1;
    }
    const serving = living.serving();
    if (serving !== undefined) {
      observe({
        kind: 'started',
        url: listening.url,
        sources: config.sources.length,
        collections: serving.gateway.catalog.collections.size,
        ...(config.access?.development === true ? { development: true } : {}),
      });
      surroundings.out(await greeting(serving, listening, config.policy.source.checkMs, watchers));
    }
    const watching = new AbortController();
    if (given['no-watch'] !== true) {
      void reloadOnChange(living, { ...config.policy.reload, since: seen, signal: watching.signal });
    }

    const reason = await stopping;
    watching.abort();
    const { drainDelayMs, drainMs } = (living.serving()?.config ?? config).policy.http;
    living.drain();
    listening.drain();
    await pause(drainDelayMs, new AbortController().signal);
    living.stopWatching();
    await listening.close(drainMs);
    await living.close();
    observe({ kind: 'stopped', reason });
    await watchers?.close(0);
    await telemetry.end(TELEMETRY_END_MS);
    return 0;
  },
};

/** The configuration is read again whenever it changes, or what its sources were made of does. */
async function reloadOnChange(living: Living, how: WatchingHow & { readonly since: Sights }): Promise<void> {
  const files = () => [...how.since.keys(), ...(living.serving()?.gateway.files() ?? [])];
  const asRead = async () => (await living.serving()?.gateway.unchanged()) ?? true;
  await watchFiles(files, () => living.reload(), { ...how, asRead });
}

const DEFAULT_PORT = 4000;

/** How long the last spans and records may take to leave, in milliseconds. */
const TELEMETRY_END_MS = 5_000;
/** The same after a crash, in milliseconds: nothing can be relied on any more. */
const CRASH_END_MS = 500;

/** What survives this process, and what only its gateways; undefined: it cannot be had, and that has been said. */
function keptState(config: Config, surroundings: Surroundings): State | undefined {
  try {
    return stateOf(config.state, config.folder);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    surroundings.complain(error.message);
    return undefined;
  }
}

/** The flag goes before the environment; an empty PORT is none. */
function askedPort(given: Given, { env }: Surroundings): number | undefined {
  const flag = textOf(given, 'port');
  const text = flag ?? env['PORT'];
  if (text === undefined || text === '') return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 0 && port <= 65_535) return port;
  const name = flag === undefined ? 'The environment variable PORT' : '--port';
  throw new UsageError(`${name} must be a whole number from 0 to 65535`);
}

/** An error that nobody caught is our own bug: it is logged, redacted, and the process ends when the last records are written. */
function crashOn({ observe, end }: Pick<Telemetry, 'observe' | 'end'>): void {
  let crashing = false;
  process.on('uncaughtException', (error) => {
    observe({ kind: 'fault', fault: toFault(error) });
    if (crashing) process.exit(1);
    crashing = true;
    void end(CRASH_END_MS).finally(() => process.exit(1));
  });
}

/** npm and the terminal both pass a Ctrl-C on: what comes within this time, in milliseconds, is the same one. */
const ONE_SIGNAL_MS = 500;
const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;

/** The first signal to stop; a second one ends the process at once, with the code that shells expect. */
function signalled(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let first: number | undefined;
  const onSignal = (signal: keyof typeof SIGNALS): void => {
    if (first === undefined) {
      first = performance.now();
      resolve(signal);
    } else if (performance.now() - first > ONE_SIGNAL_MS) {
      process.exit(128 + SIGNALS[signal]);
    }
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', () => {
    if (isTerminalGone()) resolve('the terminal has been closed');
  });
  if (process.env['npm_lifecycle_event'] !== undefined) void orphaned().then(() => resolve('npm has ended'));
  return promise;
}

/** A terminal that is closed sends the signal by which whoever looks after a service asks for the configuration to be read again. */
function isTerminalGone(): boolean {
  if (!process.stderr.isTTY) return false;
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return false;
  } catch {
    return true;
  }
}

/** How often to look whether the shell of `npm start` is still there, in milliseconds. */
const PARENT_LOOK_MS = 250;

/** The shell between npm and us dies of SIGTERM without passing it on: then nobody is left to stop us. */
async function orphaned(): Promise<void> {
  const parent = process.ppid;
  while (process.ppid === parent) await pause(PARENT_LOOK_MS, new AbortController().signal);
}

/** Where everything is, and three requests to paste. */
async function greeting(
  { config, gateway }: Opened,
  { url }: Listening,
  waitMs: number,
  watchers: Listening | undefined,
): Promise<string> {
  const reachable = url.replace(/^(https?:\/\/)(0\.0\.0\.0|\[::\])/, '$1127.0.0.1');
  const collection = showcase(gateway.catalog);
  const open = config.access?.development === true;
  const requests =
    collection === undefined
      ? []
      : examples(gateway.catalog, reachable, collection, {
          // A key is data: it is shown where everybody may see it anyway.
          ...(open
            ? {
                key: await firstKey(collection, gateway.execute, {
                  caller: DEVELOPER,
                  signal: AbortSignal.timeout(waitMs),
                }),
              }
            : {}),
          withApiKey: !open,
        });
  const down = gateway.health().filter(({ state }) => state === 'down');
  return [
    `${config.server.title} is ready.`,
    '',
    `  GraphiQL        ${reachable}/graphql`,
    `  REST reference  ${reachable}/docs`,
    `  Health          ${reachable}/health`,
    ...(open ? ['', '  DEVELOPMENT MODE: everybody who reaches this address may do everything.'] : []),
    ...(config.access === undefined ? ['', '  Nobody may ask: the configuration has no `access`.'] : []),
    ...(watchers === undefined ? [] : [`  Metrics         ${watchers.url}/metrics`]),
    ...down.map(({ source, fault }) => `  Source ${source} is down: ${fault?.message ?? 'no answer'}`),
    ...(requests.length === 0
      ? []
      : ['', open ? 'Try:' : 'Try, with a key of a client in OVERPUNCH_KEY:', '']),
    ...requests.map((request) => `  ${request}`),
    '',
  ].join('\n');
}
