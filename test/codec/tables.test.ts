import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import iconv from 'iconv-lite';
import { openCharset } from '../../src/codec/charset.ts';
import { SINGLE_BYTE_PAGES } from '../../src/codec/tables/single-byte.generated.ts';
import { readPages, renderSingleByte, SINGLE_BYTE_FILE, UCM_FOLDER } from '../../tools/write-code-pages.ts';
import { skipUnless } from '../skip.ts';

const skip = skipUnless(existsSync(UCM_FOLDER), `there is no folder ${UCM_FOLDER}`);
const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** A line of a `.ucm` file; read here by other means than by the tool that writes the tables. */
interface Mapping {
  readonly character: string;
  readonly byte: number;
  readonly flag: string;
}

function readMappings(file: string): readonly Mapping[] {
  const lines = readFileSync(join(UCM_FOLDER, file), 'latin1').split('\n');
  return lines
    .filter((line) => line.startsWith('<U'))
    .map((line) => {
      const [unicode = '', byte = '', flag = ''] = line.trim().split(/\s+/);
      return {
        character: String.fromCodePoint(Number(`0x${unicode.slice(2, -1)}`)),
        byte: Number(`0x${byte.slice(2)}`),
        flag: flag.slice(1),
      };
    });
}

function singleByteFiles(): readonly string[] {
  return globSync('*.ucm', { cwd: UCM_FOLDER })
    .filter((file) => readFileSync(join(UCM_FOLDER, file), 'latin1').includes('"SBCS"'))
    .toSorted();
}

// Our pages are put into iconv-lite's registry for the first name that is not one of theirs.
openCharset('us-ascii');

describe('every byte of every page equals the ICU table, in both directions', { skip }, () => {
  for (const file of skip === false ? singleByteFiles() : []) {
    it(file, () => {
      const number = /^ibm-(\d+)/.exec(file)?.[1] ?? '';
      const page = openCharset(`ibm-${number}`);
      const lenient = openCharset(`ibm-${number},fallback`);
      const mappings = readMappings(file);
      assert.ok(mappings.length > 200);
      const read = new Set<number>();
      for (const { character, byte, flag } of mappings) {
        const shown = `${character} ${byte} |${flag}`;
        const decoded = () => page.decode(Uint8Array.of(byte), 0, 1);
        if (flag === '0') {
          assert.equal(decoded(), character, shown);
          assert.deepEqual([...page.encode(character)], [byte], shown);
          assert.deepEqual([...iconv.encode(character, `cp${number}`)], [byte], shown);
        } else if (flag === '1') {
          // A character that would come back as another one is not written unless that is asked for.
          assert.deepEqual([...lenient.encode(character)], [byte], shown);
          assert.throws(
            () => page.encode(character),
            { kind: 'rejected', code: 'unmappable-character' },
            shown,
          );
        } else if (flag === '3') {
          assert.equal(decoded(), character, shown);
          assert.notDeepEqual([...page.encode(character)], [byte], shown);
        } else {
          assert.fail(`unknown flag: ${shown}`);
        }
        if (flag !== '1') read.add(byte);
      }
      for (const byte of ALL_BYTES) {
        if (read.has(byte)) continue;
        assert.throws(() => page.decode(Uint8Array.of(byte), 0, 1), {
          kind: 'corrupt',
          code: 'undecodable-character',
        });
      }
      const written = new Set(mappings.filter(({ flag }) => flag === '0').map(({ character }) => character));
      assert.equal(page.fromUnicode?.size, written.size, 'nothing else can be written');
      const fallbacks = mappings.filter(({ flag }) => flag === '1').length;
      assert.equal(lenient.fromUnicode?.size, written.size + fallbacks, 'nothing else can be written');
    });
  }

  it('and there is a page for each table', () => {
    assert.equal(Object.keys(SINGLE_BYTE_PAGES).length, singleByteFiles().length);
    for (const needed of [37, 273, 500, 1047, 1140, 1141, 1142, 1143, 1144, 1145, 1146, 1147, 1148, 1149]) {
      assert.ok(Object.hasOwn(SINGLE_BYTE_PAGES, `cp${String(needed).padStart(3, '0')}`), String(needed));
    }
  });

  it('and the file of tables is what the tool writes', () => {
    assert.equal(renderSingleByte(readPages(UCM_FOLDER)), readFileSync(SINGLE_BYTE_FILE, 'utf8'));
  });
});

