// Knows: one call of a source from its refusal to its end: its turn, what the breaker and the budget learn of it, what is observed.
// Must not know: what is called, and how an answer is waited for.

import { Fault } from '../fault.ts';
import type { CallObservation, Observe } from '../observe.ts';
import { type TraceContext, traceIdOf, UNTRACED } from '../query/trace.ts';
import { type Breaker, isFailure, type Pass } from './breaker.ts';
import type { Budget } from './budget.ts';
import type { Latencies } from './latencies.ts';
import type { Retries } from './retry.ts';
import type { Lane, Turns } from './turns.ts';

/** What stands around one source, for all of its calls. */
export interface Ring {
  /** Name of the source. */
  readonly source: string;
  /** The refusal of quiet windows and budget. */
  mayAsk(): Fault | undefined;
  readonly budget?: Budget;
  readonly turns: Turns;
  readonly breaker: Breaker;
  retries(): Retries;
  readonly latencies?: Latencies;
  readonly observe?: Observe;
  /** Learns of every fault that the source throws; what it says of the source is for the listener to judge. */
  onFault?(fault: Fault): void;
}

export interface CallOf {
  readonly what: CallObservation['what'];
  /** As of a `CallObservation`. */
  readonly target: string;
  readonly signal: AbortSignal;
  /** Who asks, for the log. */
  readonly trace?: TraceContext;
  /** Absent: it needs no turn, for it lives for days, or is asked by the gateway itself. */
  readonly lane?: Lane;
  /** The same call a second time does nothing that the first has not done. */
  readonly repeatable?: boolean;
}

/** How long the slot of a call that was given up is kept for what the source still does about it, in milliseconds. */
const LEAVING_MS = 1_000;

/** Goes through `enter`, `attempt`s, `answered` and perhaps `failed`, and always through `end`. */
export class Call {
  readonly #ring: Ring;
  readonly #of: CallOf;
  readonly #began = performance.now();
  #asked = 0;
  #queuedMs = 0;
  #attempts = 0;
  #rows = 0;
  #lane: Lane | undefined;
  #pass: Pass | undefined;
  #retries: Retries | undefined;
  #answered = false;
  /** What the source did in an attempt before this one. */
  #failure: Fault | undefined;
  /** A fault that a guard has thrown. */
  #refusal: Fault | undefined;
  /** The breaker knows already what became of the call. */
  #judged = false;
  #outcome: CallObservation['outcome'] = 'ok';

  constructor(ring: Ring, of: CallOf) {
    this.#ring = ring;
    this.#of = of;
  }

  /** Undefined: the source may be asked now. Throws what refuses the call, or the caller's reason to leave. */
  enter(): undefined | Promise<void> {
    const { signal, lane } = this.#of;
    if (signal.aborted) throw signal.reason;
    this.#refuse(this.#ring.mayAsk());
    if (lane === undefined) return this.#go();
    // Whoever is going to be refused need not wait for it.
    this.#refuse(this.#ring.breaker.refusal());
    const turn = this.#own(() => this.#ring.turns.enter(signal, lane));
    if (turn !== undefined) return this.#wait(turn, lane);
    this.#lane = lane;
    return this.#go();
  }

  async #wait(turn: Promise<void>, lane: Lane): Promise<void> {
    try {
      await turn;
      this.#lane = lane;
    } catch (error) {
      if (error instanceof Fault && !this.#of.signal.aborted) this.#refusal = error;
      throw error;
    } finally {
      this.#queuedMs = performance.now() - this.#began;
    }
    this.#refuse(this.#ring.mayAsk());
    this.#go();
  }

