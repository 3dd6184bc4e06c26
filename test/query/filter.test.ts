import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '../../src/fault.ts';
import type { Row } from '../../src/model/value.ts';
import { type Conjunct, condition, fieldsOf, keyText, matches, truthOf } from '../../src/query/filter.ts';

const status = { field: 'status', type: { kind: 'string' } } as const;
const amount = { field: 'amount', type: { kind: 'decimal', precision: 9, scale: 2 } } as const;
const row: Row = { status: 'OPEN', amount: '100.00', group: { city: 'Bern' }, nothing: null };

describe('filter semantics', () => {
  it('a comparison with a null field is unknown, and so is its negation', () => {
    const nothing: Row = { status: null, amount: null };
    for (const operator of ['eq', 'ne', 'gt', 'lte'] as const) {
      const conjunct = condition(amount, operator, ['1.00']);
      assert.equal(truthOf(conjunct, nothing), null);
      assert.equal(truthOf({ op: 'not', of: [conjunct] }, nothing), null);
      assert.equal(matches([{ op: 'not', of: [conjunct] }], nothing), false);
    }
    assert.equal(truthOf(condition(status, 'contains', ['']), nothing), null);
    assert.equal(truthOf(condition(status, 'in', ['A']), nothing), null);
  });

  it('comparing with null asks for null', () => {
    assert.equal(matches([condition(status, 'eq', [null])], { status: null }), true);
    assert.equal(matches([condition(status, 'ne', [null])], row), true);
  });

  it('unknown or true is true, unknown and false is false', () => {
    const unknown: Conjunct = { op: 'eq', field: 'nothing', type: { kind: 'int32' }, value: 1 };
    const yes = condition(status, 'eq', ['OPEN']);
    const no = condition(status, 'eq', ['SHUT']);
    assert.equal(truthOf({ op: 'any', of: [[unknown], [yes]] }, row), true);
    assert.equal(truthOf({ op: 'any', of: [[unknown], [no]] }, row), null);
    assert.equal(truthOf({ op: 'not', of: [unknown, no] }, row), true);
    assert.equal(truthOf({ op: 'any', of: [] }, row), false);
    assert.equal(matches([], row), true);
  });

  it('decimals compare by value', () => {
    assert.equal(matches([condition(amount, 'eq', ['100'])], row), true);
    assert.equal(matches([condition(amount, 'gt', ['99.999'])], row), true);
  });

  it('a field that could not be decoded throws its fault instead of dropping the row', () => {
    const bad = new Fault('corrupt', 'bad');
    assert.throws(() => matches([condition(status, 'eq', ['x'])], { status: bad }), bad);
  });

  it('a path looks inside groups', () => {
    assert.equal(
      matches([{ op: 'eq', field: 'group.city', type: { kind: 'string' }, value: 'Bern' }], row),
      true,
    );
  });

  it('composite keys cannot be confused by their texts', () => {
    const text = { type: { kind: 'string' } } as const;
    assert.notEqual(keyText([text, text], ['a', 'b1:c']), keyText([text, text], ['a1:b', 'c']));
    const keys: Conjunct = {
      op: 'keys',
      fields: [status, amount],
      keys: [['OPEN', '100.00']],
    };
    assert.equal(truthOf(keys, row), true);
    assert.equal(truthOf(keys, { ...row, amount: '100.01' }), false);
  });

  it('after means behind, direction by direction', () => {
    const order = [
      { ...status, descending: true },
      { ...amount, descending: false },
    ];
    const after = (values: readonly (string | null)[]): boolean =>
      matches([{ op: 'after', order, values }], row);
    assert.equal(after(['OPEN', '99.00']), true);
    assert.equal(after(['OPEN', '100.00']), false);
    assert.equal(after(['PAID', '0.00']), true);
    assert.equal(after(['A', '0.00']), false);
    assert.equal(after([null, '0.00']), false, 'nulls come last descending');
  });

  it('the fields of a filter are found wherever they stand', () => {
    const filter: Conjunct = {
      op: 'not',
      of: [{ op: 'any', of: [[condition(status, 'eq', ['x'])], [condition(amount, 'gt', ['1'])]] }],
    };
    assert.deepEqual(fieldsOf([filter, condition(status, 'ne', ['y'])]), ['status', 'amount']);
  });
});