/** Pages on which glibc and ICU agree byte for byte. */
const AGREEING = [
  37, 273, 277, 280, 284, 297, 500, 1025, 1047, 1097, 1112, 1122, 1123, 1140, 1141, 1142, 1143, 1144, 1145,
  1146, 1147, 1148, 1149, 1153, 1154, 1156, 1157, 1158, 1160,
];

const known = spawnSync('iconv', ['-l'], { encoding: 'utf8' }).stdout ?? '';
const noGlibc = skipUnless(known.includes('IBM037'), 'there is no iconv command that knows EBCDIC');

describe('glibc reads every byte like our page', { skip: noGlibc }, () => {
  for (const number of AGREEING) {
    it(`IBM${number}`, () => {
      const { name, toUnicode } = openCharset(`cp${number}`);
      const bytes = ALL_BYTES.filter((byte) => toUnicode?.[byte] !== 0xfffd);
      const from = `IBM${String(number).padStart(3, '0')}`;
      const run = spawnSync('iconv', ['-f', from, '-t', 'UTF-8'], { input: bytes });
      assert.equal(run.status, 0, String(run.stderr));
      assert.equal(openCharset(name).decode(bytes, 0, bytes.length), run.stdout.toString('utf8'));
    });
  }
});

/**
 * Bytes that glibc reads otherwise or not at all: in 278 and 871 two letters or signs stand in each other's place, 285, 424, 870, 875 and
 * 1026 have other signs (overline or macron, middle dot), 1026 and 1155 an ordinal indicator where IBM has the lira, 420, 424 and
 * 875 lack a character. 918 is another choice altogether: letters for IBM's shapes of letters. 838 glibc does not have.
 */
const DIFFERING: Readonly<Record<number, string>> = {
  278: '71e0',
  285: 'a1',
  420: '45',
  424: '788fb3bc',
  870: 'b0',
  871: '4ac0',
  875: '6a74dd',
  1026: '9a9dbc',
  1155: '9a',
};

describe('glibc reads every byte but these like our page', { skip: noGlibc }, () => {
  for (const [number, differing] of Object.entries(DIFFERING)) {
    it(`IBM${number}: ${differing}`, () => {
      const page = openCharset(`cp${number}`);
      const others = Uint8Array.fromHex(differing);
      const bytes = ALL_BYTES.filter((byte) => page.toUnicode?.[byte] !== 0xfffd && !others.includes(byte));
      const read = (input: Uint8Array) =>
        spawnSync('iconv', ['-f', `IBM${number}`, '-t', 'UTF-8'], { input });
      assert.equal(page.decode(bytes, 0, bytes.length), read(bytes).stdout.toString('utf8'));
      for (const byte of others) {
        const { status, stdout } = read(Uint8Array.of(byte));
        const same = status === 0 && stdout.toString('utf8') === page.decode(Uint8Array.of(byte), 0, 1);
        assert.ok(!same, byte.toString(16));
      }
    });
  }
});

describe('iconv-lite', () => {
  it('knows our pages under their usual names', () => {
    for (const name of [
      'cp037',
      'IBM037',
      'ibm-37',
      'CP37',
      'IBM-1047',
      'ibm01140',
      'CCSID1140',
      'csIBM273',
    ]) {
      assert.ok(iconv.encodingExists(name), name);
      assert.equal(iconv.decode(Uint8Array.of(0xc1, 0xf1, 0x40), name), 'A1 ', name);
      assert.deepEqual([...iconv.encode('A1 ', name)], [0xc1, 0xf1, 0x40], name);
    }
  });

  it('decodes and encodes every page like openCharset', () => {
    for (const [name, characters] of Object.entries(SINGLE_BYTE_PAGES)) {
      assert.equal(iconv.decode(ALL_BYTES, name), characters, name);
      const written = characters.replaceAll('\ufffd', '');
      assert.deepEqual(Uint8Array.from(iconv.encode(written, name)), openCharset(name).encode(written), name);
    }
  });

  it('keeps its own charsets', () => {
    assert.equal(iconv.decode(Uint8Array.of(0xc1, 0x80), 'windows-1252'), 'Á€');
    assert.equal(iconv.decode(Uint8Array.of(0x80), 'cp1125'), 'А');
  });
});

it('a page that has a character for each byte gives back every byte', () => {
  let complete = 0;
  for (const name of Object.keys(SINGLE_BYTE_PAGES)) {
    const page = openCharset(name);
    if (page.fromUnicode?.size !== 256) continue;
    complete++;
    assert.deepEqual(page.encode(page.decode(ALL_BYTES, 0, 256)), ALL_BYTES, name);
  }
  assert.equal(complete, 35);
});
