// Where records stand, kept in few bytes.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compactNumbers } from '../../../adapters/file/compact-numbers.ts';
import { random } from '../../random.ts';

describe('compact numbers', () => {
  it('are what was put in, whatever their steps and sizes', () => {
    const dice = random(11);
    const steps: readonly (() => number)[] = [
      () => 100,
      () => dice.int(200),
      () => dice.int(60_000),
      () => dice.int(1_000_000),
      () => dice.int(4_294_967_295),
    ];
    for (const step of steps) {
      const column = compactNumbers();
      const numbers: number[] = [];
      for (let i = 0, number = 5; i < 10_000; i++, number += step()) {
        column.push(number);
        numbers.push(number);
      }
      assert.equal(column.length, numbers.length);
      for (const [i, number] of numbers.entries()) assert.equal(column.at(i), number);
    }
  });

  it('may fall, stay and stand still', () => {
    for (const at of [(i: number) => 20_000 - i, () => 7, (i: number) => (i % 5 === 0 ? 2 ** 52 : i)]) {
      const column = compactNumbers();
      for (let i = 0; i < 9_000; i++) column.push(at(i));
      for (let i = 0; i < 9_000; i++) assert.equal(column.at(i), at(i));
      assert.equal(column.at(9_000), 0);
    }
  });

  it('of ten million records of a variable length take less than 100 MB together', () => {
    const before = process.memoryUsage();
    const columns = [compactNumbers(), compactNumbers(), compactNumbers(), compactNumbers()] as const;
    for (let i = 0, offset = 0; i < 10_000_000; i++) {
      const length = 80 + ((i * 7919) % 400);
      columns[0].push(i);
      columns[1].push(offset);
      columns[2].push(length);
      columns[3].push(i + 1);
      offset += length;
    }
    const after = process.memoryUsage();
    const taken = after.arrayBuffers - before.arrayBuffers;
    assert.ok(taken < 100_000_000, `${taken} bytes`);
    assert.equal(columns[3].at(9_999_999), 10_000_000);
  });
});
