import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BinaryEncoding, NumberTextEncoding } from '../../src/codec/encoding.ts';
import {
  binaryBytes,
  binaryNumber,
  binaryParts,
  binaryRange,
  readBinary,
  writeBinary,
} from '../../src/codec/scalars/binary.ts';
import { parseTemporalPattern, readTemporal, writeTemporal } from '../../src/codec/scalars/dates.ts';
import { isFlaw } from '../../src/codec/scalars/flaw.ts';
import { readNumberText, writeNumberText } from '../../src/codec/scalars/number-text.ts';
import { Fault } from '../../src/fault.ts';
import { random } from '../random.ts';

const flawOf = (result: unknown): string => (isFlaw(result) ? result.flaw : `no flaw: ${String(result)}`);

describe('binary numbers', () => {
  const encoding = (digits: number, signed: boolean, trunc: 'std' | 'bin' = 'std'): BinaryEncoding => ({
    kind: 'binary',
    digits,
    scale: 0,
    signed,
    bytes: binaryBytes(digits),
    order: 'big',
    trunc,
  });
  const read = (how: BinaryEncoding, text: string) => readBinary(how, Uint8Array.fromHex(text), 0, how.bytes);

  it('take 2, 4 or 8 bytes by their digits', () => {
    assert.deepEqual([1, 4, 5, 9, 10, 18].map(binaryBytes), [2, 2, 4, 4, 8, 8]);
  });

  it("are two's complement, most significant byte first", () => {
    assert.equal(read(encoding(4, true), '04d2'), 1234n);
    assert.equal(read(encoding(4, true), 'fb2e'), -1234n);
    assert.equal(read(encoding(9, true), 'fffffff9'), -7n);
    assert.equal(read(encoding(9, false), '3b9ac9ff'), 999_999_999n);
    assert.equal(read(encoding(18, true), 'ffffffffffffffff'), -1n);
    assert.equal(read(encoding(18, true), '0de0b6b3a763ffff'), 999_999_999_999_999_999n);
  });

  it('with more digits than the picture are a flaw under TRUNC(STD) and a number under TRUNC(BIN)', () => {
    assert.equal(flawOf(read(encoding(4, true), '2710')), 'binary-beyond-picture');
    assert.equal(read(encoding(4, true, 'bin'), '7fff'), 32_767n);
    assert.equal(read(encoding(4, false, 'bin'), 'ffff'), 65_535n);
    assert.equal(read(encoding(9, false, 'bin'), 'ffffffff'), 4_294_967_295n);
    assert.equal(read(encoding(18, false, 'bin'), 'ffffffffffffffff'), 18_446_744_073_709_551_615n);
  });

  it('are NaN for the kernel where a JavaScript number is not exact, or out of range', () => {
    const bytes = Uint8Array.fromHex('0de0b6b3a763ffff');
    assert.ok(Number.isNaN(binaryNumber(bytes, 0, 8, false, true, -1e18, 1e18)));
    assert.equal(binaryNumber(Uint8Array.fromHex('fffffffffffffff9'), 0, 8, false, true, -1e18, 1e18), -7);
    assert.ok(Number.isNaN(binaryNumber(Uint8Array.fromHex('2710'), 0, 2, false, true, -9999, 9999)));
  });

  it('are written as they are read, in 1 to 16 bytes and both orders', () => {
    const { int, chance } = random(41);
    const parts = new Uint32Array(5);
    for (let round = 0; round < 3_000; round++) {
      const length = 1 + int(16);
      const signed = chance(0.5);
      const order = chance(0.5) ? 'big' : 'little';
      const how: BinaryEncoding = {
        kind: 'binary',
        digits: 39,
        scale: 0,
        signed,
        bytes: length,
        order,
        trunc: 'bin',
      };
      const bytes = Uint8Array.from({ length }, () => int(256));
      if (chance(0.2)) bytes.fill(int(2) * 0xff);
      const value = readBinary(how, bytes, 0, length);
      assert.ok(typeof value === 'bigint');
      const written = new Uint8Array(length);
      writeBinary(how, value, written, 0, length);
      assert.equal(written.toHex(), bytes.toHex());
      const little = order === 'little';
      const count = binaryParts(bytes, 0, length, little, signed, parts);
      const size = Array.from(parts.subarray(0, Math.abs(count))).reduceRight(
        (sum, part) => sum * 1_000_000_000n + BigInt(part),
        0n,
      );
      assert.equal(count < 0 ? -size : size, value, `${bytes.toHex()} ${order}`);
      if (length > 8) continue;
      const { min, max } = binaryRange(how);
      const fast = binaryNumber(bytes, 0, length, little, signed, Number(min), Number(max));
      assert.equal(fast, Number.isSafeInteger(Number(value)) ? Number(value) : Number.NaN);
    }
  });

  it('of one byte hold what fits both the picture and the byte', () => {
    const how: BinaryEncoding = {
      kind: 'binary',
      digits: 3,
      scale: 0,
      signed: false,
      bytes: 1,
      order: 'big',
      trunc: 'std',
    };
    assert.deepEqual(binaryRange(how), { min: 0n, max: 255n });
    assert.deepEqual(binaryRange({ ...how, signed: true, trunc: 'bin' }), { min: -128n, max: 127n });
  });
});

