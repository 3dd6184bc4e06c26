import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openCharset } from '../../src/codec/charset.ts';
import type { EditPosition } from '../../src/codec/copybook/tree.ts';
import type { EditedEncoding } from '../../src/codec/encoding.ts';
import { editedReader, editedWriter } from '../../src/codec/scalars/edited-field.ts';
import { isFlaw } from '../../src/codec/scalars/flaw.ts';
import { decimalOf } from '../../src/codec/scalars/numbers.ts';
import { random } from '../random.ts';

interface More {
  readonly charset?: string;
  readonly currency?: string;
  readonly comma?: boolean;
  readonly blankWhenZero?: boolean;
}

/** The positions of a picture whose repetitions are written out. */
function edited(
  picture: string,
  { charset = 'cp037', currency = '$', comma = false, blankWhenZero = false }: More = {},
) {
  const floating = ['$', '+', '-'].find((symbol) => picture.split(symbol).length > 2);
  const positions = [...picture.matchAll(/CR|DB|./g)].map(([symbol]): EditPosition => {
    if (symbol === 'CR' || symbol === 'DB') return { kind: 'credit', symbol };
    if (symbol === 'Z' || symbol === '*') return { kind: 'suppress', symbol };
    if (symbol === floating) {
      return { kind: 'float', symbol: symbol === '+' || symbol === '-' ? symbol : 'currency' };
    }
    if (symbol === '+' || symbol === '-') return { kind: 'sign', symbol };
    if (symbol === '$') return { kind: 'currency' };
    if (symbol === '9') return { kind: 'digit' };
    if (symbol === 'V') return { kind: 'implied-point' };
    if (symbol === (comma ? ',' : '.')) return { kind: 'point', symbol: comma ? ',' : '.' };
    if (symbol === '0' || symbol === '/' || symbol === ',' || symbol === '.')
      return { kind: 'insert', symbol };
    return { kind: 'insert', symbol: ' ' };
  });
  const isDigit = ({ kind }: EditPosition) => kind === 'digit' || kind === 'suppress' || kind === 'float';
  const point = positions.findIndex(({ kind }) => kind === 'point' || kind === 'implied-point');
  const digits = positions.filter(isDigit).length - (floating === undefined ? 0 : 1);
  const encoding: EditedEncoding = {
    kind: 'edited',
    digits,
    scale: point < 0 ? 0 : positions.slice(point).filter(isDigit).length,
    signed: /[-+]|CR|DB/.test(picture),
    charset,
    edit: { positions, currency },
    blankWhenZero,
  };
  const opened = openCharset(charset);
  const length = opened.encode(picture.replaceAll('V', '').replace('$', currency)).length;
  const read = editedReader(encoding, length, opened);
  const write = editedWriter(encoding, length, opened);
  return {
    encoding,
    read(text: string) {
      const number = read(opened.encode(text), 0);
      return isFlaw(number) ? number : decimalOf(number, encoding.scale);
    },
    write(unscaled: bigint): string {
      const bytes = new Uint8Array(length);
      const flaw = write(unscaled, bytes, 0);
      return flaw === undefined ? opened.decode(bytes, 0, length) : flaw.flaw;
    },
  };
}

