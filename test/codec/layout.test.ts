import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compile, type LayoutOptions, type Node } from '../../src/codec/index.ts';
import { Fault } from '../../src/fault.ts';
import { type Field, typeText } from '../../src/model/type.ts';
import { random } from '../random.ts';
import { codecOf, copybook, EVERYTHING, layoutFor, nowhere, randomRow } from './records.ts';

const offsets = (nodes: readonly Node[]): readonly string[] =>
  nodes.map((node) => `${node.name} ${node.offset}+${node.length}`);

describe('sizes and types of items', () => {
  const cases: readonly (readonly [string, number, string])[] = [
    ['PIC X(10)', 10, 'string(10)'],
    ['PIC A(3)', 3, 'string(3)'],
    ['PIC 9(4)', 4, 'int32'],
    ['PIC S9(9)', 9, 'int32'],
    ['PIC 9(10)', 10, 'int64'],
    ['PIC S9(18)', 18, 'int64'],
    ['PIC S9(7)V99', 9, 'decimal(9,2)'],
    ['PIC V9(4)', 4, 'decimal(4,4)'],
    ['PIC 9(8).9(2)', 11, 'decimal(10,2)'],
    ['PIC S9(5) COMP-3', 3, 'int32'],
    ['PIC S9(4) COMP-3', 3, 'int32'],
    ['PIC S9(9)V99 COMP-3', 6, 'decimal(11,2)'],
    ['PIC 9(18) COMP-3', 10, 'int64'],
    ['PIC S9(4) COMP', 2, 'int32'],
    ['PIC S9(5) COMP', 4, 'int32'],
    ['PIC 9(9) BINARY', 4, 'int32'],
    ['PIC S9(10) COMP-4', 8, 'int64'],
    ['PIC S9(9)V99 COMP', 8, 'decimal(11,2)'],
  ];
  for (const [picture, length, type] of cases) {
    it(`${picture} takes ${length} bytes and is ${type}`, () => {
      const { layout } = codecOf(picture);
      assert.equal(layout.length, length);
      assert.deepEqual(
        layout.fields.map((field) => typeText(field.type)),
        [type],
      );
    });
  }

  it('under TRUNC(BIN) the type holds every value of the bits', () => {
    const type = (picture: string) =>
      codecOf(picture, { trunc: 'bin' }).layout.fields.map((f) => typeText(f.type))[0];
    assert.equal(type('PIC 9(4) COMP'), 'int32');
    assert.equal(type('PIC S9(9) COMP'), 'int32');
    assert.equal(type('PIC 9(9) COMP'), 'int64');
    assert.equal(type('PIC S9(18) COMP'), 'int64');
    assert.equal(type('PIC 9(18) COMP'), 'decimal(20,0)');
    assert.equal(type('PIC S9(7)V99 COMP'), 'decimal(10,2)');
    assert.equal(type('PIC S9(16)V99 COMP'), 'decimal(19,2)');
  });
});

