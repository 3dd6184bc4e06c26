import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '../../src/fault.ts';
import { aboutOpen, unsaid, unsaidIn } from '../../src/rights/hidden-words.ts';
import { cut } from '../http/views.ts';
import { bank } from '../rest/bank.ts';

const { catalog } = bank();
const collectionIn = (of: typeof catalog) => of.collections.get('customers') ?? assert.fail();
const whole = collectionIn(catalog);
const shown = collectionIn(cut(catalog, { hidden: ['customers.custId', 'customers.points'] }));
const unsay = unsaid(whole, shown) ?? assert.fail();

describe('the words of a fault', () => {
  it('that name a hidden field, by either of its names, are not told; kind, code and open place are', () => {
    const place = { source: 's', collection: 'customers', field: 'balance', record: 3 };
    for (const message of [
      'Column "BALANCE" holds a text that is no decimal in the row with custId = C00001',
      'The packed field behind CUST-ID has a bad digit',
      'Column "x" (points) holds too much',
    ]) {
      const told = unsay(new Fault('corrupt', message, { code: 'bad-column-value', hex: 'FF', ...place }));
      assert.deepEqual(
        [told.kind, told.code, told.message],
        [
          'corrupt',
          'bad-column-value',
          'A value that is asked for, or that decides which rows you see, cannot be decoded',
        ],
      );
      assert.deepEqual(told.place, place);
    }
  });

  it('that propose a hidden field are not told, nor is any of several', () => {
    const hinted = unsay(
      new Fault('too-costly', 'No index', {
        code: 'no-index',
        hint: 'Add a condition on one of: name, points',
      }),
    );
    assert.deepEqual([hinted.code, hinted.place.hint], ['no-index', undefined]);
    const several = unsay(new Fault('invalid', 'Several', { errors: [{ message: 'wrong: points' }] }));
    assert.deepEqual(several.errors, []);
  });

  it('that name nothing hidden are told as they are, also where a name is part of another word', () => {
    for (const message of ['The source is down', 'There are 7 waypoints', 'no custIdx', 'balance and name']) {
      const fault = new Fault('unavailable', message);
      assert.equal(unsay(fault), fault);
    }
  });

  it('in the cells of a row are looked at one by one', () => {
    const open = new Fault('corrupt', 'no digit');
    const row = unsaidIn(
      { name: open, balance: new Fault('corrupt', 'with custId = C1'), status: 'OPEN' },
      unsay,
    );
    assert.equal(row['name'], open);
    assert.ok(row['balance'] instanceof Fault && !row['balance'].message.includes('C1'));
    const clean = { name: 'x' };
    assert.equal(unsaidIn(clean, unsay), clean);
  });

  it('are all told where nothing is hidden', () => {
    assert.equal(
      unsaid(whole, collectionIn(cut(catalog, { masked: { 'customers.points': 'hash' } }))),
      undefined,
    );
  });
});

describe('a fault about a field that is not open', () => {
  const open = aboutOpen(whole, (path) => path !== 'points');

  it('does not say what the value is, nor in which record', () => {
    const place = { source: 's', collection: 'customers', field: 'points', record: 3 };
    const told = open(new Fault('corrupt', 'no digit', { code: 'bad-digit', hex: 'FF', ...place }));
    assert.deepEqual([told.kind, told.code], ['corrupt', 'corrupt']);
    assert.deepEqual(told.place, { source: 's', collection: 'customers' });
  });

  it('is found by the place of one of several, and by its name in quotes', () => {
    for (const fault of [
      new Fault('invalid', 'Several', { code: 'c', errors: [{ message: 'wrong', field: 'points' }] }),
      new Fault('invalid', '"points" is too large', { code: 'c' }),
    ]) {
      const told = open(fault);
      assert.deepEqual(
        [told.code, told.errors, told.message],
        ['c', [], 'The request cannot be carried out'],
      );
    }
  });

  it('about others is told as it is', () => {
    const fault = new Fault('corrupt', '"name" has no end; there are points', { field: 'name' });
    assert.equal(open(fault), fault);
  });
});
