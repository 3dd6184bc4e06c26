import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { recordWriter } from '../../../src/codec/framing/enframe.ts';
import {
  type FramingContext,
  framingOf,
  type RecordFormatOptions,
} from '../../../src/codec/framing/framing-of.ts';
import type { Layout } from '../../../src/codec/layout.ts';
import { Fault } from '../../../src/fault.ts';
import { layoutFor } from '../records.ts';
import { broken, bytesOf, lines, scanned, V } from './framed.ts';

const LAYOUT = layoutFor(`
       01 R.
          05 HEAD.
             10 REC-LEN   PIC 9(3).
             10 FACTOR    PIC 9(2) COMP-3.
          05 NAME         PIC X(5).
          05 ITEMS OCCURS 2.
             10 ITEM      PIC 9(1).
`);
const TEXT = layoutFor('       01 R.\n          05 A PIC X(5).\n');

function optionsFault(
  options: RecordFormatOptions,
  layout: Layout = LAYOUT,
  context?: FramingContext,
): Fault {
  try {
    framingOf(layout, options, context);
  } catch (fault) {
    assert.ok(fault instanceof Fault && fault.kind === 'invalid' && fault.misconfigured);
    return fault;
  }
  throw new Error('no fault');
}

const hexes = (ends: readonly Uint8Array[]): readonly string[] => ends.map((end) => end.toHex());

describe('record formats', () => {
  it('F and FB have the length of the layout, or a longer one with slack', () => {
    assert.deepEqual(framingOf(LAYOUT, { format: 'FB' }), {
      kind: 'fixed',
      length: 12,
      shown: 12,
      tail: 'fail',
    });
    const long = framingOf(LAYOUT, { format: 'F', length: 80, slack: true, tail: 'ignore-tail', header: 10 });
    assert.deepEqual(long, { kind: 'fixed', length: 80, shown: 12, tail: 'ignore-tail', header: 10 });
    assert.equal(optionsFault({ format: 'F', length: 80 }).code, 'record-length');
    assert.equal(optionsFault({ format: 'F', length: 11, slack: true }).code, 'record-length');
  });

  it("V, VB, VS and VBS are z/OS's unless told otherwise; little-endian lengths do not count their word", () => {
    assert.deepEqual(framingOf(LAYOUT, { format: 'V' }), V);
    assert.deepEqual(framingOf(LAYOUT, { format: 'VBS', adjust: -4 }), {
      ...V,
      adjust: -4,
      blocks: true,
      spanned: true,
    });
    assert.deepEqual(framingOf(LAYOUT, { format: 'VB', rdw: 'little' }), {
      ...V,
      order: 'little',
      inclusive: false,
      blocks: true,
    });
    assert.equal(optionsFault({ format: 'VS', rdw: 'little' }).code, 'little-endian-segments');
  });

  it('lines end as is usual in their charset, or as told', () => {
    const ebcdic = framingOf(TEXT, { format: 'text' });
    assert.ok(ebcdic.kind === 'lines');
    assert.deepEqual(hexes(ebcdic.ends), ['0d25', '0d15', '25', '15']);
    assert.equal(ebcdic.mark, false);
    const utf8 = framingOf(
      { ...TEXT, charset: 'utf-8' },
      { format: 'text', slack: true, ends: ['NEL', 'CRLF'] },
    );
    assert.deepEqual(utf8, { ...lines('c285', '0d0a'), mark: true, shown: 5 });
    const latin = framingOf({ ...TEXT, charset: 'iso-8859-1' }, { format: 'text', ends: ['NEL'] });
    assert.ok(latin.kind === 'lines');
    assert.deepEqual(hexes(latin.ends), ['85']);
    assert.equal(
      optionsFault({ format: 'text', ends: ['NEL'] }, { ...TEXT, charset: 'windows-1252' }).code,
      'line-ends',
    );
  });

  it('slack of lines whose columns count characters is not cut off by bytes', () => {
    const framing = framingOf(
      { ...TEXT, charset: 'utf-8' },
      { format: 'text', slack: true },
      { multibyte: true },
    );
    assert.ok(framing.kind === 'lines' && framing.shown === undefined);
  });

  it('a binary number is refused in text by its name', () => {
    const fault = optionsFault({ format: 'text' });
    assert.equal(fault.code, 'binary-in-text');
    assert.match(fault.message, /^FACTOR /);
  });

  it('an option that says nothing about the format is refused', () => {
    const cases: readonly (readonly [RecordFormatOptions, string])[] = [
      [{ format: 'F', rdw: 'big' }, 'option-of-format'],
      [{ format: 'V', ends: ['LF'] }, 'option-of-format'],
      [{ format: 'V', length: 80 }, 'length-of-variable'],
      [{ format: 'V', tail: 'ignore-tail' }, 'tail-of-variable'],
      [{ format: 'gnucobol', lengthFrom: 'REC-LEN' }, 'option-of-format'],
      [{ format: 'length' }, 'length-from-missing'],
      [{ format: 'F', header: -1 }, 'margin'],
      [{ format: 'U', length: 0 }, 'record-length'],
    ];
    for (const [options, code] of cases)
      assert.equal(optionsFault(options).code, code, JSON.stringify(options));
    assert.equal(optionsFault({ format: 'text', length: 80 }, TEXT).code, 'length-of-text');
    assert.equal(optionsFault({ format: 'text', tail: 'ignore-tail' }, TEXT).code, 'tail-of-text');
    framingOf(LAYOUT, { format: 'V', tail: 'fail', slack: false });
  });
});

