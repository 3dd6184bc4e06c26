// Knows: what stands between the gateway and every source, in one order for all: quiet windows and budget → the turn → the breaker → further
// attempts → the deadline of each answer → the source. Nobody else makes timers that a call waits for.
// Must not know: what a source is behind its contract.

import { Fault, toFault } from '../fault.ts';
import { MAX_DELAY_MS } from '../policy.ts';
import type { GuardState } from '../query/request.ts';
import type { Source } from '../spi.ts';
import { memoryBudgets } from '../state/budgets.ts';
import { type Asking, around } from './around.ts';
import { createBreaker, NO_BREAKER } from './breaker.ts';
import { createBudget } from './budget.ts';
import type { Ring } from './call.ts';
import { createLatencies } from './latencies.ts';
import { createQuiet } from './quiet.ts';
import { createRetries } from './retry.ts';
import type { GuardSettings } from './settings.ts';
import { createTurns } from './turns.ts';
import { unlessQuiet } from './unless-quiet.ts';

export { decorated, decoratedAccess } from './decorated.ts';
export { pause } from './pause.ts';
export { type GuardSettings, type GuardWishes, guardSettings } from './settings.ts';

/** What stands around one source for as long as it is declared: the source may be opened again, and breaker, turns and budget go on. */
export interface Guards extends Disposable {
  /** The same source with guards around every call. A claim that the source does not make is not added. */
  around(source: Source, parts?: AroundParts): Source;
  /**
   * What refuses every call that begins now before it reaches the source: `quiet-window` or, where a cache may answer whatever its age,
   * `quiet-cache` (both `unavailable`), or `budget-spent` (`throttled`), with the time until it is over.
   */
  mayAsk(): Fault | undefined;
  /** What refuses even an answer that is at hand: a quiet window in which nothing is served. */
  mayAnswer(): Fault | undefined;
  state(): GuardState;
  /** How long the last answers took from the end of their wait for a turn, in milliseconds: of a read the first batch. Undefined: none yet. */
  latencyMs(): { readonly median: number; readonly p99: number } | undefined;
}

export interface AroundParts {
  /** Learns of every fault that the source throws, never of a refusal of the guards; what it says of the source is for the listener to judge. */
  onFault?(fault: Fault): void;
  /** What answers in place of the source where it can: between the quiet windows in which nothing is served and all other guards. */
  cache?(guarded: Source): Source;
}

export function createGuards(settings: GuardSettings): Guards {
  const { source, timeoutMs, checkMs = timeoutMs, observe, clock = Date.now } = settings;
  const { concurrency = Number.POSITIVE_INFINITY, queue = 0, queueMs = 0 } = settings;
  const quiet = createQuiet(settings.quiet ?? [], clock);
  const budget =
    settings.budget === undefined
      ? undefined
      : createBudget(source, settings.budget, settings.budgets ?? memoryBudgets(), clock, (error) =>
          observe?.({ kind: 'fault', fault: toFault(error).at({ source }) }),
        );
  const turns = createTurns({ source, concurrency, queue, queueMs });
  const breaker =
    settings.breaker === undefined || settings.breaker === false
      ? NO_BREAKER
      : createBreaker(source, settings.breaker, (state) => observe?.({ kind: 'breaker', source, state }));
  const latencies = createLatencies();

  const quietRefusal = (): Fault | undefined => {
    const open = quiet.now();
    if (open === undefined) return undefined;
    return new Fault('unavailable', `The source is left alone until ${instantText(open.until)}`, {
      code: open.serve === 'cache' ? 'quiet-cache' : 'quiet-window',
      source,
      retryAfterS: Math.max(1, Math.ceil((open.until - clock()) / 1_000)),
    });
  };
  const mayAsk = (): Fault | undefined => quietRefusal() ?? budget?.refusal();
  const mayAnswer = (): Fault | undefined => (quiet.now()?.serve === 'nothing' ? quietRefusal() : undefined);
  const untilQuiet: Asking['untilQuiet'] = (close) => {
    let timer: NodeJS.Timeout | undefined;
    const look = (): void => {
      const begins = quiet.begins();
      const refusal = quietRefusal();
      if (refusal !== undefined) close(refusal);
      else if (begins !== undefined) {
        timer = setTimeout(look, Math.min(Math.max(begins - clock(), 1), MAX_DELAY_MS));
        timer.unref();
      }
    };
    look();
    return () => clearTimeout(timer);
  };

  const ring: Ring = {
    source,
    mayAsk,
    ...(budget === undefined ? {} : { budget }),
    turns,
    breaker,
    retries: createRetries({ retries: settings.retries ?? 0, retryMs: settings.retryMs ?? 0 }),
    latencies,
    ...(observe === undefined ? {} : { observe }),
  };
  const checks: Ring = {
    source,
    mayAsk: quietRefusal,
    turns,
    breaker: NO_BREAKER,
    retries: createRetries({ retries: 0, retryMs: 0 }),
    ...(observe === undefined ? {} : { observe }),
  };

  return {
    around(opened, { onFault, cache } = {}) {
      const heard = onFault === undefined ? {} : { onFault };
      const guarded = around(opened, {
        ring: { ...ring, ...heard },
        checking: { ...checks, ...heard },
        timeoutMs,
        checkMs,
        untilQuiet,
      });
      if (cache === undefined) return guarded;
      const answering = cache(guarded);
      const silent = settings.quiet?.some(({ serve }) => serve === 'nothing') === true;
      return silent ? unlessQuiet(answering, mayAnswer) : answering;
    },
    mayAsk,
    mayAnswer,
    state() {
      const open = quiet.now();
      return {
        breaker: breaker.state(),
        running: turns.running(),
        queued: turns.queued(),
        ...(open === undefined ? {} : { quietUntil: instantText(open.until) }),
        ...(budget === undefined ? {} : { budget: budget.left() }),
      };
    },
    latencyMs: () => latencies.summary(),
    [Symbol.dispose]: () => budget?.save(),
  };
}

function instantText(epochMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(epochMs).toString();
}

/** Guards for one opened source alone. */
export function guard(source: Source, settings: GuardSettings & { onFault?(fault: Fault): void }): Source {
  return createGuards(settings).around(source, settings);
}
