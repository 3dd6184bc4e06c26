import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Change, ChangeEvent, Collection, Row, Source } from '#spi';
import { memorySource } from '../../../adapters/memory/memory.ts';
import { changesConformance, KEYLESS_THINGS, THINGS } from '../../conformance/changes.ts';

const VERBS = ['insert', 'upsert', 'delete'] as const;
const signal = new AbortController().signal;

function opened(collection: Collection, rows: readonly Row[], kept = 1_000): Source {
  return memorySource([{ ...collection, writes: VERBS, rows }], undefined, { kept });
}

async function write(source: Source, changes: readonly Change[]): Promise<void> {
  assert.ok(source.write);
  await source.write(changes, { signal });
}

/** One request that makes the rows the new ones. */
function replacing(before: readonly Row[], rows: readonly Row[]): readonly Change[] {
  const kept = new Set(rows.map((row) => row['id']));
  return [
    ...before.flatMap(({ id }): readonly Change[] =>
      kept.has(id) ? [] : [{ collection: 'things', verb: 'delete', key: [Number(id)], values: {} }],
    ),
    ...rows.map(
      ({ id, label, amount, code }): Change => ({
        collection: 'things',
        verb: 'upsert',
        key: [Number(id)],
        values: { label: String(label), amount: String(amount), code: String(code) },
      }),
    ),
  ];
}

changesConformance({
  name: 'memory',
  async open(keyed, start) {
    const source = opened(keyed ? THINGS : KEYLESS_THINGS, start);
    let now = start;
    return {
      source,
      async replaceWith(rows) {
        const inserts = rows.slice(now.length).map(
          ({ id, label, amount, code }): Change => ({
            collection: 'things',
            verb: 'insert',
            values: { id: Number(id), label: String(label), amount: String(amount), code: String(code) },
          }),
        );
        await write(source, keyed ? replacing(now, rows) : inserts);
        now = rows;
      },
      [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
    };
  },
});

function row(id: number, label: string): Row {
  return { id, label, amount: '1.00', code: 'A' };
}

async function take(events: AsyncIterator<ChangeEvent>, count: number): Promise<readonly string[]> {
  const told: string[] = [];
  while (told.length < count) {
    const { value, done } = await events.next();
    if (done === true) break;
    told.push(`${value.kind}${value.key === undefined ? '' : ` ${value.key}`}`);
  }
  return told;
}

describe('changes in memory', () => {
  const watch = (source: Source, how = {}) => {
    assert.ok(source.watch);
    return source.watch('things', { signal, ...how })[Symbol.asyncIterator]();
  };

  it('what a request changes and changes back has not happened', async () => {
    const source = opened(THINGS, [row(1, 'a')]);
    const events = watch(source);
    assert.deepEqual(await take(events, 1), ['position']);
    const [first, ...others] = [row(1, 'b'), row(1, 'a')].map((to) => replacing([], [to]));
    await write(source, [...(first ?? []), ...others.flat()]);
    await write(source, replacing([], [row(2, 'c')]));
    assert.deepEqual(await take(events, 1), ['insert 2']);
  });

  it('a request that fails has not happened', async () => {
    const source = opened(THINGS, [row(1, 'a')]);
    const events = watch(source);
    await take(events, 1);
    const gone: Change = { collection: 'things', verb: 'delete', key: [9], values: {} };
    await assert.rejects(write(source, [...replacing([], [row(2, 'b')]), gone]));
    await write(source, replacing([], [row(3, 'c')]));
    assert.deepEqual(await take(events, 1), ['insert 3']);
  });

  it('whoever is slower than what is kept reads again, and goes on from there', async () => {
    const source = opened(THINGS, [], 3);
    const slow = watch(source);
    await take(slow, 1);
    await write(source, replacing([], [row(1, 'a')]));
    assert.deepEqual(await take(slow, 1), ['insert 1']);
    for (const id of [2, 3, 4, 5]) await write(source, replacing([], [row(id, 'a')]));
    assert.deepEqual(await take(slow, 1), ['reset']);
    await write(source, replacing([], [row(6, 'a')]));
    assert.deepEqual(await take(slow, 1), ['insert 6']);
  });

  it('a position of another life of the gateway is not known', async () => {
    const before = memorySource([{ ...THINGS, rows: [] }], undefined, { epoch: 'one' });
    const now = memorySource([{ ...THINGS, rows: [] }], undefined, { epoch: 'two' });
    const { value } = await watch(before).next();
    assert.deepEqual(await take(watch(now, { from: value.position, live: false }), 9), ['reset', 'position']);
    assert.deepEqual(await take(watch(before, { from: value.position, live: false }), 9), ['position']);
  });

  it('a source that is closed ends who watches it', async () => {
    const source = opened(THINGS, []);
    const events = watch(source);
    await take(events, 1);
    const waiting = events.next();
    await source[Symbol.asyncDispose]();
    assert.equal((await waiting).done, true);
  });
});
