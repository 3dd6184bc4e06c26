import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Batch, Fault } from '#spi';
import {
  answering,
  answeringLater,
  answerOf,
  batchOf,
  caching,
  never,
  row,
  scripted,
  until,
  useOf,
} from './caching.ts';

const left = new Fault('unavailable', 'The client left', { code: 'cancelled' });

describe('equal questions at the same time', () => {
  it('are asked once, also where nothing is kept', async () => {
    const own = scripted();
    const { source } = caching(own.source, {});
    const later = answeringLater();
    own.script.read = later.read;
    const all = Array.from({ length: 20 }, () => answerOf(source));
    await until(() => own.reads.length > 0);
    later.answer([row(5)]);
    const answers = await Promise.all(all);
    assert.equal(own.reads.length, 1);
    assert.ok(answers.every(({ rows }) => rows[0] === answers[0]?.rows[0]));
    assert.deepEqual(
      answers.map(({ cache }) => cache?.use),
      ['miss', ...Array.from({ length: 19 }, () => 'collapsed')],
    );
  });

  it('share the fault', async () => {
    const own = scripted();
    const { source } = caching(own.source, { maxAgeMs: 1_000 });
    const later = answeringLater();
    own.script.read = later.read;
    const all = Promise.allSettled(Array.from({ length: 5 }, () => answerOf(source)));
    await until(() => own.reads.length > 0);
    const down = new Fault('unavailable', 'down');
    later.fail(down);
    assert.deepEqual(
      (await all).map((one) => one.status === 'rejected' && one.reason),
      Array.from({ length: 5 }, () => down),
    );
    assert.equal(own.reads.length, 1);
  });

  it('a client that leaves leaves the others their answer, also the first one', async () => {
    const own = scripted();
    const { source } = caching(own.source, {});
    const later = answeringLater();
    own.script.read = later.read;
    const leaving = new AbortController();
    const first = answerOf(source, { signal: leaving.signal });
    const second = answerOf(source);
    leaving.abort(left);
    await assert.rejects(first, left);
    assert.equal(own.ended, 0);
    later.answer([row(5)]);
    assert.deepEqual((await second).rows, [row(5)]);
    assert.equal(own.reads.length, 1);
  });

  it('the last client that leaves ends the read of the source', async () => {
    const own = scripted();
    const { source, memory } = caching(own.source, { maxAgeMs: 1_000 });
    own.script.read = answeringLater().read;
    const leaving = [new AbortController(), new AbortController()];
    const all = leaving.map(({ signal }) => answerOf(source, { signal }));
    leaving[0]?.abort(left);
    await assert.rejects(all[0] ?? Promise.resolve(), left);
    assert.equal(own.reads[0]?.ask.signal.aborted, false);
    leaving[1]?.abort(left);
    await assert.rejects(all[1] ?? Promise.resolve(), left);
    assert.equal(own.reads[0]?.ask.signal.aborted, true);
    await until(() => own.ended === 1);
    assert.equal(memory.used, 0);
    own.script.read = answering(row(1));
    assert.equal(await useOf(source), 'miss');
  });

  it('who takes enough ends the read, unless it is at its end anyway: then the answer is kept', async () => {
    for (const more of [false, true]) {
      const own = scripted();
      const { source, clock } = caching(own.source, { maxAgeMs: 1_000 });
      const going = Promise.withResolvers<void>();
      own.script.read = async function* () {
        yield batchOf([row(1), row(2)]);
        await going.promise;
        if (more) yield batchOf([row(3)]);
      };
      for await (const _ of source.access({ collection: 'things', where: [], order: [] }).read({
        fields: ['id', 'label'],
        signal: never,
      }))
        break;
      going.resolve();
      await until(() => own.ended === 1);
      assert.equal(own.reads.length, 1);
      clock.forward(0);
      assert.equal(await useOf(source), more ? 'miss' : 'hit');
    }
  });

  it('a source that does not say whether it is at its end is told to stop after a moment', async () => {
    const own = scripted();
    const { source, clock, memory } = caching(own.source, { maxAgeMs: 1_000 });
    const rest = answeringLater();
    own.script.read = async function* (asked) {
      yield batchOf([row(1)]);
      yield* rest.read(asked);
    };
    for await (const _ of source.access({ collection: 'things', where: [], order: [] }).read({
      fields: ['id', 'label'],
      signal: never,
    }))
      break;
    await until(() => own.reads.length === 1);
    assert.equal(own.ended, 0);
    clock.forward(100);
    await until(() => own.ended === 1);
    assert.equal(memory.used, 0);
  });

  it('the first client has its rows as they come; the others when the answer is whole', async () => {
    const own = scripted();
    const { source } = caching(own.source, { maxAgeMs: 1_000 });
    const going = Promise.withResolvers<void>();
    own.script.read = async function* () {
      yield batchOf([row(1)]);
      await going.promise;
      yield batchOf([row(2)]);
    };
    const read = () =>
      source
        .access({ collection: 'things', where: [], order: [] })
        .read({ fields: ['id', 'label'], signal: never })
        [Symbol.asyncIterator]();
    const first = read();
    assert.deepEqual((await first.next()).value?.row(0), row(1));
    const second = read().next();
    going.resolve();
    assert.deepEqual((await second).value?.row(0), row(1));
    assert.deepEqual((await first.next()).value?.row(0), row(2));
    assert.equal((await first.next()).done, true);
  });
});

