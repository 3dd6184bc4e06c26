// Knows: the life of one source: open, check, go down, come back, dispose; and what can be said of how it is.
// Must not know: what it is, who asks it, how many hold it.

import { isDeepStrictEqual } from 'node:util';
import { Fault, type FaultKind, toFault } from '../fault.ts';
import { createGuards, type GuardWishes, guardSettings, pause } from '../guard/guard.ts';
import type { Contribution } from '../model/catalog.ts';
import type { Observe } from '../observe.ts';
import type { Policy } from '../policy.ts';
import type { SourceHealth } from '../query/request.ts';
import type { Host, Source } from '../spi.ts';
import type { BudgetStore } from '../state/budgets.ts';
import { type Finishing, finishing } from './finishing.ts';
import { madeOf } from './made-of.ts';
import { undertaken } from './undertaken.ts';

/** A source as the configuration names it, its adapter already loaded and its options already valid. */
export interface SourceDeclaration {
  readonly name: string;
  readonly adapter: string;
  /** Names of the collections that it is going to offer, known without opening it. */
  readonly collections: readonly string[];
  readonly timeoutMs?: number;
  readonly host: Host;
  /**
   * All that the configuration says of it: a source of an equal declaration is the same source. Plain data, compared deeply. Absent: no other
   * declaration is equal.
   */
  readonly declared?: unknown;
  open(host: Host): Promise<Source>;
  /** What the configuration says of the guards around it; the rest is as in the policy. */
  readonly guards?: GuardWishes;
  /** What answers in its place where it can: its cache. It stands inside of what refuses to answer at all, outside of all other guards. */
  around?(guarded: Source): Source;
}

export interface KeptSource extends AsyncDisposable {
  readonly name: string;
  readonly collections: readonly string[];
  /** The first attempt to open and check it has ended, however it ended. */
  readonly tried: Promise<void>;
  /** The source with everything around it; throws the fault of one that could not be opened. */
  source(): Source;
  /** Absent: it could not be opened yet and could not say what it looks like. */
  contribution(): Contribution | undefined;
  fault(): Fault | undefined;
  health(): SourceHealth;
  /** Whether a source of this declaration, opened today, would be this one. */
  isOf(declaration: SourceDeclaration): Promise<boolean>;
  /** Absolute paths of files that it was made of. */
  files(): readonly string[];
  /** Whether they, and its secrets, are as it read them. */
  unchanged(): Promise<boolean>;
}

export interface KeepingParts {
  /** Its state is another. */
  onChange?(health: SourceHealth): void;
  /** It could say for the first time what it looks like. */
  onModel?(source: string): void;
  /** Blots out secrets: what drivers say of a failure may hold one. */
  redact?(text: string): string;
  /** Learns of calls and of the breaker. */
  readonly observe?: Observe;
  /** Where it is kept what has been spent of the budgets of the day. */
  readonly budgets?: BudgetStore;
}

/** Faults of a call that say something of the source, not of the question. */
const TELLING: ReadonlySet<FaultKind> = new Set([
  'corrupt',
  'upstream',
  'unavailable',
  'timeout',
  'throttled',
  'internal',
]);

