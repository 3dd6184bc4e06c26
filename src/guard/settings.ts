// Knows: what the guards of one source are told, and how that follows from configuration and policy.
// Must not know: how it is enforced.

import type { Observe } from '../observe.ts';
import type { Policy } from '../policy.ts';
import type { BudgetStore } from '../state/budgets.ts';
import type { BreakerLimits } from './breaker.ts';
import type { BudgetLimits } from './budget.ts';
import type { QuietWindow } from './quiet.ts';

/** What the guards of one source are to do. What is left out is not guarded against. Times in milliseconds. */
export interface GuardSettings {
  /** Name of the source, for faults and observations. */
  readonly source: string;
  /** Longest wait for one answer: the first batch, each further batch, a count, a call. Infinity: there is no longest. */
  readonly timeoutMs: number;
  /** Longest wait for a check; as for an answer unless told otherwise. */
  readonly checkMs?: number;
  /** Calls at the same time. */
  readonly concurrency?: number;
  /** Calls that may wait for their turn, and how long. */
  readonly queue?: number;
  readonly queueMs?: number;
  /** Further attempts at what may be repeated, and the pause before the first. */
  readonly retries?: number;
  readonly retryMs?: number;
  readonly breaker?: BreakerLimits | false;
  readonly quiet?: readonly QuietWindow[];
  readonly budget?: BudgetLimits;
  /** Where it is kept what has been spent; by default for as long as the guards. */
  readonly budgets?: BudgetStore;
  readonly observe?: Observe;
  /** What time it is, in milliseconds since 1970: for quiet windows and budgets. */
  clock?(): number;
}

/** What the configuration says of the guards of one source; what it leaves out is as in the policy. */
export interface GuardWishes {
  readonly timeoutMs?: number;
  readonly concurrency?: number;
  readonly queue?: number;
  readonly queueMs?: number;
  readonly retries?: number;
  readonly breaker?: false | { readonly failures?: number; readonly openMs?: number };
  readonly quiet?: readonly QuietWindow[];
  readonly budget?: BudgetLimits;
}

export function guardSettings(
  source: string,
  policy: Policy['source'],
  { timeoutMs, breaker, quiet = [], budget, ...wishes }: GuardWishes = {},
): GuardSettings {
  return {
    source,
    timeoutMs: timeoutMs ?? policy.timeoutMs,
    checkMs: policy.checkMs,
    concurrency: wishes.concurrency ?? policy.concurrency,
    queue: wishes.queue ?? policy.queue,
    queueMs: wishes.queueMs ?? policy.queueMs,
    retries: wishes.retries ?? policy.retries,
    retryMs: policy.retryMs,
    breaker:
      breaker === false
        ? false
        : {
            failures: breaker?.failures ?? policy.breakerFailures,
            openMs: breaker?.openMs ?? policy.breakerOpenMs,
          },
    quiet,
    ...(budget === undefined ? {} : { budget }),
  };
}
