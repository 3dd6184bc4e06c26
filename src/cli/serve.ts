// Knows: the life of a serving gateway: start, tell where it is, drain on a signal.
// Must not know: how requests are answered.

import type { Config } from '../config/config.ts';
import { Fault, toFault } from '../fault.ts';
import { createFacades } from '../gateway.ts';
import { pause } from '../guard/guard.ts';
import { type Listening, listen } from '../http/listen.ts';
import type { Observe } from '../observe.ts';
import { type State, stateOf } from '../state/state.ts';
import { type Command, type Given, type Surroundings, textOf, UsageError } from './command.ts';
import { examples, firstKey, showcase } from './examples.ts';
import { createLog, logThreshold } from './log.ts';
import { CONFIG, type Opened, openConfigured } from './opening.ts';

export const serve: Command = {
  doc: [
    'Problems of the configuration are listed with file, line and column, and nothing is served. A source that is',
    'down disables only its own fields; it is asked again until it is back. SIGTERM and SIGINT drain: requests that',
    'run may end, then the exit code is 0; a second signal ends at once.',
    '',
    'The environment variable PORT gives the port where --port does not; OVERPUNCH_LOG says what the log on standard',
    'error begins with: debug, info, warn, error or silent.',
  ].join('\n'),
  flags: {
    config: CONFIG,
    port: { type: 'string', value: 'N', doc: 'Port to listen on; 0 takes a free one' },
    host: { type: 'string', value: 'H', doc: 'Address to listen on; 0.0.0.0 for all of them' },
  },
  async run(given, surroundings) {
    const asked = askedPort(given, surroundings);
    const file = textOf(given, 'config') ?? '';
    const opened = await openConfigured(file, surroundings, (secrets) =>
      createLog(
        { terminal: process.stderr.isTTY, write: (text) => process.stderr.write(text) },
        logThreshold(surroundings.env['OVERPUNCH_LOG']),
        secrets,
      ),
    );
    if (opened === undefined) return 1;
    await using gateway = opened.gateway;
    const { config, observe } = opened;
    crashOn(observe);

    using kept = keptState(config, surroundings);
    if (kept === undefined) return 1;
    const app = await createFacades(gateway, config, { version: surroundings.version, observe, ...kept });
    const host = textOf(given, 'host') ?? config.server.host;
    const port = asked ?? config.server.port ?? DEFAULT_PORT;
    let listening: Listening;
    try {
      listening = await listen(app, { host, port, requestMs: config.policy.http.requestMs });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      surroundings.complain(error.message);
      return 1;
    }
    const stopping = signalled();
    observe({
      kind: 'started',
      url: listening.url,
      sources: config.sources.length,
      collections: gateway.catalog.collections.size,
    });
    surroundings.out(await greeting(opened, listening, config.policy.source.checkMs));

    const reason = await stopping;
    gateway.stopWatching();
    await listening.close(config.policy.http.drainMs);
    observe({ kind: 'stopped', reason });
    return 0;
  },
};

const DEFAULT_PORT = 4000;

/** What survives this process, if anything is to; undefined: it cannot be had, and that has been said. */
function keptState(
  config: Config,
  surroundings: Surroundings,
): ({ readonly state?: State } & Disposable) | undefined {
  try {
    const state = stateOf(config.state, config.folder);
    return { ...(state === undefined ? {} : { state }), [Symbol.dispose]: () => state?.[Symbol.dispose]() };
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

/** An error that nobody caught is our own bug: it is logged, redacted, and the process ends. */
function crashOn(observe: Observe): void {
  process.on('uncaughtException', (error) => {
    observe({ kind: 'fault', fault: toFault(error) });
    process.exit(1);
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
  if (process.env['npm_lifecycle_event'] !== undefined) void orphaned().then(() => resolve('npm has ended'));
  return promise;
}

/** How often to look whether the shell of `npm start` is still there, in milliseconds. */
const PARENT_LOOK_MS = 250;

/** The shell between npm and us dies of SIGTERM without passing it on: then nobody is left to stop us. */
async function orphaned(): Promise<void> {
  const parent = process.ppid;
  while (process.ppid === parent) await pause(PARENT_LOOK_MS, new AbortController().signal);
}

/** Where everything is, and three requests to paste. */
async function greeting({ config, gateway }: Opened, { url }: Listening, waitMs: number): Promise<string> {
  const reachable = url.replace(/^(http:\/\/)(0\.0\.0\.0|\[::\])/, '$1127.0.0.1');
  const collection = showcase(gateway.catalog);
  const requests =
    collection === undefined
      ? []
      : examples(
          gateway.catalog,
          reachable,
          collection,
          await firstKey(collection, gateway.execute, AbortSignal.timeout(waitMs)),
        );
  const down = gateway.health().filter(({ state }) => state === 'down');
  return [
    `${config.server.title} is ready.`,
    '',
    `  GraphiQL        ${reachable}/graphql`,
    `  REST reference  ${reachable}/docs`,
    `  Health          ${reachable}/health`,
    ...down.map(({ source, fault }) => `  Source ${source} is down: ${fault?.message ?? 'no answer'}`),
    ...(requests.length === 0 ? [] : ['', 'Try:', '']),
    ...requests.map((request) => `  ${request}`),
    '',
  ].join('\n');
}
