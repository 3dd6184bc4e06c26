// Knows: how each kind of call goes through the guards: reads and watches answer many times, counts, writes and operations once.
// Must not know: the rules of a single guard, and what a source is behind its contract.

import { Fault } from '../fault.ts';
import type { Access, Batch, Change, ChangeEvent, Source, WatchHow } from '../spi.ts';
import { Call, type CallOf, type Ring } from './call.ts';
import { type Watch, watchOver } from './deadline.ts';
import { decorated, decoratedAccess } from './decorated.ts';
import { pause } from './pause.ts';

/** What a source is asked in, with all that stands around it. */
export interface Asking {
  readonly ring: Ring;
  /** Around the checks of the source: they are not refused because it fails, and take no turn. */
  readonly checking: Ring;
  /** Longest wait for one answer: the first batch, each further batch, a count, a call. Infinity: there is no longest. */
  readonly timeoutMs: number;
  /** Longest wait for a check. */
  readonly checkMs: number;
  /** Calls `close` when a quiet window opens, for a source that is watched is asked; returns how to forget about it. */
  untilQuiet(close: (refusal: Fault) => void): () => void;
}

/** The same source with guards around every call. A claim that the source does not make is not added. */
export function around(source: Source, asking: Asking): Source {
  const { ring, checking, checkMs } = asking;
  const operations = new Map(source.model.operations.map((operation) => [operation.name, operation]));
  return decorated(source, {
    access: (access, { collection }) => guardAccess(access, collection, asking),
    check: (check) => (signal) => {
      const call = new Call(checking, { what: 'check', target: ring.source, signal });
      return answer(call, signal, { ...asking, ring: checking, timeoutMs: checkMs }, check);
    },
    write: (write) => async (changes, how) => {
      const { signal } = how;
      const call = new Call(ring, {
        what: 'write',
        target: targetOf(changes),
        signal,
        trace: how,
        lane: 'own',
      });
      const ask = (inner: AbortSignal) => write(changes, { ...how, signal: inner });
      return await answer(call, signal, asking, ask, { wait: carriedOut, rows: changes.length });
    },
    invoke: (invoke) => async (name, input, how) => {
      const { signal } = how;
      const operation = operations.get(name);
      // What is not known is taken for what must not be done twice.
      const repeatable = operation?.effect === 'read' || operation?.idempotent === true;
      const call = new Call(ring, {
        what: 'invoke',
        target: name,
        signal,
        trace: how,
        lane: 'own',
        repeatable,
      });
      const late = operation === undefined || repeatable ? timedOut : unknownOutcome;
      const ask = (inner: AbortSignal) => invoke(name, input, { ...how, signal: inner });
      return await answer(call, signal, asking, ask, { late });
    },
    watch: (watch) => (collection, how) => guardEvents(watch, collection, how, asking),
  });
}

function targetOf(changes: readonly Change[]): string {
  return changes[0]?.collection ?? '';
}

function guardAccess(access: Access, target: string, asking: Asking): Access {
  return decoratedAccess(access, {
    read: (read) => (ask) => {
      const { signal, within } = ask;
      const lane = within === true ? 'within' : 'own';
      const of: CallOf = { what: 'read', target, signal, trace: ask, lane, repeatable: true };
      return answers(of, asking, (inner) => read({ ...ask, signal: inner }), lengthOf);
    },
    count: (count) => (how) => {
      const { signal } = how;
      const call = new Call(asking.ring, {
        what: 'count',
        target,
        signal,
        trace: how,
        lane: 'own',
        repeatable: true,
      });
      return answer(call, signal, asking, (inner) => count({ ...how, signal: inner }));
    },
  });
}

function lengthOf({ length }: Batch): number {
  return length;
}

function rowsOf({ row }: ChangeEvent): number {
  return row === undefined ? 0 : 1;
}

/** Nothing need happen for days; but what has happened already is told without delay. A watch takes no turn. */
function guardEvents(
  watch: NonNullable<Source['watch']>,
  collection: string,
  how: WatchHow,
  asking: Asking,
): AsyncGenerator<ChangeEvent> {
  const { signal, live = true } = how;
  return answers(
    { what: 'watch', target: collection, signal, trace: how },
    live ? { ...asking, timeoutMs: Number.POSITIVE_INFINITY } : asking,
    (inner) => watch(collection, { ...how, signal: inner }),
    rowsOf,
    asking.untilQuiet,
  );
}

