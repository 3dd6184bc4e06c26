import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { MIXED_NAMES } from '../../src/codec/charset/pages.ts';
import { openCharset } from '../../src/codec/charset.ts';
import { DOUBLE_BYTE_FILE, readPages, renderDoubleByte, UCM_FOLDER } from '../../tools/write-code-pages.ts';
import { skipUnless } from '../skip.ts';

const skip = skipUnless(existsSync(UCM_FOLDER), `there is no folder ${UCM_FOLDER}`);
const SO = 0x0e;
const SI = 0x0f;

/** A line of a `.ucm` file; read here by other means than by the tool that writes the tables. */
interface Mapping {
  readonly text: string;
  readonly bytes: readonly number[];
  readonly flag: string;
}

function readMappings(file: string): readonly Mapping[] {
  const mappings: Mapping[] = [];
  for (const line of readFileSync(join(UCM_FOLDER, file), 'latin1').split('\n')) {
    if (!line.startsWith('<U')) continue;
    const [unicode = '', hex = '', flag = ''] = line.trim().split(/\s+/);
    const points = unicode.slice(2, -1).split('><U');
    mappings.push({
      text: points.map((point) => String.fromCodePoint(Number(`0x${point}`))).join(''),
      bytes: hex
        .slice(2)
        .split('\\x')
        .map((byte) => Number(`0x${byte}`)),
      flag: flag.slice(1),
    });
  }
  return mappings;
}

function numberOf(file: string): string {
  return /^ibm-(\d+)/.exec(file)?.[1] ?? '';
}

const files =
  skip === false
    ? globSync('*.ucm', { cwd: UCM_FOLDER })
        .filter((file) => !readFileSync(join(UCM_FOLDER, file), 'latin1').includes('"SBCS"'))
        .toSorted()
    : [];

/** Every pair from 0000 to FFFF. */
const ALL_PAIRS = Uint8Array.from({ length: 0x2_0000 }, (_, i) => (i % 2 === 0 ? i >> 9 : (i >> 1) & 0xff));

function shifted(pairs: Iterable<number>): Uint8Array {
  return Uint8Array.of(SO, ...pairs, SI);
}

