// What the tests of the cache have in common: a source that answers when and how a test says, a clock that a test sets, and the cache.

import { setTimeout as wait } from 'node:timers/promises';
import type { Access, Ask, Batch, Change, Collection, Filter, Operation, Query, Row, Source } from '#spi';
import { cached, type Target } from '../../src/cache/cached.ts';
import { type Memory, memory } from '../../src/cache/memory.ts';
import type { Cached, CacheUse } from '../../src/model/cache-use.ts';

export const never: AbortSignal = new AbortController().signal;

export const THINGS: Collection = {
  name: 'things',
  key: ['id'],
  fields: [
    { name: 'id', type: { kind: 'int32' } },
    { name: 'label', type: { kind: 'string' }, nullable: true },
  ],
  writes: ['insert', 'update', 'upsert', 'delete'],
};

export function row(id: number, label = `thing ${id}`): Row {
  return { id, label };
}

/** What a scripted source is asked. */
export interface Asked {
  readonly query: Query;
  readonly ask: Ask;
}

/** What it does: mostly set anew by a test in the middle. */
export interface Script {
  read(asked: Asked): AsyncIterable<Batch>;
  count(query: Query, signal: AbortSignal): Promise<number>;
  invoke(operation: string, input: unknown, signal: AbortSignal): Promise<string>;
  write(changes: readonly Change[]): Promise<void>;
  version?: string;
}

export interface Scripted {
  readonly source: Source;
  readonly script: Script;
  /** Every read that came through. */
  readonly reads: Asked[];
  /** Reads that ended, however. */
  ended: number;
  counts: number;
  calls: number;
}

const READS: Operation = {
  name: 'score',
  effect: 'read',
  idempotent: true,
  input: [],
  output: { kind: 'string' },
};
const WRITES: Operation = {
  name: 'book',
  effect: 'write',
  idempotent: false,
  input: [],
  output: { kind: 'string' },
};

export function batchOf(rows: readonly Row[], more: Partial<Batch> = {}): Batch {
  return { length: rows.length, row: (i) => rows[i] ?? {}, ...more };
}

/** One batch of these rows. */
export function answering(...rows: readonly Row[]): Script['read'] {
  return async function* () {
    yield batchOf(rows);
  };
}

/** Answers when it is told to: with rows, or with a fault. Until then it listens to its signal, as the guards see to. */
export function answeringLater() {
  const { promise, resolve, reject } = Promise.withResolvers<readonly Row[]>();
  promise.catch(() => {});
  const read: Script['read'] = async function* ({ ask: { signal } }) {
    const left = new Promise<never>((_, leave) => {
      if (signal.aborted) leave(signal.reason);
      signal.addEventListener('abort', () => leave(signal.reason), { once: true });
    });
    yield batchOf(await Promise.race([promise, left]));
  };
  return { read, answer: resolve, fail: reject };
}

export function failing(error: unknown): Script['read'] {
  // biome-ignore lint/correctness/useYield: it fails before it has anything
  return async function* () {
    throw error;
  };
}

export function scripted(collections: readonly Collection[] = [THINGS]): Scripted {
  const script: Script = {
    read: answering(row(1), row(2)),
    count: async () => 2,
    invoke: async (operation) => operation,
    write: async () => {},
  };
  const state: Scripted = {
    script,
    reads: [],
    ended: 0,
    counts: 0,
    calls: 0,
    source: {
      model: { collections, operations: [READS, WRITES] },
      access: (query): Access => ({
        where: query.where.map(() => 'exact'),
        ordered: true,
        limits: true,
        cost: 'scan',
        explain: 'scripted',
        async *read(ask) {
          state.reads.push({ query, ask });
          try {
            yield* script.read({ query, ask });
          } finally {
            state.ended++;
          }
        },
        async count({ signal }) {
          state.counts++;
          return script.count(query, signal);
        },
      }),
      check: async () => {},
      version: () => script.version,
      async write(changes) {
        await script.write(changes);
        return changes.map(({ key = [] }) => ({ key, created: false }));
      },
      async invoke(operation, input, { signal }) {
        state.calls++;
        return script.invoke(operation, input, signal);
      },
      async [Symbol.asyncDispose]() {},
    },
  };
  return state;
}

/** A clock that stands still until a test moves it. */
export interface TestClock {
  ms(): number;
  instant(): string;
  pause(ms: number, signal: AbortSignal): Promise<void>;
  forward(ms: number): void;
}

const BEGINNING = Date.parse('2026-01-01T00:00:00Z');

export function testClock(): TestClock {
  let at = 0;
  const waiting = new Set<{ readonly until: number; readonly end: () => void }>();
  return {
    ms: () => at,
    instant: () => new Date(BEGINNING + at).toISOString(),
    pause(ms, signal) {
      return new Promise((resolve) => {
        const one = {
          until: at + ms,
          end() {
            waiting.delete(one);
            resolve();
          },
        };
        waiting.add(one);
        if (signal.aborted) one.end();
        signal.addEventListener('abort', one.end, { once: true });
      });
    },
    forward(ms) {
      at += ms;
      for (const one of [...waiting]) if (one.until <= at) one.end();
    },
  };
}

export interface Caching {
  readonly source: Source;
  readonly clock: TestClock;
  readonly memory: Memory;
  readonly uses: CacheUse[];
}

export const LIMITS = { maxBytes: 1_000_000, maxAnswerBytes: 100_000 };

/** The cache around a source: these ages for everything that it has. */
export function caching(
  source: Source,
  target: Partial<Target>,
  limits: Parameters<typeof memory>[0] = LIMITS,
): Caching {
  const clock = testClock();
  const uses: CacheUse[] = [];
  const kept = memory(limits);
  const whole = { maxAgeMs: 0, staleWhileRevalidateMs: 0, staleIfErrorMs: 0, ...target };
  const { collections, operations } = source.model;
  return {
    clock,
    memory: kept,
    uses,
    source: cached(source, {
      collections: new Map(collections.map(({ name }) => [name, whole])),
      operations: new Map(operations.map(({ name }) => [name, whole])),
      memory: kept,
      behindMs: 1_000,
      clock,
      observe: (_target, use) => uses.push(use),
    }),
  };
}

export interface Answer {
  readonly rows: readonly Row[];
  readonly cache: Cached | undefined;
  readonly asOf: string | undefined;
}

export interface Reading {
  readonly where?: Filter;
  readonly fields?: readonly string[];
  readonly limit?: number;
  readonly signal?: AbortSignal;
  readonly collection?: string;
}

/** Reads to the end. */
export async function answerOf(
  source: Source,
  { where = [], fields = ['id', 'label'], limit, signal = never, collection = 'things' }: Reading = {},
): Promise<Answer> {
  const rows: Row[] = [];
  let cache: Cached | undefined;
  let asOf: string | undefined;
  const ask = { fields, signal, ...(limit === undefined ? {} : { limit }) };
  for await (const batch of source.access({ collection, where, order: [] }).read(ask)) {
    for (let i = 0; i < batch.length; i++) rows.push(batch.row(i));
    ({ cache, asOf } = batch);
  }
  return { rows, cache, asOf };
}

export async function useOf(source: Source, reading: Reading = {}): Promise<CacheUse | undefined> {
  return (await answerOf(source, reading)).cache?.use;
}

export async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 2_000 && !condition(); i++) await wait(1);
  if (!condition()) throw new Error('it has not come about');
}
