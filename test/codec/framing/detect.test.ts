import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openCharset } from '../../../src/codec/charset.ts';
import { detect } from '../../../src/codec/framing/detect.ts';
import type { WriterOptions } from '../../../src/codec/framing/enframe.ts';
import { framingOf, type RecordFormatOptions } from '../../../src/codec/framing/framing-of.ts';
import { random } from '../../random.ts';
import { skipUnless } from '../../skip.ts';
import { layoutFor } from '../records.ts';
import { written } from './framed.ts';

const LAYOUT = layoutFor(`
       01 R.
          05 ID           PIC 9(5).
          05 NAME         PIC X(15).
          05 AMOUNT       PIC S9(7)V99 COMP-3.
          05 CITY         PIC X(10).
`);

const NAMES = ['SMITH', 'Jones', 'O BRIEN', 'Miller', 'de Vries', 'KOWALSKI'];
const CITIES = ['London', 'Paris', 'OSLO', 'Rome'];

/** Records as the layout has them; `cut`: without blanks at the end. */
function people(count: number, cut = false): readonly Uint8Array[] {
  const { int, pick } = random(3);
  const { encode } = openCharset('cp037');
  return Array.from({ length: count }, () => {
    const id = encode(String(int(100_000)).padStart(5, '0'));
    const name = encode(pick(NAMES).padEnd(15));
    const digits = `${String(int(1_000_000_000)).padStart(9, '0')}${pick(['C', 'D'])}`;
    const city = encode(cut ? pick(CITIES) : pick(CITIES).padEnd(10));
    return Uint8Array.from([...id, ...name, ...Uint8Array.fromHex(digits), ...city]);
  });
}

function textOf(charset: string, lines: readonly string[], end: readonly number[]): Uint8Array {
  const { encode } = openCharset(charset);
  return Uint8Array.from(lines.flatMap((line) => [...encode(line), ...end]));
}

const firstOf = (file: Uint8Array, sample = file.length, layout = false) =>
  detect(file.subarray(0, sample), { fileSize: file.length, ...(layout ? { layout: LAYOUT } : {}) });

describe('detection of record formats', () => {
  const CASES: readonly (readonly [RecordFormatOptions, WriterOptions?])[] = [
    [{ format: 'V' }],
    [{ format: 'V', inclusive: false }],
    [{ format: 'V', rdw: 'little' }],
    [{ format: 'V', rdw: 'little', inclusive: true }],
    [{ format: 'VB' }, { blockSize: 500 }],
    [{ format: 'VBS' }, { blockSize: 100 }],
    [{ format: 'gnucobol', variant: 1 }],
    [{ format: 'gnucobol', variant: 3 }],
    [{ format: 'mf' }, { longest: 40 }],
  ];
  for (const [options, writing] of CASES) {
    it(`${JSON.stringify(options)} is the best guess for such a file, whole or its beginning`, () => {
      const file = written(people(300, true), framingOf(LAYOUT, options), writing ?? {});
      for (const sample of [file.length, 5_000]) {
        const [best] = firstOf(file, sample).framings;
        assert.deepEqual(best?.options, options);
        assert.ok(best !== undefined && best.score > 0.8, String(best.score));
      }
    });
  }

  it('a fixed length shows in what is alike one record apart, and is certain with a layout', () => {
    const file = written(people(300), framingOf(LAYOUT, { format: 'F' }));
    const [best] = firstOf(file).framings;
    assert.deepEqual(best?.options, { format: 'F', length: 35 });
    assert.match(best.evidence, /300 × 35 bytes/);
    const [described] = firstOf(file, 4_000, true).framings;
    assert.deepEqual(described?.options, { format: 'F' });
    assert.ok(described.score > 0.9);
  });

  it('lines of text are found with what ends them, in both families', () => {
    const lines = Array.from({ length: 50 }, (_, i) => `Line number ${i} of some text`.padEnd(80));
    const cases: readonly (readonly [string, readonly number[], string])[] = [
      ['utf-8', [0x0a], 'LF'],
      ['utf-8', [0x0d, 0x0a], 'CRLF'],
      ['cp037', [0x15], 'NEL'],
      ['cp037', [0x25], 'LF'],
      ['cp037', [0x0d, 0x25], 'CRLF'],
    ];
    for (const [charset, end, name] of cases) {
      const [best] = firstOf(textOf(charset, lines, end)).framings;
      assert.deepEqual(best?.options, { format: 'text', ends: [name] });
      assert.match(best.evidence, /50 × .*a line end after every 80 bytes/);
    }
  });

  it('of random bytes and of nothing no record format is likely', () => {
    const { int } = random(8);
    const noise = Uint8Array.from({ length: 20_000 }, () => int(256));
    for (const one of firstOf(noise).framings) assert.ok(one.score < 0.5, one.evidence);
    assert.deepEqual(firstOf(new Uint8Array(0)).framings, []);
    for (const one of firstOf(new Uint8Array(1_000)).framings) assert.ok(one.score < 0.5, one.evidence);
  });
});

