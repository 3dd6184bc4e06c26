// Knows: what stands between the gateway and every source, in one order for all. Today: the deadline of each answer.
// Retry, breaker and concurrency cap take their places around it. Nobody else makes timers.
// Must not know: what a source is behind its contract.

import { Fault } from '../fault.ts';
import type { Access, Batch, ChangeEvent, Source, WatchHow } from '../spi.ts';

export interface Guards {
  /** Name of the source, for the fault. */
  readonly source: string;
  /** Longest wait for one answer: the first batch, each further batch, a count, a call. Infinity: there is no longest. */
  readonly timeoutMs: number;
  /** Longest wait for a check; as for an answer unless told otherwise. */
  readonly checkMs?: number;
  /** Learns of every fault that the source throws; what it says of the source is for the listener to judge. */
  onFault?(fault: Fault): void;
}

/** The same source with guards around every call. A claim that the source does not make is not added. */
export function guard(source: Source, guards: Guards): Source {
  const { write, invoke, watch, stale, version } = source;
  const changing = new Set(
    source.model.operations.flatMap(({ name, effect, idempotent }) =>
      effect === 'write' && !idempotent ? [name] : [],
    ),
  );
  return {
    model: source.model,
    access: (query) => guardAccess(source.access(query), guards),
    check: (signal) =>
      within({ ...guards, timeoutMs: guards.checkMs ?? guards.timeoutMs }, signal, (inner) =>
        source.check(inner),
      ),
    ...(stale === undefined ? {} : { stale: () => stale.call(source) }),
    ...(version === undefined ? {} : { version: (collection) => version.call(source, collection) }),
    ...(write === undefined
      ? {}
      : {
          write: (changes, how) =>
            carriedOut(guards, how.signal, (signal) => write.call(source, changes, { ...how, signal })),
        }),
    ...(invoke === undefined
      ? {}
      : {
          invoke: (operation, input, how) =>
            within(
              guards,
              how.signal,
              (signal) => invoke.call(source, operation, input, { ...how, signal }),
              changing.has(operation) ? unknownOutcome : timedOut,
            ),
        }),
    ...(watch === undefined
      ? {}
      : {
          watch: (collection, how) =>
            guardEvents((signal) => watch.call(source, collection, { ...how, signal }), how, guards),
        }),
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  };
}

function guardAccess(access: Access, guards: Guards): Access {
  const { count } = access;
  return {
    ...access,
    read: (ask) => guardRead(access, ask, guards),
    ...(count === undefined
      ? {}
      : { count: ({ signal }) => within(guards, signal, (inner) => count.call(access, { signal: inner })) }),
  };
}

/** Each wait for a batch has the deadline; the time that the consumer takes between batches does not count. */
function guardRead(
  access: Access,
  ask: Parameters<Access['read']>[0],
  guards: Guards,
): AsyncGenerator<Batch> {
  return guardEach((signal) => access.read({ ...ask, signal }), ask.signal, guards);
}

/** Nothing need happen for days; but what has happened already is told without delay. */
function guardEvents(
  watch: (signal: AbortSignal) => AsyncIterable<ChangeEvent>,
  { live = true, signal }: WatchHow,
  guards: Guards,
): AsyncGenerator<ChangeEvent> {
  return guardEach(watch, signal, live ? { ...guards, timeoutMs: Number.POSITIVE_INFINITY } : guards);
}

async function* guardEach<T>(
  begin: (signal: AbortSignal) => AsyncIterable<T>,
  signal: AbortSignal,
  guards: Guards,
): AsyncGenerator<T> {
  const watch = watchOver(guards, signal);
  const values = begin(watch.signal)[Symbol.asyncIterator]();
  // A source that hangs cannot be waited for: then it is only told to stop.
  let waited = true;
  try {
    for (;;) {
      const next = await watch.wait(values.next());
      if (next.done === true) return;
      yield next.value;
    }
  } catch (error) {
    waited = false;
    throw error;
  } finally {
    watch.end();
    // The consumer stopped early: the source frees what it holds before anybody goes on.
    const freed = values.return?.();
    if (waited) await freed;
    else freed?.catch(() => {});
  }
}

async function within<T>(
  guards: Guards,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
  late = timedOut,
): Promise<T> {
  const watch = watchOver(guards, signal, late);
  try {
    return await watch.wait(call(watch.signal));
  } finally {
    watch.end();
  }
}

/**
 * A write that is told to stop may be at its end already, and then goes on: whether it was made only its own answer says, so that is
 * waited for once more. "No answer in time" would be an invitation to do it again.
 */
async function carriedOut<T>(
  guards: Guards,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const watch = watchOver(guards, signal);
  const answer = call(watch.signal);
  try {
    return await watch.wait(answer);
  } catch (error) {
    if (!watch.signal.aborted || signal.aborted) throw error;
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(unknownOutcome(guards)), guards.timeoutMs);
    try {
      return await Promise.race([answer, promise]);
    } catch (last) {
      throw told(guards, last);
    } finally {
      clearTimeout(timer);
    }
  } finally {
    watch.end();
  }
}

/** One call to a source, which may be waited for several times. */
interface Watch {
  /** What the source listens to: aborted when the caller leaves and when a deadline has passed. */
  readonly signal: AbortSignal;
  /** The answer, or `timeout` after the deadline, or the caller's reason to leave: at once, even if the source does not listen. */
  wait<T>(answer: Promise<T>): Promise<T>;
  /** Nothing is waited for any more. */
  end(): void;
}

/** One controller and one listener for the whole call: `AbortSignal.any` costs more than the rest of the guard. */
function watchOver(guards: Guards, caller: AbortSignal, late = timedOut): Watch {
  const ending = new AbortController();
  let giveUp: ((reason: unknown) => void) | undefined;
  const stop = (reason: unknown): void => {
    ending.abort(reason);
    giveUp?.(reason);
  };
  const leave = (): void => stop(caller.reason);
  if (caller.aborted) leave();
  else caller.addEventListener('abort', leave, { once: true });

  return {
    signal: ending.signal,
    async wait(answer) {
      const { promise, reject } = Promise.withResolvers<never>();
      giveUp = reject;
      const timer = Number.isFinite(guards.timeoutMs)
        ? setTimeout(() => stop(late(guards)), guards.timeoutMs)
        : undefined;
      if (ending.signal.aborted) reject(ending.signal.reason);
      try {
        return await Promise.race([answer, promise]);
      } catch (error) {
        throw told(guards, error);
      } finally {
        clearTimeout(timer);
        giveUp = undefined;
      }
    },
    end: () => caller.removeEventListener('abort', leave),
  };
}

function timedOut({ source, timeoutMs }: Guards): Fault {
  return new Fault('timeout', `No answer within ${timeoutMs} ms`, { source });
}

/** Nobody is told to try a change again that may have been made. */
function unknownOutcome({ source }: Guards): Fault {
  return new Fault('upstream', 'No answer in time: nobody knows whether the change was made', {
    code: 'outcome-unknown',
    source,
  });
}

/** The error with the source's name on it; whoever watches the source learns of it. */
function told({ source, onFault }: Guards, error: unknown): unknown {
  if (!(error instanceof Fault)) return error;
  const placed = error.at({ source });
  onFault?.(placed);
  return placed;
}

/** Resolves after a while, or at once when the signal says so. Does not keep the process alive. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    timer.unref();
    signal.addEventListener('abort', end, { once: true });
  });
}
