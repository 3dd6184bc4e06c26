import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { defineCharset, openCharset } from '../../src/codec/charset.ts';
import { UCM_FOLDER } from '../../tools/write-code-pages.ts';
import { skipUnless } from '../skip.ts';

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const DIGITS = Array.from({ length: 10 }, (_, digit) => `F${digit} U+003${digit}`).join('\n');
const LEAST = `${DIGITS}\n40 U+0020`;

function hexOf(number: number, width: number): string {
  return number.toString(16).toUpperCase().padStart(width, '0');
}

describe('a charset of a table', () => {
  it('of lines with a byte and a character is opened by its name', () => {
    const defined = defineCharset(
      'house-1',
      `# our own\n${LEAST}\n\nC1 U+0041 # A\r\n0xC2 0x42\n\\xC3\tU+20AC\n70 -\n71\n`,
    );
    assert.equal(defined.name, 'house-1');
    assert.equal(openCharset('House-1'), defined);
    assert.equal(defined.family, 'ebcdic');
    assert.equal(defined.decode(Uint8Array.of(0xc1, 0xc2, 0xc3, 0x40, 0xf7), 0, 5), 'AB€ 7');
    assert.equal(defined.encode('€').toHex(), 'c3');
    assert.throws(() => defined.decode(Uint8Array.of(0x70), 0, 1), { code: 'undecodable-character' });
    assert.equal(openCharset('house-1,sub').encode('Z').toHex(), '3f');
  });

  it('of 256 lines is that of the bytes in their order', () => {
    const { toUnicode } = openCharset('cp437');
    const lines = Array.from(toUnicode ?? [], (unit) => `U+${hexOf(unit, 4)}`);
    lines[0x80] = '-';
    const defined = defineCharset('house-2', lines.join('\n'));
    assert.equal(defined.family, 'ascii');
    assert.equal(defined.decode(ALL_BYTES, 0x20, 0x80), openCharset('cp437').decode(ALL_BYTES, 0x20, 0x80));
    assert.equal(defined.toUnicode?.[0x80], 0xfffd);
    assert.equal(defined.zero, 0x30);
  });

  it('that has a character twice writes the first of its bytes', () => {
    const defined = defineCharset('house-3', `${LEAST}\nC1 U+0041\n81 U+0041`);
    assert.equal(defined.decode(Uint8Array.of(0xc1, 0x81), 0, 2), 'AA');
    assert.equal(defined.encode('A').toHex(), 'c1');
  });

  it('with pairs too has shift codes, and a charset of the pairs', () => {
    const defined = defineCharset('house-4', `${LEAST}\n4040 U+3000\n4562 U+65E5\n4563 U+2000B`);
    assert.equal(defined.encode('1日\u{2000b}').toHex(), 'f10e456245630f');
    assert.equal(defined.dbcs, 'house-4-dbcs');
    assert.equal(openCharset('house-4-dbcs').encode('日').toHex(), '4562');
    assert.equal(openCharset('house-4,sub').dbcs, 'house-4-dbcs,sub');
  });

  it('may be given twice, but another not under the same name, nor under that of one of ours', () => {
    const table = `${LEAST}\nC1 U+0041`;
    assert.equal(defineCharset('house-5', table), defineCharset('house-5', table));
    for (const taken of ['house-5', 'cp037', 'ibm-37', 'latin1', 'cp930', 'utf-16be', 'koi8-t']) {
      assert.throws(
        () => defineCharset(taken, LEAST),
        { kind: 'invalid', code: 'charset-exists', misconfigured: true },
        taken,
      );
    }
    for (const bad of ['', '37', 'a,sub', 'ä', 'a b']) {
      assert.throws(() => defineCharset(bad, LEAST), { code: 'charset-exists' }, bad);
    }
  });

  it('that is wrong is refused with its lines', () => {
    const refused = (text: string, message: string) =>
      assert.throws(() => defineCharset('wrong', text, 'own.txt'), {
        kind: 'invalid',
        code: 'bad-charset-table',
        misconfigured: true,
        message,
      });
    refused(`${LEAST}\nC1 A`, 'own.txt:12: "C1 A" is not a mapping like "C1 U+0041"');
    refused(`${LEAST}\nC1 U+0041\nC1 U+0042`, 'own.txt:13: C1 has a character in line 12 already');
    refused(`${LEAST}\nC1 U+D800`, 'own.txt:12: U+D800 is no character');
    refused(`${LEAST}\nC1 U+110000`, 'own.txt:12: U+110000 is no character');
    refused(`${LEAST}\nC1 U+FFFD`, 'own.txt:12: U+FFFD is no character');
    refused(
      `${LEAST}\nC1 U+1F4BE`,
      'own.txt:12: C1: only one UTF-16 unit can be the character of a byte, only two that of a pair',
    );
    refused(`${LEAST}\n0E41 U+3000`, 'own.txt:12: 0E41: there is no pair before 4040');
    refused(`${LEAST}\n4562 U+65E5`, 'own.txt: pairs have a blank, 4040 for U+3000, and there is none');
    refused(
      'C1 U+0041',
      'own.txt: the digits of a charset stand at F0 to F9 or at 30 to 39, and here 0 stands at neither',
    );
    refused(DIGITS, 'own.txt: the blank U+0020 is not at 40');
    refused('', 'own.txt: the table of a charset is empty');
    refused('U+0041\nU+0042', 'own.txt:2: a list without bytes has 256 lines, and this one has 2');
    refused(
      'CHARMAP\nx\n<U0041> \\xC1 |0\n<U0041> \\xC2 |0',
      'own.txt:2: "x" is not a mapping like "<U0041> \\xC1 |0"',
    );
    refused(
      'CHARMAP\n<U0041> \\xC1\\xC2\\xC3 |0',
      'own.txt:2: C1C2C3: only pages of one or two bytes a character can be read',
    );
    assert.throws(
      () => defineCharset('wrong', 'a\nb\nc'),
      (error: Error & { errors?: readonly unknown[] }) => error.errors?.length === 3,
    );
    assert.throws(() => openCharset('wrong'), { code: 'unknown-charset' });
  });

  const skip = skipUnless(existsSync(UCM_FOLDER), `there is no folder ${UCM_FOLDER}`);
  it('of a .ucm file is like the one that comes with us', { skip }, () => {
    for (const [number, file] of [
      ['037', 'ibm-37_P100-1999.ucm'],
      ['838', 'ibm-838_P100-1995.ucm'],
      ['1399', 'ibm-1399_P110-2003.ucm'],
    ] as const) {
      const own = defineCharset(`ucm-${number}`, readFileSync(join(UCM_FOLDER, file), 'latin1'), file);
      const ours = openCharset(`cp${number}`);
      assert.deepEqual(own.alone, ours.alone);
      assert.deepEqual(own.toUnicode, ours.toUnicode);
      assert.deepEqual(own.fromUnicode, ours.fromUnicode);
      if (ours.dbcs === undefined || own.dbcs === undefined) continue;
      const all = Uint8Array.from({ length: 0x2_0000 }, (_, i) => (i % 2 === 0 ? i >> 9 : (i >> 1) & 0xff));
      const read = (name: string) => openCharset(`${name},sub`).decode(all, 0, all.length);
      assert.ok(read(own.dbcs) === read(ours.dbcs));
      const text = 'A日本\u304b\u309aか\u{2000b}1';
      assert.deepEqual(own.encode(text), ours.encode(text));
    }
  });
});
