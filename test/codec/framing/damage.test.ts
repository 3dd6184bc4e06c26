import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openCharset } from '../../../src/codec/charset.ts';
import { type DiagnoseOptions, diagnose, type Finding } from '../../../src/codec/framing/damage.ts';
import type { WriterOptions } from '../../../src/codec/framing/enframe.ts';
import type { Framing } from '../../../src/codec/framing/framing.ts';
import { framingOf, type RecordFormatOptions } from '../../../src/codec/framing/framing-of.ts';
import { random } from '../../random.ts';
import { layoutFor } from '../records.ts';
import { lines, written } from './framed.ts';

const LAYOUT = layoutFor(`
       01 R.
          05 ID           PIC 9(5).
          05 NAME         PIC X(15).
          05 AMOUNT       PIC S9(7)V99 COMP-3.
          05 BALANCE      PIC S9(9) COMP-3.
          05 CITY         PIC X(10).
`);
const LENGTH = 40;
const { encode } = openCharset('cp037');

function people(count: number, cut = false): readonly Uint8Array[] {
  const { int, pick } = random(3);
  const packed = () =>
    Uint8Array.fromHex(`${String(int(1_000_000_000)).padStart(9, '0')}${pick(['C', 'D'])}`);
  return Array.from({ length: count }, () => {
    const city = pick(['London', 'Paris', 'OSLO']);
    return Uint8Array.from([
      ...encode(String(int(100_000)).padStart(5, '0')),
      ...encode(pick(['SMITH', 'Jones', 'Miller']).padEnd(15)),
      ...packed(),
      ...packed(),
      ...encode(cut ? city : city.padEnd(10)),
    ]);
  });
}

const F = framingOf(LAYOUT, { format: 'F' });
const file = (format: RecordFormatOptions, cut = false, writing: WriterOptions = {}) =>
  written(people(400, cut), framingOf(LAYOUT, format), writing);

/** As a text transfer translates: by the pages' characters, what has none becomes SUB. */
function translated(bytes: Uint8Array): Uint8Array {
  const { toUnicode } = openCharset('cp037');
  return bytes.map((byte) => {
    const unit = toUnicode?.[byte] ?? 0x1a;
    return unit < 0x100 ? unit : 0x1a;
  });
}

function found(
  bytes: Uint8Array,
  framing: Framing | undefined,
  more: DiagnoseOptions = {},
): readonly string[] {
  const options = {
    layout: LAYOUT,
    fileSize: bytes.length,
    ...(framing === undefined ? {} : { framing }),
    ...more,
  };
  return diagnose(bytes, options).map(told);
}

function told({ code, message, hint, evidence }: Finding): string {
  for (const text of [message, hint, evidence])
    assert.ok(text.length > 10 && !/undefined|NaN|Infinity/.test(text), text);
  return code;
}

