import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compile, type LayoutOptions } from '../../../src/codec/index.ts';
import { Fault } from '../../../src/fault.ts';
import type { Cell, Row } from '../../../src/model/value.ts';
import { random } from '../../random.ts';
import { codecOf, everything, layoutFor, mutate, nowhere, randomRow, topFields } from '../records.ts';

const hasFault = (cell: Cell): boolean =>
  cell instanceof Fault ||
  (typeof cell === 'object' &&
    cell !== null &&
    !(cell instanceof Uint8Array) &&
    Object.values(cell).some(hasFault));

describe('encoding a row', () => {
  it('and decoding it gives the row again', () => {
    for (const options of [
      {},
      { odo: 'slide' as const },
      { charset: 'cp273' },
      { charset: 'latin1', conditions: 'enum' as const },
    ]) {
      const layout = everything(options);
      const codec = compile(layout);
      const generator = random(23);
      for (let round = 0; round < 500; round++) {
        const row = randomRow(layout, generator, 1 + generator.int(4));
        const record = codec.encode(row);
        const decoded = codec.decoder(Object.keys(row))(record, 0, record.length, nowhere);
        assert.deepEqual(decoded, row);
      }
    }
  });

  it('into the record that it was decoded from changes no byte', () => {
    for (const options of [
      { onBad: 'null' },
      { odo: 'slide', blank: 'null' },
      { charset: 'latin1', trim: 'both' },
    ] satisfies Partial<LayoutOptions>[]) {
      const layout = everything(options);
      const codec = compile(layout);
      const generator = random(29);
      const decode = codec.decoder(topFields(layout));
      let checked = 0;
      for (let round = 0; round < 2_000; round++) {
        const record = mutate(codec.encode(randomRow(layout, generator)), generator, generator.int(4));
        const row = decode(record, 0, record.length, nowhere);
        if (hasFault(row)) continue;
        checked++;
        assert.equal(codec.encode(row, record).toHex(), record.toHex());
      }
      assert.ok(checked > 300, `only ${checked} records`);
    }
  });

  it('of one field leaves every other byte as it was', () => {
    const codec = compile(everything());
    const record = new Uint8Array(codec.layout.length).fill(0x6f);
    const changed = codec.encode({ small: 42, packed: { pOdd: -7 } }, record);
    const different = [...changed.keys()].filter((i) => changed[i] !== record[i]);
    assert.equal(different.length, 4 + 3);
    assert.ok(record.every((byte) => byte === 0x6f));
  });

  it('keeps another spelling of the same value', () => {
    const codec = codecOf('PIC S9(3) COMP-3');
    const record = Uint8Array.fromHex('123a');
    assert.equal(codec.encode({ f: 123 }, record).toHex(), '123a');
    assert.equal(codec.encode({ f: 124 }, record).toHex(), '124c');
  });

  it('starts a new record with blanks in text and FILLER, and zero in numbers', () => {
    const codec = compile(
      layoutFor(
        '       01 R.\n          05 A PIC X(2).\n          05 FILLER PIC X.\n          05 B PIC S9(2).\n          05 C PIC 9(3) COMP-3.\n          05 D PIC 9(4) COMP.\n          05 E PIC 9.99.\n',
      ),
    );
    assert.equal(codec.encode({}).toHex(), '404040f0c0000f0000f04bf0f0');
  });

  const rejection = (picture: string, value: Cell, options: Partial<LayoutOptions> = {}): string => {
    const codec = codecOf(picture, options);
    try {
      codec.encode({ f: value });
    } catch (error) {
      assert.ok(error instanceof Fault);
      assert.equal(error.kind, 'rejected');
      assert.equal(error.place.field, 'f');
      return error.code;
    }
    return 'written';
  };

  it('writes no name that would be read as another, or as none', () => {
    const codec = codecOf(
      "PIC X(2).\n 88 LONG-ONE VALUE X'C1C2C3'.\n 88 AB VALUE 'AB'.\n 88 SAME VALUE X'C1C2'.\n 88 CD VALUE X'C3C4'",
      { conditions: 'enum' },
    );
    assert.equal(codec.encode({ f: 'AB' }).toHex(), 'c1c2');
    assert.equal(codec.encode({ f: 'CD' }).toHex(), 'c3c4');
    for (const f of ['LONG_ONE', 'SAME']) {
      assert.throws(() => codec.encode({ f }), { kind: 'rejected', message: /would not be read as it/ });
    }
  });

  it('never cuts anything off', () => {
    for (const picture of ['PIC 9(3)', 'PIC 9(3) COMP-3', 'PIC 9(3) COMP']) {
      assert.equal(rejection(picture, 999), 'written', picture);
      assert.equal(rejection(picture, 1_000), 'overflow', picture);
      assert.equal(rejection(picture, -1), 'wrong-sign', picture);
    }
    assert.equal(rejection('PIC S9(3)V99', '999.99'), 'written');
    assert.equal(rejection('PIC S9(3)V99', '1000.00'), 'overflow');
    assert.equal(rejection('PIC S9(3)V99', '1.005'), 'overflow');
    assert.equal(rejection('PIC X(3)', 'ABCD'), 'overflow');
    assert.equal(rejection('PIC X(3)', '€', {}), 'unmappable-character');
    assert.equal(rejection('PIC X(3)', '€', { charset: 'cp1140' }), 'written');
    assert.equal(rejection('PIC X(3)', 'ÄÖ', { charset: 'utf-8' }), 'overflow');
    assert.equal(rejection('PIC 9(3).99', '1000.00'), 'overflow');
  });

  it('refuses values of another type', () => {
    assert.equal(rejection('PIC 9(3)', 'abc'), 'overflow');
    assert.equal(rejection('PIC 9(3)', true), 'wrong-type');
    assert.equal(rejection('PIC 9(3)', 1.5), 'wrong-type');
    assert.equal(rejection('PIC X(3)', 5), 'wrong-type');
    assert.equal(rejection('PIC 9(3)', null), 'null-value');
    assert.equal(rejection('PIC 9(3)', null, { blank: 'null' }), 'written');
  });

  it('refuses a list of another length than its counter says, and a field that is not there', () => {
    const codec = compile(everything());
    const line = { lineNo: 1, lineText: 'A', lineSums: ['1.0', '2.0'] };
    const refused = (row: Row): string => {
      try {
        codec.encode(row);
      } catch (error) {
        assert.ok(error instanceof Fault && error.kind === 'rejected');
        return error.place.field ?? '';
      }
      return 'written';
    };
    assert.equal(refused({ counter: 1, lines: [line] }), 'written');
    assert.equal(refused({ counter: 2, lines: [line] }), 'lines');
    assert.equal(refused({ counter: 5, lines: [line, line, line, line, line] }), 'lines');
    assert.equal(refused({ counter: 1, lines: [{ ...line, lineSums: ['1.0'] }] }), 'lines[0].lineSums');
    assert.equal(refused({ packed: { pOddd: 1 } }), 'packed.pOddd');
  });

  it('takes one of several readings of the same bytes, and no contradiction between two', () => {
    const codec = compile(everything());
    const parts = { theYear: 2024, theMonth: 2, theDay: 29 };
    const read = (record: Uint8Array) => codec.decoder(['dateText'])(record, 0, record.length, nowhere);
    assert.deepEqual(read(codec.encode({ dateParts: parts })), { dateText: '20240229' });
    assert.deepEqual(read(codec.encode({ dateText: '20240229', dateParts: parts })), {
      dateText: '20240229',
    });
    assert.throws(() => codec.encode({ dateText: '20240228', dateParts: parts }), {
      code: 'conflicting-views',
    });
  });

  it('takes a condition only where it says what its field says', () => {
    const codec = compile(everything());
    assert.doesNotThrow(() => codec.encode({ statusCode: 'X', statusClosed: true, statusOpen: false }));
    assert.throws(() => codec.encode({ statusCode: 'X', statusOpen: true }), { code: 'conflicting-views' });
  });

  it('writes the first value of an enum name', () => {
    const codec = compile(everything({ conditions: 'enum' }));
    const record = codec.encode({ statusCode: 'STATUS_CLOSED' });
    assert.deepEqual(codec.decoder(['statusCode'])(record, 0, record.length, nowhere), {
      statusCode: 'STATUS_CLOSED',
    });
    assert.throws(() => codec.encode({ statusCode: 'GONE' }), { kind: 'rejected' });
    const x = record.map((byte) => (byte === 0xc3 ? 0xe7 : byte));
    assert.equal(codec.encode({ statusCode: 'STATUS_CLOSED' }, x).toHex(), x.toHex());
  });
});