describe('numbers in edited pictures', () => {
  // What the manual and GnuCOBOL 3.1 agree on (Enterprise COBOL Language Reference, "PICTURE clause", "Editing rules").
  const KNOWN: readonly (readonly [picture: string, unscaled: bigint, text: string, more?: More])[] = [
    ['****.**', 0n, '****.**'],
    ['ZZZZ.ZZ', 0n, '       '],
    ['ZZZZ.99', 0n, '    .00'],
    ['****.99', 0n, '****.00'],
    ['ZZ99.99', 0n, '  00.00'],
    ['Z,ZZZ.ZZ+', 12345n, '  123.45+'],
    ['*,***.**+', -12345n, '**123.45-'],
    ['**,***,***.**', 1234567890n, '12,345,678.90'],
    ['$Z,ZZZ,ZZZ.ZZCR', 1234567n, '$   12,345.67  '],
    ['$B*,***,***.**BBDB', -1234567n, '$ ***12,345.67  DB'],
    ['$$$$.99', 12n, '   $.12'],
    ['$$$9.99', 12n, '  $0.12'],
    ['$,$$$,999.99', 123456n, '   $1,234.56'],
    ['+,+++,999.99', -12345678n, ' -123,456.78'],
    ['$$,$$$,$$$.99CR', -123456700n, '$1,234,567.00CR'],
    ['++,+++,+++.+++', 0n, '              '],
    ['++,+++.++', -5n, '     -.05'],
    ['99/99/9999', 1022024n, '01/02/2024'],
    ['9B9B9', 123n, '1 2 3'],
    ['B99', 12n, ' 12'],
    ['ZZ9CR', -7n, '  7CR'],
    ['ZZ9DB', 7n, '  7  '],
    ['-9999', 12n, ' 0012'],
    ['-9999', -12n, '-0012'],
    ['+9999.99', 1234n, '+0012.34'],
    ['999.99-', -1234n, '012.34-'],
    ['999+', 5n, '005+'],
    ['ZZZZZZVZZ-', 5n, '      05 '],
    ['ZZZZZZVZZ-', -12345678n, '12345678-'],
    ['---9.9', -5n, '  -0.5'],
    ['---9.9', 5n, '   0.5'],
    ['ZZ,999', 5n, '   005'],
    ['$$$9.99', 5n, '       ', { blankWhenZero: true }],
    ['$ZZ9.99', 12345n, '€123.45', { charset: 'cp1140', currency: '€' }],
    ['$$$9', 12n, ' EUR12', { currency: 'EUR' }],
    ['$ZZ9', 12n, 'EUR 12', { currency: 'EUR' }],
    ['Z.ZZZ.ZZ9,99-', -123456789n, '1.234.567,89-', { comma: true }],
    ['ZZ9.99', 12345n, '123.45', { charset: 'utf-16be' }],
  ];

  it('are edited by the rules of the manual, and read back', () => {
    for (const [picture, unscaled, text, more = {}] of KNOWN) {
      const { read, write, encoding } = edited(picture, more);
      const isBlank = more.blankWhenZero === true;
      assert.equal(write(isBlank ? 0n : unscaled), text, picture);
      assert.equal(read(text), decimalOf(isBlank ? 0n : unscaled, encoding.scale), picture);
    }
  });

  it('are what was written, whatever the number', () => {
    const { int, pick, chance } = random(61);
    for (let round = 0; round < 3_000; round++) {
      const [picture, , , more] = pick(KNOWN);
      const { read, write, encoding } = edited(picture, {
        ...more,
        blankWhenZero: chance(0.1) && !picture.includes('*'),
      });
      const magnitude = BigInt(int(10 ** Math.min(9, 1 + int(encoding.digits))));
      const value = encoding.signed && chance(0.5) ? -magnitude : magnitude;
      assert.equal(read(write(value)), decimalOf(value, encoding.scale), `${picture} ${value}`);
    }
  });

  it('are a flaw that names the character that no number makes', () => {
    const refused = (picture: string, text: string, index: number, more?: More) => {
      const flaw = edited(picture, more).read(text);
      assert.ok(isFlaw(flaw), `${picture} ${text}`);
      assert.equal(flaw.flaw, 'bad-edited-number');
      assert.match(flaw.message, new RegExp(`character ${index} `), `${picture} ${flaw.message}`);
    };
    refused('ZZ9.99', '0012.3'.slice(0, 6), 1);
    refused('ZZ9.99', ' 12,34', 4);
    refused('ZZ9.99', ' 1A.34', 3);
    refused('ZZ9.99', ' 12.3 ', 6);
    refused('ZZ9.99', '      ', 3);
    refused('**9.99', ' *9.99', 1);
    refused('-999', 'X012', 1);
    refused('+999', ' 012', 1);
    refused('ZZ9CR', '  7DB', 4);
    refused('$$$9', '$ 12', 1);
    refused('99/99', '12-34', 3);
  });

  it('may show a plus where the picture would leave a blank', () => {
    assert.equal(edited('-999').read('+012'), '12');
    assert.equal(edited('ZZ9-').read(' 12+'), '12');
  });

  it('may keep 0 and / before the first digit, as GnuCOBOL writes them', () => {
    assert.equal(edited('ZZ/ZZ9').write(123n), '   123');
    assert.equal(edited('ZZ/ZZ9').read('  /123'), '123');
    assert.equal(edited('Z0Z9').read(' 0 1'), '1');
  });

  it('are zero under a minus, as truncation leaves it', () => {
    assert.equal(edited('-99').read('-00'), '0');
  });
});