describe('the length of a record from its fields', () => {
  const lengthOf = (expression: string, record: string): number | 'more' | Error => {
    const framing = framingOf(LAYOUT, { format: 'length', lengthFrom: expression });
    assert.ok(framing.kind === 'measured');
    const bytes = bytesOf(record);
    return framing.lengthOf(bytes, 0, bytes.length);
  };
  const RECORD = 'F0F1F2 003C C1C1C1C1C1 F1F2';

  it('is an expression over names of COBOL or the API', () => {
    assert.equal(lengthOf('REC-LEN', RECORD), 12);
    assert.equal(lengthOf('rec-len + 4', RECORD), 16);
    assert.equal(lengthOf('head.recLen - 2 * FACTOR', RECORD), 6);
    assert.equal(lengthOf('(REC-LEN - 2) * head.factor+1', RECORD), 31);
    assert.equal(lengthOf('7', RECORD), 7);
  });

  it('waits for the bytes that it needs, and no more', () => {
    assert.equal(lengthOf('REC-LEN', 'F0F1'), 'more');
    assert.equal(lengthOf('REC-LEN', 'F0F1F2'), 12);
    assert.equal(lengthOf('REC-LEN + FACTOR', 'F0F1F2'), 'more');
  });

  it('that is no expression, or names what cannot say it, is refused', () => {
    const cases: readonly (readonly [string, string, RegExp])[] = [
      ['REC-LEN +', 'bad-length-expression', /missing at its end/],
      ['(REC-LEN', 'bad-length-expression', /closing parenthesis/],
      ['REC-LEN 4', 'bad-length-expression', /"4" is too much/],
      ['REC-LEN / 2', 'bad-length-expression', /"\/" has no meaning/],
      ['* 2', 'bad-length-expression', /"\*" stands where/],
      ['', 'bad-length-expression', /missing/],
      ['REC-LENN', 'unknown-length-field', /Did you mean "REC-LEN"/],
      ['REC-LEN-4', 'unknown-length-field', /no field/],
      ['NAME', 'bad-length-field', /no whole number/],
      ['ITEM', 'bad-length-field', /is in the table/],
    ];
    for (const [expression, code, message] of cases) {
      const fault = optionsFault({ format: 'length', lengthFrom: expression });
      assert.equal(fault.code, code, expression);
      assert.match(fault.message, message);
    }
  });

  it('that cannot be decoded is a fault of the field, at its byte of the file', async () => {
    const framing = framingOf(LAYOUT, { format: 'length', lengthFrom: 'FACTOR' });
    const file = bytesOf(`F0F1F2 006C C1 F0F1F2 0A6C C1`);
    const { records, fault } = await broken(file, framing, { sliceBytes: 4 });
    assert.deepEqual(records, ['f0f1f2006cc1']);
    assert.deepEqual([fault.kind, fault.place.record, fault.place.byteOffset], ['corrupt', 2, 9]);
    assert.match(JSON.stringify(fault.place), /factor/i);
  });

  it('of nothing is a fault, and so is a record that is cut off', async () => {
    const framing = framingOf(LAYOUT, { format: 'length', lengthFrom: 'REC-LEN - 4' });
    assert.equal((await broken(bytesOf('F0F0F4'), framing)).fault.code, 'bad-record-length');
    assert.equal((await broken(bytesOf('F0F0F9C1'), framing)).fault.code, 'cut-off-record');
    assert.equal((await broken(bytesOf('F0F0'), framing)).fault.code, 'cut-off-record');
    assert.deepEqual((await scanned(bytesOf('F0F0F8C1'), framing)).length, 1);
  });
});

describe('a record writer', () => {
  const refusal = (run: () => unknown): string => {
    try {
      run();
    } catch (fault) {
      if (fault instanceof Fault) return fault.code;
    }
    return 'none';
  };
  const write = (framing: Parameters<typeof recordWriter>[0], record: string, options = {}) =>
    refusal(() => {
      const writer = recordWriter(framing, options);
      const out = { length: 0 };
      writer.write(bytesOf(record), Object.assign(Object.create(null), out));
    });

  it('refuses a record that the format cannot hold, before anything is written', () => {
    assert.equal(write({ kind: 'fixed', length: 2, shown: 2, tail: 'fail' }, 'C1'), 'record-length');
    assert.equal(
      write({ kind: 'fixed', length: 2, shown: 2, tail: 'fail' }, 'C1C2C3', { pad: 64 }),
      'record-length',
    );
    assert.equal(write(lines('0d0a', '0a'), '410A42'), 'line-end-in-record');
    assert.equal(write(lines('0d0a', '0a'), '410D'), 'line-end-in-record');
    assert.equal(write({ ...V, blocks: true }, '00'.repeat(13), { blockSize: 20 }), 'record-too-long');
    assert.equal(write(V, '00'.repeat(65_532)), 'record-too-long');
    assert.equal(write({ ...V, adjust: 3 }, '0000'), 'record-too-short');
    assert.equal(write({ kind: 'gnucobol', variant: 3 }, '00'.repeat(65_536)), 'record-too-long');
    assert.equal(write({ kind: 'mf', variant: 0 }, '000000', { longest: 2 }), 'record-too-long');
  });

  it('refuses options that fit no such file', () => {
    assert.equal(
      refusal(() => recordWriter({ kind: 'mf', variant: 0 })),
      'longest-record',
    );
    assert.equal(
      refusal(() => recordWriter({ ...V, blocks: true }, { blockSize: 32_761 })),
      'block-size',
    );
    assert.equal(
      refusal(() => recordWriter({ ...V, header: 3 }, { header: new Uint8Array(2) })),
      'header-length',
    );
    assert.equal(
      refusal(() => recordWriter(lines('0a'), { end: new Uint8Array([0x15]) })),
      'line-end',
    );
  });
});
