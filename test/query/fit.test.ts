import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Type } from '../../src/model/type.ts';
import type { Value } from '../../src/model/value.ts';
import { misfit } from '../../src/query/fit.ts';

const short: Type = { kind: 'string', length: 3 };
const money: Type = { kind: 'decimal', precision: 5, scale: 2 };

function found(type: Type, value: Value): string | undefined {
  const unfit = misfit(type, value, 'f');
  return unfit === undefined ? undefined : `${unfit.code} ${unfit.path}`;
}

describe('whether a value fits', () => {
  it('is asked of texts by characters, of decimals by digits', () => {
    assert.equal(found(short, 'abc'), undefined);
    assert.equal(found(short, '😀😀😀'), undefined);
    assert.equal(found(short, 'abcd'), 'too-long f');
    assert.equal(found({ kind: 'string' }, 'x'.repeat(10_000)), undefined);
    assert.equal(found(money, '999.99'), undefined);
    assert.equal(found(money, '1000.00'), 'too-many-digits f');
    assert.equal(found(money, '0.001'), 'too-many-digits f');
    assert.equal(found({ kind: 'decimal', precision: 2, scale: 2 }, '0.99'), undefined);
    assert.equal(found({ kind: 'decimal', precision: 2, scale: 2 }, '1.00'), 'too-many-digits f');
    const tiny: Type = { kind: 'decimal', precision: 2, scale: 4 };
    assert.deepEqual(
      [found(tiny, '0.0012'), found(tiny, '-0.0099'), found(tiny, '0')],
      Array(3).fill(undefined),
    );
    assert.deepEqual([found(tiny, '0.0123'), found(tiny, '0.5')], Array(2).fill('too-many-digits f'));
    assert.equal(found({ kind: 'decimal' }, '1'.repeat(50)), undefined);
  });

  it('is asked of every part, and the part is named', () => {
    const line: Type = {
      kind: 'object',
      name: 'Line',
      fields: [
        { name: 'text', type: short },
        { name: 'size', type: money },
      ],
    };
    const lines: Type = { kind: 'list', of: line };
    assert.equal(found(lines, [{ text: 'abc', size: '1.00' }, { text: null }]), undefined);
    assert.equal(
      found(lines, [{ text: 'abc' }, { text: 'abc', size: '1.005' }]),
      'too-many-digits f[1].size',
    );
    assert.equal(found({ kind: 'list', of: lines }, [[], [{ text: 'abcd' }]]), 'too-long f[1][0].text');
    const either: Type = {
      kind: 'union',
      name: 'E',
      of: [
        { ...line, tag: 'line' },
        { ...line, fields: [], tag: 'none' },
      ],
    };
    assert.equal(found(either, { '@type': 'line', text: 'abcd' }), 'too-long f.text');
    assert.equal(found(either, { '@type': 'none', text: 'abcd' }), undefined);
  });

  it('is no for half a character, wherever it stands', () => {
    assert.equal(found({ kind: 'string' }, 'a\ud83d'), 'bad-value f');
    assert.equal(found({ kind: 'json' }, { a: ['\udc00'] }), 'bad-value f');
    assert.equal(found({ kind: 'json' }, { '\ud800': 1 }), 'bad-value f');
    assert.equal(found({ kind: 'json' }, { a: ['😀', 1, null, true] }), undefined);
  });

  it('is yes for null and for everything else', () => {
    assert.equal(found(short, null), undefined);
    assert.equal(found({ kind: 'int64' }, 7n), undefined);
    assert.equal(found({ kind: 'bytes' }, new Uint8Array(9)), undefined);
  });
});
