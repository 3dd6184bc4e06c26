import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fixedRecordCount, lineSpans } from '../../src/codec/framing.ts';
import { Fault } from '../../src/fault.ts';
import { random } from '../random.ts';

describe('fixed records', () => {
  it('are counted', () => {
    assert.equal(fixedRecordCount(0, 80), 0);
    assert.equal(fixedRecordCount(800, 80), 10);
  });

  it('that leave a rest are a fault with both numbers and the end of the last whole record', () => {
    assert.throws(
      () => fixedRecordCount(250, 80),
      (fault) => {
        assert.ok(fault instanceof Fault);
        assert.equal(fault.kind, 'corrupt');
        assert.equal(fault.code, 'partial-record');
        assert.match(fault.message, /250 bytes.*80.*offset 240, 10 bytes remain/);
        assert.equal(fault.place.record, 4);
        assert.equal(fault.place.byteOffset, 240);
        return true;
      },
    );
  });

  it('ignore the rest where the policy says so', () => {
    assert.equal(fixedRecordCount(250, 80, 'ignore-tail'), 3);
  });
});

describe('lines', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);

  /** Feeds the text in chunks of these sizes, as a reader of a stream would. */
  function lines(text: string, chunkSize: () => number): readonly string[] {
    const all = bytes(text);
    const found: string[] = [];
    let pending = new Uint8Array(0);
    for (let at = 0; at <= all.length; ) {
      const chunk = all.subarray(at, at + chunkSize());
      const buffer = new Uint8Array([...pending, ...chunk]);
      at += Math.max(chunk.length, 1);
      const spans = { starts: [] as number[], ends: [] as number[] };
      const rest = lineSpans(buffer, 0, buffer.length, at >= all.length, spans);
      for (const [i, start] of spans.starts.entries()) {
        found.push(new TextDecoder().decode(buffer.subarray(start, spans.ends[i])));
      }
      pending = buffer.slice(rest);
      if (at >= all.length) break;
    }
    return found;
  }

  it('end with LF or CR LF, the last one may end with nothing', () => {
    assert.deepEqual(
      lines('a\r\nbb\n\nc', () => 100),
      ['a', 'bb', '', 'c'],
    );
    assert.deepEqual(
      lines('a\n', () => 100),
      ['a'],
    );
    assert.deepEqual(
      lines('', () => 100),
      [],
    );
    assert.deepEqual(
      lines('\n', () => 100),
      [''],
    );
    assert.deepEqual(
      lines('a\r', () => 100),
      ['a'],
    );
    assert.deepEqual(
      lines('a\rb\n', () => 100),
      ['a\rb'],
    );
  });

  it('are the same however the stream is cut', () => {
    const { int, pick } = random(9);
    for (let round = 0; round < 500; round++) {
      const text = Array.from({ length: int(40) }, () => pick(['a', 'b', '\n', '\r\n', '\r'])).join('');
      const whole = lines(text, () => 1_000);
      assert.deepEqual(
        lines(text, () => 1 + int(4)),
        whole,
        JSON.stringify(text),
      );
    }
  });

  it('are looked for between the given offsets only', () => {
    const spans = { starts: [] as number[], ends: [] as number[] };
    const rest = lineSpans(bytes('x\nab\ncd\ny'), 2, 7, false, spans);
    assert.deepEqual([spans.starts, spans.ends, rest], [[2], [4], 5]);
  });
});
