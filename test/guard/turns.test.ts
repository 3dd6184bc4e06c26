import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createGuards, type Guards } from '../../src/guard/guard.ts';
import type { Source } from '../../src/spi.ts';
import { batchOf, gate, NEVER, QUERY, reading, rowsOf, settle, told } from './sources.ts';

interface Busy {
  readonly guards: Guards;
  readonly source: Source;
  /** Names of the reads that have begun. */
  readonly begun: number[];
  /** Lets a read that has begun end. */
  finish(read: number): void;
}

function busy(limits: { concurrency: number; queue?: number; queueMs?: number }): Busy {
  const guards = createGuards({ source: 's', timeoutMs: 10_000, queue: 10, queueMs: 10_000, ...limits });
  const begun: number[] = [];
  const gates = new Map<number, ReturnType<typeof gate>>();
  const source = guards.around(
    reading(async function* () {
      const read = begun.length + 1;
      begun.push(read);
      const own = gate();
      gates.set(read, own);
      await own.passed;
      yield batchOf(read);
    }),
  );
  return { guards, source, begun, finish: (read) => gates.get(read)?.open() };
}

describe('turns', () => {
  it('so many calls run at the same time, the others wait in the order of their coming', async () => {
    const { guards, source, begun, finish } = busy({ concurrency: 2 });
    const ended: string[] = [];
    const reads = ['a', 'b', 'c', 'd'].map((name) => rowsOf(source).then(() => ended.push(name)));
    await settle();
    assert.deepEqual([begun.length, guards.state().running, guards.state().queued], [2, 2, 2]);
    finish(2);
    await settle();
    assert.deepEqual([ended, begun.length], [['b'], 3]);
    finish(3);
    await settle();
    assert.deepEqual([ended, begun.length], [['b', 'c'], 4]);
    finish(1);
    finish(4);
    await Promise.all(reads);
    assert.deepEqual([guards.state().running, guards.state().queued], [0, 0]);
  });

  it('more than may wait are refused at once', async () => {
    const { source, finish } = busy({ concurrency: 1, queue: 1 });
    const first = rowsOf(source);
    const second = rowsOf(source);
    assert.equal(await told(rowsOf(source)), 'queue-full');
    finish(1);
    await first;
    await settle();
    finish(2);
    assert.equal(await second, 2);
  });

  it('who waits too long is told so, and the source is not asked for him', async () => {
    const { guards, source, begun, finish } = busy({ concurrency: 1, queueMs: 20 });
    const first = rowsOf(source);
    assert.equal(await told(rowsOf(source)), 'queue-timeout');
    assert.deepEqual([begun, guards.state().queued], [[1], 0]);
    finish(1);
    await first;
  });

  it('who leaves while he waits leaves the queue at once, by his own reason', async () => {
    const { guards, source, begun, finish } = busy({ concurrency: 1 });
    const first = rowsOf(source);
    const leaving = new AbortController();
    const second = rowsOf(source, leaving.signal);
    const third = rowsOf(source);
    await settle();
    leaving.abort(new Error('gone'));
    await assert.rejects(second, /gone/);
    assert.equal(guards.state().queued, 1);
    finish(1);
    await first;
    await settle();
    finish(2);
    assert.equal(await third, 2);
    assert.deepEqual(begun, [1, 2]);
  });

  it('a turn lasts until the read has ended, whatever the reader takes between batches', async () => {
    const guards = createGuards({ source: 's', timeoutMs: 1_000, concurrency: 1, queue: 1, queueMs: 20 });
    const source = guards.around(
      reading(async function* () {
        yield batchOf(1);
        yield batchOf(1);
      }),
    );
    const batches = source.access(QUERY).read({ fields: [], signal: NEVER })[Symbol.asyncIterator]();
    await batches.next();
    assert.equal(await told(rowsOf(source)), 'queue-timeout');
    await batches.return?.();
    assert.equal(guards.state().running, 0);
    assert.equal(await rowsOf(source), 2);
  });

  it('a read within another one does not wait for it', async () => {
    const guards = createGuards({ source: 's', timeoutMs: 1_000, concurrency: 1, queue: 9, queueMs: 5_000 });
    const source = guards.around(
      reading(async function* () {
        yield batchOf(1);
        yield batchOf(1);
      }),
    );
    const nested = async (): Promise<number> => {
      let rows = 0;
      for await (const _ of source.access(QUERY).read({ fields: [], signal: NEVER })) {
        rows += await rowsOf(source, NEVER, true);
      }
      return rows;
    };
    assert.deepEqual(await Promise.all([nested(), nested(), nested()]), [4, 4, 4]);
  });

  it('a call that fails gives its turn back; what the source still does about one that was given up counts for a moment', async () => {
    const guards = createGuards({ source: 's', timeoutMs: 20, concurrency: 1, queue: 1, queueMs: 5_000 });
    const stopped = gate();
    let reads = 0;
    const source = guards.around(
      reading(async function* () {
        reads++;
        if (reads === 1) await stopped.passed;
        yield batchOf(reads);
      }),
    );
    assert.equal(await told(rowsOf(source)), 'timeout');
    assert.equal(guards.state().running, 1, 'the source has not stopped yet');
    const next = rowsOf(source);
    await settle();
    assert.equal(reads, 1);
    stopped.open();
    assert.equal(await next, 2);
    assert.equal(guards.state().running, 0);
  });

  it('a source that never stops does not keep the turn for ever', async () => {
    const guards = createGuards({ source: 's', timeoutMs: 10, concurrency: 1, queue: 1, queueMs: 5_000 });
    let reads = 0;
    const source = guards.around(
      reading(async function* () {
        reads++;
        if (reads === 1) await new Promise(() => {});
        yield batchOf(1);
      }),
    );
    assert.equal(await told(rowsOf(source)), 'timeout');
    assert.equal(await rowsOf(source), 1);
  });

  it('a watch takes no turn', async () => {
    const guards = createGuards({ source: 's', timeoutMs: 1_000, concurrency: 1 });
    const source = guards.around(
      reading(
        async function* () {
          yield batchOf(1);
        },
        {
          watch: async function* () {
            yield { kind: 'reset', position: 'p' };
            await new Promise(() => {});
          },
        },
      ),
    );
    const leaving = new AbortController();
    const events = source.watch?.('things', { signal: leaving.signal })[Symbol.asyncIterator]();
    await events?.next();
    assert.equal(await rowsOf(source), 1);
    const ended = assert.rejects(async () => await events?.next());
    leaving.abort(new Error('over'));
    await ended;
  });
});
