// Policies of fields and what conditions become by them; dates that are suggested.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { suggestDates } from '../../src/codec/cobol-layout/date-suggestions.ts';
import type { LayoutOptions } from '../../src/codec/layout.ts';
import { typeText } from '../../src/model/type.ts';
import { copybook, layoutFor, refused } from './records.ts';

describe('policies', () => {
  const text = copybook(
    '01 R.',
    '   05 HEAD.',
    '      10 BIRTH-DATE PIC 9(8).',
    '      10 TAX-DATE PIC S9(7) COMP-3.',
    '   05 TAIL.',
    '      10 BIRTH-DATE PIC X(10).',
    '      10 SHOWN-DATE PIC 99/99/9999.',
    '      10 FILLER-DATE PIC X(5).',
  );

  it('of a name that stands several times can be told apart by groups', () => {
    const types = (fields: LayoutOptions['fields']) =>
      layoutFor(text, fields === undefined ? {} : { fields }).fields.flatMap(({ type }) =>
        type.kind === 'object' ? type.fields.map((field) => `${field.name} ${typeText(field.type)}`) : [],
      );
    assert.deepEqual(
      types({
        'HEAD.BIRTH-DATE': { date: 'yyyyMMdd', noDate: ['zeros'] },
        'birth-date of tail in r': { date: 'yyyy-MM-dd' },
        'SHOWN-DATE': { date: 'dd/MM/yyyy' },
      }),
      ['birthDate date', 'taxDate int32', 'birthDate date', 'shownDate date', 'fillerDate string(5)'],
    );
    assert.throws(
      () => types({ 'HEAD.SHOWN-DATE': {} }),
      refused(/"HEAD.SHOWN-DATE".*SHOWN-DATE, but not in such/),
    );
  });

  it('of a date need room for its pattern', () => {
    assert.throws(
      () => layoutFor(text, { fields: { 'FILLER-DATE': { date: 'yyyyMMdd' } } }),
      refused(/FILLER-DATE has 5 characters.*needs 8/),
    );
  });

  it('make a field without a day null', () => {
    const { fields } = layoutFor(copybook('01 R.', '   05 D PIC 9(8).'), {
      fields: { D: { date: 'yyyyMMdd', noDate: ['zeros'], window: 1930 } },
    });
    assert.deepEqual(fields, [{ name: 'd', type: { kind: 'date' }, legacyName: 'D', nullable: true }]);
  });

  it('leave conditions booleans where two of them hold the same value', () => {
    const shown = (values: string) =>
      layoutFor(
        copybook('01 R.', '   05 S PIC X.', `      88 ANY-KIND VALUE ${values}.`, "      88 IS-A VALUE 'A'."),
        { conditions: 'enum' },
      ).fields.map(({ type }) => type.kind);
    assert.deepEqual(shown("'A' 'B'"), ['string', 'boolean', 'boolean']);
    assert.deepEqual(shown("'C' 'B'"), ['enum']);
  });

  it('make an enum of the conditions of a group beside it', () => {
    const { fields } = layoutFor(
      copybook(
        '01 R.',
        '   05 G.',
        '      88 NOTHING VALUE SPACES.',
        "      88 SOMETHING VALUE 'AB'.",
        '      10 A PIC X(2).',
      ),
      { conditions: 'enum' },
    );
    assert.deepEqual(
      fields.map(({ name, type }) => `${name} ${typeText(type)}`),
      ['g object RG', 'gCondition enum RGCondition'],
    );
  });
});

describe('suggested dates', () => {
  it('go by name and size', () => {
    const layout = layoutFor(
      copybook(
        '01 R.',
        '   05 BIRTH-DATE PIC 9(8).',
        '   05 UPDATE-COUNT PIC 9(8).',
        '   05 LAST-UPDATE PIC X(8).',
        '   05 TRAN-DT PIC S9(7) COMP-3.',
        '   05 OPEN-DATE PIC X(10).',
        '   05 JUL-DATE PIC 9(7) COMP-3.',
        '   05 ACCT-OPENDATE PIC 9(6).',
        '   05 TRAN-TIME PIC 9(6).',
        '   05 ADD-TS PIC X(19).',
        '   05 TOTAL PIC 9(8).',
      ),
    );
    assert.deepEqual(
      suggestDates(layout).map(
        ({ legacyName, date, noDate }) => `${legacyName} ${date}${noDate === undefined ? '' : ' 0'}`,
      ),
      [
        'BIRTH-DATE yyyyMMdd 0',
        'TRAN-DT cyyMMdd 0',
        'OPEN-DATE yyyy-MM-dd',
        'JUL-DATE yyyyDDD 0',
        'ACCT-OPENDATE yyMMdd 0',
        'TRAN-TIME HHmmss',
        'ADD-TS yyyy-MM-dd-HH.mm.ss',
      ],
    );
  });
});
