// Knows: how every call of a source becomes a span, and how the source learns of it.
// Must not know: what is done with spans, how a source does its work.

import { toFault } from '../fault.ts';
import { decorated, decoratedAccess } from '../guard/guard.ts';
import type { CallSpan, SpanOutcome, TracedCall, Tracer } from '../query/trace.ts';
import type { Source } from '../spi.ts';

/**
 * The same source; each call of it is a span, from the call to its last row, in the trace of who asks. It stands inside of the guards, so that
 * each attempt is a span of its own, and what never reaches the source is none.
 */
export function traced(of: Pick<TracedCall, 'source' | 'adapter'>, source: Source, tracer: Tracer): Source {
  const called = (what: TracedCall['what'], target: string): TracedCall => ({ ...of, what, target });
  return decorated(source, {
    access: (access, { collection }) =>
      decoratedAccess(access, {
        read: (read) => (ask) =>
          tracedEach(
            () => tracer.call(called('read', collection), ask),
            (context) => read({ ...ask, ...context }),
            ({ length }) => length,
            ask.signal,
          ),
        count: (count) => (ask) =>
          within(tracer.call(called('count', collection), ask), (context) => count({ ...ask, ...context })),
      }),
    write: (write) => (changes, how) =>
      within(tracer.call(called('write', changes[0]?.collection ?? of.source), how), (context) =>
        write(changes, { ...how, ...context }),
      ),
    invoke: (invoke) => (operation, input, how) =>
      within(tracer.call(called('invoke', operation), how), (context) =>
        invoke(operation, input, { ...how, ...context }),
      ),
    watch: (watch) => (collection, how) =>
      tracedEach(
        () => tracer.call(called('watch', collection), how),
        (context) => watch(collection, { ...how, ...context }),
        () => 1,
        how.signal,
      ),
  });
}

async function within<T>(span: CallSpan, call: (context: CallSpan['context']) => Promise<T>): Promise<T> {
  try {
    const answer = await call(span.context);
    span.end({ outcome: 'ok', rows: 0 });
    return answer;
  } catch (error) {
    span.end({ outcome: outcomeOf(error), rows: 0 });
    throw error;
  }
}

async function* tracedEach<T>(
  begin: () => CallSpan,
  call: (context: CallSpan['context']) => AsyncIterable<T>,
  rowsOf: (value: T) => number,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const span = begin();
  let rows = 0;
  let outcome: SpanOutcome = 'ok';
  try {
    for await (const value of call(span.context)) {
      rows += rowsOf(value);
      yield value;
    }
  } catch (error) {
    outcome = outcomeOf(error);
    throw error;
  } finally {
    // Whoever stops reading early has enough, unless nobody waits for the answer any more.
    span.end({ outcome: outcome === 'ok' && signal.aborted ? outcomeOf(signal.reason) : outcome, rows });
  }
}

/** A client that has left is nobody's failure. */
export function outcomeOf(error: unknown): SpanOutcome {
  const { kind, code } = toFault(error);
  return code === 'cancelled' ? 'cancelled' : kind;
}
