import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EditPosition } from '../../src/codec/copybook/tree.ts';
import type { Encoding } from '../../src/codec/encoding.ts';
import { isFlaw } from '../../src/codec/scalars/flaw.ts';
import { readerOf } from '../../src/codec/scalars/scalar.ts';
import { writerOf } from '../../src/codec/scalars/scalar-writer.ts';
import { nodeOf } from './fields.ts';

describe('other scalars', () => {
  it('of bytes are bytes, of their length', () => {
    const node = nodeOf({ kind: 'bytes' }, { kind: 'bytes' }, 4, { blank: 'null', lowValues: 'blank' });
    const read = readerOf(node, 'cp037');
    const record = Uint8Array.fromHex('0000000040404040');
    const low = read(record, 0);
    record.fill(1);
    assert.deepEqual(low, new Uint8Array(4));
    const bytes = new Uint8Array(4);
    assert.equal(writerOf(node, 'cp037')(Uint8Array.of(1, 2, 3, 4), bytes, 0), undefined);
    assert.equal(bytes.toHex(), '01020304');
    assert.equal(writerOf(node, 'cp037')(Uint8Array.of(1), bytes, 0)?.flaw, 'overflow');
    assert.equal(writerOf(node, 'cp037')(null, bytes, 0)?.flaw, 'null-value');
  });

  it('are days in text, zoned, packed and binary, and none where zeros and nines say so', () => {
    const day = '2024-02-29';
    const cases: readonly (readonly [Encoding, number, string])[] = [
      [
        {
          kind: 'temporal',
          subject: { kind: 'text', charset: 'cp037', trim: 'right' },
          pattern: 'yyyy-MM-dd',
        },
        10,
        'f2f0f2f460f0f260f2f9',
      ],
      [
        {
          kind: 'temporal',
          subject: { kind: 'zoned', digits: 6, scale: 0, signed: false, sign: 'trailing', family: 'ebcdic' },
          pattern: 'yyMMdd',
        },
        6,
        'f2f4f0f2f2f9',
      ],
      [
        {
          kind: 'temporal',
          subject: { kind: 'packed', digits: 7, scale: 0, signed: true },
          pattern: 'cyyMMdd',
        },
        4,
        '1240229c',
      ],
      [
        {
          kind: 'temporal',
          subject: { kind: 'packed', digits: 5, scale: 0, signed: false },
          pattern: 'yyDDD',
        },
        3,
        '24060f',
      ],
      [
        {
          kind: 'temporal',
          subject: {
            kind: 'binary',
            digits: 8,
            scale: 0,
            signed: false,
            bytes: 4,
            order: 'big',
            trunc: 'std',
          },
          pattern: 'yyyyMMdd',
        },
        4,
        '0134d765',
      ],
    ];
    for (const [encoding, length, hex] of cases) {
      assert.ok(encoding.kind === 'temporal');
      const node = nodeOf({ ...encoding, none: ['zeros', 'nines'] }, { kind: 'date' }, length);
      const read = readerOf(node, 'cp037');
      const write = writerOf(node, 'cp037');
      assert.equal(read(Uint8Array.fromHex(hex), 0), day, hex);
      const bytes = new Uint8Array(length);
      assert.equal(write(day, bytes, 0), undefined);
      assert.equal(bytes.toHex(), hex);
      assert.equal(write(null, bytes, 0), undefined);
      assert.equal(read(bytes, 0), null, bytes.toHex());
      assert.equal(
        write('1849-01-01', bytes, 0)?.flaw,
        encoding.pattern.startsWith('yyyy') ? undefined : 'bad-date',
      );
      const strict = nodeOf(encoding, { kind: 'date' }, length);
      assert.equal(writerOf(strict, 'cp037')(null, bytes, 0)?.flaw, 'null-value');
    }
    const nines = nodeOf(
      {
        kind: 'temporal',
        subject: { kind: 'packed', digits: 7, scale: 0, signed: true },
        pattern: 'yyMMdd',
        none: ['nines'],
      },
      { kind: 'date' },
      4,
    );
    assert.equal(readerOf(nines, 'cp037')(Uint8Array.fromHex('9999999c'), 0), null);
    assert.equal(readerOf(nines, 'cp037')(Uint8Array.fromHex('0999999c'), 0), null);
    assert.ok(isFlaw(readerOf(nines, 'cp037')(Uint8Array.fromHex('0000000c'), 0)));
    assert.ok(isFlaw(readerOf(nines, 'cp037')(Uint8Array.fromHex('0240229d'), 0)));
  });

  it('of float are compared by conditions as the number that is shown', () => {
    const subject = { kind: 'float', format: 'ibm', bytes: 4, order: 'big' } as const;
    const values = [{ kind: 'value', from: '1.1' }] as const;
    const read = readerOf(nodeOf({ kind: 'condition', subject, values }, { kind: 'boolean' }, 4), 'cp037');
    assert.equal(read(Uint8Array.fromHex('4111999a'), 0), true);
    assert.equal(read(Uint8Array.fromHex('41119999'), 0), false);
  });

  it('of numbers are compared by value, never as characters', () => {
    const digits = { digits: 3, scale: 0, signed: false } as const;
    const zoned = { kind: 'zoned', ...digits, sign: 'trailing', family: 'ebcdic' } as const;
    const values = [{ kind: 'value', from: '2', to: '30' }] as const;
    for (const [subject, inside, outside] of [
      [zoned, 'f0f1f0', 'f2f0f0'],
      [{ kind: 'packed', ...digits }, '010f', '200f'],
    ] as const) {
      const length = inside.length / 2;
      const node = nodeOf({ kind: 'condition', subject, values }, { kind: 'boolean' }, length);
      assert.equal(readerOf(node, 'cp037')(Uint8Array.fromHex(inside), 0), true);
      assert.equal(readerOf(node, 'cp037')(Uint8Array.fromHex(outside), 0), false);
    }
  });

  it('of any kind may be compared with bytes, padded with blanks', () => {
    const subject = { kind: 'text', charset: 'cp037', trim: 'right' } as const;
    const values = [
      { kind: 'bytes', from: '0102' },
      { kind: 'bytes', from: 'f1', to: 'f3' },
    ] as const;
    const read = readerOf(nodeOf({ kind: 'condition', subject, values }, { kind: 'boolean' }, 3), 'cp037');
    for (const [hex, truth] of [
      ['010240', true],
      ['010200', false],
      ['f24040', true],
      ['f3f040', false],
    ] as const) {
      assert.equal(read(Uint8Array.fromHex(hex), 0), truth, hex);
    }
    const names = [{ name: 'A', values: [values[0]] }];
    const node = nodeOf({ kind: 'enum', subject, names }, { kind: 'enum', name: 'E', values: ['A'] }, 3);
    const bytes = new Uint8Array(3);
    assert.equal(writerOf(node, 'cp037')('A', bytes, 0), undefined);
    assert.equal(bytes.toHex(), '010240');
  });

  it('that were bad data go back as the bytes that the policy raw shows', () => {
    const encoding = { kind: 'packed', digits: 3, scale: 0, signed: true } as const;
    const node = nodeOf(encoding, { kind: 'string' }, 2, { onBad: 'raw' });
    const shown = readerOf(node, 'cp037')(Uint8Array.fromHex('12ac'), 0);
    assert.equal(shown, '0x12AC');
    const bytes = new Uint8Array(2);
    assert.equal(writerOf(node, 'cp037')('0x12AC', bytes, 0), undefined);
    assert.equal(bytes.toHex(), '12ac');
    assert.equal(writerOf(node, 'cp037')('123', bytes, 0), undefined);
    assert.equal(bytes.toHex(), '123c');
    assert.notEqual(writerOf(node, 'cp037')('0x12', bytes, 0), undefined);
  });
});

