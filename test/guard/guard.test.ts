import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { memorySource } from '../../adapters/memory/memory.ts';
import { Fault } from '../../src/fault.ts';
import { guard } from '../../src/guard/guard.ts';
import type { Access, Ask, Batch, Source } from '../../src/spi.ts';

function source(read: (ask: Ask) => AsyncIterable<Batch>): Source {
  const access: Access = { where: [], ordered: true, limits: true, cost: 'scan', explain: 'a test', read };
  return { ...memorySource([]), access: () => access };
}

const query = { collection: 'c', where: [], order: [] };
const batch: Batch = { length: 1, row: () => ({}) };

async function drain(
  guarded: Source,
  signal = new AbortController().signal,
  each = async () => {},
): Promise<number> {
  let batches = 0;
  for await (const _ of guarded.access(query).read({ fields: [], signal })) {
    batches++;
    await each();
  }
  return batches;
}

describe('guard', () => {
  it('a source that does not answer in time is a timeout, and is told to stop', async () => {
    let told: AbortSignal | undefined;
    const seen: Fault[] = [];
    const slow = source(async function* (ask) {
      told = ask.signal;
      yield batch;
      await new Promise(() => {});
    });
    const guarded = guard(slow, { source: 'mainframe', timeoutMs: 30, onFault: (fault) => seen.push(fault) });
    await assert.rejects(
      drain(guarded),
      (error) => error instanceof Fault && error.kind === 'timeout' && error.place.source === 'mainframe',
    );
    assert.equal(told?.aborted, true);
    assert.equal(seen.length, 1);
  });

  it('a change that is not answered in time may have been made: it is told so, and not to try again', async () => {
    let told: AbortSignal | undefined;
    const stuck: Source = {
      ...memorySource([]),
      write: (_changes, { signal }) => {
        told = signal;
        return new Promise(() => {});
      },
    };
    const guarded = guard(stuck, { source: 'ledger', timeoutMs: 30 });
    await assert.rejects(
      async () => guarded.write?.([], { signal: new AbortController().signal }),
      (error) =>
        error instanceof Fault &&
        error.kind === 'upstream' &&
        error.code === 'outcome-unknown' &&
        error.place.source === 'ledger',
    );
    assert.equal(told?.aborted, true);
  });

  it('the time that a slow reader takes does not count', async () => {
    const quick = source(async function* () {
      for (let i = 0; i < 4; i++) yield batch;
    });
    assert.equal(await drain(guard(quick, { source: 's', timeoutMs: 25 }), undefined, () => wait(40)), 4);
  });

  it('a client that leaves ends the wait at once with its reason', async () => {
    const leaving = new AbortController();
    const stuck = source(async function* () {
      await new Promise(() => {});
      yield batch;
    });
    const reading = drain(guard(stuck, { source: 's', timeoutMs: 60_000 }), leaving.signal);
    leaving.abort(new Error('gone'));
    await assert.rejects(reading, /gone/);
  });

  it('a reader that stops early frees the source before it goes on', async () => {
    let closed = false;
    const open = source(async function* () {
      try {
        yield batch;
        yield batch;
      } finally {
        await wait(5);
        closed = true;
      }
    });
    for await (const _ of guard(open, { source: 's', timeoutMs: 1_000 })
      .access(query)
      .read({ fields: [], signal: new AbortController().signal }))
      break;
    assert.equal(closed, true);
  });

  it('a fault of the source learns the source’s name and is otherwise the same', async () => {
    const bad = source(async function* () {
      yield batch;
      throw new Fault('corrupt', 'bad digit', { record: 7 });
    });
    await assert.rejects(drain(guard(bad, { source: 'mainframe', timeoutMs: 1_000 })), (error) => {
      assert.ok(error instanceof Fault);
      assert.deepEqual([error.kind, error.place.record, error.place.source], ['corrupt', 7, 'mainframe']);
      return true;
    });
  });

  it('no timer is left behind', async () => {
    const quick = source(async function* () {
      yield batch;
    });
    await drain(guard(quick, { source: 's', timeoutMs: 60_000 }));
    assert.deepEqual(
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout'),
      [],
    );
  });

  const writing = (write: NonNullable<Source['write']>) =>
    guard({ ...memorySource([]), write }, { source: 's', timeoutMs: 30 }).write?.([], {
      signal: new AbortController().signal,
    });

  it('a write that stops when its time is over is a timeout', async () => {
    const stopping = writing(
      (_changes, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    await assert.rejects(stopping ?? wait(0), (error) => error instanceof Fault && error.kind === 'timeout');
  });

  it('a write that was at its end when its time was over is answered', async () => {
    const outcomes = [{ key: [1], created: true }];
    const late = writing(
      (_changes, { signal }) =>
        new Promise((resolve) => signal.addEventListener('abort', () => setImmediate(resolve, outcomes))),
    );
    assert.deepEqual(await late, outcomes);
  });

  it('a call that changes something and is not answered in time may have changed it; a repeatable one is a timeout', async () => {
    const operation = { effect: 'write', input: [], output: { kind: 'boolean' } } as const;
    const stuck: Source = {
      ...memorySource([]),
      model: {
        collections: [],
        operations: [
          { ...operation, name: 'transfer', idempotent: false },
          { ...operation, name: 'close', idempotent: true },
        ],
      },
      invoke: () => new Promise(() => {}),
    };
    const guarded = guard(stuck, { source: 's', timeoutMs: 30 });
    for (const [name, code] of [
      ['transfer', 'outcome-unknown'],
      ['close', 'timeout'],
    ] as const) {
      await assert.rejects(
        async () => guarded.invoke?.(name, {}, { signal: new AbortController().signal }),
        (error) => error instanceof Fault && error.code === code,
      );
    }
  });

  it('what a source does not claim is not added', () => {
    const guarded = guard(memorySource([]), { source: 's', timeoutMs: 1 });
    assert.deepEqual([guarded.write, guarded.invoke, guarded.watch], [undefined, undefined, undefined]);
  });
});
