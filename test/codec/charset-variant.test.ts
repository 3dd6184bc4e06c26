import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openCharset } from '../../src/codec/charset.ts';

function decoded(name: string, hex: string): string {
  const bytes = Uint8Array.fromHex(hex);
  return openCharset(name).decode(bytes, 0, bytes.length);
}

function encoded(name: string, text: string): string {
  return openCharset(name).encode(text).toHex();
}

describe('options behind the name of a charset', () => {
  it('stand in one order in the name that is given out', () => {
    for (const name of ['cp037,swaplfnl,sub', 'IBM-37 , SUB, swaplfnl', 'cp37,sub,swaplfnl,sub']) {
      assert.equal(openCharset(name).name, 'cp037,sub,swaplfnl');
      assert.equal(openCharset(name), openCharset('cp037,sub,swaplfnl'));
    }
    assert.equal(openCharset('cp930,sub').dbcs, 'cp930-dbcs,sub');
    assert.equal(openCharset('cp930,swaplfnl').dbcs, 'cp930-dbcs');
  });

  it('that do not exist are refused with the nearest', () => {
    assert.throws(() => openCharset('cp037,swaplfln'), {
      kind: 'invalid',
      code: 'unknown-charset',
      misconfigured: true,
      message: 'A charset has no option "swaplfln". Did you mean "swaplfnl"?',
    });
    assert.throws(() => openCharset('cp037,'), { code: 'unknown-charset' });
  });
});

describe('swaplfnl', () => {
  it('exchanges 15 and 25, in both directions', () => {
    assert.equal(decoded('cp1047', '1525'), '\u0085\n');
    assert.equal(decoded('cp1047,swaplfnl', '1525'), '\n\u0085');
    assert.equal(encoded('cp1047', '\u0085\n'), '1525');
    assert.equal(encoded('cp1047,swaplfnl', '\n\u0085'), '1525');
    assert.equal(decoded('cp939,swaplfnl', '15250E45620F'), '\n\u0085日');
    assert.equal(openCharset('cp1047,swaplfnl').toUnicode?.[0x15], 0x0a);
  });

  it('is refused where there is nothing to exchange', () => {
    for (const name of ['latin1', 'utf-8', 'utf-16be', 'cp300', 'shift_jis']) {
      assert.throws(() => openCharset(`${name},swaplfnl`), {
        code: 'unknown-charset',
        message: /^"swaplfnl" is for EBCDIC charsets with NEL at 15 and a line feed at 25: .* is none$/,
      });
    }
  });
});

describe('sub', () => {
  it('writes the substitute for what cannot be written', () => {
    assert.equal(encoded('cp1047,sub', 'A€B'), 'c13fc2');
    assert.equal(encoded('cp1047,sub', 'A💾B'), 'c13fc2');
    assert.equal(encoded('latin1,sub', 'A€'), '411a');
    assert.equal(encoded('cp939,sub', 'é日😀'), '3f0e4562fefe0f');
    assert.equal(encoded('cp300,sub', 'A日'), 'fefe4562');
    assert.equal(encoded('utf-8,sub', 'a\ud800'), '61efbfbd');
    assert.equal(encoded('utf-16be,sub', 'a\ud800'), '0061fffd');
  });

  it('reads U+FFFD for what cannot be read', () => {
    assert.equal(decoded('cp424,sub', 'C170C2'), 'A\ufffdB');
    assert.equal(decoded('ascii,sub', '4180'), 'A\ufffd');
    assert.equal(decoded('utf-8,sub', '41FF'), 'A\ufffd');
    assert.equal(decoded('utf-16be,sub', '0041D83D00'), 'A\ufffd\ufffd');
    assert.equal(decoded('cp300,sub', 'FEFE456245'), '\ufffd日\ufffd');
    assert.equal(decoded('cp939,sub', 'C10FC1'), 'A\ufffdA');
    assert.equal(decoded('cp939,sub', '0E4562450FC1'), '日\ufffdA');
    assert.equal(decoded('cp939,sub', '0E45624562'), '日日');
    assert.equal(decoded('cp939,sub', '0E456245'), '日\ufffd');
    assert.equal(decoded('cp939,sub', '0EFEFE0F'), '\ufffd');
  });

  it('the substitute itself is the character that the page has for it', () => {
    assert.equal(decoded('cp037,sub', '3F'), '\u001a');
  });
});

describe('fallback', () => {
  it('writes what the page reads back as another character', () => {
    assert.throws(() => encoded('cp037', '！'), { code: 'unmappable-character' });
    assert.equal(encoded('cp037,fallback', '！Đ‾'), '5aacbc');
    assert.equal(decoded('cp037,fallback', '5aacbc'), '!Ð¯');
    assert.equal(encoded('cp930,fallback', '―'), '0e444a0f');
    assert.equal(encoded('cp037,fallback,sub', '！€'), '5a3f');
  });
});

describe('charsets of several bytes a character that iconv-lite has', () => {
  const known: Readonly<Record<string, readonly [text: string, hex: string]>> = {
    shift_jis: ['日本ｱA', '93fa967bb141'],
    'euc-jp': ['日本A', 'c6fccbdc41'],
    gbk: ['中国A', 'd6d0b9fa41'],
    gb18030: ['中国😀', 'd6d0b9fa9439fc36'],
    big5: ['中國A', 'a4a4b0ea41'],
    'euc-kr': ['한국A', 'c7d1b1b941'],
  };
  for (const [name, [text, hex]] of Object.entries(known)) {
    it(`${name} is read and written`, () => {
      assert.equal(decoded(name, hex), text);
      assert.equal(encoded(name, text), hex);
      assert.equal(openCharset(name).toUnicode, undefined);
    });
  }

  it('are strict', () => {
    assert.throws(() => decoded('shift_jis', '4193FA81'), {
      kind: 'corrupt',
      code: 'undecodable-character',
      message: 'The byte 81 at offset 3 has no character in shift_jis',
    });
    assert.throws(() => decoded('gbk', '41FF4242424242'), { message: /^The byte FF at offset 1 / });
    assert.throws(() => encoded('shift_jis', '日한'), {
      code: 'unmappable-character',
      place: { position: 1 },
    });
    assert.equal(encoded('shift_jis,sub', '日한'), '93fa1a');
    assert.equal(decoded('gbk,sub', '41FF'), 'A\ufffd');
  });

  it('every pair of bytes is refused, or gives text that can be written; private characters may be read only', () => {
    for (const name of Object.keys(known)) {
      const charset = openCharset(name);
      const lenient = openCharset(`${name},sub`);
      let read = 0;
      for (let first = 0x80; first < 0x100; first++) {
        for (let second = 0x40; second < 0x100; second += 3) {
          const pair = Uint8Array.of(first, second);
          const text = lenient.decode(pair, 0, 2);
          if (text.includes('\ufffd') || /\p{Private_Use}/u.test(text)) continue;
          read++;
          const written = charset.encode(text);
          assert.equal(charset.decode(written, 0, written.length), text);
        }
      }
      assert.ok(read > 1500, `${name}: ${read}`);
    }
  });
});
