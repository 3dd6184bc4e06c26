// Knows: how everything is put together: configuration → sources → catalog → `execute` → facades. THE composition.
// Must not know: the command line, files other than through what it puts together.

import type { Authenticate } from './auth/authenticate.ts';
import { createAuthenticate } from './auth/create-authenticate.ts';
import { createIssuers, type Issuers } from './auth/issuers.ts';
import { cacheOf } from './cache/configured.ts';
import { type Memory, memory } from './cache/memory.ts';
import { freshnessProblems } from './cache/problems.ts';
import { acceptedBy, editorHeaders } from './config/accepted.ts';
import { accessFiles } from './config/access-files.ts';
import type { Config, SourceConfig } from './config/config.ts';
import { faultProblems } from './config/fault-problems.ts';
import { hostOf } from './config/host.ts';
import type { Problem } from './config/problem.ts';
import type { Secrets } from './config/secrets.ts';
import { Fault } from './fault.ts';
import type { Standing } from './http/health.ts';
import { buildCatalog } from './model/build-catalog.ts';
import type { Catalog } from './model/catalog.ts';
import type { Remark } from './model/type.ts';
import type { Observe } from './observe.ts';
import type { Execute, Invoke, SourceHealth, Write } from './query/request.ts';
import type { Tracer } from './query/trace.ts';
import type { Watch } from './query/watching.ts';
import type { Rights } from './rights/rights.ts';
import { audited } from './run/audited.ts';
import { createInvoke } from './run/invoke.ts';
import type { KeptSource } from './run/kept-source.ts';
import { openRights } from './run/open-rights.ts';
import { createExecute } from './run/run.ts';
import { createShared, type Shared } from './run/shared.ts';
import { openSources, type SourceDeclaration, type Sources } from './run/sources.ts';
import { traced } from './run/traced.ts';
import { createWatch } from './run/watch.ts';
import { createWrite } from './run/write.ts';
import { fileChanges } from './serving/on-file-change.ts';
import type { State } from './state/state.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

export interface Gateway extends AsyncDisposable {
  readonly catalog: Catalog;
  /** What each caller may do; everything that is asked of the gateway is asked by these. */
  readonly rights: Rights;
  readonly execute: Execute;
  readonly invoke: Invoke;
  readonly write: Write;
  readonly watch: Watch;
  readonly authenticate: Authenticate;
  /** Ends every watch and lets none begin: they would hold up the end of the server for as long as clients like. */
  stopWatching(): void;
  /** What only a change of the configuration can mend: with any of these the gateway must not serve. */
  readonly problems: readonly Problem[];
  /** What sources that came late offer and the catalog cannot take: they go on without it. */
  readonly leftOut: readonly Problem[];
  health(): readonly SourceHealth[];
  /** What sources have that the API does not show, or shows under another name. */
  readonly remarks: readonly SourceRemark[];
  /** Names of sources that were opened for this gateway, not taken over from an earlier one. */
  readonly fresh: readonly string[];
  /** Names of sources that could not say what they look like. */
  readonly lacking: readonly string[];
  /** Whether a source that could not say what it looks like can do so by now: a gateway that is opened now has more to show. */
  outgrown(): boolean;
  /** Absolute paths of files that sources were made of, secrets included. */
  files(): readonly string[];
  /** Whether they are as they were read. */
  unchanged(): Promise<boolean>;
}

export interface SourceRemark extends Remark {
  readonly source: string;
}

/** What outlives a gateway: the next one takes over what is the same in its configuration, and both hold it while both live. */
export interface Lasting {
  readonly sources: Shared<KeptSource>;
  /** What answers that are kept take, of all sources together: those of a source that is taken over go on. */
  readonly memory: Memory;
  /** Keys of issuers of tokens. */
  readonly issuers: Issuers;
  /** A source could say for the first time what it looks like. */
  onModel?(source: string): void;
}

/** Until a configuration says how much. */
const NOTHING = { maxBytes: 0, maxAnswerBytes: 0 };

