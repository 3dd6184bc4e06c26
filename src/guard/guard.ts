// Knows: what stands between the gateway and every source, in one order for all. Today: the deadline of each answer.
// Retry, breaker and concurrency cap take their places around it. Nobody else makes timers.
// Must not know: what a source is behind its contract.

import { Fault } from '../fault.ts';
import type { Access, Batch, Source } from '../spi.ts';

export interface Guards {
  /** Name of the source, for the fault. */
  readonly source: string;
  /** Longest wait for one answer: the first batch, each further batch, a count, a check. */
  readonly timeoutMs: number;
  /** Learns of every fault that says the source is not there. */
  onFault?(fault: Fault): void;
}

/** The same source with guards around every call. A claim that the source does not make is not added. */
export function guard(source: Source, guards: Guards): Source {
  const { write, invoke, watch } = source;
  return {
    model: source.model,
    access: (query) => guardAccess(source.access(query), guards),
    check: (signal) => within(guards, signal, (inner) => source.check(inner)),
    ...(write === undefined
      ? {}
      : {
          write: (collection, changes, how) =>
            within(guards, how.signal, (signal) =>
              write.call(source, collection, changes, { ...how, signal }),
            ),
        }),
    ...(invoke === undefined
      ? {}
      : {
          invoke: (operation, input, how) =>
            within(guards, how.signal, (signal) => invoke.call(source, operation, input, { ...how, signal })),
        }),
    ...(watch === undefined ? {} : { watch: (collection, how) => watch.call(source, collection, how) }),
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
async function* guardRead(
  access: Access,
  ask: Parameters<Access['read']>[0],
  guards: Guards,
): AsyncGenerator<Batch> {
  const ending = new AbortController();
  const signal = AbortSignal.any([ask.signal, ending.signal]);
  const batches = access.read({ ...ask, signal })[Symbol.asyncIterator]();
  // A source that hangs cannot be waited for: then it is only told to stop.
  let waited = true;
  try {
    for (;;) {
      const next = await deadline(guards, ask.signal, ending, batches.next());
      if (next.done === true) return;
      yield next.value;
    }
  } catch (error) {
    waited = false;
    throw error;
  } finally {
    // The consumer stopped early: the source frees what it holds before anybody goes on.
    const freed = batches.return?.();
    if (waited) await freed;
    else freed?.catch(() => {});
  }
}

function within<T>(
  guards: Guards,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  return deadline(guards, signal, ending, call(AbortSignal.any([signal, ending.signal])));
}

/** The answer, or `timeout` after the deadline, or the abort of the caller: at once, even if the source does not listen. */
function deadline<T>(
  guards: Guards,
  signal: AbortSignal,
  ending: AbortController,
  answer: Promise<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const settle = (act: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', leave);
      act();
    };
    const fail = (error: unknown) => {
      const placed = error instanceof Fault ? error.at({ source: guards.source }) : error;
      if (placed instanceof Fault && (placed.kind === 'unavailable' || placed.kind === 'timeout'))
        guards.onFault?.(placed);
      settle(() => reject(placed));
    };
    const leave = () => {
      ending.abort(signal.reason);
      settle(() => reject(signal.reason));
    };
    const timer = setTimeout(() => {
      const fault = new Fault('timeout', `No answer within ${guards.timeoutMs} ms`, {
        source: guards.source,
      });
      ending.abort(fault);
      fail(fault);
    }, guards.timeoutMs);
    if (signal.aborted) {
      answer.catch(() => {});
      leave();
      return;
    }
    signal.addEventListener('abort', leave, { once: true });
    answer.then((value) => settle(() => resolve(value)), fail);
  });
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
