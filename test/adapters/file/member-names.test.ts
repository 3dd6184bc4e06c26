// What the names of the files of a set say: generations of generation data groups, and dates.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '#spi';
import { chosenNames, datePattern, generationOf } from '../../../adapters/file/sets/member-names.ts';

const fault = (code: string) => (error: unknown) => error instanceof Fault && error.code === code;

describe('a generation in a name', () => {
  it('is the last qualifier, with an extension behind it at most', () => {
    assert.deepEqual(generationOf('PROD.CUST.G0042V00'), { base: 'PROD.CUST', number: 42, version: 0 });
    assert.deepEqual(generationOf('in/CUST.G0001V12.gz'), { base: 'in/CUST.gz', number: 1, version: 12 });
    for (const name of [
      'PROD.CUST',
      'G0001V00',
      'A.G001V00',
      'A.G0001V00.B.C',
      'A.G0001V000',
      'A.g0001v00',
    ]) {
      assert.equal(generationOf(name), undefined, name);
    }
  });

  const names = ['A.G0009V00', 'A.G0010V00', 'A.G0010V01', 'A.G0011V00', 'B.G0003V00', 'OTHER'];

  it('without a word the latest of each group is there, and every name without a group', () => {
    assert.deepEqual(chosenNames(names, undefined), ['A.G0011V00', 'B.G0003V00', 'OTHER']);
  });

  it('all, one by its number, and one by its distance from the latest; of a generation the highest version', () => {
    assert.deepEqual(chosenNames(names, 'latest'), ['A.G0011V00', 'B.G0003V00']);
    assert.deepEqual(chosenNames(names, 0), ['A.G0011V00', 'B.G0003V00']);
    assert.deepEqual(chosenNames(names, 'all'), ['A.G0009V00', 'A.G0010V01', 'A.G0011V00', 'B.G0003V00']);
    assert.deepEqual(chosenNames(names, 10), ['A.G0010V01']);
    assert.deepEqual(chosenNames(names, -1), ['A.G0010V01']);
    assert.deepEqual(chosenNames(names, -2), ['A.G0009V00']);
    assert.deepEqual(chosenNames(names, -3), []);
  });

  it('numbers begin again behind 9999: a low one beside a high one is later', () => {
    assert.deepEqual(chosenNames(['A.G9998V00', 'A.G9999V00', 'A.G0001V00'], undefined), ['A.G0001V00']);
    assert.deepEqual(chosenNames(['A.G9998V00', 'A.G9999V00', 'A.G0001V00'], -1), ['A.G9999V00']);
  });
});

describe('a date in a name', () => {
  it('is found by its form, as a number of its own', () => {
    assert.equal(datePattern('yyyyMMdd').dateOf('TXN-20241130.dat'), '2024-11-30');
    assert.equal(datePattern('yyyy-MM-dd').dateOf('2024-02-29/ACCT 12345678.TXT'), '2024-02-29');
    assert.equal(datePattern("'D'yyMMdd").dateOf('PROD.TXN.D241130.T120000'), '2024-11-30');
    assert.equal(datePattern('yyDDD').dateOf('TXN.24366'), '2024-12-31');
    assert.equal(datePattern('ddMMyyyy').dateOf('x30112024'), '2024-11-30');
    assert.equal(datePattern('yyyyMMdd').dateOf('20241130-20241130'), '2024-11-30');
  });

  it('a name without one, with a day that is none, or with two is a fault that names the file', () => {
    for (const name of ['TXN.dat', 'TXN-20241131.dat', 'TXN-120241130.dat', 'TXN-202411300.dat']) {
      assert.throws(() => datePattern('yyyyMMdd').dateOf(name), fault('no-date-in-name'), name);
    }
    assert.throws(() => datePattern('yyDDD').dateOf('TXN.23366'), fault('no-date-in-name'));
    assert.throws(() => datePattern('yyDDD').dateOf('TXN.23000'), fault('no-date-in-name'));
    assert.throws(
      () => datePattern('yyyyMMdd').dateOf('20241130-20241201'),
      (error) => {
        assert.ok(fault('ambiguous-date-in-name')(error) && error instanceof Fault);
        return error.place.file === '20241130-20241201';
      },
    );
  });

  it('a form that is no date is refused', () => {
    for (const form of [
      'yyyyMM',
      'MMdd',
      'yyyy',
      'yyyyMMddDDD',
      'yyyyMMMdd',
      'DyyMMdd',
      'yyyyyMMdd',
      'x',
      "'yyyyMMdd'",
    ]) {
      assert.throws(() => datePattern(form), fault('bad-date-pattern'), form);
    }
  });
});
