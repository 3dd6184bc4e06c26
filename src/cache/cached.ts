// Knows: what a source answers from memory, where the configuration says how old that may be, and which writes make it forget.
// Must not know: what the source is, what stands around it, who asks with which rights.

import { Fault, type FaultKind } from '../fault.ts';
import { decorated, decoratedAccess, pause } from '../guard/guard.ts';
import type { CacheUse } from '../model/cache-use.ts';
import type { Cell } from '../model/value.ts';
import type { Access, Ask, Batch, CallHow, Query, Source } from '../spi.ts';
import { keptBatch } from './kept-batch.ts';
import { callKey, queryText, readKey } from './key.ts';
import type { Memory } from './memory.ts';
import type { Ages, Clock, Told, ToldNothing } from './question.ts';
import { type Shelf, shelf } from './shelf.ts';
import { weighed } from './weight.ts';

/** How old answers may be; for a collection, what else changes it. */
export interface Target extends Ages {
  /** Other collections of the source: a write to one of them is a write to this one, as where this is a view of it. */
  readonly changedBy?: readonly string[];
}

export interface CacheOf {
  /** By API name; what is not named is not kept. Names of other sources do not matter. */
  readonly collections: ReadonlyMap<string, Target>;
  readonly operations: ReadonlyMap<string, Target>;
  readonly memory: Memory;
  /** Longest time that the source is asked while nobody waits, in milliseconds. */
  readonly behindMs: number;
  readonly clock?: Clock;
  observe?(target: string, use: CacheUse, bytes: number): void;
}

const CLOCK: Clock = {
  ms: () => performance.now(),
  instant: () => new Date().toISOString(),
  pause,
};

interface OfCollection {
  readonly target: Target;
  readonly rows: Shelf<Batch>;
  readonly counts: Shelf<number>;
}

/** The same source with a memory; the source itself where nothing of it is to be kept. Disposing it disposes of the source. */
export function cached(source: Source, of: CacheOf): Source {
  const { behindMs } = of;
  const keeping = shelves(source, of);
  const { collections, operations } = keeping;
  if (collections.size + operations.size === 0) return source;
  const writing = new Set(
    source.model.operations.flatMap(({ name, effect }) => (effect === 'write' ? [name] : [])),
  );

  /** What came before it is forgotten, and so is what was asked while it was under way. */
  const changing = async <T>(changed: readonly string[] | 'all', change: () => Promise<T>): Promise<T> => {
    keeping.forget(changed);
    try {
      return await change();
    } catch (error) {
      // It may still be made, and nobody will say when.
      if (!isRefusal(error)) keeping.unsure(changed, behindMs);
      throw error;
    } finally {
      keeping.forget(changed);
    }
  };

  return decorated(source, {
    access(access, query) {
      const own = collections.get(query.collection);
      return own === undefined ? access : cachedAccess(access, query, own);
    },
    write: (write) => (changes, how) =>
      changing([...new Set(changes.map(({ collection }) => collection))], () => write(changes, how)),
    invoke: (invoke) => (operation, input, how) => {
      const call = (signal: AbortSignal) => invoke(operation, input, { ...how, signal });
      const own = operations.get(operation);
      if (own !== undefined) return cachedCall(own, callKey(operation, input), how, call);
      return writing.has(operation) ? changing('all', () => call(how.signal)) : call(how.signal);
    },
    watch: (watch) =>
      async function* (collection, how) {
        for await (const event of watch(collection, how)) {
          if (event.kind !== 'position') keeping.forget([collection]);
          yield event;
        }
      },
    end: () => keeping.forget('all'),
  });
}

interface Shelves {
  readonly collections: ReadonlyMap<string, OfCollection>;
  readonly operations: ReadonlyMap<string, Shelf<Cell>>;
  forget(changed: readonly string[] | 'all'): void;
  unsure(changed: readonly string[] | 'all', ms: number): void;
}