describe('numbers as text', () => {
  const encoding = (more: Partial<NumberTextEncoding> = {}): NumberTextEncoding => ({
    kind: 'number-text',
    digits: 7,
    scale: 2,
    signed: true,
    family: 'ascii',
    point: 'explicit',
    ...more,
  });

  it('have blanks around them, a sign, digits and a point', () => {
    assert.equal(readNumberText(encoding(), '  12.50'), 1250n);
    assert.equal(readNumberText(encoding(), '-12.5  '), -1250n);
    assert.equal(readNumberText(encoding(), '+0012.00'), 1200n);
    assert.equal(readNumberText(encoding(), '.5'), 50n);
    assert.equal(readNumberText(encoding(), '7'), 700n);
  });

  it('have an implied point where the encoding says so', () => {
    assert.equal(readNumberText(encoding({ point: 'implied' }), '0001250'), 1250n);
    assert.equal(flawOf(readNumberText(encoding({ point: 'implied' }), '12.50')), 'bad-number-text');
    assert.equal(readNumberText(encoding({ point: 'either' }), '0001250'), 1250n);
    assert.equal(readNumberText(encoding({ point: 'either' }), '12.5'), 1250n);
  });

  it('are a flaw when anything else stands there, or a digit would be lost', () => {
    for (const text of ['', '1 2', '12,5', '1e3', '0x1F', '--1', '.', '-', 'NaN', '1.234']) {
      assert.equal(flawOf(readNumberText(encoding(), text)), 'bad-number-text', text);
    }
    assert.equal(flawOf(readNumberText(encoding({ signed: false }), '-1')), 'bad-number-text');
    assert.equal(readNumberText(encoding(), '1.2300'), 123n);
  });

  it('have a comma for a point where the encoding says so', () => {
    assert.equal(readNumberText(encoding({ pointSymbol: ',' }), '-12,50'), -1250n);
    assert.equal(flawOf(readNumberText(encoding({ pointSymbol: ',' }), '-12.50')), 'bad-number-text');
    assert.equal(writeNumberText(encoding({ pointSymbol: ',' }), 1250n, 6), '012,50');
  });

  it('have their sign where the encoding says', () => {
    const behind = encoding({ sign: 'trailing-separate' });
    assert.equal(readNumberText(behind, '12.50-'), -1250n);
    assert.equal(writeNumberText(behind, 1250n, 7), '012.50+');
    assert.equal(flawOf(readNumberText(encoding(), '12.50-')), 'bad-number-text');
    assert.equal(flawOf(readNumberText(behind, '-12.50-')), 'bad-number-text');
    assert.equal(writeNumberText(encoding({ sign: 'leading-separate' }), -1250n, 7), '-012.50');
  });

  it('lose the zero before the point before they take too many characters', () => {
    assert.equal(writeNumberText(encoding(), -25n, 4), '-.25');
    assert.equal(writeNumberText(encoding(), -125n, 4), undefined);
  });

  it('are padded with zeros behind the sign, or with blanks before it', () => {
    assert.equal(writeNumberText(encoding(), -1250n, 8), '-0012.50');
    assert.equal(writeNumberText(encoding({ pad: ' ' }), -1250n, 8), '  -12.50');
    assert.equal(writeNumberText(encoding({ point: 'implied' }), 5n, 4), '0005');
    assert.equal(writeNumberText(encoding(), 123_456_789n, 8), undefined);
  });
});

