// How a watch runs: what is refused, what is told between events, who ends it, and that nothing is left of it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { memorySource } from '../../adapters/memory/memory.ts';
import { Fault } from '../../src/fault.ts';
import { guard } from '../../src/guard/guard.ts';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import type { Collection } from '../../src/model/type.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/policy.ts';
import type { Caller } from '../../src/query/caller.ts';
import type { WatchEvent, WatchRequest } from '../../src/query/watching.ts';
import { createWatch } from '../../src/run/watch.ts';
import type { ChangeEvent, Source, WatchHow } from '../../src/spi.ts';

const things: Collection = {
  name: 'things',
  key: ['id'],
  watchable: true,
  fields: [
    { name: 'id', type: { kind: 'int32' } },
    { name: 'owner', type: { kind: 'int32' } },
  ],
};
const people: Collection = { name: 'people', key: ['id'], fields: [{ name: 'id', type: { kind: 'int32' } }] };

const REQUEST: WatchRequest = {
  collection: 'things',
  selection: { fields: ['id'], include: [] },
  live: true,
};

type Events = (how: WatchHow) => AsyncIterable<ChangeEvent>;

/** A gateway whose source tells these events. `given`: signals that the source was handed. */
function gateway(
  events: Events | undefined,
  limits: Partial<Policy['watch']> = {},
  accepts?: (caller: Caller) => boolean,
) {
  const inner = memorySource([
    { ...things, rows: [] },
    { ...people, rows: [{ id: 1 }] },
  ]);
  const given: WatchHow[] = [];
  const seen: Fault[] = [];
  const { watch: _, ...silent } = inner;
  const bare: Source = {
    ...silent,
    ...(events === undefined
      ? {}
      : {
          watch: (_collection: string, how: WatchHow) => {
            given.push(how);
            return events(how);
          },
        }),
  };
  const source = guard(bare, { source: 'ledger', timeoutMs: 40, onFault: (fault) => seen.push(fault) });
  const { catalog, problems } = buildCatalog(
    [{ source: 'ledger', ...inner.model }],
    [{ from: 'things.person', to: 'people', on: { owner: 'id' } }],
  );
  assert.deepEqual(problems, []);
  const stopping = new AbortController();
  const policy = { ...DEFAULT_POLICY, watch: { ...DEFAULT_POLICY.watch, openMs: 10, ...limits } };
  const watch = createWatch({
    catalog,
    policy,
    source: () => source,
    stopping: stopping.signal,
    ...(accepts === undefined ? {} : { accepts }),
  });
  return { watch, given, seen, stop: () => stopping.abort() };
}

function context(signal = new AbortController().signal) {
  return { requestId: 'r', signal };
}

function insert(id: number): ChangeEvent {
  return { kind: 'insert', key: [id], row: { id, owner: id }, position: `p${id}` };
}

