import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MIXED_NAMES } from '../../src/codec/charset/pages.ts';
import { type Charset, openCharset } from '../../src/codec/charset.ts';
import { Fault } from '../../src/fault.ts';
import { random } from '../random.ts';

function decoded(charset: Charset | string, hex: string): string {
  const bytes = Uint8Array.fromHex(hex);
  const opened = typeof charset === 'string' ? openCharset(charset) : charset;
  return opened.decode(bytes, 0, bytes.length);
}

function corrupt(name: string, hex: string, message: string, bad: string): void {
  assert.throws(() => decoded(name, hex), {
    kind: 'corrupt',
    code: 'undecodable-character',
    message,
    place: { hex: bad },
  });
}

describe('names of pages with pairs', () => {
  const aliases: Readonly<Record<string, readonly string[]>> = {
    cp930: ['IBM930', 'ibm-930', 'CP00930', 'x-IBM930', 'csIBM930', 'ccsid930'],
    cp1399: ['IBM-1399', 'ibm01399'],
    cp300: ['IBM300', 'ibm-300', 'CCSID 300'],
    'cp933-dbcs': ['IBM933-DBCS', 'ibm-834'],
    'cp935-dbcs': ['cp837'],
    'cp937-dbcs': ['cp835'],
    'cp1390-dbcs': ['ccsid16684'],
    'utf-16be': ['UTF-16BE', 'utf16be', 'ccsid1200', 'IBM-1200'],
    'utf-16le': ['UTF_16LE'],
  };
  for (const [name, others] of Object.entries(aliases)) {
    it(`${others.join(', ')} are ${name}`, () => {
      for (const other of others) assert.equal(openCharset(other), openCharset(name), other);
    });
  }

  it('a UTF-16 whose byte order nobody said is refused', () => {
    for (const name of ['utf-16', 'UCS-2', 'utf16']) {
      assert.throws(() => openCharset(name), {
        code: 'unknown-charset',
        place: { hint: 'Say which byte comes first: "utf-16be" or "utf-16le".' },
      });
    }
  });
});