describe('every pair of every page equals the ICU table, in both directions', { skip }, () => {
  for (const file of files) {
    const name = `cp${numberOf(file)}`;
    const pairsName = name === 'cp300' ? name : `${name}-dbcs`;
    const all = readMappings(file);
    const mappings = all.filter(({ bytes }) => bytes.length === 2);
    const read = mappings.filter(({ flag }) => flag === '0' || flag === '3');

    it(`${pairsName} reads the pairs of the table and no others`, () => {
      assert.ok(read.length > 9000);
      const characters = new Map(
        read.map(({ bytes: [first = 0, second = 0], text }) => [first * 256 + second, text]),
      );
      const expected = Array.from({ length: 0x1_0000 }, (_, pair) => characters.get(pair) ?? '\ufffd').join(
        '',
      );
      // One comparison of all; what the strict charset refuses, the lenient one reads as U+FFFD.
      const lenient = openCharset(`${pairsName},sub`);
      assert.ok(lenient.decode(ALL_PAIRS, 0, ALL_PAIRS.length) === expected);
      const strict = openCharset(pairsName);
      for (let pair = 0; pair < 0x1_0000; pair++) {
        if (characters.has(pair)) strict.decode(ALL_PAIRS, 2 * pair, 2 * pair + 2);
        else if (pair % 97 === 0) {
          assert.throws(() => strict.decode(ALL_PAIRS, 2 * pair, 2 * pair + 2), {
            code: 'undecodable-character',
          });
        }
      }
    });

    it(`${pairsName} writes the characters of the table and no others`, () => {
      const strict = openCharset(pairsName);
      const lenient = openCharset(`${pairsName},fallback`);
      const written = new Map<string, string>();
      for (const { text, bytes, flag } of mappings) {
        const hex = Uint8Array.from(bytes).toHex();
        if (flag === '0') {
          written.set(text, hex);
          assert.equal(strict.encode(text).toHex(), hex, text);
          assert.equal(lenient.encode(text).toHex(), hex, text);
        } else if (flag === '1') {
          assert.throws(() => strict.encode(text), { code: 'unmappable-character' }, text);
          assert.equal(lenient.encode(text).toHex(), hex, text);
        } else assert.equal(flag, '3');
      }
      const substituting = openCharset(`${pairsName},sub`);
      for (let point = 0; point < 0x3_0000; point++) {
        if (point >= 0xd800 && point < 0xe000) continue;
        const character = String.fromCodePoint(point);
        const expected = written.get(character) ?? 'fefe';
        if (substituting.encode(character).toHex() !== expected)
          assert.fail(`U+${point.toString(16)} is ${expected}`);
      }
    });

    if (name === 'cp300') continue;

    it(`${name} has them between shift codes, and its single bytes`, () => {
      const mixed = openCharset(name);
      assert.equal(mixed.dbcs, pairsName);
      const text = read.map((mapping) => mapping.text).join('');
      const bytes = shifted(read.flatMap((mapping) => mapping.bytes));
      assert.ok(mixed.decode(bytes, 0, bytes.length) === text);
      for (const mapping of all) {
        const [byte = 0] = mapping.bytes;
        const expected = mapping.bytes.length === 1 ? Uint8Array.of(byte) : shifted(mapping.bytes);
        if (mapping.flag === '0') {
          assert.deepEqual(mixed.encode(mapping.text), expected);
          assert.equal(mixed.decode(expected, 0, expected.length), mapping.text);
        }
      }
      const singles = all.filter(({ bytes: { length }, flag }) => length === 1 && flag === '0');
      const characters = new Map(singles.map(({ bytes: [byte = 0], text: character }) => [byte, character]));
      for (let byte = 0; byte < 256; byte++) {
        assert.equal(String.fromCharCode(mixed.alone[byte] ?? 0), characters.get(byte) ?? '\ufffd');
        if (characters.has(byte)) continue;
        assert.throws(() => mixed.decode(Uint8Array.of(byte), 0, 1), { code: 'undecodable-character' });
      }
    });
  }

  it('and there is a charset for each table', () => {
    assert.deepEqual(
      files.map((file) => `cp${numberOf(file)}`).toSorted(),
      ['cp300', ...MIXED_NAMES].toSorted(),
    );
  });

  it('and the file of tables is what the tool writes', () => {
    assert.ok(renderDoubleByte(readPages(UCM_FOLDER)) === readFileSync(DOUBLE_BYTE_FILE, 'utf8'));
  });
});

const known = spawnSync('iconv', ['-l'], { encoding: 'utf8' }).stdout ?? '';
const noGlibc = skipUnless(known.includes('IBM1399'), 'there is no iconv command that knows mixed EBCDIC');

/** glibc has no pairs for a letter and a combining mark; all the others it has as ICU does. */
const LACKS_SEQUENCES = ['cp1390', 'cp1399'];

describe('glibc converts every pair like our page', { skip: noGlibc }, () => {
  for (const name of MIXED_NAMES) {
    it(name, () => {
      const charset = openCharset(name);
      const { decode } = openCharset(charset.dbcs ?? '');
      const lacks = LACKS_SEQUENCES.includes(name);
      const pairs: number[] = [];
      let sequences = 0;
      const lenient = openCharset(`${charset.dbcs},sub`);
      for (let pair = 0x4040; pair < 0xff00; pair++) {
        const character = lenient.decode(ALL_PAIRS, 2 * pair, 2 * pair + 2);
        const isSequence = [...character].length > 1;
        if (isSequence) sequences++;
        if (character !== '\ufffd' && !(lacks && isSequence)) pairs.push(pair >> 8, pair & 0xff);
      }
      assert.equal(sequences, lacks ? 25 : 0);
      const bytes = shifted(pairs);
      const text = decode(Uint8Array.from(pairs), 0, pairs.length);
      const decoded = spawnSync('iconv', ['-f', name.replace('cp', 'IBM'), '-t', 'UTF-8'], { input: bytes });
      assert.equal(decoded.status, 0, String(decoded.stderr));
      assert.ok(decoded.stdout.toString('utf8') === text);
      const encoded = spawnSync('iconv', ['-f', 'UTF-8', '-t', name.replace('cp', 'IBM')], { input: text });
      assert.equal(encoded.status, 0, String(encoded.stderr));
      assert.ok(Buffer.from(charset.encode(text)).equals(encoded.stdout));
    });
  }
});
