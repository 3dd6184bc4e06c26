// What is left of a filter inside one file of a set: it picks the records that the whole filter picks.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Collection, type Conjunct, matches, type Row } from '#spi';
import { isSettled, remaining } from '../../../adapters/file/sets/member-filter.ts';
import { randomQuery } from '../../conformance/oracle.ts';
import { random } from '../../random.ts';

const MODEL: Collection = {
  name: 'rows',
  key: ['id', 'file'],
  fields: [
    { name: 'id', type: { kind: 'int32' } },
    { name: 'file', type: { kind: 'string' } },
    { name: 'rating', type: { kind: 'int32' }, nullable: true },
    { name: 'generation', type: { kind: 'int32' } },
    { name: 'text', type: { kind: 'string' }, nullable: true },
  ],
};
const CONSTANT = new Set(['file', 'generation']);

function rowsOf(dice: ReturnType<typeof random>): readonly Row[] {
  return Array.from({ length: 40 }, (_, id): Row => {
    const file = dice.pick(['A', 'B', 'ab', '']);
    return {
      id: id % 13,
      file,
      generation: file.length,
      rating: dice.chance(0.4) ? null : dice.int(4),
      text: dice.chance(0.4) ? null : dice.pick(['a', 'ab', '']),
    };
  });
}

/** Without what the name gives: a look at it would not be answered. */
function own(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !CONSTANT.has(name)));
}

describe('a filter inside one file of a set', () => {
  it('picks the same records as the whole filter does, nulls and cursors included', () => {
    const dice = random(31);
    const rows = rowsOf(dice);
    let whole = 0;
    for (let i = 0; i < 3_000; i++) {
      const { where } = randomQuery(dice, MODEL, rows);
      const filter = where.filter((conjunct) => isSettled(conjunct, CONSTANT));
      for (const row of rows) {
        const { file = null, generation = null } = row;
        const rest = remaining(filter, { file, generation });
        if (rest === undefined) whole++;
        const got = rest !== undefined && matches(rest, own(row));
        assert.equal(got, matches(filter, row), `${JSON.stringify(filter)} of ${JSON.stringify(row)}`);
      }
    }
    assert.ok(whole > 1_000, 'whole files are left out');
  });

  it('a mixed condition with a null literal is not settled: no record has its unknown', () => {
    const nothing: Conjunct = { op: 'eq', field: 'file', type: { kind: 'string' }, value: null };
    const rated: Conjunct = { op: 'gt', field: 'rating', type: { kind: 'int32' }, value: 1 };
    assert.equal(isSettled({ op: 'not', of: [nothing, rated] }, CONSTANT), false);
    assert.equal(isSettled({ op: 'any', of: [[nothing], [rated]] }, CONSTANT), false);
    assert.equal(isSettled(nothing, CONSTANT), true);
    assert.equal(remaining([nothing], { file: 'A' }), undefined);
    assert.equal(remaining([{ op: 'not', of: [nothing] }], { file: 'A' }), undefined);
  });

  it('a condition without a constant stays the same object', () => {
    const rated: Conjunct = { op: 'gt', field: 'rating', type: { kind: 'int32' }, value: 1 };
    assert.equal(remaining([rated], { file: 'A', generation: 1 })?.[0], rated);
  });
});