describe('days and times by a pattern', () => {
  it('are canonical ISO text', () => {
    const cases = [
      ['yyyyMMdd', '20240229', '2024-02-29'],
      ['dd.MM.yyyy', '29.02.2024', '2024-02-29'],
      ['HHmmss', '235958', '23:59:58'],
      ['HH:mm', '23:59', '23:59:00'],
      ['yyyy-MM-dd HH:mm:ss.SSS', '2024-02-29 23:59:58.120', '2024-02-29T23:59:58.12'],
      ["yyyy'T'MMdd", '2024T0229', '2024-02-29'],
      ['yyMMdd', '491231', '2049-12-31'],
      ['yyMMdd', '500101', '1950-01-01'],
      ['cyyMMdd', '1240229', '2024-02-29'],
      ['cyyMMdd', '0991231', '1999-12-31'],
      ['yyyyDDD', '2024366', '2024-12-31'],
      ['yyDDD', '24060', '2024-02-29'],
      ['dd/MM/yy HH:mm', '29/02/24 23:59', '2024-02-29T23:59:00'],
    ] as const;
    for (const [pattern, text, iso] of cases) {
      const read = parseTemporalPattern(pattern);
      assert.equal(read.length, text.length);
      assert.equal(readTemporal(read, text), iso);
      assert.equal(writeTemporal(read, iso), text);
    }
  });

  it('are a flaw when the day does not exist or the text is another', () => {
    const pattern = parseTemporalPattern('yyyyMMdd');
    for (const text of ['20230229', '20241301', '00000000', '2024022', '202402291', '2024-2-9', 'ABCDEFGH']) {
      assert.equal(flawOf(readTemporal(pattern, text)), 'bad-date', text);
    }
  });

  it('are not written where the pattern would lose a part', () => {
    assert.equal(writeTemporal(parseTemporalPattern('yyyyMMdd'), '2024-02-29T10:00:00'), undefined);
    assert.equal(writeTemporal(parseTemporalPattern('HHmm'), '10:20:30'), undefined);
  });

  it('are refused outside of the window, and where there are fewer days in the year', () => {
    const short = parseTemporalPattern('yyMMdd', 2000);
    assert.equal(readTemporal(short, '991231'), '2099-12-31');
    assert.equal(writeTemporal(short, '1999-12-31'), undefined);
    assert.equal(writeTemporal(parseTemporalPattern('yyMMdd', 1976), '2075-12-31'), '751231');
    assert.equal(readTemporal(parseTemporalPattern('yyMMdd', 1976), '760101'), '1976-01-01');
    assert.equal(writeTemporal(parseTemporalPattern('cyyMMdd'), '1899-12-31'), undefined);
    for (const day of ['2023366', '2024367', '2024000']) {
      assert.equal(flawOf(readTemporal(parseTemporalPattern('yyyyDDD'), day)), 'bad-date', day);
    }
  });

  it('need a pattern that names a whole day, a time, or both', () => {
    for (const pattern of [
      '',
      'yyyyMM',
      'cMMdd',
      'cyyyyMMdd',
      'yyyyMMDDD',
      'DDD',
      'YYYYMMDD',
      'yyyyMMddd',
      'mmss',
      "yyyyMMdd'",
      'yyyyMMddMM',
    ]) {
      assert.throws(
        () => parseTemporalPattern(pattern),
        (fault) => fault instanceof Fault && fault.misconfigured,
        pattern,
      );
    }
  });
});