describe('transfer damage', () => {
  it('is not found in sound files of any format', () => {
    for (const [format, writing] of [
      [{ format: 'F' }],
      [{ format: 'V' }],
      [{ format: 'VB' }, { blockSize: 400 }],
      [{ format: 'VBS' }, { blockSize: 100 }],
      [{ format: 'gnucobol', variant: 1 }],
      [{ format: 'mf' }, { longest: 40 }],
    ] as const) {
      const bytes = file(format, false, writing);
      assert.deepEqual(found(bytes, framingOf(LAYOUT, format)), [], format.format);
      assert.deepEqual(
        found(bytes.subarray(0, 5_003), framingOf(LAYOUT, format), { fileSize: bytes.length }),
        [],
      );
    }
    assert.deepEqual(found(new Uint8Array(0), F), []);
  });

  it('packed fields that went through a translation to ASCII are named', () => {
    assert.deepEqual(found(translated(file({ format: 'F' })), F), ['ascii-translated']);
  });

  it('text that was translated is named as another charset, not as damage', () => {
    const layout = layoutFor('       01 R.\n          05 A PIC X(10).\n          05 B PIC 9(10).\n');
    const bytes = new TextEncoder().encode('SMITH     0000000123'.repeat(100));
    assert.deepEqual(found(bytes, framingOf(layout, { format: 'F' }), { layout }), ['charset-mismatch']);
  });

  it('bytes that were replaced because they are no UTF-8 are named', () => {
    const text = new TextDecoder().decode(file({ format: 'F' }));
    assert.ok(found(new TextEncoder().encode(text), undefined).includes('replaced-characters'));
  });

  it('a file of both families is named', () => {
    const half = new TextEncoder().encode('plain ASCII text, line by line. '.repeat(300));
    const bytes = Uint8Array.from([...encode('EBCDIC TEXT AND NOTHING ELSE IN IT '.repeat(300)), ...half]);
    assert.deepEqual(diagnose(bytes).map(told), ['ebcdic-ascii-mix']);
  });

  it('line ends that were changed are named, in text and in packed fields', () => {
    const text = Uint8Array.from(
      Array.from({ length: 50 }, () => [...encode('some text here'), 0x25]).flat(),
    );
    const findings = diagnose(text, { framing: lines('15') });
    assert.deepEqual(findings.map(told), ['newlines-changed']);
    assert.match(findings[0]?.message ?? '', /x'25'/);
    const ascii = new TextEncoder()
      .encode('some text here#'.repeat(50))
      .map((byte) => (byte === 0x23 ? 0x85 : byte));
    assert.deepEqual(diagnose(ascii, { framing: lines('0d0a', '0a') }).map(told), ['newlines-changed']);
    const swapped = file({ format: 'F' }).map((byte) => (byte === 0x25 ? 0x15 : byte));
    assert.deepEqual(found(swapped, F), ['newlines-changed']);
  });

  it('RDWs that are gone are named, with the way to read what is there', () => {
    const V = framingOf(LAYOUT, { format: 'V' });
    assert.deepEqual(found(file({ format: 'F' }), V), ['rdws-stripped']);
    assert.deepEqual(
      found(file({ format: 'F' }), V, { layout: layoutFor('       01 R.\n          05 A PIC X(9).\n') }),
      ['rdws-stripped'],
    );
    const [finding] = diagnose(file({ format: 'F' }), { framing: V, layout: LAYOUT });
    assert.match(finding?.hint ?? '', /format: F/);
  });

  it('RDWs that are there in spite of the format are named with their kind', () => {
    const cases: readonly (readonly [RecordFormatOptions, RecordFormatOptions, string, RegExp])[] = [
      [{ format: 'V' }, { format: 'F' }, 'rdws-present', /format: V /],
      [{ format: 'VB' }, { format: 'F' }, 'rdws-present', /format: VB /],
      [{ format: 'V', rdw: 'little' }, { format: 'V' }, 'rdws-present', /rdw: little/],
      [{ format: 'V', inclusive: false }, { format: 'V' }, 'rdws-present', /inclusive: false/],
      [{ format: 'V' }, { format: 'VB' }, 'blocks-missing', /format: V /],
      [{ format: 'VB' }, { format: 'V' }, 'blocks-present', /format: VB/],
    ];
    for (const [is, configured, code, hint] of cases) {
      const bytes = file(is, true, { blockSize: 400 });
      const findings = diagnose(bytes, { framing: framingOf(LAYOUT, configured), fileSize: bytes.length });
      const finding = findings.find((one) => one.code === code);
      assert.ok(
        finding !== undefined,
        `${JSON.stringify(is)} as ${JSON.stringify(configured)}: ${findings.map(told).join()}`,
      );
      assert.match(finding.hint, hint);
    }
  });

  it('line ends behind each record, and before each line feed, are named', () => {
    const records = people(400);
    const crlf = Uint8Array.from(records.flatMap((record) => [...record, 0x0d, 0x0a]));
    assert.deepEqual(found(crlf, F), ['line-ends-inserted']);
    const noisy = Uint8Array.from({ length: 4_000 }, (_, i) => (i % 40 === 5 ? 0x0a : 0xc1));
    const spoilt = Uint8Array.from([...noisy].flatMap((byte) => (byte === 0x0a ? [0x0d, 0x0a] : [byte])));
    const codes = diagnose(spoilt, { framing: F, fileSize: spoilt.length }).map(told);
    assert.deepEqual(codes, ['line-ends-inserted']);
  });

  it('a file that was cut is named with what is left', () => {
    assert.deepEqual(found(file({ format: 'F' }).subarray(0, 10 * LENGTH + 7), F), ['file-cut']);
    const V = framingOf(LAYOUT, { format: 'V' });
    assert.deepEqual(found(file({ format: 'V' }).subarray(0, 1_000), V), ['file-cut']);
  });

  it('records that were padded to the longest are named where their own fields say otherwise', () => {
    const layout = layoutFor(`
       01 R.
          05 N   PIC 9(2).
          05 T   PIC X(4) OCCURS 0 TO 9 DEPENDING ON N.
`);
    if (layout.minLength === layout.length) return;
    const records = Array.from({ length: 50 }, (_, i) =>
      encode(`${String(i % 9).padStart(2, '0')}${'ABCD'.repeat(i % 9)}`.padEnd(38)),
    );
    const framing = framingOf(layout, { format: 'V' });
    const bytes = written(records, framing);
    assert.deepEqual(found(bytes, framing, { layout }), ['records-padded']);
    assert.deepEqual(found(bytes, framing, { layout: { ...layout, slack: true } }), []);
  });

  it('of random bytes nothing is thrown', () => {
    const { int, pick } = random(2);
    for (let round = 0; round < 40; round++) {
      const bytes = Uint8Array.from({ length: int(5_000) }, () => int(256));
      const framing = pick([
        F,
        framingOf(LAYOUT, { format: 'VB' }),
        framingOf(LAYOUT, { format: 'VBS' }),
        lines('0a'),
      ]);
      for (const finding of diagnose(bytes, { framing, layout: LAYOUT, fileSize: bytes.length }))
        told(finding);
    }
  });
});