describe('texts with shift codes', () => {
  it('begin with single bytes; shift codes are no part of them', () => {
    assert.equal(decoded('cp939', 'C1C2400E45624566' + '0F40C3'), 'AB 日本 C');
    assert.equal(decoded('cp930', '0E4562456648E744810F'), '日本語あ');
    assert.equal(decoded('cp933', '0ED0658A820FF1'), '한국1');
    assert.equal(decoded('cp935', '0E5BCF4D9B0F'), '中国');
    assert.equal(decoded('cp937', '0E4C8456CE0F'), '中國');
    assert.equal(decoded('cp939', ''), '');
  });

  it('have a blank of one byte and one of two', () => {
    assert.equal(decoded('cp1388', '400E40400F40'), ' \u3000 ');
    assert.equal(openCharset('cp1388').encode(' \u3000 ').toHex(), '400e40400f40');
    const { blank, space, zero, dbcs, width } = openCharset('cp1388');
    assert.deepEqual([blank.toHex(), space, zero, dbcs, width], ['40', 0x40, 0xf0, 'cp1388-dbcs', undefined]);
  });

  it('are written with as few shift codes as possible', () => {
    assert.equal(openCharset('cp939').encode('AB日本C語').toHex(), 'c1c20e456245660fc30e48e70f');
    assert.equal(openCharset('cp939').encode('日').toHex(), '0e45620f');
    assert.equal(openCharset('cp939').encode('').length, 0);
  });

  it('may be read of bytes that are not the ones that are written', () => {
    for (const [read, written, text] of [
      ['C10E0FC2', 'c1c2', 'AB'],
      ['0E45620F0E45660F', '0e456245660f', '日本'],
    ] as const) {
      assert.equal(decoded('cp939', read), text);
      assert.equal(openCharset('cp939').encode(text).toHex(), written);
    }
    // A radical that the page only reads, and a letter and its mark that have a pair of their own.
    assert.equal(decoded('cp937', '0E48410F'), decoded('cp937', '0E4C410F'));
    assert.equal(openCharset('cp937').encode(decoded('cp937', '0E48410F')).toHex(), '0e4c410f');
  });

  it('characters beyond U+FFFF and of a letter with a mark are one pair', () => {
    for (const name of ['cp1390', 'cp1399']) {
      assert.equal(decoded(name, '0EB342ECB50F'), '\u{2000b}\u304b\u309a');
      assert.equal(openCharset(name).encode('\u{2000b}\u304b\u309a').toHex(), '0eb342ecb50f');
      assert.equal(openCharset(`${name}-dbcs`).encode('\u304b\u309a').toHex(), 'ecb5');
    }
  });

  it('begin and end with single bytes, and have whole pairs between, or are corrupt', () => {
    corrupt('cp939', 'C10E4562', 'The byte 0E at offset 1 is a shift-out that no shift-in follows', '0E');
    corrupt('cp939', 'C1C20F', 'The byte 0F at offset 2 is a shift-in without a shift-out before it', '0F');
    corrupt(
      'cp939',
      '0E45620F0F',
      'The byte 0F at offset 4 is a shift-in without a shift-out before it',
      '0F',
    );
    corrupt(
      'cp939',
      '0E45620E45620F',
      'The byte 0E at offset 3 is a second shift-out before a shift-in',
      '0E',
    );
    const half = 'is half of a pair: an odd number of bytes follows the shift-out at offset 0';
    corrupt('cp939', '0E4562450F', `The byte 45 at offset 3 ${half}`, '45');
    corrupt('cp939', '0E456245', `The byte 45 at offset 3 ${half}`, '45');
    corrupt('cp939', '0E4562FEFE0F', 'The bytes FEFE at offset 3 have no character in cp939', 'FEFE');
    corrupt('cp935', 'C143', 'The byte 43 at offset 1 has no character in cp935', '43');
  });

  it('refuse characters that the page does not have', () => {
    const rejected = (name: string, text: string, position: number) =>
      assert.throws(() => openCharset(name).encode(text), {
        kind: 'rejected',
        code: 'unmappable-character',
        place: { position },
      });
    rejected('cp939', '日é', 1);
    rejected('cp939', '日\u000e', 1);
    rejected('cp939', '\ufffd', 0);
    rejected('cp933', '日😀', 1);
    rejected('cp939', '\u2015', 0);
    rejected('cp300', 'A', 0);
  });
});

describe('every page with pairs', () => {
  for (const name of MIXED_NAMES) {
    const mixed = openCharset(name);
    const pairs = openCharset(mixed.dbcs ?? '');
    const rng = random(Number(name.slice(2)));

    /** A character of one byte or of a pair that is written as it is read. */
    const anyPair = (): string => {
      for (;;) {
        const bytes = Uint8Array.of(0x41 + rng.int(0xbe), 0x40 + rng.int(0xbf));
        try {
          const text = pairs.decode(bytes, 0, 2);
          if (pairs.encode(text).toHex() === bytes.toHex()) return text;
        } catch {}
      }
    };
    const anyByte = (): string => {
      for (;;) {
        const unit = mixed.alone[rng.int(256)] ?? 0xfffd;
        if (unit !== 0xfffd) return String.fromCharCode(unit);
      }
    };

    it(`${name} gives back any text`, () => {
      for (let round = 0; round < 300; round++) {
        const text = Array.from({ length: rng.int(40) }, () =>
          rng.chance(0.5) ? anyPair() : anyByte(),
        ).join('');
        const bytes = mixed.encode(text);
        assert.equal(mixed.decode(bytes, 0, bytes.length), text);
        const framed = Uint8Array.of(0x0f, ...bytes, 0x0e);
        assert.equal(mixed.decode(framed, 1, framed.length - 1), text);
      }
    });

    it(`${name} reads any bytes or says which ones it cannot, and its text is written to the same text`, () => {
      const likely = [0x0e, 0x0f, 0x0e, 0x0f, 0x40, 0x45, 0x62, 0xc1];
      for (let round = 0; round < 2000; round++) {
        const bytes = Uint8Array.from({ length: rng.int(16) }, () =>
          rng.chance(0.5) ? rng.pick(likely) : rng.int(256),
        );
        try {
          const text = mixed.decode(bytes, 0, bytes.length);
          const canonical = mixed.encode(text);
          assert.ok(canonical.length <= bytes.length);
          assert.equal(mixed.decode(canonical, 0, canonical.length), text);
        } catch (error) {
          if (!(error instanceof Fault)) throw error;
          assert.deepEqual([error.kind, error.code], ['corrupt', 'undecodable-character']);
          const offset = Number(/ at offset (\d+) /.exec(error.message)?.[1]);
          const { hex = '' } = error.place;
          assert.equal(
            bytes
              .subarray(offset, offset + hex.length / 2)
              .toHex()
              .toUpperCase(),
            hex,
          );
        }
      }
    });
  }
});