describe('blanks', () => {
  it('are zero where the picture shows zero so, before any policy', () => {
    const positions: EditPosition[] = [
      { kind: 'suppress', symbol: 'Z' },
      { kind: 'suppress', symbol: 'Z' },
    ];
    const encoding = {
      kind: 'edited',
      digits: 2,
      scale: 0,
      signed: false,
      charset: 'cp037',
      edit: { positions, currency: '$' },
      blankWhenZero: false,
    } as const;
    const node = nodeOf(encoding, { kind: 'int32' }, 2, { blank: 'null' });
    assert.equal(readerOf(node, 'cp037')(Uint8Array.of(0x40, 0x40), 0), 0);
    assert.equal(writerOf(node, 'cp037')(null, new Uint8Array(2), 0)?.flaw, 'null-value');
  });

  it('of high-values are blanks where the policy says so, but never in binary numbers', () => {
    const packed = { kind: 'packed', digits: 3, scale: 0, signed: true } as const;
    const high = Uint8Array.of(0xff, 0xff);
    const policy = { blank: 'null', highValues: 'blank' } as const;
    assert.equal(readerOf(nodeOf(packed, { kind: 'int32' }, 2, policy), 'cp037')(high, 0), null);
    assert.ok(isFlaw(readerOf(nodeOf(packed, { kind: 'int32' }, 2, { blank: 'null' }), 'cp037')(high, 0)));
    const binary = {
      kind: 'binary',
      digits: 4,
      scale: 0,
      signed: true,
      bytes: 2,
      order: 'big',
      trunc: 'std',
    } as const;
    assert.equal(readerOf(nodeOf(binary, { kind: 'int32' }, 2, policy), 'cp037')(high, 0), -1);
    const text = { kind: 'text', charset: 'cp037', trim: 'right' } as const;
    assert.equal(readerOf(nodeOf(text, { kind: 'string' }, 2, policy), 'cp037')(high, 0), null);
  });

  it('take two bytes in UTF-16', () => {
    const text = { kind: 'text', charset: 'utf-16be', trim: 'right' } as const;
    const node = nodeOf(text, { kind: 'string' }, 6, { blank: 'null' });
    assert.equal(readerOf(node, 'cp037')(Uint8Array.fromHex('002000200020'), 0), null);
    assert.equal(readerOf(node, 'cp037')(Uint8Array.fromHex('004100200020'), 0), 'A');
    const bytes = new Uint8Array(6);
    assert.equal(writerOf(node, 'cp037')('AB', bytes, 0), undefined);
    assert.equal(bytes.toHex(), '004100420020');
    assert.equal(writerOf(node, 'cp037')(null, bytes, 0), undefined);
    assert.equal(bytes.toHex(), '002000200020');
  });
});