describe('an answer that is larger than what is kept', () => {
  const LARGE = 400;

  /** As a file adapter does: one block, whose rows and JSON are valid until the next batch is asked for. */
  async function* blocks(): AsyncGenerator<Batch> {
    const block = { at: 0 };
    for (let i = 0; i < LARGE; i++) {
      block.at = i;
      const check = () => assert.equal(block.at, i, 'the batch is not valid any more');
      yield {
        length: 1,
        row: () => {
          check();
          return row(i, 'x'.repeat(100));
        },
        json(_i, out) {
          check();
          out.text(`{"id":${i}}`);
        },
      };
    }
  }

  it('is passed through whole and in order, and nothing of it is kept', async () => {
    const own = scripted();
    const { source, memory } = caching(
      own.source,
      { maxAgeMs: 1_000 },
      { maxBytes: 50_000, maxAnswerBytes: 10_000 },
    );
    own.script.read = blocks;
    for (let i = 0; i < 3; i++) {
      const { rows, cache } = await answerOf(source);
      assert.deepEqual(
        rows.map(({ id }) => id),
        Array.from({ length: LARGE }, (_, at) => at),
      );
      assert.equal(cache?.use, 'miss');
      assert.equal(memory.used, 0);
    }
    assert.equal(own.reads.length, 3);
  });

  it('those who waited for it ask for themselves', async () => {
    const own = scripted();
    const { source, memory } = caching(
      own.source,
      { maxAgeMs: 1_000 },
      { maxBytes: 50_000, maxAnswerBytes: 10_000 },
    );
    own.script.read = blocks;
    const answers = await Promise.all(Array.from({ length: 4 }, () => answerOf(source)));
    for (const { rows } of answers) assert.equal(rows.length, LARGE);
    assert.equal(memory.used, 0);
    assert.equal(own.ended, own.reads.length);
  });

  it('is not read further than its client takes it', async () => {
    const own = scripted();
    const { source, memory } = caching(
      own.source,
      { maxAgeMs: 1_000 },
      { maxBytes: 50_000, maxAnswerBytes: 3_000 },
    );
    let given = 0;
    own.script.read = async function* () {
      for await (const batch of blocks()) {
        given++;
        yield batch;
      }
    };
    const reading = source
      .access({ collection: 'things', where: [], order: [] })
      .read({ fields: ['id', 'label'], signal: never })
      [Symbol.asyncIterator]();
    await reading.next();
    await until(() => given > 1);
    const before = given;
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(given, before);
    for (let i = 0; i < 20; i++) await reading.next();
    assert.ok(given <= 22);
    await reading.return?.();
    assert.equal(own.ended, 1);
    assert.equal(memory.used, 0);
  });

  it('its client leaving ends the read of the source', async () => {
    const own = scripted();
    const { source } = caching(own.source, { maxAgeMs: 1_000 }, { maxBytes: 50_000, maxAnswerBytes: 1_000 });
    const rest = answeringLater();
    own.script.read = async function* (asked) {
      yield batchOf(Array.from({ length: 100 }, (_, i) => row(i)));
      yield* rest.read(asked);
    };
    const leaving = new AbortController();
    const answer = answerOf(source, { signal: leaving.signal });
    await until(() => own.reads.length === 1);
    await new Promise((resolve) => setImmediate(resolve));
    leaving.abort(left);
    await assert.rejects(answer, left);
    await until(() => own.ended === 1);
  });
});

describe('a read within another one', () => {
  it('does not wait for one that may be waiting for the other to end; what is kept is the same', async () => {
    const own = scripted();
    const { source } = caching(own.source, { maxAgeMs: 1_000 });
    const later = answeringLater();
    own.script.read = later.read;
    const outer = answerOf(source);
    await until(() => own.reads.length === 1);
    own.script.read = answering(row(1));
    const ask = { fields: ['id', 'label'], signal: never, within: true } as const;
    const rows = [];
    for await (const batch of source.access({ collection: 'things', where: [], order: [] }).read(ask))
      rows.push(batch.row(0));
    assert.deepEqual(rows, [row(1)]);
    later.answer([row(1)]);
    await outer;
    assert.equal(await useOf(source), 'hit');
    assert.equal(own.reads.length, 2);
  });
});
