import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteSink, compile, type Layout, type LayoutOptions } from '../../../src/codec/index.ts';
import { Fault } from '../../../src/fault.ts';
import { type Row, toJson } from '../../../src/model/value.ts';
import { random } from '../../random.ts';
import {
  codecOf,
  everything,
  layoutFor,
  mutate,
  nowhere,
  randomRow,
  rowType,
  topFields,
} from '../records.ts';
import { comparable, referenceRow } from './reference.ts';

const LAYOUTS: readonly (readonly [string, Partial<LayoutOptions>])[] = [
  ['cp037, every policy fail', {}],
  ['cp1141, bad data null, blanks null', { charset: 'cp1141', onBad: 'null', blank: 'null' }],
  ['latin1, raw, both ends trimmed', { charset: 'latin1', onBad: 'raw', trim: 'both' }],
  [
    'cp037, enums, defaults, low-values as blanks',
    { conditions: 'enum', onBad: 'null', lowValues: 'blank', trim: 'none' },
  ],
  ['cp500, TRUNC(BIN)', { charset: 'cp500', trunc: 'bin', blank: 'null' }],
  ['utf-8', { charset: 'utf-8', onBad: 'null', trim: 'left' }],
];

/** Records from good to hopeless, with bytes around them that belong to somebody else. */
function* records(
  layout: Layout,
  seed: number,
  count: number,
): Iterable<readonly [bytes: Uint8Array, start: number]> {
  const generator = random(seed);
  const codec = compile(layout);
  for (let i = 0; i < count; i++) {
    const row = randomRow(layout, generator, 1 + generator.int(4));
    const plain = layout.charset === 'utf-8' ? asciiOnly(row) : row;
    const record = mutate(codec.encode(plain), generator, generator.pick([0, 0, 1, 3, 40]));
    const start = generator.int(9);
    const bytes = new Uint8Array(layout.length + start + 5).fill(0xee);
    bytes.set(record, start);
    yield [bytes, start];
  }
}

function asciiOnly(row: Row): Row {
  return JSON.parse(
    JSON.stringify(row, (_name, value: unknown) =>
      typeof value === 'string'
        ? value.replace(/[^ -~]/g, '?')
        : typeof value === 'bigint'
          ? value.toString()
          : value,
    ),
    (name, value: unknown) => (/^(big|pLong|bDouble)$/.test(name) ? BigInt(String(value)) : value),
  );
}