export function createLasting(onModel?: (source: string) => void): Lasting {
  return {
    sources: createShared(),
    memory: memory(NOTHING),
    issuers: createIssuers(),
    ...(onModel === undefined ? {} : { onModel }),
  };
}

export interface OpeningParts {
  readonly lasting?: Lasting;
  /** Sources that come to a gateway that serves already: what they offer is left out where it does not fit, and is no reason not to serve. */
  readonly late?: ReadonlySet<string>;
  /** Where it is kept what has been spent of the day; absent: with the source. */
  readonly budgets?: State['budgets'];
  /** Absent: no spans are made, and accesses are not recorded. */
  readonly telemetry?: Pick<Telemetry, 'tracer' | 'audit'>;
}

/** Opens and checks every source; one that is down is no problem, it comes back by itself. */
export async function openGateway(
  config: Config,
  secrets: Secrets,
  observe: Observe,
  {
    lasting = createLasting(),
    late = new Set(),
    budgets,
    telemetry: { tracer, audit } = {},
  }: OpeningParts = {},
): Promise<Gateway> {
  const { policy } = config;
  const { onModel } = lasting;
  const who = await openAccess(config, observe, lasting.issuers);
  const sources = await openSources(
    config.sources.map((source) =>
      declare(source, config, secrets, { memory: lasting.memory, observe, tracer }),
    ),
    policy,
    {
      shared: lasting.sources,
      onChange: (health) => observe({ kind: 'source', health }),
      redact: (text) => secrets.redact(text),
      observe,
      ...(budgets === undefined ? {} : { budgets }),
      ...(onModel === undefined ? {} : { onModel }),
    },
  );
  const { catalog, absent, problems, leftOut } = catalogOf(sources, config, late);
  const complete = sources.lacking.length === 0;
  const unfresh =
    leftOut.length === 0
      ? freshnessProblems(config.freshness, catalog, { absent: sources.absent, complete })
      : [];
  if (problems.length + unfresh.length === 0) lasting.memory.limit(config.freshness);
  const declared = { ...config, limits: policy.query, read: secrets.read };
  const may = await openRights(declared, catalog, { absent, complete });
  const mistaken = may.problems.map(({ path, message }) => config.problem(path, message));
  const stopping = new AbortController();
  // What each of them needs; with `rights`, of everything only what the caller may.
  const parts = { catalog, policy, rights: may.rights, source: (name: string) => sources.source(name) };
  const asked = {
    execute: createExecute(parts),
    invoke: createInvoke(parts),
    write: createWrite(parts),
    watch: createWatch({
      ...parts,
      stopping: stopping.signal,
      accepts: (caller) => who.authenticating.accepts(caller),
    }),
  };
  return {
    catalog,
    rights: may.rights,
    ...(audit === undefined ? asked : audited(asked, { catalog, observe, refusal: () => audit.refusal() })),
    authenticate: who.authenticating.authenticate,
    stopWatching: () => stopping.abort(),
    problems: [
      ...who.problems,
      ...sources.misconfigured.flatMap(({ source, fault }) => faultProblems(config, source, fault)),
      ...problems,
      ...unfresh.map(({ path, message }) => config.problem(path, message)),
      ...(late.size === 0 ? mistaken : []),
    ],
    // A grant with a mistake grants nothing.
    leftOut: [...leftOut, ...(late.size === 0 ? [] : mistaken)],
    health: () => sources.health(),
    remarks: sources.contributions.flatMap(({ source, remarks = [] }) =>
      remarks.map((remark) => ({ source, ...remark })),
    ),
    fresh: sources.fresh,
    lacking: sources.lacking,
    outgrown: () => sources.outgrown(),
    files: () => sources.files(),
    unchanged: () => sources.unchanged(),
    [Symbol.asyncDispose]: () => {
      stopping.abort();
      who.authenticating[Symbol.dispose]();
      return sources[Symbol.asyncDispose]();
    },
  };
}