describe('charsets of two bytes a character', () => {
  it('have a blank of two bytes', () => {
    const blanks = ['cp300', 'cp930-dbcs', 'utf-16be', 'utf-16le'].map((name) => {
      const { blank, width, family, space } = openCharset(name);
      return [blank.toHex(), width, family, space];
    });
    assert.deepEqual(blanks, [
      ['4040', 2, 'ebcdic', 0x40],
      ['4040', 2, 'ebcdic', 0x40],
      ['0020', 2, 'ascii', 0x20],
      ['2000', 2, 'ascii', 0x20],
    ]);
  });

  it('have no shift codes, and whole pairs only', () => {
    assert.equal(decoded('cp930-dbcs', '4562456648E7'), '日本語');
    corrupt('cp300', '456245', 'The byte 45 at offset 2 is half of a pair of cp300', '45');
    corrupt('cp930-dbcs', '45620E45', 'The bytes 0E45 at offset 2 have no character in cp930-dbcs', '0E45');
  });

  it('UTF-16 is read and written strictly', () => {
    assert.equal(decoded('utf-16be', '004100E465E5D83DDCBEFEFF'), 'Aä日💾\ufeff');
    assert.equal(decoded('utf-16le', '4100E400E5653DD8BEDC'), 'Aä日💾');
    assert.equal(openCharset('utf-16be').encode('Aä日💾').toHex(), '004100e465e5d83ddcbe');
    assert.equal(openCharset('utf-16le').encode('Aä日💾').toHex(), '4100e400e5653dd8bedc');
    const none = (bad: string, at: number) =>
      `The bytes ${bad} at offset ${at} have no character in utf-16be`;
    corrupt('utf-16be', '0041D83D0041', none('D83D', 2), 'D83D');
    corrupt('utf-16be', '0041D83D', none('D83D', 2), 'D83D');
    corrupt('utf-16be', 'DCBE0041', none('DCBE', 0), 'DCBE');
    corrupt('utf-16be', '0041D83DDC', none('D83D', 2), 'D83D');
    corrupt('utf-16be', '004100', 'The byte 00 at offset 2 is half of a code unit of utf-16be', '00');
    assert.throws(() => openCharset('utf-16be').encode('a\ud800'), {
      code: 'unmappable-character',
      place: { position: 1 },
    });
    const long = '日本語ABC'.repeat(50);
    assert.equal(decoded('utf-16be', openCharset('utf-16be').encode(long).toHex()), long);
  });
});

describe('bytes that are characters by themselves', () => {
  it('are those of the single bytes but for shift codes, ASCII in UTF-8, none where all take two', () => {
    const count = (name: string) => openCharset(name).alone.filter((unit) => unit !== 0xfffd).length;
    assert.equal(openCharset('cp939').alone[0x0e], 0xfffd);
    assert.equal(openCharset('cp939').alone[0xc1], 0x41);
    assert.deepEqual(['cp037', 'utf-8', 'utf-16be', 'cp300'].map(count), [256, 128, 0, 0]);
    assert.equal(openCharset('cp037').alone, openCharset('cp037').toUnicode);
    assert.equal(openCharset('cp939').toUnicode, undefined);
  });
});
