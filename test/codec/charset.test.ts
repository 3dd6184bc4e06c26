import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CHARSET_NAMES, openCharset } from '../../src/codec/charset.ts';

function bytes(hex: string): Uint8Array {
  return Uint8Array.fromHex(hex);
}

describe('names of charsets', () => {
  it('each name that is given out opens the charset of that name', () => {
    for (const name of CHARSET_NAMES) assert.equal(openCharset(name).name, name);
    assert.equal(new Set(CHARSET_NAMES).size, CHARSET_NAMES.length);
  });

  const aliases: Readonly<Record<string, readonly string[]>> = {
    cp037: ['CP037', 'cp37', 'IBM037', 'ibm-37', 'IBM-037', 'csIBM037', 'ccsid37', 'ebcdic-037'],
    cp273: ['IBM273', 'ibm-273', 'CP00273'],
    cp1047: ['IBM1047', 'IBM-1047', 'ibm01047'],
    cp1140: ['IBM01140', 'CCSID01140', 'cp01140', 'ibm-1140'],
    ascii: ['US-ASCII', 'ASCII', 'ANSI_X3.4-1968', 'iso646-us'],
    'iso-8859-1': ['latin1', 'Latin-1', 'ISO8859-1', 'ISO_8859-1', 'cp819'],
    'windows-1252': ['cp1252', 'WIN1252', 'Windows1252'],
    'utf-8': ['UTF8', 'utf_8'],
  };
  for (const [name, others] of Object.entries(aliases)) {
    it(`${others.join(', ')} are ${name}`, () => {
      for (const other of others) assert.equal(openCharset(other), openCharset(name), other);
    });
  }

  it('an unknown name is refused with the nearest', () => {
    const refused = (name: string, message: string) =>
      assert.throws(() => openCharset(name), {
        kind: 'invalid',
        code: 'unknown-charset',
        misconfigured: true,
        message,
      });
    refused('cp0377', 'There is no charset "cp0377". Did you mean "cp037"?');
    refused('cp1074', 'There is no charset "cp1074". Did you mean "cp1047"?');
    refused('latin', 'There is no charset "latin". Did you mean "latin1"?');
    refused('__proto__', 'There is no charset "__proto__".');
    refused('', 'There is no charset "".');
    refused('x'.repeat(10_000), `There is no charset "${'x'.repeat(100)}".`);
    refused('utf-7', 'The charset "utf-7" is not supported');
    refused('UCS-2', 'The charset "UCS-2" is not supported');
  });
});

describe('decoding', () => {
  it('takes the bytes from start up to end', () => {
    assert.equal(openCharset('cp037').decode(bytes('00C885939396406d00'), 1, 7), 'Hello ');
    assert.equal(openCharset('utf-8').decode(bytes('41C3A442'), 1, 3), 'ä');
    assert.equal(openCharset('ascii').decode(bytes('4142'), 1, 1), '');
  });

  it('of a byte that has no character is a corrupt fault with its offset and its hex', () => {
    const corrupt = (name: string, hex: string, offset: number, bad: string) =>
      assert.throws(() => openCharset(name).decode(bytes(`FFFF${hex}`), 2, 2 + hex.length / 2), {
        kind: 'corrupt',
        code: 'undecodable-character',
        message: `The byte ${bad} at offset ${offset} has no character in ${name}`,
        place: { hex: bad },
      });
    corrupt('ascii', '4180', 1, '80');
    corrupt('ascii', 'FF', 0, 'FF');
    corrupt('windows-1252', '418081', 2, '81');
    corrupt('cp424', 'C170', 1, '70');
    corrupt('utf-8', '41FF', 1, 'FF');
    corrupt('utf-8', '41C328', 2, '28');
    corrupt('utf-8', '4180', 1, '80');
    corrupt('utf-8', 'C0AF', 0, 'C0');
    corrupt('utf-8', 'EDA080', 1, 'A0');
    corrupt('utf-8', '41E282', 2, '82');
  });

  it('keeps control characters, and U+FEFF and U+FFFD that are really there', () => {
    assert.equal(openCharset('cp037').decode(bytes('000D25'), 0, 3), '\u0000\r\n');
    assert.equal(openCharset('utf-8').decode(bytes('EFBBBF41EFBFBD'), 0, 7), '\ufeffA\ufffd');
  });

  it('and encoding of all bytes of ISO 8859-1 is the identity', () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const latin1 = openCharset('latin1');
    assert.deepEqual(latin1.encode(latin1.decode(all, 0, 256)), all);
  });
});

describe('encoding', () => {
  it('writes the bytes of a text', () => {
    assert.equal(openCharset('cp037').encode('Hello ').toHex(), 'c88593939640');
    assert.equal(openCharset('cp1140').encode('€').toHex(), '9f');
    assert.equal(openCharset('utf-8').encode('ä€💾').toHex(), 'c3a4e282acf09f92be');
    assert.equal(openCharset('cp037').encode('').length, 0);
  });

  it('of a character that has no byte is rejected with the character and its position', () => {
    const rejected = (name: string, text: string, position: number, shown: string) =>
      assert.throws(() => openCharset(name).encode(text), {
        kind: 'rejected',
        code: 'unmappable-character',
        message: `The character ${shown} at position ${position} has no byte in ${name}`,
        place: { position },
      });
    rejected('cp037', 'ab€', 2, '"€" (U+20AC)');
    rejected('ascii', 'ä', 0, '"ä" (U+00E4)');
    rejected('iso-8859-1', 'a💾', 1, '"💾" (U+1F4BE)');
    rejected('cp037', 'a\u202eb', 1, 'U+202E');
    rejected('cp037', '\ufffd', 0, '"\ufffd" (U+FFFD)');
    rejected('cp424', '\ufffd', 0, '"\ufffd" (U+FFFD)');
    rejected('utf-8', 'ab\ud800c', 2, 'U+D800');
  });
});

describe('what generated code uses of a charset', () => {
  it('is its family, its blank and its zero', () => {
    const used = (name: string) => {
      const { family, space, zero } = openCharset(name);
      return [family, space, zero];
    };
    for (const name of ['cp037', 'cp1047', 'cp838', 'cp420'])
      assert.deepEqual(used(name), ['ebcdic', 0x40, 0xf0]);
    for (const name of ['ascii', 'latin1', 'cp850', 'utf-8'])
      assert.deepEqual(used(name), ['ascii', 0x20, 0x30]);
  });

  it('is digits that follow each other from zero on, in every charset', () => {
    for (const name of CHARSET_NAMES) {
      const { zero, encode, width } = openCharset(name);
      if (width !== undefined) continue;
      assert.deepEqual(
        [...encode('0123456789')],
        Array.from({ length: 10 }, (_, digit) => zero + digit),
        name,
      );
    }
  });

  it('is a table of 256 code units with U+FFFD for none, and none for UTF-8', () => {
    const { toUnicode, fromUnicode } = openCharset('ascii');
    assert.deepEqual([toUnicode?.length, toUnicode?.[0x41], toUnicode?.[0x80]], [256, 0x41, 0xfffd]);
    assert.deepEqual(
      [fromUnicode?.size, fromUnicode?.get(0x41), fromUnicode?.get(0xfffd)],
      [128, 0x41, undefined],
    );
    assert.deepEqual(
      [openCharset('utf-8').toUnicode, openCharset('utf-8').fromUnicode],
      [undefined, undefined],
    );
  });
});
