import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { recent } from '../../src/model/recent.ts';

describe('what is kept for who asks again', () => {
  it('is made once, and the one longest not asked for gives way', () => {
    const made: string[] = [];
    const kept = recent<string>(2);
    const ask = (key: string) =>
      kept(key, () => {
        made.push(key);
        return key.toUpperCase();
      });
    assert.deepEqual(['a', 'b', 'a', 'c', 'a', 'b'].map(ask), ['A', 'B', 'A', 'C', 'A', 'B']);
    assert.deepEqual(made, ['a', 'b', 'c', 'b']);
  });

  it('is not kept when making it failed', () => {
    const kept = recent<number>(2);
    assert.throws(() =>
      kept('a', () => {
        throw new Error('no');
      }),
    );
    assert.equal(
      kept('a', () => 1),
      1,
    );
  });
});