  #go(): undefined {
    this.#pass = this.#own(() => this.#ring.breaker.pass());
    this.#asked = performance.now();
  }

  /** What is thrown by a guard says nothing of the source. */
  #own<T>(guard: () => T): T {
    try {
      return guard();
    } catch (error) {
      if (error instanceof Fault) this.#refusal = error;
      throw error;
    }
  }

  #refuse(fault: Fault | undefined): void {
    if (fault !== undefined) throw this.refused(fault);
  }

  /** The source is asked. */
  attempt(): void {
    // Before the first one it has just been looked at.
    if (this.#attempts > 0) this.#refuse(this.#ring.mayAsk());
    this.#attempts++;
    this.#ring.budget?.call();
  }

  /** The pause before a further attempt, in milliseconds; undefined: there is none. */
  again(error: unknown): number | undefined {
    const { signal, repeatable = false } = this.#of;
    if (!repeatable || signal.aborted) return undefined;
    this.#retries ??= this.#ring.retries();
    const pauseMs = this.#retries.after(error);
    if (pauseMs === undefined || this.#ring.mayAsk() !== undefined) return undefined;
    if (error instanceof Fault && isFailure(error)) this.#failure = error;
    this.#placed(error);
    return pauseMs;
  }

  /** The source has given its first answer. */
  answered(): void {
    this.#answered = true;
    this.#ring.latencies?.note(performance.now() - this.#asked);
    if (this.#pass?.probe !== undefined) this.#ring.breaker.answered(this.#pass);
  }

  /** So many rows came. Throws where they are more than the day has. */
  count(rows: number): void {
    this.#rows += rows;
    if (this.#ring.budget !== undefined) this.#refuse(this.#ring.budget.rows(rows));
  }

  /** So many rows were written: they have been, whatever the day had. */
  wrote(rows: number): void {
    this.#rows += rows;
    this.#ring.budget?.rows(rows);
  }

  /** A guard ends the call. */
  refused(refusal: Fault): Fault {
    this.#refusal = refusal;
    return refusal;
  }

  /** What the caller is told; by then the breaker knows of it. */
  async failed(error: unknown): Promise<unknown> {
    const { signal } = this.#of;
    const { breaker } = this.#ring;
    if (error === this.#refusal && error instanceof Fault) {
      this.#outcome = error.kind;
      await this.#failedBefore(breaker);
      return error;
    }
    if (signal.aborted) {
      const reason: unknown = signal.reason;
      this.#outcome = reason instanceof Fault && reason.code !== 'cancelled' ? reason.kind : 'cancelled';
      await this.#failedBefore(breaker);
      return error === reason || !(error instanceof Fault) ? error : error.at({ source: this.#ring.source });
    }
    if (!(error instanceof Fault)) {
      this.#outcome = 'internal';
      return error;
    }
    this.#outcome = error.kind;
    if (this.#pass !== undefined) {
      this.#judged = true;
      if (isFailure(error)) await breaker.failed(this.#pass, error);
      else breaker.answered(this.#pass);
    }
    return this.#placed(error);
  }

  /** Whoever leaves, or is refused, in a further attempt has seen an earlier one fail. */
  async #failedBefore(breaker: Breaker): Promise<void> {
    if (this.#pass === undefined || this.#failure === undefined || this.#answered) return;
    this.#judged = true;
    await breaker.failed(this.#pass, this.#failure);
  }

  /** The error with the source's name on it; whoever watches the source learns of it. */
  #placed(error: unknown): unknown {
    if (!(error instanceof Fault)) return error;
    const placed = error.at({ source: this.#ring.source });
    this.#ring.onFault?.(placed);
    return placed;
  }

  /** `leaving`: what the source may still be doing about a call that was given up. */
  end(leaving?: Promise<unknown>): void {
    const { breaker, observe, source } = this.#ring;
    if (this.#pass !== undefined && !this.#judged) {
      if (this.#answered) breaker.answered(this.#pass);
      else void breaker.unknown(this.#pass, nobodyWaits());
    }
    if (leaving === undefined || this.#outcome === 'ok') this.#leave();
    else this.#leaveBehind(leaving);
    if (observe === undefined) return;
    const traceId = traceIdOf(this.#of.trace ?? UNTRACED);
    observe({
      kind: 'call',
      source,
      what: this.#of.what,
      target: this.#of.target,
      durationMs: performance.now() - this.#began,
      queuedMs: this.#queuedMs,
      attempts: this.#attempts,
      rows: this.#rows,
      outcome: this.#outcome,
      ...(traceId === undefined ? {} : { traceId }),
    });
  }

  #leave(): void {
    if (this.#lane === undefined) return;
    this.#ring.turns.leave(this.#lane);
    this.#lane = undefined;
  }

  #leaveBehind(leaving: Promise<unknown>): void {
    if (this.#lane === undefined) return;
    const leave = (): void => {
      clearTimeout(timer);
      this.#leave();
    };
    const timer = setTimeout(leave, LEAVING_MS);
    timer.unref();
    leaving.then(leave, leave);
  }
}

function nobodyWaits(): Fault {
  return new Fault('unavailable', 'Nobody waits for the answer any more', { code: 'cancelled' });
}
