import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FloatEncoding } from '../../src/codec/encoding.ts';
import { isFlaw } from '../../src/codec/scalars/flaw.ts';
import { parseFloatPicture, readFloatText, writeFloatText } from '../../src/codec/scalars/float-text.ts';
import { floatNumber, readFloat, writeFloat } from '../../src/codec/scalars/floats.ts';
import { Fault } from '../../src/fault.ts';
import { random } from '../random.ts';

const how = (
  format: FloatEncoding['format'],
  bytes: FloatEncoding['bytes'],
  order: FloatEncoding['order'] = 'big',
): FloatEncoding => ({ kind: 'float', format, bytes, order });

const read = (encoding: FloatEncoding, hex: string) => readFloat(encoding, Uint8Array.fromHex(hex), 0);

function write(encoding: FloatEncoding, value: number): string {
  const bytes = new Uint8Array(encoding.bytes);
  const flaw = writeFloat(encoding, value, bytes, 0);
  return flaw?.flaw ?? bytes.toHex();
}

describe('floating point numbers', () => {
  it('of IBM have a power of 16 above 64 and a fraction (Principles of Operation, "Hexadecimal-Floating-Point Data Format")', () => {
    const known = [
      ['41100000', 1],
      ['c1100000', -1],
      ['40800000', 0.5],
      ['3f400000', 1 / 64],
      ['c1f00000', -15],
      ['c276a000', -118.625],
      ['00000000', 0],
      ['4411d700', 4567],
      ['42640000', 100],
    ] as const;
    for (const [hex, value] of known) {
      assert.equal(read(how('ibm', 4), hex), value, hex);
      assert.equal(write(how('ibm', 4), value), hex);
      assert.equal(read(how('ibm', 8), `${hex}00000000`), value, hex);
      assert.equal(write(how('ibm', 8), value), `${hex}00000000`);
    }
    assert.equal(read(how('ibm', 8), '7fffffffffffffff'), 16 ** 63);
    assert.equal(read(how('ibm', 8), '0010000000000000'), 16 ** -65);
    assert.equal(write(how('ibm', 8), Math.PI), '413243f6a8885a30');
    assert.equal(read(how('ibm', 8), '413243f6a8885a30'), Math.PI);
  });

  it('of 8 bytes by IBM are the nearest that a JavaScript number can be, half to even', () => {
    // 56 bits: the last three are behind those of a JavaScript number.
    assert.equal(read(how('ibm', 8), '4080000000000004'), 0.5);
    assert.equal(read(how('ibm', 8), '4080000000000005'), 0.5 + 2 ** -53);
    assert.equal(read(how('ibm', 8), '408000000000000c'), 0.5 + 2 ** -52);
  });

  it('take zeros in front of the fraction, and zero with any sign and exponent is plain zero', () => {
    assert.equal(read(how('ibm', 4), '42010000'), 1);
    assert.equal(read(how('ibm', 4), '46000001'), 1);
    for (const hex of ['80000000', '46000000', 'ff000000']) assert.ok(Object.is(read(how('ibm', 4), hex), 0));
    for (const format of ['ibm', 'ieee'] as const) {
      assert.ok(Object.is(read(how(format, 8), '8000000000000000'), 0));
      assert.ok(Object.is(read(how(format, 4), '80000000'), 0));
    }
    assert.equal(write(how('ieee', 8), -0), '0000000000000000');
    assert.equal(write(how('ieee', 4), -0), '00000000');
  });

  it('of IEEE 754 have their bytes in either order', () => {
    assert.equal(read(how('ieee', 4), '3f800000'), 1);
    assert.equal(read(how('ieee', 4, 'little'), '0000803f'), 1);
    assert.equal(read(how('ieee', 8), 'c05edd2f1a9fbe77'), -123.456);
    assert.equal(write(how('ieee', 8, 'little'), -123.456), '77be9f1a2fdd5ec0');
    assert.equal(write(how('ibm', 4, 'little'), -118.625), '00a076c2');
  });

  it('of 4 bytes are the shortest decimal number that the same bytes are made of', () => {
    for (const format of ['ibm', 'ieee'] as const) {
      for (const value of [1.1, 0.1, -2.7, 2.14159, 49273.89, 1e-7, 6.02e23, 1.5e-30, 123456.7, 0.3333333]) {
        const hex = write(how(format, 4), value);
        assert.equal(read(how(format, 4), hex), value, `${format} ${hex}`);
      }
    }
    assert.equal(read(how('ieee', 4), '3f8ccccd'), 1.1);
    assert.equal(read(how('ibm', 4), '4111999a'), 1.1);
  });

  it('are written as they were read', () => {
    const { int } = random(51);
    for (const format of ['ibm', 'ieee'] as const) {
      for (const length of [4, 8] as const) {
        let checked = 0;
        for (let round = 0; round < 20_000; round++) {
          const bytes = Uint8Array.from({ length }, () => int(256));
          const value = floatNumber(bytes, 0, length, format === 'ibm', false);
          if (Number.isNaN(value)) continue;
          const written = write(how(format, length), value);
          // Of IBM's forms of a number the one without zeros in front is written, and a long one has more bits.
          const isCanonical = format === 'ieee' || (length === 4 && (bytes[1] ?? 0) >= 0x10);
          if (isCanonical) {
            checked++;
            assert.equal(written, bytes.toHex());
          }
          assert.equal(read(how(format, length), written), value, `${format} ${bytes.toHex()}`);
        }
        assert.ok(checked > 15_000 || (format === 'ibm' && length === 8));
      }
    }
  });

  it('are a flaw where IEEE 754 has infinity or no number', () => {
    for (const [hex, message] of [
      ['7f800000', /infinity/],
      ['ff800000', /infinity/],
      ['7fc00000', /not a number/],
    ] as const) {
      const flaw = read(how('ieee', 4), hex);
      assert.ok(isFlaw(flaw));
      assert.equal(flaw.flaw, 'bad-float');
      assert.match(flaw.message, message);
    }
    assert.ok(isFlaw(read(how('ieee', 8, 'little'), '000000000000f07f')));
  });

  it('are rounded when they are written, but never become zero, infinite or another number of digits', () => {
    assert.equal(write(how('ieee', 4), 16_777_217), '4b800000');
    assert.equal(write(how('ibm', 4), 16_777_217), '47100000');
    assert.equal(write(how('ibm', 4), 0.999_999_999), '41100000');
    assert.equal(write(how('ieee', 4), 1e39), 'overflow');
    assert.equal(write(how('ieee', 4), 1e-50), 'overflow');
    assert.equal(write(how('ibm', 4), 1e76), 'overflow');
    assert.equal(write(how('ibm', 8), -1e76), 'overflow');
    assert.equal(write(how('ibm', 8), 1e-99), 'overflow');
    assert.equal(write(how('ibm', 4), 16 ** -66), '00010000');
  });
});

