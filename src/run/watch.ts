// Knows: how a collection is watched: by the source that has it, with what is to be told of each row, and signs of life between.
// Must not know: facades, adapters, how anything is told.

import { Fault } from '../fault.ts';
import { pause } from '../guard/guard.ts';
import type { CatalogCollection } from '../model/catalog.ts';
import { checkCost, planWatch } from '../plan/planner.ts';
import type { Caller } from '../query/caller.ts';
import type { Item, Related } from '../query/request.ts';
import { traceOf } from '../query/trace.ts';
import {
  type Happening,
  isPosition,
  type Watch,
  type WatchEvent,
  type WatchRequest,
} from '../query/watching.ts';
import type { Showing } from '../rights/shown-rows.ts';
import type { ChangeEvent } from '../spi.ts';
import { relate } from './relate.ts';
import type { ExecuteParts, Running } from './running.ts';
import { faultFor, seenBy } from './seen.ts';
import { sieve } from './sieve.ts';

export interface WatchParts extends ExecuteParts {
  /** Aborted when the gateway ends: then every watch does, at once. */
  readonly stopping: AbortSignal;
  /** Whether who watches would still be let in: a token ends, a key is taken back. Absent: it is not asked. */
  readonly accepts?: (caller: Caller) => boolean;
}

type Answer = (event: ChangeEvent) => Promise<Happening>;
type Next = Promise<IteratorResult<ChangeEvent>>;

export function createWatch(parts: WatchParts): Watch {
  const { policy, stopping, accepts } = parts;
  const limits = policy.watch;
  let open = 0;

  return async (request, context) => {
    const seen = seenBy(parts, context);
    const planned = seen.restricted(planWatch(request, seen.catalog, policy, seen.sealing));
    checkCost(planned, policy, context.asked);
    const showing = seen.showing(request.collection);
    const judge = sieve(collectionIn(parts, request), seen.rowsOf(request.collection), showing);
    const place = { source: planned.source, collection: request.collection };
    const source = parts.source(planned.source);
    if (source.watch === undefined) {
      throw new Fault('unsupported', `Changes of "${request.collection}" cannot be watched`, {
        code: 'not-watchable',
        ...place,
      });
    }
    if (stopping.aborted) throw stopped();
    context.signal.throwIfAborted();
    context.lift?.();
    if (open >= limits.maxWatches) throw tooMany(limits.maxWatches);

    const over = new AbortController();
    const events = source
      .watch(request.collection, {
        ...(request.after === undefined ? {} : { from: request.after }),
        ...(request.live ? {} : { live: false }),
        signal: over.signal,
        ...traceOf(context),
      })
      [Symbol.asyncIterator]();
    open++;
    const end = (): void => {
      if (over.signal.aborted) return;
      open--;
      context.signal.removeEventListener('abort', end);
      stopping.removeEventListener('abort', end);
      over.abort(new Fault('unavailable', 'The watch has ended', { code: 'cancelled' }));
      events.return?.().catch(() => {});
    };
    context.signal.addEventListener('abort', end, { once: true });
    stopping.addEventListener('abort', end, { once: true });

    const ended = (error: unknown): unknown => {
      if (context.signal.aborted) return error;
      return stopping.aborted ? stopped() : faultFor(showing, error).at(place);
    };
    const next = (): Next => {
      const coming = events.next();
      // It may fail while nobody waits for it: then whoever asks next is told.
      coming.catch(() => {});
      return coming;
    };
    const answer = answering(
      { policy, source: parts.source, context, seen, saw: () => {}, tally: () => {} },
      planned.includes,
      showing,
    );

    let coming = next();
    try {
      await (request.live ? orIdle(coming, limits.openMs) : coming);
    } catch (error) {
      end();
      throw ended(error);
    }

    const { caller } = context;
    async function* told(): AsyncGenerator<WatchEvent> {
      let beat = startBeat(limits.heartbeatMs);
      /** What need not be told at once: where to resume, or that something has gone. */
      let waiting: ChangeEvent | undefined;
      /** One is enough until the next sign of life. */
      let hasReset = false;
      try {
        for (;;) {
          const came = request.live ? await beat.orOver(coming) : await coming;
          if (caller !== undefined && accepts?.(caller) === false) throw credentialsEnded();
          if (came === undefined) {
            hasReset = waiting?.kind === 'reset';
            yield waiting === undefined ? { kind: 'idle' } : await answer(waiting);
            waiting = undefined;
            beat = startBeat(limits.heartbeatMs);
            continue;
          }
          if (came.done === true) {
            if (waiting !== undefined) yield await answer(waiting);
            return;
          }
          const event = came.value;
          const judged = judge(event);
          if (judged === 'nothing' || (judged === 'reset' && hasReset)) {
            waiting = without(event, judged === 'reset' || waiting?.kind === 'reset' ? 'reset' : 'position');
          } else {
            // Who resumes behind this event has been told of what came before it.
            if (waiting?.kind === 'reset') yield await answer(waiting);
            waiting = undefined;
            hasReset ||= judged === 'reset';
            yield await answer(judged === 'reset' ? without(event, 'reset') : event);
            beat.end();
            beat = startBeat(limits.heartbeatMs);
          }
          coming = next();
        }
      } catch (error) {
        throw ended(error);
      } finally {
        beat.end();
        end();
      }
    }
    return { events: told(), over: over.signal };
  };
}

