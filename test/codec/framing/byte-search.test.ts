import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { searchIn } from '../../../src/codec/framing/byte-search.ts';
import { random } from '../../random.ts';

describe('the search for a few bytes', () => {
  it('finds what looking at every byte finds, at every alignment and for every byte', () => {
    const { int, pick } = random(12);
    for (let round = 0; round < 3_000; round++) {
      const wanted = Array.from({ length: 1 + int(5) }, () => int(256));
      const near = wanted.flatMap((byte) => [byte, byte ^ 0x80, (byte + 1) & 0xff, 0, 0xff]);
      const all = Uint8Array.from({ length: 4 + int(60) }, () => (int(4) === 0 ? int(256) : pick(near)));
      const bytes = all.subarray(int(5));
      const from = int(bytes.length + 1);
      const to = from + int(bytes.length - from + 1);
      const found = bytes.subarray(from, to).findIndex((byte) => wanted.includes(byte));
      assert.equal(searchIn(bytes, wanted)(from, to), found < 0 ? to : from + found);
    }
  });
});
