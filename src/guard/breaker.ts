// Knows: when a source that fails again and again is not asked for a while, and which call tries it then.
// Must not know: what is asked, and how often one call tries.

import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleAll,
} from 'cockatiel';
import { Fault } from '../fault.ts';
import type { GuardState } from '../query/request.ts';

export type BreakerState = GuardState['breaker'];

export interface BreakerLimits {
  /** Calls that fail in a row. */
  readonly failures: number;
  /** How long nothing is asked before one call tries, in milliseconds. */
  readonly openMs: number;
}

/** That a call may ask the source; it is given back with how the call ended. */
export interface Pass {
  /** The state of the breaker in which it was given: what calls of an earlier state find out does not count any more. */
  readonly generation: number;
  /** Of the one call that tries the source after a while: it decides. */
  readonly probe?: { answered(): void; failed(fault: Fault): Promise<void> };
}

export interface Breaker {
  /** Throws `breaker-open` (`unavailable`, with the time until the next try) while nothing may be asked. */
  pass(): Pass;
  /** Would `pass` throw? Then what it would throw. */
  refusal(): Fault | undefined;
  /** The source has answered, if only by a refusal: it lives. */
  answered(pass: Pass): void;
  failed(pass: Pass, fault: Fault): Promise<void>;
  /** The call ended without a word of the source: its caller left. Who tried has not found out that it lives. */
  unknown(pass: Pass, reason: Fault): Promise<void>;
  state(): BreakerState;
}

const ALWAYS: Pass = { generation: 0 };

/** For a source that is configured to have none. */
export const NO_BREAKER: Breaker = {
  pass: () => ALWAYS,
  refusal: () => undefined,
  answered() {},
  async failed() {},
  async unknown() {},
  state: () => 'closed',
};

/**
 * Which faults are failures of the source, so that many in a row open the breaker: no answer in time and no way to reach it, also where a change
 * was sent and nobody knows what became of it. All else is an answer: `upstream` too, for a source that answers one question with an error is
 * not to be closed to all other questions. A caller who left says nothing of the source.
 */
export function isFailure({ kind, code }: Fault): boolean {
  if (code === 'cancelled') return kind === 'timeout';
  return kind === 'timeout' || kind === 'unavailable' || code === 'outcome-unknown';
}

/**
 * The state is cockatiel's. It is told of failures, and of answers behind failures; a call of a source that is well costs a comparison.
 * `onState` learns of every change of the state.
 */
export function createBreaker(
  source: string,
  { failures, openMs }: BreakerLimits,
  onState: (state: BreakerState) => void,
): Breaker {
  const policy = circuitBreaker(handleAll, {
    halfOpenAfter: openMs,
    breaker: new ConsecutiveBreaker(failures),
  });
  let generation = 0;
  let inARow = 0;
  let openUntil = 0;
  policy.onStateChange((state) => {
    generation++;
    inARow = 0;
    if (state === CircuitState.Open) openUntil = Date.now() + openMs;
    onState(nameOf(state));
  });
  const refused = (): Fault =>
    new Fault('unavailable', 'The source has failed several times in a row and is left alone for a while', {
      code: 'breaker-open',
      source,
      retryAfterS: Math.max(1, Math.ceil((openUntil - Date.now()) / 1_000)),
    });
  const refusal = (): Fault | undefined => {
    const { state } = policy;
    if (state === CircuitState.Closed) return undefined;
    return state === CircuitState.Open && Date.now() >= openUntil ? undefined : refused();
  };

  return {
    pass() {
      if (policy.state === CircuitState.Closed) return { generation };
      const fault = refusal();
      if (fault !== undefined) throw fault;
      const probe = probing(policy);
      // Its clock is a millisecond behind ours.
      if (policy.state !== CircuitState.HalfOpen) throw refused();
      return { generation, probe };
    },
    refusal,
    answered(pass) {
      if (pass.probe !== undefined) pass.probe.answered();
      else if (inARow > 0 && pass.generation === generation) {
        inARow = 0;
        void policy.execute(() => {});
      }
    },
    async failed(pass, fault) {
      if (pass.probe !== undefined) await pass.probe.failed(fault);
      if (pass.generation !== generation) return;
      inARow++;
      await policy.execute(() => Promise.reject(fault)).catch(() => {});
    },
    async unknown(pass, reason) {
      await pass.probe?.failed(reason);
    },
    state: () => nameOf(policy.state),
  };
}

/** The policy goes to half-open at once and waits for what the one call finds out. */
function probing(policy: CircuitBreakerPolicy): NonNullable<Pass['probe']> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const decided = policy.execute(() => promise).catch(() => {});
  return {
    answered: resolve,
    async failed(fault) {
      reject(fault);
      await decided;
    },
  };
}

function nameOf(state: CircuitState): BreakerState {
  if (state === CircuitState.Closed) return 'closed';
  return state === CircuitState.HalfOpen ? 'half-open' : 'open';
}
