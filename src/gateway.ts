// Knows: how everything is put together: configuration → sources → catalog → `execute` → facades. THE composition.
// Must not know: the command line, files other than through what it puts together.

import type { Config, SourceConfig } from './config/config.ts';
import { hostOf } from './config/host.ts';
import type { Path, Problem } from './config/problem.ts';
import type { Secrets } from './config/secrets.ts';
import type { Fault } from './fault.ts';
import { buildCatalog } from './model/build-catalog.ts';
import type { Catalog } from './model/catalog.ts';
import type { Remark } from './model/type.ts';
import type { Observe } from './observe.ts';
import type { Execute, Invoke, SourceHealth, Write } from './query/request.ts';
import type { Watch } from './query/watching.ts';
import { createInvoke } from './run/invoke.ts';
import { createExecute } from './run/run.ts';
import { openSources, type SourceDeclaration } from './run/sources.ts';
import { createWatch } from './run/watch.ts';
import { createWrite } from './run/write.ts';
import type { State } from './state/state.ts';

export interface Gateway extends AsyncDisposable {
  readonly catalog: Catalog;
  readonly execute: Execute;
  readonly invoke: Invoke;
  readonly write: Write;
  readonly watch: Watch;
  /** Ends every watch and lets none begin: they would hold up the end of the server for as long as clients like. */
  stopWatching(): void;
  /** What only a change of the configuration can mend: with any of these the gateway must not serve. */
  readonly problems: readonly Problem[];
  health(): readonly SourceHealth[];
  /** What sources have that the API does not show, or shows under another name. */
  readonly remarks: readonly SourceRemark[];
}

export interface SourceRemark extends Remark {
  readonly source: string;
}

/** Opens and checks every source; one that is down is no problem, it comes back by itself. */
export async function openGateway(config: Config, secrets: Secrets, observe: Observe): Promise<Gateway> {
  const { policy } = config;
  const sources = await openSources(
    config.sources.map((source) => declare(source, config, secrets)),
    policy,
    (health) => observe({ kind: 'source', health }),
  );
  const { catalog, problems } = buildCatalog(sources.contributions, config.relations, sources.absent);
  const stopping = new AbortController();
  return {
    catalog,
    execute: createExecute({ catalog, policy, source: (name) => sources.source(name) }),
    invoke: createInvoke({ catalog, source: (name) => sources.source(name) }),
    write: createWrite({ catalog, policy, source: (name) => sources.source(name) }),
    watch: createWatch({
      catalog,
      policy,
      source: (name) => sources.source(name),
      stopping: stopping.signal,
    }),
    stopWatching: () => stopping.abort(),
    problems: [
      ...sources.misconfigured.flatMap(({ source, fault }) => faultProblems(config, source, fault)),
      ...problems.map(({ path, message }) => config.problem(path, message)),
    ],
    health: () => sources.health(),
    remarks: sources.contributions.flatMap(({ source, remarks = [] }) =>
      remarks.map((remark) => ({ source, ...remark })),
    ),
    [Symbol.asyncDispose]: () => {
      stopping.abort();
      return sources[Symbol.asyncDispose]();
    },
  };
}

function declare(source: SourceConfig, config: Config, secrets: Secrets): SourceDeclaration {
  const { name, adapter, options, collections, timeoutMs } = source;
  return {
    name,
    adapter: adapter.name,
    collections,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    host: hostOf(name, config, secrets),
    open: (host) => adapter.open(options, host),
  };
}

/** A fault that its source can do nothing about, at the collection of the file that it concerns. */
function faultProblems(config: Config, source: string, fault: Fault): readonly Problem[] {
  const pathOf = (collection: string | undefined): Path =>
    collection === undefined ? ['sources', source] : ['sources', source, 'collections', collection];
  const own = pathOf(fault.place.collection);
  if (fault.errors.length === 0) return [config.problem(own, withHint(fault.message, fault.place.hint))];
  return fault.errors.map(({ message, collection, hint }) =>
    config.problem(collection === undefined ? own : pathOf(collection), withHint(message, hint)),
  );
}

function withHint(message: string, hint: string | undefined): string {
  return hint === undefined || message.includes(hint) ? message : `${message} (${hint})`;
}

export interface AppOptions {
  readonly version: string;
  readonly observe: Observe;
  /** Absent: what must survive the process is kept in memory. */
  readonly state?: State;
}

/** Both facades over an opened gateway. They are loaded here, so that a check need not wait for them. */
export async function createFacades(
  gateway: Gateway,
  config: Config,
  { version, observe, state }: AppOptions,
) {
  const [{ createApp }, { createGraphql }] = await Promise.all([
    import('./http/server.ts'),
    import('./graphql/yoga.ts'),
  ]);
  const { catalog, execute, invoke, write, watch } = gateway;
  const { policy, server } = config;
  return createApp({
    catalog,
    execute,
    invoke,
    write,
    watch,
    policy,
    health: gateway.health,
    graphql: createGraphql({
      catalog,
      execute,
      invoke,
      write,
      watch,
      policy,
      onFault: (fault, requestId) => observe({ kind: 'fault', fault, requestId }),
    }),
    observe,
    rates: config.limits,
    ...(server.cors === undefined ? {} : { cors: server.cors }),
    trustedProxies: server.trustedProxies,
    ...(state === undefined ? {} : { answers: state.answers }),
    title: server.title,
    version,
  });
}
