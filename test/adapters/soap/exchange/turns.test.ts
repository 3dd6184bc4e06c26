import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { turns } from '../../../../adapters/soap/exchange/turns.ts';

const never = new AbortController().signal;

describe('turns', () => {
  it('are taken in the order of asking, no more than allowed at once', async () => {
    const { take } = turns(1);
    const order: number[] = [];
    const end = await take(never);
    const later = [1, 2, 3].map(async (n) => {
      const done = await take(never);
      order.push(n);
      await setImmediate();
      done();
    });
    await setImmediate();
    assert.deepEqual(order, []);
    end();
    await Promise.all(later);
    assert.deepEqual(order, [1, 2, 3]);
  });

  it('one who leaves in the moment in which the turn would be his loses none', async () => {
    const { take } = turns(1);
    const end = await take(never);
    const leaving = new AbortController();
    const waiting = take(leaving.signal);
    leaving.abort(new Error('left'));
    end();
    await assert.rejects(waiting, /left/);
    (await take(AbortSignal.timeout(1_000)))();
  });
});
