// Knows: how a gateway lives on while its configuration changes: the new one is opened and validated beside the old one, then takes its place.
// Must not know: sockets, signals, files.

import type { RequestListener } from 'node:http';
import type { Config, ConfigReading } from '../config/config.ts';
import { type Problem, problemText } from '../config/problem.ts';
import type { Secrets } from '../config/secrets.ts';
import { toFault } from '../fault.ts';
import { type AppOptions, createFacades } from '../gateway/facades.ts';
import { createLasting, type Gateway, openGateway } from '../gateway.ts';
import type { Reloaded, Standing } from '../http/health.ts';
import { starting } from '../http/starting.ts';
import { createGeneration, type Generation } from './generation.ts';
import { restartNeeded } from './restart-needed.ts';

export interface LivingParts {
  /** The configuration that it starts with. */
  readonly config: Config;
  /** Reads the file again. */
  read(): Promise<ConfigReading>;
  readonly secrets: Secrets;
  /** For the facades of every gateway. */
  readonly app: Omit<AppOptions, 'standing'>;
}

export interface Living {
  /** Answers from the first moment on: before the start that nothing is served yet. Running requests stay where they began. */
  readonly handler: RequestListener;
  /** Opens everything. Problems: it does not serve, and is to be closed. */
  start(): Promise<readonly Problem[]>;
  /** What serves now; undefined before the start. */
  serving(): { readonly config: Config; readonly gateway: Gateway } | undefined;
  /** Where it is in its life. */
  standing(): Standing;
  /**
   * Reads the configuration again. With any problem the one before goes on. One at a time: who asks while one runs gets the outcome of the
   * next, which begins after it.
   */
  reload(): Promise<Reloaded>;
  /** Not ready any more, and nothing is replaced any more; goes on serving. */
  drain(): void;
  /** Streams of changes are ended and none begins. */
  stopWatching(): void;
  /** Disposes everything, also what still opens. */
  close(): Promise<void>;
}

const STOPPING = 'the gateway is stopping';

export function createLiving({ config: first, read, secrets, app }: LivingParts): Living {
  const { observe } = app;
  const ending = new AbortController();
  const retiring = new Set<Promise<void>>();
  const generations = new Set<Generation>();
  let serving = false;
  let draining = false;
  let reloaded: Reloaded | undefined;
  let current: Generation | undefined;
  /** Sources that were absent when the configuration was taken. */
  let late: ReadonlySet<string> = new Set();

  const inTurn = turns();
  const lasting = createLasting(() => {
    if (!draining) void grow();
  });
  const standing = (): Standing => ({
    phase: draining ? 'draining' : serving ? 'serving' : 'starting',
    ...(reloaded === undefined ? {} : { reload: reloaded }),
  });

  /** It may have become so while something was waited for. */
  const ended = (): boolean => draining;

  /** With a problem the gateway is gone again, and what served before goes on. */
  const open = async (
    config: Config,
    come?: ReadonlySet<string>,
  ): Promise<Generation | readonly Problem[]> => {
    const gateway = await openGateway(config, secrets, observe, {
      lasting,
      ...(come === undefined ? {} : { late: come }),
      ...(app.telemetry === undefined ? {} : { telemetry: app.telemetry }),
      ...(app.state === undefined ? {} : { budgets: app.state.budgets }),
    });
    try {
      if (gateway.problems.length === 0) {
        return createGeneration(gateway, config, await createFacades(gateway, config, { ...app, standing }));
      }
    } catch (error) {
      await gateway[Symbol.asyncDispose]();
      throw error;
    }
    await gateway[Symbol.asyncDispose]();
    return gateway.problems;
  };

  const take = (next: Generation): void => {
    const before = current;
    generations.add(next);
    current = next;
    if (before !== undefined) {
      const gone = before.retire(ending.signal, next.config).finally(() => {
        generations.delete(before);
        retiring.delete(gone);
      });
      retiring.add(gone);
    }
    // While it was put together, another source may have come.
    if (next.gateway.outgrown()) void grow();
  };

  const told = (problems: number, notes: readonly string[]): Reloaded => {
    const outcome: Reloaded = {
      at: Temporal.Now.instant().toString({ smallestUnit: 'millisecond' }),
      problems,
      notes: notes.map((note) => secrets.redact(note)),
    };
    reloaded = outcome;
    observe({ kind: 'reload', problems, notes: outcome.notes });
    return outcome;
  };

  /** The work, if there is something that it can be done to; whatever goes wrong, what serves goes on. */
  const safely = async (work: (before: Generation) => Promise<Reloaded | undefined>): Promise<Reloaded> => {
    try {
      const outcome = current === undefined ? undefined : await work(current);
      if (outcome !== undefined) return outcome;
    } catch (error) {
      const fault = toFault(error);
      observe({ kind: 'fault', fault });
      return told(1, [fault.told.message]);
    }
    return told(1, [STOPPING]);
  };

  const reload = inTurn(() =>
    safely(async (before) => {
      if (draining) return undefined;
      const { config, problems } = await read();
      if (config === undefined) return told(problems.length, problems.map(problemText));
      const next = await open(config);
      if (!('gateway' in next)) return told(next.length, next.map(problemText));
      if (ended()) {
        await next.gateway[Symbol.asyncDispose]();
        return undefined;
      }
      late = new Set(next.gateway.lacking);
      take(next);
      return told(0, [...differences(before, next), ...restartNeeded(first, config)]);
    }),
  );

  /** Sources that were absent have come: the same configuration has more to show. */
  const grow = inTurn(async () => {
    const before = current;
    if (before?.gateway.outgrown() !== true || draining) return;
    await safely(async () => {
      const next = await open(before.config, late);
      if (!('gateway' in next)) return told(next.length, next.map(problemText));
      take(next);
      const { leftOut } = next.gateway;
      return leftOut.length === 0 ? reloaded : told(leftOut.length, leftOut.map(problemText));
    });
  });

  return {
    handler: (req, res) => (current?.handler ?? starting)(req, res),
    start: inTurn(async () => {
      const opened = await open(first);
      if (!('gateway' in opened)) return opened;
      if (ended()) {
        await opened.gateway[Symbol.asyncDispose]();
        return [];
      }
      late = new Set(opened.gateway.lacking);
      take(opened);
      serving = true;
      return [];
    }),
    serving: () => current,
    standing,
    reload,
    drain() {
      draining = true;
    },
    stopWatching() {
      for (const { gateway } of generations) gateway.stopWatching();
    },
    async close() {
      draining = true;
      ending.abort();
      await Promise.all(retiring);
      await current?.gateway[Symbol.asyncDispose]();
      await lasting.sources[Symbol.asyncDispose]();
      lasting.issuers[Symbol.dispose]();
    },
  };
}

/** What a new configuration makes of the sources of the one before. */
function differences(before: Generation, { gateway, config }: Generation): readonly string[] {
  const known = new Set(before.config.sources.map(({ name }) => name));
  const named = new Set(config.sources.map(({ name }) => name));
  return [
    ...gateway.fresh.map((name) => `source ${name} has been opened${known.has(name) ? ' anew' : ''}`),
    ...[...known].filter((name) => !named.has(name)).map((name) => `source ${name} is not there any more`),
  ];
}

/** Pieces of work one after the other. Who asks for one that waits for its turn already gets the outcome of that one. */
function turns() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): (() => Promise<T>) => {
    let waiting: Promise<T> | undefined;
    return () => {
      waiting ??= last.then(() => {
        waiting = undefined;
        return work();
      });
      last = waiting.catch(() => {});
      return waiting;
    };
  };
}
