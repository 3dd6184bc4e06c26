import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Change, type Collection, Fault, type Row } from '#spi';
import { memorySource } from '../../adapters/memory/memory.ts';
import { random } from '../random.ts';
import {
  answering,
  answeringLater,
  answerOf,
  caching,
  failing,
  never,
  row,
  scripted,
  THINGS,
  until,
  useOf,
} from './caching.ts';

const FOREVER = { maxAgeMs: 1_000_000, staleIfErrorMs: 1_000_000 };
const CHANGE: Change = { collection: 'things', verb: 'update', key: [1], values: { label: 'new' } };
const other: Collection = { ...THINGS, name: 'others' };

describe('what makes the cache forget', () => {
  it('a write to a collection drops what is kept of it, and of what it is said to change, and nothing else', async () => {
    const own = scripted([THINGS, other, { ...THINGS, name: 'views' }]);
    const { source } = caching(own.source, FOREVER);
    const changed = caching(own.source, { ...FOREVER, changedBy: ['things'] }).source;
    const write = (at: typeof source) => at.write?.([CHANGE], { signal: never });
    for (const collection of ['things', 'others']) await answerOf(source, { collection });
    await write(source);
    assert.equal(await useOf(source), 'miss');
    assert.equal(await useOf(source, { collection: 'others' }), 'hit');
    await answerOf(changed, { collection: 'views' });
    await write(changed);
    assert.equal(await useOf(changed, { collection: 'views' }), 'miss');
  });

  it('counts and operations that read are forgotten with a write, too', async () => {
    const own = scripted();
    const { source } = caching(own.source, FOREVER);
    const signal = never;
    const ask = async () => {
      await source.access({ collection: 'things', where: [], order: [] }).count?.({ signal });
      await source.invoke?.('score', {}, { signal });
    };
    await ask();
    await ask();
    assert.deepEqual([own.counts, own.calls], [1, 1]);
    await source.write?.([CHANGE], { signal });
    await ask();
    assert.deepEqual([own.counts, own.calls], [2, 2]);
  });

  it('an operation that changes something makes all of its source forgotten: nobody knows what it changes', async () => {
    const own = scripted([THINGS, other]);
    const { source } = caching(own.source, FOREVER);
    for (const collection of ['things', 'others']) await answerOf(source, { collection });
    await source.invoke?.('book', {}, { signal: never });
    for (const collection of ['things', 'others']) assert.equal(await useOf(source, { collection }), 'miss');
  });

  it('an operation that changes something is never kept, whatever the configuration says', async () => {
    const own = scripted();
    const { source } = caching(own.source, FOREVER);
    for (let i = 0; i < 2; i++) await source.invoke?.('book', {}, { signal: never });
    assert.equal(own.calls, 2);
  });

  it('a write that was refused drops as well; after one of unknown outcome nothing is kept for a while', async () => {
    const own = scripted();
    const { source, clock } = caching(own.source, FOREVER);
    const write = async (fault: Fault) => {
      own.script.write = async () => Promise.reject(fault);
      await assert.rejects(async () => source.write?.([CHANGE], { signal: never }), fault);
    };
    await answerOf(source);
    await write(new Fault('conflict', 'no'));
    assert.equal(await useOf(source), 'miss');
    assert.equal(await useOf(source), 'hit');
    await write(new Fault('upstream', 'perhaps', { code: 'outcome-unknown' }));
    assert.equal(await useOf(source), 'miss');
    assert.equal(await useOf(source), 'miss');
    clock.forward(1_000);
    await answerOf(source);
    assert.equal(await useOf(source), 'hit');
  });

  it('what was asked before or while something was written is given to nobody who asks behind it, and not kept', async () => {
    const own = scripted();
    const { source } = caching(own.source, FOREVER);
    const before = answeringLater();
    own.script.read = before.read;
    const early = answerOf(source);
    await until(() => own.reads.length === 1);
    const writing = Promise.withResolvers<void>();
    own.script.write = () => writing.promise;
    const written = source.write?.([CHANGE], { signal: never });
    const during = answeringLater();
    own.script.read = during.read;
    const middle = answerOf(source);
    await until(() => own.reads.length === 2);
    writing.resolve();
    await written;
    own.script.read = answering(row(1, 'new'));
    assert.deepEqual((await answerOf(source)).rows, [row(1, 'new')]);
    before.answer([row(1, 'old')]);
    during.answer([row(1, 'perhaps')]);
    assert.deepEqual((await early).rows, [row(1, 'old')]);
    assert.deepEqual((await middle).rows, [row(1, 'perhaps')]);
    assert.deepEqual((await answerOf(source)).rows, [row(1, 'new')]);
    assert.equal(own.reads.length, 3);
  });

  it('a fault behind a write is not answered for by what was there before the write', async () => {
    const own = scripted();
    const { source } = caching(own.source, FOREVER);
    await answerOf(source);
    await source.write?.([CHANGE], { signal: never });
    own.script.read = failing(new Fault('unavailable', 'down'));
    await assert.rejects(answerOf(source), { kind: 'unavailable' });
  });

  it('what is kept of another version of the data is dropped, also when the source does not answer', async () => {
    const own = scripted();
    own.script.version = 'one';
    const { source, memory } = caching(own.source, FOREVER);
    await answerOf(source);
    assert.equal(await useOf(source), 'hit');
    own.script.version = 'two';
    own.script.read = failing(new Fault('unavailable', 'down'));
    await assert.rejects(answerOf(source), { kind: 'unavailable' });
    assert.equal(memory.used, 0);
  });

  it('what was read while the version changed is not kept: nobody knows of which it is', async () => {
    const own = scripted();
    own.script.version = 'one';
    const { source } = caching(own.source, FOREVER);
    const later = answeringLater();
    own.script.read = later.read;
    const answer = answerOf(source);
    own.script.version = 'two';
    later.answer([row(1)]);
    await answer;
    own.script.read = answering(row(2));
    assert.deepEqual((await answerOf(source)).rows, [row(2)]);
  });

  it('what a watch tells of a collection is not contradicted by what is kept of it', async () => {
    const own = scripted();
    const { source } = caching(
      {
        ...own.source,
        async *watch() {
          yield { kind: 'position', position: '1' };
          yield { kind: 'reset', position: '2' };
        },
      },
      FOREVER,
    );
    await answerOf(source);
    const events = source.watch?.('things', { signal: never })[Symbol.asyncIterator]();
    await events?.next();
    assert.equal(await useOf(source), 'hit');
    await events?.next();
    assert.equal(await useOf(source), 'miss');
  });

  it('what something is going to be written by is asked of the source, whatever is kept', async () => {
    const own = scripted();
    const { source } = caching(own.source, FOREVER);
    await answerOf(source);
    own.script.read = answering(row(7));
    const ask = { fields: ['id', 'label'], signal: never, fresh: true } as const;
    for await (const batch of source.access({ collection: 'things', where: [], order: [] }).read(ask))
      assert.deepEqual([batch.row(0), batch.cache], [row(7), undefined]);
    assert.equal(own.reads.length, 2);
  });

  it('an answer with a fault in a row, one that broke off, and one that was not taken to its end are not kept', async () => {
    const corrupt = new Fault('corrupt', 'bad digit');
    const own = scripted();
    const { source } = caching(own.source, FOREVER);
    own.script.read = answering({ id: 1, label: corrupt });
    assert.equal((await answerOf(source)).rows[0]?.['label'], corrupt);
    assert.equal(await useOf(source), 'miss');
    own.script.read = async function* () {
      yield { length: 1, row: () => row(1) };
      throw corrupt;
    };
    await assert.rejects(answerOf(source), corrupt);
    own.script.read = answering(row(2));
    assert.equal(await useOf(source), 'miss');
  });

  it('random reads and writes at the same time: no answer contradicts a write that was made before it was asked for', async () => {
    const dice = random(4_2);
    const KEYS = 4;
    // It does not tell its versions: only the writes make the cache forget.
    const { version: _, ...plain } = memorySource([
      { ...THINGS, rows: Array.from({ length: KEYS }, (_, id): Row => row(id, '0')) },
    ]);
    const pause = () =>
      new Promise<void>((resolve) => (dice.chance(0.5) ? setImmediate(resolve) : resolve()));
    // The rows are those of some moment while it reads, and a write is made at some moment while it is asked for.
    const slow = {
      ...plain,
      access: (query: Parameters<typeof plain.access>[0]) => {
        const access = plain.access(query);
        return {
          ...access,
          async *read(ask: Parameters<typeof access.read>[0]) {
            await pause();
            for await (const batch of access.read(ask)) {
              const rows = Array.from({ length: batch.length }, (_, i) => batch.row(i));
              await pause();
              yield { length: rows.length, row: (i: number) => rows[i] ?? {} };
            }
          },
        };
      },
      async write(...args: Parameters<NonNullable<typeof plain.write>>) {
        await pause();
        const outcomes = (await plain.write?.(...args)) ?? [];
        await pause();
        return outcomes;
      },
    };
    const { source, clock } = caching(slow, {
      maxAgeMs: 50,
      staleWhileRevalidateMs: 100,
      staleIfErrorMs: 100,
    });
    /** By key: the number that was written last, of writes that have ended. */
    const written = Array.from({ length: KEYS }, () => 0);
    let next = 0;
    let hits = 0;
    const reader = async () => {
      for (let i = 0; i < 400; i++) {
        const least = [...written];
        const { rows, cache } = await answerOf(source, dice.chance(0.5) ? {} : { limit: 100 });
        if (cache?.use !== 'miss') hits++;
        for (const { id, label } of rows)
          assert.ok(
            Number(label) >= (least[Number(id)] ?? 0),
            `row ${id} has ${label}, and ${least} were written`,
          );
        if (dice.chance(0.2)) clock.forward(dice.int(40));
        await pause();
      }
    };
    const writer = async (id: number) => {
      for (let i = 0; i < 60; i++) {
        const value = ++next;
        await source.write?.(
          [{ collection: 'things', verb: 'update', key: [id], values: { label: String(value) } }],
          {
            signal: never,
          },
        );
        written[id] = value;
        for (let j = dice.int(6); j > 0; j--) await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await Promise.all([reader(), reader(), reader(), ...written.map((_, id) => writer(id))]);
    assert.ok(hits > 50, `${hits} answers came from memory`);
  });
});