describe('external floating point numbers', () => {
  const picture = parseFloatPicture('+9(3).99E+99');

  it('are a significand and an exponent by their picture', () => {
    assert.equal(readFloatText(picture, '+123.45E+02'), 12345);
    assert.equal(readFloatText(picture, '-123.45E-02'), -1.2345);
    assert.equal(readFloatText(parseFloatPicture('-99V9E-99'), ' 123E 01'), 123);
    assert.equal(readFloatText(parseFloatPicture('-9,9E-99'), '-1,5E-01'), -0.15);
    assert.ok(Object.is(readFloatText(picture, '-000.00E+00'), 0));
  });

  it('are a flaw where the text does not follow the picture', () => {
    for (const text of [
      '123.45E+02',
      ' 123.45E+02',
      '+123,45E+02',
      '+123.45E+2',
      '+12.345E+02',
      '+123.45D+02',
    ]) {
      assert.ok(isFlaw(readFloatText(picture, text)), text);
    }
  });

  it('are written without zeros in front, rounded to their digits', () => {
    assert.equal(writeFloatText(picture, 12345), '+123.45E+02');
    assert.equal(writeFloatText(picture, -0.001), '-100.00E-05');
    assert.equal(writeFloatText(picture, 0), '+000.00E+00');
    assert.equal(writeFloatText(picture, 1.234567), '+123.46E-02');
    assert.equal(writeFloatText(picture, 1e150), undefined);
    assert.equal(writeFloatText(parseFloatPicture('-V99E-99'), 0.5), ' 50E 00');
  });

  it('need a picture of their kind', () => {
    for (const text of ['9(3).99', '9.9E+99', '+.E+99', '+9.9E+9', '+9.9.9E+99']) {
      assert.throws(
        () => parseFloatPicture(text),
        (fault) => fault instanceof Fault && fault.misconfigured,
        text,
      );
    }
  });
});