/** What the reference makes of the row: JSON text, or the fault met first. */
function expectedJson(layout: Layout, names: readonly string[], row: Row): string | Fault {
  try {
    return JSON.stringify(toJson(rowType(layout, names), row));
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

describe('generated code', () => {
  for (const [what, options] of LAYOUTS) {
    const layout = everything(options);
    const codec = compile(layout);
    const names = topFields(layout, true);
    // Most texts are no dates: where that is a fault, it would be the only thing seen.
    const writable = topFields(layout, options.onBad !== undefined);

    it(`decodes what the reference reads: ${what}`, () => {
      const decode = codec.decoder(names);
      for (const [bytes, start] of records(layout, 1, 400)) {
        const row = decode(bytes, start, start + layout.length, nowhere);
        assert.deepEqual(comparable(row), comparable(referenceRow(layout, names, bytes, start, nowhere)));
      }
    });

    it(`writes the JSON of the decoded row, or its fault and nothing: ${what}`, () => {
      const decode = codec.decoder(writable);
      const write = codec.writer(writable);
      let written = 0;
      for (const [bytes, start] of records(layout, 2, 400)) {
        const end = start + layout.length;
        const expected = expectedJson(layout, writable, decode(bytes, start, end, nowhere));
        const sink = new ByteSink(8);
        sink.text('before');
        if (expected instanceof Fault) {
          assert.throws(() => write(bytes, start, end, sink, nowhere), {
            code: expected.code,
            message: expected.message,
          });
          assert.equal(new TextDecoder().decode(sink.take()), 'before');
        } else {
          written++;
          write(bytes, start, end, sink, nowhere);
          assert.equal(new TextDecoder().decode(sink.take()), `before${expected}`);
        }
      }
      assert.ok(written > 50, `only ${written} records could be written`);
    });
  }

  it('writes every byte of a code page as JSON.stringify would', () => {
    for (const charset of ['cp037', 'cp1140', 'cp273', 'latin1']) {
      const codec = codecOf('PIC X(256)', { charset, trim: 'none' });
      const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const sink = new ByteSink();
      codec.writer(['f'])(bytes, 0, 256, sink, nowhere);
      assert.equal(
        new TextDecoder().decode(sink.take()),
        JSON.stringify(codec.decoder(['f'])(bytes, 0, 256, nowhere)),
      );
    }
  });

  it('loses no byte of C1 00 C3', () => {
    const row = codecOf('PIC X(3)').decoder(['f'])(Uint8Array.of(0xc1, 0x00, 0xc3), 0, 3, nowhere);
    assert.deepEqual(row, { f: 'A\u0000C' });
  });

  it('is made once for a projection', () => {
    const codec = compile(everything());
    assert.equal(codec.decoder(['name', 'small']), codec.decoder(['name', 'small']));
    assert.notEqual(codec.decoder(['name', 'small']), codec.decoder(['small', 'name']));
  });

  it('is forgotten when many other projections were asked for since', () => {
    const codec = compile(everything());
    const often = codec.decoder(['name']);
    const once = codec.decoder(['small']);
    const names = topFields(codec.layout);
    for (const first of names) {
      for (const second of names) {
        codec.decoder([first, second]);
        assert.equal(codec.decoder(['name']), often);
      }
    }
    assert.ok(names.length ** 2 > 256);
    assert.notEqual(codec.decoder(['small']), once);
  });

  it('shows zero without a sign, in whatever way it is written', () => {
    for (const [picture, bytes] of [
      ['PIC S9(3)V99', 'f0f0f0f0d0'],
      ['PIC S9(3)V99 COMP-3', '00000d'],
      ['PIC S9(3)V99 COMP-3', '00000b'],
    ] as const) {
      const codec = codecOf(picture);
      const sink = new ByteSink();
      const record = Uint8Array.fromHex(bytes);
      codec.writer(['f'])(record, 0, record.length, sink, nowhere);
      assert.equal(new TextDecoder().decode(sink.take()), '{"f":"0.00"}');
      assert.deepEqual(codec.decoder(['f'])(record, 0, record.length, nowhere), { f: '0.00' });
    }
  });
});

describe('a field of nothing but blanks', () => {
  const blank = (picture: string, options: Partial<LayoutOptions>, byte = 0x40) => {
    const codec = codecOf(picture, options);
    const { length } = codec.layout;
    return codec.decoder(['f'])(new Uint8Array(length).fill(byte), 0, length, nowhere)['f'];
  };

  it('is a fault in a number and the empty string in text', () => {
    const cell = blank('PIC 9(4)', {});
    assert.ok(cell instanceof Fault);
    assert.equal(cell.code, 'blank-number');
    assert.equal(blank('PIC X(4)', {}), '');
  });

  it('follows its own policy before the one for bad data', () => {
    assert.equal(blank('PIC 9(4)', { blank: 'null' }), null);
    assert.equal(blank('PIC S9(7) COMP-3', { blank: 'null' }), null);
    assert.equal(blank('PIC 9(4)', { blank: { default: 5 }, onBad: 'null' }), 5);
    assert.equal(blank('PIC 9(4)V99', { blank: { default: '5' } }), '5.00');
    assert.equal(blank('PIC 9(4)', { onBad: 'null' }), null);
    assert.ok(blank('PIC 9(4)', { blank: 'fail', onBad: 'null' }) instanceof Fault);
    assert.equal(blank('PIC X(4)', { blank: 'null' }), null);
    assert.equal(blank('PIC 9(3)', { onBad: 'raw' }), '0x404040');
  });

  it('keeps its blanks in text that is not trimmed, in a table as outside of one', () => {
    assert.equal(blank('PIC X(4)', { trim: 'none' }), '    ');
    assert.equal(blank('PIC X(4)', { trim: 'none', blank: 'raw', lowValues: 'blank' }), '    ');
    assert.equal(blank('PIC X(2)', { trim: 'none', lowValues: 'blank' }, 0x00), '');
    assert.deepEqual(blank('PIC X(2) OCCURS 2', { trim: 'none' }), ['  ', '  ']);
  });

  it('is a number in COMP, which has no blanks', () => {
    assert.equal(blank('PIC S9(9) COMP', { blank: 'null', trunc: 'bin' }), 0x40404040);
    assert.equal(blank('PIC S9(9) COMP', { lowValues: 'blank', blank: 'null' }, 0x00), 0);
  });

  it('may be made of low-values where the policy says so', () => {
    assert.ok(blank('PIC 9(4)', { blank: 'null' }, 0x00) instanceof Fault);
    assert.equal(blank('PIC 9(4)', { blank: 'null', lowValues: 'blank' }, 0x00), null);
    assert.equal(blank('PIC X(2)', {}, 0x00), '\u0000\u0000');
    assert.equal(blank('PIC X(2)', { lowValues: 'blank' }, 0x00), '');
  });
});

describe('a fault', () => {
  it('names source, record, field, byte and bytes', () => {
    const codec = compile(
      layoutFor(
        '       01 R.\n          05 A PIC X(4).\n          05 G.\n             10 P PIC S9(5) COMP-3.\n',
      ),
    );
    const bytes = Uint8Array.fromHex('eec1c2c3c41234ac');
    const row = codec.decoder(['g'])(bytes, 1, 8, nowhere);
    const group = row['g'];
    assert.ok(typeof group === 'object' && group !== null && 'p' in group && group.p instanceof Fault);
    const { kind, code, message, place } = group.p;
    assert.deepEqual([kind, code], ['corrupt', 'bad-packed-digit']);
    assert.match(message, /field g\.p .*nibble 5 is A/);
    assert.deepEqual(place, {
      source: 'host',
      collection: 'records',
      record: 7,
      byteOffset: 1_004,
      field: 'g.p',
      hex: '1234AC',
    });
  });

  it('asks for its place only when it happens', () => {
    const codec = codecOf('PIC 9(2)');
    const never = () => assert.fail('nobody may ask');
    assert.deepEqual(codec.decoder(['f'])(Uint8Array.of(0xf1, 0xf2), 0, 2, never), { f: 12 });
  });

  it('of the counter stands in place of the list', () => {
    const codec = compile(
      layoutFor('       01 R.\n          05 N PIC 9.\n          05 T OCCURS 1 TO 3 DEPENDING ON N PIC X.\n', {
        odo: 'maximum',
      }),
    );
    const list = (text: string) => codec.decoder(['t'])(Uint8Array.fromHex(text), 0, 4, nowhere)['t'];
    assert.deepEqual(list('f2c1c2c3'), ['A', 'B']);
    for (const [text, code] of [
      ['f0c1c2c3', 'bad-counter'],
      ['f4c1c2c3', 'bad-counter'],
      ['40c1c2c3', 'blank-number'],
    ]) {
      const fault = list(text ?? '');
      assert.ok(fault instanceof Fault);
      assert.equal(fault.code, code);
      assert.equal(fault.place.field, 'n');
    }
  });
});

describe('a record of another length than its layout', () => {
  const copybook = '       01 R.\n          05 A PIC X(2).\n          05 B PIC 9(2).\n';
  const bytes = new TextEncoder().encode('AB12  \u0001');

  it('is a fault in every field', () => {
    const decode = compile(layoutFor(copybook, { charset: 'latin1' })).decoder(['a', 'b']);
    for (const [end, code] of [
      [3, 'short-record'],
      [5, 'long-record'],
    ] as const) {
      const row = decode(bytes, 0, end, nowhere);
      for (const cell of [row['a'], row['b']]) assert.ok(cell instanceof Fault && cell.code === code);
    }
  });

  it('is filled with blanks, and may end in blanks, where the layout is flexible', () => {
    const codec = compile(layoutFor(copybook, { charset: 'latin1', flexible: true, blank: 'null' }));
    const decode = codec.decoder(['a', 'b']);
    assert.deepEqual(decode(bytes, 0, 2, nowhere), { a: 'AB', b: null });
    assert.deepEqual(decode(bytes, 0, 0, nowhere), { a: null, b: null });
    assert.deepEqual(decode(bytes, 0, 6, nowhere), { a: 'AB', b: 12 });
    const long = decode(bytes, 0, 7, nowhere)['a'];
    assert.ok(long instanceof Fault && long.code === 'long-record');
    const sink = new ByteSink();
    codec.writer(['a'])(bytes, 0, 1, sink, nowhere);
    assert.equal(new TextDecoder().decode(sink.take()), '{"a":"A"}');
    assert.throws(() => codec.writer(['a'])(bytes, 0, 7, sink, nowhere), { code: 'long-record' });
    const { test } = codec.predicate([{ op: 'eq', field: 'a', type: { kind: 'string' }, value: 'A' }]);
    assert.equal(test(bytes, 0, 1, nowhere), true);
    assert.throws(() => test(bytes, 0, 7, nowhere), { code: 'long-record' });
  });
});

describe('a projection', () => {
  const codec = compile(everything());
  const [[bytes] = [new Uint8Array(0)]] = [...records(codec.layout, 5, 1)].map(([all, start]) => [
    all.subarray(start),
  ]);
  const decode = (fields: readonly string[]) => codec.decoder(fields)(bytes, 0, codec.layout.length, nowhere);

  it('has the fields asked for in the order of asking', () => {
    assert.deepEqual(Object.keys(decode(['small', 'name'])), ['small', 'name']);
    assert.deepEqual(Object.keys(decode([])), []);
  });

  it('takes single fields of a group, merged, and all of a group by its path', () => {
    const some = decode(['packed.pEven', 'name', 'packed.pOdd']);
    assert.deepEqual(Object.keys(some), ['packed', 'name']);
    assert.deepEqual(Object.keys(some['packed'] ?? {}), ['pEven', 'pOdd']);
    assert.deepEqual(Object.keys(decode(['binaries'])['binaries'] ?? {}), [
      'bHalf',
      'bWord',
      'bDecimal',
      'bDouble',
      'bMoney',
    ]);
  });

  it('leaves alternates out of a group unless they are named', () => {
    const codec = compile(
      layoutFor(
        '       01 R.\n          05 G.\n             10 A PIC X(2).\n             10 B REDEFINES A PIC 9(2).\n',
      ),
    );
    const bytes = Uint8Array.of(0xf1, 0xf2);
    assert.deepEqual(codec.decoder(['g'])(bytes, 0, 2, nowhere), { g: { a: '12' } });
    assert.deepEqual(codec.decoder(['g', 'g.b'])(bytes, 0, 2, nowhere), { g: { a: '12', b: 12 } });
    assert.deepEqual(codec.decoder(['g.b'])(bytes, 0, 2, nowhere), { g: { b: 12 } });
  });

  it('leaves alternates out of a group that has nothing else to show', () => {
    const codec = compile(
      layoutFor(`
       01 R.
          05 G OCCURS 2.
             10 DATA-AREA.
                15 FILLER PIC X(2).
             10 VIEW-A REDEFINES DATA-AREA PIC 9(2).
             10 VIEW-B REDEFINES DATA-AREA PIC X(2).
`),
    );
    const bytes = Uint8Array.of(0xf1, 0xf2, 0xc1, 0xc2);
    assert.deepEqual(codec.decoder(['g'])(bytes, 0, 4, nowhere), { g: [{}, {}] });
    assert.deepEqual(codec.decoder(['g.viewB'])(bytes, 0, 4, nowhere), {
      g: [{ viewB: '12' }, { viewB: 'AB' }],
    });
    const sink = new ByteSink();
    codec.writer(['g'])(bytes, 0, 4, sink, nowhere);
    assert.equal(new TextDecoder().decode(sink.take()), '{"g":[{},{}]}');
  });

  it('leads through tables', () => {
    const lines = decode(['lines.lineText', 'lines.lineNo'])['lines'];
    assert.ok(Array.isArray(lines) && lines.length > 0);
    for (const line of lines) assert.deepEqual(Object.keys(line), ['lineText', 'lineNo']);
  });

  it('of a field that is not there is refused with the nearest name', () => {
    assert.throws(() => codec.decoder(['nane']), {
      kind: 'invalid',
      message: /"nane".* Did you mean "name"/,
    });
    assert.throws(() => codec.decoder(['name.x']), { kind: 'invalid' });
    assert.throws(() => codec.writer(['lines.lineNr']), {
      kind: 'invalid',
      message: /Did you mean "lines.lineNo"/,
    });
  });
});
