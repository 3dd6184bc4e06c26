// Knows: how a collection is watched: by the source that has it, with what is to be told of each row, and signs of life between.
// Must not know: facades, adapters, how anything is told.

import { Fault, toFault } from '../fault.ts';
import { pause } from '../guard/guard.ts';
import { checkCost, planWatch } from '../plan/planner.ts';
import type { Item, Related } from '../query/request.ts';
import { type Happening, isPosition, type Watch, type WatchEvent } from '../query/watching.ts';
import type { ChangeEvent } from '../spi.ts';
import { relate } from './relate.ts';
import type { ExecuteParts, Running } from './running.ts';

export interface WatchParts extends ExecuteParts {
  /** Aborted when the gateway ends: then every watch does, at once. */
  readonly stopping: AbortSignal;
}

type Answer = (event: ChangeEvent) => Promise<Happening>;
type Next = Promise<IteratorResult<ChangeEvent>>;

export function createWatch(parts: WatchParts): Watch {
  const { catalog, policy, stopping } = parts;
  const limits = policy.watch;
  let open = 0;

  return async (request, context) => {
    const planned = planWatch(request, catalog, policy);
    checkCost(planned, policy, context.asked);
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
      return stopping.aborted ? stopped() : toFault(error).at(place);
    };
    const next = (): Next => {
      const coming = events.next();
      // It may fail while nobody waits for it: then whoever asks next is told.
      coming.catch(() => {});
      return coming;
    };
    const answer = answering({ ...parts, context, saw: () => {}, tally: () => {} }, planned.includes);

    let coming = next();
    try {
      await (request.live ? orIdle(coming, limits.openMs) : coming);
    } catch (error) {
      end();
      throw ended(error);
    }

    async function* told(): AsyncGenerator<WatchEvent> {
      try {
        for (;;) {
          const came = request.live ? await orIdle(coming, limits.heartbeatMs) : await coming;
          if (came === undefined) {
            yield { kind: 'idle' };
            continue;
          }
          if (came.done === true) return;
          yield await answer(came.value);
          coming = next();
        }
      } catch (error) {
        throw ended(error);
      } finally {
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

const NOTHING: ReadonlyMap<string, Related> = new Map();

function answering(running: Running, includes: Parameters<typeof relate>[1]): Answer {
  const itemOf = async (row: Item['row']): Promise<Item> => {
    const [related] = includes.length === 0 ? [] : await relate([row], includes, running);
    return { row, related: related ?? NOTHING, cursor: '' };
  };
  return async ({ row, position, ...event }) => {
    if (!isPosition(position)) {
      throw new Fault('internal', 'A position is no visible ASCII', { cause: new TypeError(position) });
    }
    return { ...event, position, ...(row === undefined ? {} : { item: await itemOf(row) }) };
  };
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
