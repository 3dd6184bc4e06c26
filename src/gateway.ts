// Knows: how a gateway is put together: configuration → sources → catalog → rights → `execute`. THE composition; its parts are in gateway/.
// Must not know: the command line, servers, files other than through what it puts together.

import type { Authenticate } from './auth/authenticate.ts';
import { createIssuers, type Issuers } from './auth/issuers.ts';
import { type Memory, memory } from './cache/memory.ts';
import { freshnessProblems } from './cache/problems.ts';
import type { Config } from './config/config.ts';
import { faultProblems } from './config/fault-problems.ts';
import type { Problem } from './config/problem.ts';
import type { Secrets } from './config/secrets.ts';
import { catalogOf } from './gateway/catalog-of.ts';
import { declare } from './gateway/declare.ts';
import { openAccess } from './gateway/open-access.ts';
import type { Catalog } from './model/catalog.ts';
import type { Remark } from './model/type.ts';
import type { Observe } from './observe.ts';
import type { Execute, Invoke, SourceHealth, Write } from './query/request.ts';
import type { Watch } from './query/watching.ts';
import type { Rights } from './rights/rights.ts';
import { audited } from './run/audited.ts';
import { createInvoke } from './run/invoke.ts';
import type { KeptSource } from './run/kept-source.ts';
import { openRights } from './run/open-rights.ts';
import { createExecute } from './run/run.ts';
import { createShared, type Shared } from './run/shared.ts';
import { openSources } from './run/sources.ts';
import { createWatch } from './run/watch.ts';
import { createWrite } from './run/write.ts';
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
  /** Answers that are kept, and the memory that they take, together with those that are still being read. */
  cached(): { readonly answers: number; readonly bytes: number };
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
  /** Where it is kept what has been spent of the day; absent: with the guards of each source. */
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
    cached: () => ({ answers: lasting.memory.kept, bytes: lasting.memory.used }),
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