/** The catalog of everything that the sources bring; of the late ones only what fits. `absent`: collections that are not in it for now. */
function catalogOf({ contributions, absent: unseen }: Sources, config: Config, late: ReadonlySet<string>) {
  const built = (left: ReadonlySet<string>) => {
    const absent = new Set([
      ...unseen,
      ...config.sources.flatMap(({ name, collections }) => (left.has(name) ? collections : [])),
    ]);
    const { catalog, problems } = buildCatalog(
      contributions.filter(({ source }) => !left.has(source)),
      config.relations,
      absent,
    );
    return { catalog, absent, problems: problems.map(({ path, message }) => config.problem(path, message)) };
  };
  const whole = built(new Set());
  if (whole.problems.length === 0 || late.size === 0) return { ...whole, leftOut: [] };
  const left = new Set(late);
  for (const name of late) {
    left.delete(name);
    if (built(left).problems.length > 0) left.add(name);
  }
  return { ...built(left), leftOut: whole.problems };
}

/** A file of `access` that cannot be used is a problem of the configuration, and then nobody is let in. */
async function openAccess(config: Config, observe: Observe, issuers: Issuers) {
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

/** What stands around sources beside their guards: answers of all of them share one memory. */
interface Around {
  readonly memory: Memory;
  readonly observe: Observe;
  readonly tracer: Tracer | undefined;
}

function declare(
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

export interface AppOptions {
  readonly version: string;
  readonly observe: Observe;
  /** Where the server is in its life; left out, it serves. */
  readonly standing?: () => Standing;
  /** Absent: no spans are made, and there are no metrics. */
  readonly telemetry?: Pick<Telemetry, 'tracer' | 'metrics' | 'audit'>;
  /** Absent: what should outlive a gateway is kept with it. */
  readonly state?: Pick<State, 'answers' | 'budgets'>;
}

/** Both facades over an opened gateway. They are loaded here, so that a check need not wait for them. */
export async function createFacades(gateway: Gateway, config: Config, options: AppOptions) {
  const [{ createApp }, { createGraphql }] = await Promise.all([
    import('./http/server.ts'),
    import('./graphql/yoga.ts'),
  ]);
  const { catalog, rights, execute, invoke, write, watch, health, authenticate } = gateway;
  const { policy, server } = config;
  const { version, observe, standing, telemetry, state } = options;
  const accepted = acceptedBy(config);
  const pageHeaders = editorHeaders(accepted);
  // What both facades ask of the gateway. What else stands before them is a line of `createApp`'s parts below.
  const asked = { execute, invoke, write, watch, policy };
  return createApp({
    ...asked,
    authenticate,
    catalog,
    rights,
    graphql: (shown) =>
      createGraphql({
        ...asked,
        catalog: shown,
        ...(pageHeaders === undefined ? {} : { pageHeaders }),
        onFault: (fault, requestId) => observe({ kind: 'fault', fault, requestId }),
      }),
    health,
    ...(standing === undefined ? {} : { standing }),
    seesFaults: ({ by, roles }) =>
      by === 'development' || roles.some((role) => config.telemetry.metricsRoles?.includes(role) === true),
    ...(accepted === undefined ? {} : { accepted }),
    observe,
    ...watchedBy(telemetry, config.telemetry.metricsRoles, gateway),
    rates: config.limits,
    ...(server.cors === undefined ? {} : { cors: server.cors }),
    trustedProxies: server.trustedProxies,
    ...(state === undefined ? {} : { answers: state.answers }),
    title: server.title,
    version,
  });
}

/** What the server does for who watches it: spans of requests, and metrics for some roles. */
function watchedBy(
  { tracer, metrics }: Pick<Telemetry, 'tracer' | 'metrics'> = {},
  roles: readonly string[] | undefined,
  { health }: Gateway,
) {
  return {
    ...(tracer === undefined ? {} : { tracer }),
    ...(metrics === undefined || roles === undefined
      ? {}
      : { metrics: { roles, type: metrics.type, text: () => metrics.text(health()) } }),
  };
}