/** Undefined: nothing came for so long. */
async function orIdle(coming: Next, idleMs: number): Promise<IteratorResult<ChangeEvent> | undefined> {
  const waiting = new AbortController();
  try {
    return await Promise.race([coming, pause(idleMs, waiting.signal).then(() => undefined)]);
  } finally {
    waiting.abort();
  }
}

interface Beat {
  /** What comes, or undefined when it is time for a sign of life: at once, if it was time before. */
  orOver(coming: Next): Promise<IteratorResult<ChangeEvent> | undefined>;
  end(): void;
}

/** Many events may come that are not told; none of them leaves anything behind, as it would with `Promise.race`. */
function startBeat(ms: number): Beat {
  const ending = new AbortController();
  let isOver = false;
  let wake = (): void => {};
  void pause(ms, ending.signal).then(() => {
    isOver = true;
    wake();
  });
  return {
    orOver: (coming) =>
      new Promise((resolve, reject) => {
        wake = () => resolve(undefined);
        coming.then(resolve, reject);
        if (isOver) wake();
      }),
    end: () => ending.abort(),
  };
}

/** Only where the watch is, and that something has happened, or nothing. */
function without({ position, asOf }: ChangeEvent, kind: 'reset' | 'position'): ChangeEvent {
  return { kind, position, ...(asOf === undefined ? {} : { asOf }) };
}

function collectionIn({ catalog }: WatchParts, { collection: name }: WatchRequest): CatalogCollection {
  const found = catalog.collections.get(name);
  if (found === undefined) throw new Fault('internal', 'A collection has gone');
  return found;
}

const NOTHING: ReadonlyMap<string, Related> = new Map();

function answering(
  running: Running,
  includes: Parameters<typeof relate>[1],
  showing: Showing | undefined,
): Answer {
  const itemOf = async (row: Item['row']): Promise<Item> => {
    const [related] = includes.length === 0 ? [] : await relate([row], includes, running);
    return { row: showing?.row(row) ?? row, related: related ?? NOTHING, cursor: '' };
  };
  return async ({ row, position, changed, ...event }) => {
    if (!isPosition(position)) {
      throw new Fault('internal', 'A position is no visible ASCII', { cause: new TypeError(position) });
    }
    return {
      ...event,
      position,
      ...(changed === undefined ? {} : { changed: showing?.names(changed) ?? changed }),
      ...(row === undefined ? {} : { item: await itemOf(row) }),
    };
  };
}

/** Whoever watches is not let in once for ever. */
function credentialsEnded(): Fault {
  return new Fault('unauthenticated', 'The credentials are not accepted any more', {
    code: 'bad-credentials',
    hint: 'Go on from the position of the last event, with new ones.',
  });
}

function stopped(): Fault {
  return new Fault('unavailable', 'The gateway is stopping', {
    code: 'stopping',
    hint: 'Go on from the position of the last event.',
  });
}

function tooMany(limit: number): Fault {
  return new Fault('throttled', `${limit} clients watch changes already`, { code: 'watch-limit' });
}
