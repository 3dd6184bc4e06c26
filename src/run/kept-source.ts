// Knows: the life of one source: open, check, go down, come back, dispose; and what can be said of how it is.
// Must not know: what it is, who asks it, how many hold it.

import { isDeepStrictEqual } from 'node:util';
import { Fault, type FaultKind, toFault } from '../fault.ts';
import { guard, pause } from '../guard/guard.ts';
import type { Contribution } from '../model/catalog.ts';
import type { Policy } from '../policy.ts';
import type { GuardState, SourceHealth } from '../query/request.ts';
import type { Host, Source } from '../spi.ts';
import { madeOf } from './made-of.ts';

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
  /** What stands around it, through every reopening, for as long as it is kept; left out, only the deadline of each answer. */
  surround?(parts: SurroundingParts): Surrounding;
}

export interface SurroundingParts {
  /** Learns of every fault that the source itself throws; not of those that the guards answer in its place. */
  onFault(fault: Fault): void;
}

export interface Surrounding {
  around(source: Source): Source;
  state?(): GuardState;
  latencyMs?(): SourceHealth['latencyMs'];
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
}

export interface KeepingParts {
  /** Its state is another. */
  onChange?(health: SourceHealth): void;
  /** It could say for the first time what it looks like. */
  onModel?(source: string): void;
  /** Blots out secrets: what drivers say of a failure may hold one. */
  redact?(text: string): string;
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
  { onChange, onModel, redact = (text) => text }: KeepingParts = {},
): KeptSource {
  const { name, adapter, collections } = declaration;
  const closing = new AbortController();
  const made = madeOf(declaration.host);
  const surrounding =
    declaration.surround?.({ onFault: (fault) => judge(fault) }) ?? deadlineAlone(declaration, policy, judge);
  let opening: Promise<void> | undefined;
  let source: Source | undefined;
  let fault: Fault | undefined;
  let lastFault: SourceHealth['lastFault'];
  let since = now();
  let good = false;
  let recovering = false;

  const health = (): SourceHealth => {
    const latencyMs = surrounding.latencyMs?.();
    const guards = surrounding.state?.();
    return {
      source: name,
      adapter,
      state: fault === undefined ? 'up' : 'down',
      since,
      ...(fault === undefined ? {} : { fault: toldOf(fault, redact) }),
      ...(lastFault === undefined ? {} : { lastFault }),
      ...(latencyMs === undefined ? {} : { latencyMs }),
      ...(guards === undefined ? {} : { guards }),
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

  const quiet = (): boolean => surrounding.state?.().quietUntil !== undefined;

  const adopt = async (opened: Source): Promise<void> => {
    if (closing.signal.aborted) return await opened[Symbol.asyncDispose]();
    source = surrounding.around(opened);
    onModel?.(name);
  };

  /** An adapter that takes too long is not given up: what it opens in the end is taken. Meanwhile the source is down. */
  const open = async (): Promise<void> => {
    opening ??= declaration
      .open(made.host)
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
      if (source === undefined) await open();
      // In a quiet window nobody knows how it is: what was known stays.
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
      if (!closing.signal.aborted) await attempt();
    } while (fault !== undefined && !closing.signal.aborted);
    recovering = false;
  }

  return {
    name,
    collections,
    tried: attempt(),
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
    async [Symbol.asyncDispose]() {
      closing.abort();
      await source?.[Symbol.asyncDispose]();
    },
  };
}

function deadlineAlone(
  { name, timeoutMs }: SourceDeclaration,
  policy: Policy,
  onFault: (fault: Fault) => void,
): Surrounding {
  return {
    around: (source) =>
      guard(source, {
        source: name,
        timeoutMs: timeoutMs ?? policy.source.timeoutMs,
        checkMs: policy.source.checkMs,
        onFault,
      }),
  };
}

function toldOf({ kind, told }: Fault, redact: (text: string) => string) {
  return { kind, code: told.code, message: redact(told.message) };
}

function now(): string {
  return Temporal.Now.instant().toString({ smallestUnit: 'millisecond' });
}