describe('detection of charsets', () => {
  const words = (text: string): readonly string[] => Array.from({ length: 40 }, () => text);
  const bestOf = (charset: string, text: string, end: readonly number[]) =>
    firstOf(textOf(charset, words(text), end)).charsets;

  it('tells EBCDIC from ASCII, and says that pages without national letters cannot be told apart', () => {
    const [ebcdic, next] = bestOf('cp037', 'PLAIN text 123', [0x15]);
    assert.equal(ebcdic?.options.charset, 'cp037');
    assert.match(ebcdic.evidence, /cannot be told apart/);
    assert.ok(ebcdic.score > 0.9 && next !== undefined && next.score > 0.9);
    const [ascii] = bestOf('ascii', 'PLAIN text 123', [0x0a]);
    assert.equal(ascii?.options.charset, 'utf-8');
    assert.match(ascii.evidence, /read the same/);
    const [utf8] = bestOf('utf-8', 'Müller aus Köln', [0x0a]);
    assert.equal(utf8?.options.charset, 'utf-8');
    assert.match(utf8.evidence, /well-formed/);
    const [latin] = bestOf('iso-8859-1', 'Müller aus Köln', [0x0a]);
    assert.ok(latin !== undefined && latin.options.charset !== 'utf-8');
  });

  it('national pages show in their letters', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['cp273', 'Herr Müller aus Köln fährt über die Straße'],
      ['cp278', 'Månsson från Malmö har åtta hästar på Öland'],
      ['cp297', 'Elève français à la forêt déjà près du château'],
      ['cp870', 'Zażółć gęślą jaźń wśród łąk książę'],
      ['cp875', 'Καλημέρα κόσμε και ευχαριστώ πολύ'],
      ['cp1025', 'Съешь ещё этих мягких французских булок'],
    ];
    for (const [charset, text] of cases) {
      const charsets = bestOf(charset, text, [0x15]);
      const own = charsets.find((one) => one.options.charset === charset);
      assert.ok(
        own !== undefined && own.score > (charsets[0]?.score ?? 0) - 0.06,
        `${charset}: ${JSON.stringify(charsets.slice(0, 4))}`,
      );
      const common = charsets.find((one) => one.options.charset === 'cp037');
      if (charset !== 'cp273' && charset !== 'cp297' && charset !== 'cp278') {
        assert.ok((common?.score ?? 0) < own.score - 0.1);
      } else assert.ok((common?.score ?? 0) < own.score);
    }
  });

  it('shift codes show that there are double bytes', () => {
    const [best] = bestOf('cp939', 'ABC 日本語 DEF', [0x15]);
    assert.match(best?.evidence ?? '', /double bytes/);
  });
});

const SHARED = join(import.meta.dirname, '../../../../shared/conformance');

describe('detection on files by others', () => {
  const cases: readonly (readonly [string, RecordFormatOptions])[] = [
    ['cobrix/test5_data/COMP.DETAILS.SEP30.DATA.dat', { format: 'V', rdw: 'little' }],
    ['cobrix/test5b_data/COMP.DETAILS.FEB02.DATA.RDW.BE.dat', { format: 'V', inclusive: false }],
    ['cobrix/test6_data/INTEGR.TYPES.NOV28.DATA.dat', { format: 'F', length: 1493 }],
    ['carddemo/ebcdic/CUSTDATA.PS', { format: 'F', length: 500 }],
    ['carddemo/ebcdic/DALYTRAN.PS', { format: 'F', length: 350 }],
    ['carddemo/ascii/custdata.txt', { format: 'text', ends: ['LF'] }],
  ];
  for (const [file, options] of cases) {
    it(`${file} is ${JSON.stringify(options)}`, {
      skip: skipUnless(existsSync(SHARED), `${SHARED} is missing`),
    }, () => {
      const bytes = new Uint8Array(readFileSync(join(SHARED, file)));
      const { framings } = detect(bytes.subarray(0, 65_536), { fileSize: bytes.length });
      assert.deepEqual(framings[0]?.options, options);
    });
  }
});