/** Each wait for an answer has the deadline; the time that the consumer takes between answers does not count. */
async function* answers<T>(
  of: CallOf,
  { ring, timeoutMs }: Asking,
  begin: (signal: AbortSignal) => AsyncIterable<T>,
  rows: (value: T) => number,
  until: Asking['untilQuiet'] = () => () => {},
): AsyncGenerator<T> {
  const { signal } = of;
  const call = new Call(ring, of);
  const late = (): Fault => timedOut(ring.source, timeoutMs);
  let watch: Watch | undefined;
  let values: AsyncIterator<T> | undefined;
  let ending: 'stopped' | 'failed' | 'over' = 'stopped';
  const forget = until((refusal) => watch?.stop(call.refused(refusal)));
  try {
    const turn = call.enter();
    if (turn !== undefined) await turn;
    let next: IteratorResult<T> | undefined;
    while (next === undefined) {
      watch = watchOver(signal, timeoutMs, late);
      try {
        call.attempt();
        values = begin(watch.signal)[Symbol.asyncIterator]();
        next = await watch.wait(values.next());
      } catch (error) {
        const pauseMs = call.again(error);
        if (pauseMs === undefined) throw error;
        watch.end();
        values?.return?.().catch(() => {});
        await pause(pauseMs, signal);
        if (signal.aborted) throw signal.reason;
      }
    }
    call.answered();
    while (next.done !== true) {
      call.count(rows(next.value));
      yield next.value;
      if (watch === undefined || values === undefined) return;
      next = await watch.wait(values.next());
    }
    ending = 'over';
  } catch (error) {
    ending = 'failed';
    throw await call.failed(error);
  } finally {
    forget();
    watch?.end();
    const freed = ending === 'over' ? undefined : values?.return?.();
    // A source that hangs cannot be waited for: it is only told to stop.
    if (ending === 'failed') call.end(freed?.catch(() => {}));
    else {
      // The consumer stopped early: the source frees what it holds before anybody goes on.
      try {
        await freed;
      } finally {
        call.end();
      }
    }
  }
}

interface Manner<T> {
  readonly late?: typeof timedOut;
  readonly wait?: typeof carriedOut<T>;
  readonly rows?: number;
}

async function answer<T>(
  call: Call,
  signal: AbortSignal,
  asking: Asking,
  ask: (signal: AbortSignal) => Promise<T>,
  { late = timedOut, wait = waited, rows = 0 }: Manner<T> = {},
): Promise<T> {
  const { ring, timeoutMs } = asking;
  let asked: Promise<T> | undefined;
  try {
    const turn = call.enter();
    if (turn !== undefined) await turn;
    for (;;) {
      const watch = watchOver(signal, timeoutMs, () => late(ring.source, timeoutMs));
      try {
        call.attempt();
        asked = ask(watch.signal);
        const value = await wait(watch, asked, signal, asking);
        call.answered();
        call.wrote(rows);
        return value;
      } catch (error) {
        const pauseMs = call.again(error);
        if (pauseMs === undefined) throw error;
        await pause(pauseMs, signal);
        if (signal.aborted) throw signal.reason;
      } finally {
        watch.end();
      }
    }
  } catch (error) {
    throw await call.failed(error);
  } finally {
    call.end(asked);
  }
}

function waited<T>(watch: Watch, answer: Promise<T>): Promise<T> {
  return watch.wait(answer);
}

/**
 * A write that is told to stop may be at its end already, and then goes on: whether it was made only its own answer says, so that is
 * waited for once more. "No answer in time" would be an invitation to do it again.
 */
async function carriedOut<T>(
  watch: Watch,
  answer: Promise<T>,
  caller: AbortSignal,
  { ring, timeoutMs }: Asking,
): Promise<T> {
  try {
    return await watch.wait(answer);
  } catch (error) {
    if (!watch.signal.aborted || caller.aborted) throw error;
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(unknownOutcome(ring.source)), timeoutMs);
    try {
      return await Promise.race([answer, promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function timedOut(source: string, timeoutMs: number): Fault {
  return new Fault('timeout', `No answer within ${timeoutMs} ms`, { source });
}

/** Nobody is told to try a change again that may have been made. */
function unknownOutcome(source: string): Fault {
  return new Fault('upstream', 'No answer in time: nobody knows whether the change was made', {
    code: 'outcome-unknown',
    source,
  });
}