/** Tells these events, then waits for ever; it does not listen to the signal. */
function deaf(...events: readonly ChangeEvent[]): Events {
  return async function* () {
    yield* events;
    await new Promise(() => {});
  };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => assert.fail('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Fault, String(error));
  return `${error.kind} ${error.code} ${error.place.source ?? ''} ${error.place.collection ?? ''}`.trim();
}

describe('a watch', () => {
  it('is refused of what cannot be watched, and where names are wrong', async () => {
    const { watch, given } = gateway(deaf());
    const ask = (more: Partial<WatchRequest>) => codeOf(watch({ ...REQUEST, ...more }, context()));
    assert.equal(await ask({ collection: 'people' }), 'unsupported not-watchable ledger people');
    assert.equal(await ask({ collection: 'thigs' }), 'not-found not-found');
    assert.equal(
      await ask({ selection: { fields: ['ownr'], include: [] } }),
      'invalid unknown-field  things',
    );
    assert.equal(given.length, 0);
    const mute = gateway(undefined);
    assert.equal(await codeOf(mute.watch(REQUEST, context())), 'unsupported not-watchable ledger things');
  });

  it('passes on where to begin and whether to end', async () => {
    const { watch, given } = gateway(async function* () {});
    await watch({ ...REQUEST, after: 'p9' }, context());
    await watch({ ...REQUEST, live: false }, context());
    assert.deepEqual(
      given.map(({ from, live }) => [from, live]),
      [
        ['p9', undefined],
        [undefined, false],
      ],
    );
  });

  it('stands although nothing happens, and gives signs of life', async () => {
    const { watch } = gateway(deaf(), { heartbeatMs: 15 });
    const { events } = await watch(REQUEST, context());
    let signs = 0;
    for await (const event of events) {
      assert.deepEqual(event, { kind: 'idle' });
      // Longer than the longest wait for an answer: a watch has none.
      if (++signs === 4) break;
    }
  });

  it('loses nothing to a sign of life', async () => {
    const { watch } = gateway(
      async function* () {
        for (let id = 1; ; id++) {
          await setTimeout(id % 2 === 0 ? 0 : 12);
          yield insert(id);
        }
      },
      { heartbeatMs: 5 },
    );
    const told: WatchEvent[] = [];
    const { events } = await watch(REQUEST, context());
    for await (const event of events) if (event.kind !== 'idle' && told.push(event) === 6) break;
    assert.deepEqual(
      told.map((event) => (event.kind === 'idle' ? '' : event.position)),
      ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'],
    );
  });

  it('tells the row with what it includes', async () => {
    const { watch } = gateway(deaf(insert(1), insert(2)));
    const person = { as: 'who', relation: 'person', where: [], order: [], count: false };
    const selection = {
      fields: ['id'],
      include: [{ ...person, selection: { fields: ['id'], include: [] } }],
    };
    const { events } = await watch({ ...REQUEST, selection }, context());
    const related: unknown[] = [];
    for await (const event of events) {
      assert.ok(event.kind === 'insert');
      const found = event.item?.related.get('who');
      assert.ok(found === null || (found !== undefined && 'row' in found));
      if (related.push(found?.row) === 2) break;
    }
    assert.deepEqual(related, [{ id: 1 }, undefined]);
  });

  it('that fails at once is refused with the place, and the source is told of', async () => {
    const { watch, seen } = gateway(async function* () {
      yield* [];
      throw new Fault('unavailable', 'The host is away');
    });
    assert.equal(await codeOf(watch(REQUEST, context())), 'unavailable unavailable ledger things');
    assert.deepEqual(
      seen.map(({ kind }) => kind),
      ['unavailable'],
    );
  });

  it('that is to catch up must do so within the longest wait for an answer', async () => {
    const { watch } = gateway(deaf(insert(1)));
    const { events } = await watch({ ...REQUEST, live: false }, context());
    const iterator = events[Symbol.asyncIterator]();
    assert.equal((await iterator.next()).value.position, 'p1');
    assert.equal(await codeOf(iterator.next()), 'timeout timeout ledger things');
  });

  it('ends at once when the client leaves, also one of a source that does not listen', async () => {
    const { watch, given, seen } = gateway(deaf(insert(1)));
    const leaving = new AbortController();
    const { events, over } = await watch(REQUEST, context(leaving.signal));
    const iterator = events[Symbol.asyncIterator]();
    await iterator.next();
    const waiting = iterator.next();
    waiting.catch(() => {});
    leaving.abort();
    await assert.rejects(waiting);
    assert.deepEqual([over.aborted, given[0]?.signal.aborted], [true, true]);
    assert.ok(
      seen.every(({ code }) => code === 'cancelled'),
      'the source has not failed',
    );
  });

  it('ends when the gateway stops, and none begins then', async () => {
    const { watch, given, stop, seen } = gateway(deaf());
    const { events, over } = await watch(REQUEST, context());
    const waiting = codeOf(events[Symbol.asyncIterator]().next());
    stop();
    assert.equal(await waiting, 'unavailable stopping');
    assert.deepEqual([over.aborted, given[0]?.signal.aborted], [true, true]);
    assert.equal(await codeOf(watch(REQUEST, context())), 'unavailable stopping');
    assert.ok(seen.every(({ code }) => code === 'cancelled'));
  });

  it('ends when its client would not be let in any more: after an event, or a sign of life', async () => {
    const caller: Caller = { client: 'web', roles: [], claims: {}, by: 'key' };
    for (const events of [deaf(insert(1), insert(2)), deaf(insert(1))]) {
      let accepted = true;
      const { watch, given } = gateway(events, { heartbeatMs: 20 }, (asked) => asked === caller && accepted);
      const { events: told, over } = await watch(REQUEST, { ...context(), caller });
      const seen = told[Symbol.asyncIterator]();
      const first = await seen.next();
      assert.ok(first.done !== true && first.value.kind === 'insert');
      accepted = false;
      assert.equal(await codeOf(seen.next()), 'unauthenticated bad-credentials ledger things');
      assert.ok(over.aborted && given.every(({ signal }) => signal.aborted));
    }
  });

  it('is one of so many, and its place is free again when it has ended, however it does', async () => {
    const { watch } = gateway(deaf(insert(1)), { maxWatches: 2 });
    const leaving = new AbortController();
    await watch(REQUEST, context(leaving.signal));
    const { events } = await watch(REQUEST, context());
    assert.equal(await codeOf(watch(REQUEST, context())), 'throttled watch-limit');
    // Nobody has begun to take the events of this one.
    leaving.abort();
    await watch(REQUEST, context());
    assert.equal(await codeOf(watch(REQUEST, context())), 'throttled watch-limit');
    for await (const _ of events) break;
    await watch(REQUEST, context());
    assert.equal(await codeOf(watch(REQUEST, context())), 'throttled watch-limit');
  });

  it('of a source that breaks off fails, and so does one whose positions no header could carry', async () => {
    const { watch } = gateway(async function* () {
      yield { ...insert(1), position: 'a\nb' };
    });
    const { events } = await watch(REQUEST, context());
    assert.equal(await codeOf(events[Symbol.asyncIterator]().next()), 'internal internal ledger things');
  });
});