describe('a layout', () => {
  it('has offsets through groups, tables and FILLER', () => {
    const layout = layoutFor(
      copybook(
        '01 R.',
        '   05 A PIC X(3).',
        '   05 FILLER PIC X(2).',
        '   05 G.',
        '      10 B PIC 9(3) COMP-3.',
        '      10 C PIC S9(4) COMP OCCURS 3.',
        '   05 D PIC X.',
      ),
    );
    assert.equal(layout.length, 14);
    assert.deepEqual(offsets(layout.nodes), ['a 0+3', 'g 5+8', 'd 13+1']);
    const [, group] = layout.nodes;
    assert.ok(group?.kind === 'group');
    assert.deepEqual(offsets(group.nodes), ['b 5+2', 'c 7+6']);
  });

  it('counts the offsets in a table from its element', () => {
    const layout = layoutFor(
      copybook(
        '01 R.',
        '   05 A PIC X.',
        '   05 T OCCURS 3.',
        '      10 B PIC X(2).',
        '      10 C PIC X(4) OCCURS 2.',
      ),
    );
    assert.equal(layout.length, 31);
    const [, table] = layout.nodes;
    assert.ok(table?.kind === 'list' && table.of.kind === 'group');
    assert.deepEqual([table.offset, table.stride, table.of.offset], [1, 10, 0]);
    assert.deepEqual(offsets(table.of.nodes), ['b 0+2', 'c 2+8']);
  });

  it('takes a REDEFINES as an alternate at the same bytes, and goes on behind the longer one', () => {
    const layout = layoutFor(
      copybook(
        '01 R.',
        '   05 A PIC X(4).',
        '   05 B REDEFINES A PIC 9(2).',
        '   05 C REDEFINES A.',
        '      10 D PIC X.',
        '   05 E PIC X.',
      ),
    );
    assert.deepEqual(offsets(layout.nodes), ['a 0+4', 'b 0+2', 'c 0+1', 'e 4+1']);
    assert.deepEqual(
      layout.fields.map((field) => field.alternate ?? false),
      [false, true, true, false],
    );
  });

  it('moves the named items of an unnamed group up, out of a table as lists', () => {
    const layout = layoutFor(
      copybook(
        '01 R.',
        '   05 FILLER.',
        '      10 A PIC X.',
        '   05 FILLER OCCURS 2.',
        '      10 B PIC X(2).',
        '      10 C PIC 9.',
      ),
    );
    assert.deepEqual(
      layout.fields.map(({ name, type }) => `${name} ${typeText(type)}`),
      ['a string(1)', 'b list of string(2)', 'c list of int32'],
    );
    const bytes = new TextEncoder().encode('xaa1bb2');
    const codec = compile(
      layoutFor(
        copybook(
          '01 R.',
          '   05 FILLER.',
          '      10 A PIC X.',
          '   05 FILLER OCCURS 2.',
          '      10 B PIC X(2).',
          '      10 C PIC 9.',
        ),
        { charset: 'latin1' },
      ),
    );
    assert.deepEqual(codec.decoder(['a', 'b', 'c'])(bytes, 0, 7, nowhere), {
      a: 'x',
      b: ['aa', 'bb'],
      c: [1, 2],
    });
  });

  it('leaves a group of nothing but FILLER out', () => {
    const layout = layoutFor(copybook('01 R.', '   05 A PIC X.', '   05 G.', '      10 FILLER PIC X(9).'));
    assert.deepEqual(
      layout.fields.map(({ name }) => name),
      ['a'],
    );
    assert.equal(layout.length, 10);
  });

  it('is one field where the record is one item', () => {
    const layout = layoutFor(copybook('01 LINE-TEXT PIC X(80).'));
    assert.deepEqual(layout.fields, [
      { name: 'lineText', type: { kind: 'string', length: 80 }, legacyName: 'LINE-TEXT' },
    ]);
  });

  it('names fields by the one rule, told apart where they fall together', () => {
    const layout = layoutFor(
      copybook(
        '01 R.',
        '   05 CUST-ID PIC X.',
        '   05 CUSTID PIC X.',
        '   05 CUST-ID PIC X.',
        '   05 1ST-NAME PIC X.',
      ),
    );
    assert.deepEqual(
      layout.fields.map(({ name }) => name),
      ['custId', 'custid', 'custId2', 'n1stName'],
    );
  });

  it("gives every group and enum a type name of its own, which begins with the record's", () => {
    const layout = layoutFor(
      copybook(
        '01 R.',
        '   05 A.',
        '      10 B.',
        '         15 X PIC X.',
        '            88 ON-STATE VALUE "1".',
        '   05 A-B.',
        '      10 X PIC X.',
      ),
      { name: 'Customer', conditions: 'enum' },
    );
    const names = (fields: readonly Field[]): readonly string[] =>
      fields.flatMap(({ type }) =>
        type.kind === 'object' ? [type.name, ...names(type.fields)] : type.kind === 'enum' ? [type.name] : [],
      );
    assert.deepEqual(names(layout.fields), ['CustomerA', 'CustomerAB', 'CustomerABX', 'CustomerAB2']);
  });

  it('knows the counter of a table by its path', () => {
    const layout = layoutFor(
      copybook(
        '01 R.',
        '   05 HEAD.',
        '      10 HOW-MANY PIC 9.',
        '   05 T OCCURS 0 TO 5 DEPENDING ON HOW-MANY PIC X.',
      ),
    );
    const table = layout.nodes[1];
    assert.ok(table?.kind === 'list');
    assert.deepEqual([table.dependingOn, table.min, table.max, table.length], ['head.howMany', 0, 5, 5]);
  });

  it('is plain data', () => {
    const layout = layoutFor(EVERYTHING, { conditions: 'enum' });
    assert.deepEqual(structuredClone(layout), layout);
  });
});

