// Many clients at once that leave when they like, over a source that is slow, large and broken as it likes: whoever gets an answer gets all of it,
// and in the end nothing is left behind.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Batch, ByteSink, type Change, Fault } from '#spi';
import { random } from '../random.ts';
import { caching, never, row, scripted, until } from './caching.ts';

const left = new Fault('unavailable', 'The client left', { code: 'cancelled' });
const down = new Fault('unavailable', 'The host is down');
const corrupt = new Fault('corrupt', 'bad digit');

const CHANGE: Change = { collection: 'things', verb: 'update', key: [1], values: {} };

const QUESTIONS = 12;
const type = { kind: 'int32' } as const;

for (const seed of [1, 2, 3, 4, 5, 6]) {
  describe(`clients that come and go (${seed})`, () => {
    it('have whole answers or the fault; every read of the source ends, and all memory is given back', async () => {
      const dice = random(seed);
      const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
      const own = scripted();
      /** Answers of question `n` have `8 * n` rows in batches that are valid until the next one: the later ones are too large to be kept. */
      const rowsOf = (n: number) => n * 8;
      own.script.read = async function* ({ query, ask: { signal } }) {
        const [conjunct] = query.where;
        const n = conjunct?.op === 'eq' ? Number(conjunct.value) : 0;
        const fate = dice.int(10);
        const block = { at: -1 };
        for (let at = 0; at < rowsOf(n); at += 4) {
          for (let i = dice.int(4); i > 0; i--) await turn();
          signal.throwIfAborted();
          if (fate === 0 && dice.chance(0.3)) throw down;
          block.at = at;
          const check = () => assert.equal(block.at, at, 'the batch is not valid any more');
          yield {
            length: 4,
            row(i) {
              check();
              return fate === 1 && at + i === 5
                ? { id: at + i, label: corrupt }
                : row(at + i, `${n}`.repeat(50));
            },
            json(i, out) {
              check();
              out.text(`{"id":${at + i}}`);
            },
          } satisfies Batch;
        }
      };
      const limits = { maxBytes: 60_000, maxAnswerBytes: 9_000 };
      const { source, memory, clock, uses } = caching(
        own.source,
        { maxAgeMs: 40, staleWhileRevalidateMs: 60, staleIfErrorMs: 200 },
        limits,
      );
      let whole = 0;
      const client = async () => {
        for (let i = 0; i < 60; i++) {
          const n = dice.int(QUESTIONS);
          const leaving = new AbortController();
          const { signal } = leaving;
          const patience = dice.chance(0.3) ? dice.int(20) : Number.POSITIVE_INFINITY;
          const enough = dice.chance(0.2) ? dice.int(8) : Number.POSITIVE_INFINITY;
          const leave = async () => {
            for (let waited = 0; waited < patience; waited++) await turn();
            leaving.abort(left);
          };
          if (Number.isFinite(patience)) void leave();
          const out = new ByteSink();
          let seen = 0;
          try {
            const query = {
              collection: 'things',
              where: [{ op: 'eq', field: 'id', type, value: n }] as const,
              order: [],
            };
            const ask = { fields: ['id', 'label'], json: ['id'], signal };
            let stopped = false;
            for await (const batch of source.access(query).read(ask)) {
              for (let j = 0; j < batch.length; j++, seen++) {
                assert.equal(batch.row(j)['id'], seen);
                out.length = 0;
                batch.json?.(j, out);
                assert.equal(new TextDecoder().decode(out.take()), `{"id":${seen}}`);
              }
              assert.ok(memory.used <= limits.maxBytes);
              if (dice.chance(0.3)) await turn();
              stopped = seen >= enough;
              if (stopped) break;
            }
            if (!stopped) {
              assert.equal(seen, rowsOf(n));
              whole++;
            }
          } catch (error) {
            assert.ok(error === down || (error === left && signal.aborted), String(error));
          }
          if (dice.chance(0.3)) clock.forward(dice.int(60));
          if (dice.chance(0.02)) await source.write?.([CHANGE], { signal: never });
        }
      };
      await Promise.all(Array.from({ length: 12 }, client));
      assert.ok(whole > 200, `${whole} answers were whole`);
      for (const use of ['hit', 'stale', 'miss', 'collapsed'] as const) assert.ok(uses.includes(use), use);
      clock.forward(5_000);
      await until(() => own.ended === own.reads.length);
      await source[Symbol.asyncDispose]();
      await turn();
      assert.deepEqual([memory.used, memory.kept], [0, 0]);
    });
  });
}
