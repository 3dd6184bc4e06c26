import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createShared } from '../../../src/run/sources/shared.ts';

interface Thing extends AsyncDisposable {
  readonly of: string;
  ended: number;
}

function thing(of: string): Thing {
  const made: Thing = {
    of,
    ended: 0,
    async [Symbol.asyncDispose]() {
      made.ended++;
    },
  };
  return made;
}

describe('a shared thing', () => {
  const is = (of: string) => (held: Thing) => held.of === of;

  it('is one for all who want the same, and ends when the last of them lets go, once', async () => {
    const shared = createShared<Thing>();
    const first = await shared.hold('a', is('x'), () => thing('x'));
    const second = await shared.hold('a', is('x'), () => thing('x'));
    assert.equal(second.thing, first.thing);
    assert.deepEqual([first.fresh, second.fresh], [true, false]);
    await first.release();
    await first.release();
    assert.equal(first.thing.ended, 0);
    await second.release();
    assert.equal(first.thing.ended, 1);
    const third = await shared.hold('a', is('x'), () => thing('x'));
    assert.equal(third.fresh, true, 'what has ended is not handed out');
  });

  it('stands beside another of its name, and is found again by who goes back to it', async () => {
    const shared = createShared<Thing>();
    const old = await shared.hold('a', is('x'), () => thing('x'));
    const other = await shared.hold('a', is('y'), () => thing('y'));
    const back = await shared.hold('a', is('x'), () => thing('x'));
    assert.equal(back.thing, old.thing);
    await other.release();
    assert.deepEqual([old.thing.ended, other.thing.ended], [0, 1]);
  });

  it('that ends while it is looked at is not handed out', async () => {
    const shared = createShared<Thing>();
    const old = await shared.hold('a', is('x'), () => thing('x'));
    const next = await shared.hold(
      'a',
      async () => {
        await old.release();
        return true;
      },
      () => thing('x'),
    );
    assert.equal(next.fresh, true);
    assert.deepEqual([old.thing.ended, next.thing.ended], [1, 0]);
  });

  it('all end together with what they are shared by', async () => {
    const shared = createShared<Thing>();
    const one = await shared.hold('a', is('x'), () => thing('x'));
    const two = await shared.hold('b', is('y'), () => thing('y'));
    await shared[Symbol.asyncDispose]();
    await one.release();
    assert.deepEqual([one.thing.ended, two.thing.ended], [1, 1]);
  });
});