/** Begins at once to open and check it. While it is down it is asked again every `policy.source.reopenMs`. */
export function keepSource(
  declaration: SourceDeclaration,
  policy: Policy,
  { onChange, onModel, redact = (text) => text, observe, budgets }: KeepingParts = {},
): KeptSource {
  const { name, adapter, collections, timeoutMs, around } = declaration;
  const closing = new AbortController();
  const made = madeOf(declaration.host);
  const guards = createGuards({
    ...guardSettings(name, policy.source, {
      ...declaration.guards,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    }),
    ...(observe === undefined ? {} : { observe }),
    ...(budgets === undefined ? {} : { budgets }),
  });
  let opening: Promise<void> | undefined;
  let source: Source | undefined;
  let changes: Finishing | undefined;
  let fault: Fault | undefined;
  let lastFault: SourceHealth['lastFault'];
  let since = now();
  let good = false;
  let recovering = false;

  const health = (): SourceHealth => {
    const latencyMs = guards.latencyMs();
    return {
      source: name,
      adapter,
      state: fault === undefined ? 'up' : 'down',
      since,
      ...(fault === undefined ? {} : { fault: toldOf(fault, redact) }),
      ...(lastFault === undefined ? {} : { lastFault }),
      ...(latencyMs === undefined
        ? {}
        : { latencyMs: { median: rounded(latencyMs.median), p99: rounded(latencyMs.p99) } }),
      guards: guards.state(),
    };
  };

  const settle = (met: Fault | undefined): void => {
    const changed = (fault === undefined) !== (met === undefined);
    if (changed) since = now();
    fault = met;
    if (changed) onChange?.(health());
    if (met === undefined) good = true;
    // What it was opened with is wrong: asking again mends nothing. What was good once is not the configuration's fault.
    else if (good || !met.misconfigured) void recover();
  };

  const quiet = (): boolean => guards.state().quietUntil !== undefined;

  const adopt = async (opened: Source): Promise<void> => {
    if (closing.signal.aborted) return await opened[Symbol.asyncDispose]();
    changes = finishing(undertaken(opened));
    source = guards.around(changes.source, {
      onFault: judge,
      ...(around === undefined ? {} : { cache: around }),
    });
    onModel?.(name);
  };

  /** An adapter that takes too long is not given up: what it opens in the end is taken. Meanwhile the source is down. */
  const open = async (): Promise<void> => {
    opening ??= declaration
      .open({ ...made.host, quiet })
      .then(adopt)
      .finally(() => {
        opening = undefined;
      });
    const ended = new AbortController();
    const end = (): void => ended.abort();
    const { openMs } = policy.source;
    try {
      const late = pause(openMs, ended.signal).then(() => {
        throw new Fault('timeout', `It could not be opened within ${openMs} ms`, { code: 'open-timeout' });
      });
      late.catch(() => {});
      closing.signal.addEventListener('abort', end, { once: true });
      await Promise.race([opening, late]);
    } finally {
      end();
      closing.signal.removeEventListener('abort', end);
    }
  };

  const attempt = async (): Promise<void> => {
    try {
      // At a start also in a quiet window: what has a saved model is not asked for it.
      if (source === undefined) await open();
      // Nobody knows how it is: what was known stays.
      if (quiet()) return;
      await source?.check(closing.signal);
      if (!closing.signal.aborted) settle(undefined);
    } catch (error) {
      const met = toFault(error).at({ source: name });
      if (!closing.signal.aborted) settle(met);
    }
  };

  /** A fault that a request met: the source is gone; or it may be damaged as a whole, which its check decides. */
  function judge(met: Fault): void {
    if (met.code === 'cancelled' || closing.signal.aborted) return;
    if (TELLING.has(met.kind)) lastFault = { at: now(), ...toldOf(met, redact) };
    if (met.kind === 'timeout' || met.kind === 'unavailable') settle(met);
    else if (met.kind === 'corrupt' || met.kind === 'upstream') void recover();
  }

  /** At most one attempt at a time, the first after a pause, until it is up or nobody keeps it any more. */
  async function recover(): Promise<void> {
    if (recovering) return;
    recovering = true;
    do {
      await pause(policy.source.reopenMs, closing.signal);
      if (!closing.signal.aborted && !quiet()) await attempt();
    } while (fault !== undefined && !closing.signal.aborted);
    recovering = false;
  }

  /** One that is down is being asked anyway; one that is left alone is left alone. */
  const lookAfter = async (): Promise<void> => {
    const { checkEveryMs } = policy.source;
    while (checkEveryMs > 0 && !closing.signal.aborted) {
      await pause(checkEveryMs, closing.signal);
      if (!recovering && source !== undefined && !quiet() && !closing.signal.aborted) await attempt();
    }
  };

  const tried = attempt();
  void tried.then(lookAfter);
  return {
    name,
    collections,
    tried,
    source() {
      if (source !== undefined) return source;
      throw fault ?? new Fault('unavailable', 'The source could not be opened', { source: name });
    },
    contribution: () => (source === undefined ? undefined : { source: name, ...source.model }),
    fault: () => fault,
    health() {
      const stale = fault === undefined && !closing.signal.aborted ? source?.stale?.() : undefined;
      if (stale !== undefined) settle(stale.at({ source: name }));
      return health();
    },
    async isOf(other) {
      if (declaration.declared === undefined || !isDeepStrictEqual(declaration.declared, other.declared))
        return false;
      // What a change of the configuration was needed for may have been mended outside of its text.
      if (source === undefined && fault?.misconfigured === true) return false;
      return await made.unchanged();
    },
    files: () => made.files(),
    unchanged: () => made.unchanged(),
    async [Symbol.asyncDispose]() {
      closing.abort();
      // A change whose client has left is carried out to its end all the same.
      const waited = new AbortController();
      await Promise.race([changes?.finished(), pause(policy.http.drainMs, waited.signal)]);
      waited.abort();
      guards[Symbol.dispose]();
      await source?.[Symbol.asyncDispose]();
    },
  };
}

/** To tenths of a millisecond. */
function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function toldOf({ kind, told }: Fault, redact: (text: string) => string) {
  return { kind, code: told.code, message: redact(told.message) };
}

function now(): string {
  return Temporal.Now.instant().toString({ smallestUnit: 'millisecond' });
}