describe('level 88', () => {
  const item = copybook(
    '01 R.',
    '   05 STATE PIC X(2).',
    '      88 IS-OPEN VALUE "OP" "ON".',
    '      88 IS-EMPTY VALUE SPACES.',
    '   05 AGE PIC S9(3) COMP-3.',
    '      88 IS-CHILD VALUE 0 THRU 17.',
    '      88 IS-UNKNOWN VALUE -1.',
  );
  const read = (text: string, options: Partial<LayoutOptions> = {}) => {
    const codec = compile(layoutFor(item, options));
    return codec.decoder(codec.layout.fields.map(({ name }) => name))(
      Uint8Array.fromHex(text),
      0,
      4,
      nowhere,
    );
  };

  it('is a boolean beside its item', () => {
    assert.deepEqual(read('d6d5017c'), {
      state: 'ON',
      isOpen: true,
      isEmpty: false,
      age: 17,
      isChild: true,
      isUnknown: false,
    });
    assert.deepEqual(read('4040001d'), {
      state: '',
      isOpen: false,
      isEmpty: true,
      age: -1,
      isChild: false,
      isUnknown: true,
    });
  });

  it('is an enum where the policy says so and every value is a single one', () => {
    const row = read('d6d5017c', { conditions: 'enum' });
    assert.deepEqual(row, { state: 'IS_OPEN', age: 17, isChild: true, isUnknown: false });
    const { fields } = layoutFor(item, { conditions: 'enum' });
    const [state] = fields;
    assert.deepEqual(state?.type, { kind: 'enum', name: 'RState', values: ['IS_OPEN', 'IS_EMPTY'] });
  });

  it('makes bad data of a value that no name of the enum stands for', () => {
    const cell = read('c1c2017c', { conditions: 'enum' })['state'];
    assert.ok(cell instanceof Fault && cell.code === 'no-condition');
    assert.equal(read('c1c2017c', { conditions: 'enum', onBad: 'null' })['state'], null);
  });

  it('fails with its field, or is null where the policy puts something else in its place', () => {
    assert.ok(read('d6d501ac')['isChild'] instanceof Fault);
    assert.equal(read('d6d501ac', { onBad: 'null' })['isChild'], null);
    assert.equal(read('d6d501ac', { fields: { AGE: { onBad: { default: 3 } } } })['isChild'], null);
  });

  it('compares text by the bytes of its charset', () => {
    const codec = compile(
      layoutFor(copybook('01 R.', '   05 F PIC X.', '      88 IN-RANGE VALUE "a" THRU "A".')),
    );
    const holds = (byte: number) => codec.decoder(['inRange'])(Uint8Array.of(byte), 0, 1, nowhere)['inRange'];
    assert.deepEqual([0x80, 0x81, 0xc1, 0xc2].map(holds), [false, true, true, false]);
  });

  it('that compares a number with text is refused with its line', () => {
    assert.throws(
      () => layoutFor(copybook('01 R.', '   05 F PIC 9.', '      88 BAD VALUE "x".')),
      (fault) => fault instanceof Fault && fault.misconfigured && /line [23].*number/i.test(fault.message),
    );
  });
});

describe('policies', () => {
  it('of a field go before those of the record, by legacy name in any case', () => {
    const { fields } = layoutFor(copybook('01 R.', '   05 CUST-ID PIC 9(3).', '   05 OTHER PIC 9(3).'), {
      onBad: 'null',
      fields: { 'cust-id': { onBad: 'raw' } },
    });
    assert.deepEqual(
      fields.map(({ type }) => typeText(type)),
      ['string', 'int32'],
    );
    assert.deepEqual(
      fields.map(({ nullable }) => nullable ?? false),
      [false, true],
    );
  });

  it('of a field that is not there are refused with the nearest name', () => {
    assert.throws(
      () => layoutFor(copybook('01 R.', '   05 CUST-ID PIC 9(3).'), { fields: { 'CUST-IT': {} } }),
      (fault) =>
        fault instanceof Fault &&
        fault.misconfigured &&
        /"CUST-IT".*Did you mean "CUST-ID"/.test(fault.message),
    );
  });

  it("have defaults of the field's type", () => {
    const read = (value: string | number) => {
      const codec = codecOf('PIC S9(3)V99', { onBad: { default: value } });
      return codec.decoder(['f'])(new Uint8Array(5), 0, 5, nowhere)['f'];
    };
    assert.equal(read('7.5'), '7.50');
    assert.equal(read(7), '7.00');
    assert.throws(
      () => read('seven'),
      (fault) => fault instanceof Fault && fault.misconfigured,
    );
  });

  it('give a field its own charset', () => {
    const codec = compile(
      layoutFor(copybook('01 R.', '   05 A PIC X(2).', '   05 B PIC X(2).', '   05 C PIC 9(2).'), {
        fields: { B: { charset: 'latin1' }, C: { charset: 'latin1' } },
      }),
    );
    const bytes = Uint8Array.fromHex('c1c261623132');
    assert.deepEqual(codec.decoder(['a', 'b', 'c'])(bytes, 0, 6, nowhere), { a: 'AB', b: 'ab', c: 12 });
    const row = randomRow(codec.layout, random(1));
    assert.deepEqual(codec.decoder(['a', 'b', 'c'])(codec.encode(row), 0, 6, nowhere), row);
  });
});