function shelves(source: Source, of: CacheOf): Shelves {
  const { memory, behindMs, clock = CLOCK } = of;
  const { model } = source;
  /** How many writes there have been that concern it. */
  const writes = new Map<string, number>();
  let calls = 0;
  const about = (name: string, ages: Ages) => ({
    ages,
    memory,
    clock,
    behindMs,
    observe: (use: CacheUse, bytes: number) => of.observe?.(name, use, bytes),
  });
  const collections = new Map(
    model.collections.flatMap(({ name }) => {
      const target = of.collections.get(name);
      if (target === undefined) return [];
      const common = {
        ...about(name, target),
        stamp: () => `${writes.get(name) ?? 0} ${source.version?.(name) ?? ''}`,
      };
      const rows = shelf<Batch>({ ...common, keep: keptBatch });
      const counts = shelf<number>({ ...common, keep: (kept) => ({ kept, bytes: 12, sound: true }) });
      return [[name, { target, rows, counts }] as const];
    }),
  );
  const operations = new Map(
    model.operations.flatMap(({ name, effect, idempotent }) => {
      const target = of.operations.get(name);
      if (target === undefined || effect === 'write' || !idempotent) return [];
      const keep = (cell: Cell, room: number) => {
        const own = weighed(cell);
        return own.bytes > room ? undefined : own;
      };
      return [[name, shelf<Cell>({ ...about(name, target), stamp: () => String(calls), keep })] as const];
    }),
  );
  /** What an operation reads, nobody knows: any write may change it. */
  const concerned = (changed: readonly string[] | 'all'): readonly (readonly [string, OfCollection])[] =>
    [...collections].filter(
      ([name, { target }]) =>
        changed === 'all' ||
        changed.includes(name) ||
        target.changedBy?.some((other) => changed.includes(other)) === true,
    );
  return {
    collections,
    operations,
    forget(changed) {
      for (const [name, { rows, counts }] of concerned(changed)) {
        writes.set(name, (writes.get(name) ?? 0) + 1);
        rows.clear();
        counts.clear();
      }
      calls++;
      for (const own of operations.values()) own.clear();
    },
    unsure(changed, ms) {
      for (const [, { rows, counts }] of concerned(changed)) {
        rows.unsure(ms);
        counts.unsure(ms);
      }
      for (const own of operations.values()) own.unsure(ms);
    },
  };
}

/** The source has said that nothing was changed. */
const REFUSALS: ReadonlySet<FaultKind> = new Set([
  'invalid',
  'forbidden',
  'not-found',
  'conflict',
  'stale',
  'rejected',
  'too-costly',
  'throttled',
  'unsupported',
]);

function isRefusal(error: unknown): boolean {
  return error instanceof Fault && REFUSALS.has(error.kind);
}

function cachedAccess(access: Access, query: Query, { rows, counts }: OfCollection): Access {
  return decoratedAccess(access, {
    read: (read) => (ask) => (ask.fresh === true ? read(ask) : readThrough(read, query, rows, ask)),
    count: (count) => (ask) =>
      single(
        counts.answers({
          key: queryText(query),
          signal: ask.signal,
          begin: (signal) => once(count({ ...ask, signal })),
        }),
        ask,
      ),
  });
}

async function* readThrough(
  read: Access['read'],
  query: Query,
  rows: Shelf<Batch>,
  ask: Ask,
): AsyncGenerator<Batch> {
  const answers = rows.answers({
    key: readKey(query, ask),
    signal: ask.signal,
    lane: ask.within === true ? 'within' : 'own',
    begin: (signal) => read({ ...ask, signal }),
  });
  for await (const told of answers) yield told.part === undefined ? empty(told) : dated(told);
}

/** An answer without rows, too, says how old it is. */
function empty({ asOf, cached }: ToldNothing): Batch {
  return { length: 0, row: () => ({}), asOf, cache: cached };
}

function dated({ part: batch, asOf, cached }: Told<Batch>): Batch {
  const { length, json, version } = batch;
  return {
    length,
    row: (i) => batch.row(i),
    ...(json === undefined ? {} : { json: (i, out) => json.call(batch, i, out) }),
    asOf: batch.asOf ?? asOf,
    ...(version === undefined ? {} : { version }),
    cache: cached,
  };
}

function cachedCall(
  own: Shelf<Cell>,
  key: string,
  how: CallHow,
  call: (signal: AbortSignal) => Promise<Cell>,
): Promise<Cell> {
  return single(own.answers({ key, signal: how.signal, begin: (signal) => once(call(signal)) }), how);
}

async function* once<T>(answer: Promise<T>): AsyncGenerator<T> {
  yield await answer;
}

/** The answer that has one part. */
async function single<T>(
  answers: AsyncIterable<Told<T> | ToldNothing>,
  { about }: Pick<CallHow, 'about'>,
): Promise<T> {
  for await (const { part, asOf, cached } of answers) {
    about?.({ asOf, cache: cached });
    if (part !== undefined) return part;
  }
  throw new Fault('internal', 'An answer has no part');
}
