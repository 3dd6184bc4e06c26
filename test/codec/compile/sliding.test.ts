import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteSink, type Codec, type Node } from '../../../src/codec/index.ts';
import { Fault } from '../../../src/fault.ts';
import type { Cell } from '../../../src/model/value.ts';
import { nowhere, topFields } from '../records.ts';
import { bytesOf, codecFor, digits, fixedTable, is, table, text, textOf } from './nodes.ts';

const row = (codec: Codec, record: string, fields = topFields(codec.layout)) =>
  codec.decoder(fields)(bytesOf(record), 0, record.length, nowhere);

function faultOf(cell: Cell | undefined): Fault {
  assert.ok(cell instanceof Fault);
  return cell;
}

/** `n`, up to four elements of two letters, and three more behind them. */
const MIDDLE = codecFor(13, [
  text('a', 0, 1),
  digits('n', 1, 1),
  table('t', 2, [1, 4], 'n', text('t', 0, 2)),
  text('z', 10, 3),
]);

/** Orders with lines, both counted by their own elements. */
const NESTED = codecFor(1 + 2 * (1 + 3 * 2 + 1) + 1, [
  digits('n', 0, 1),
  table('orders', 1, [0, 2], 'n', [
    digits('m', 0, 1),
    table('lines', 1, [0, 3], 'orders.m', [text('x', 0, 1), digits('y', 1, 1)]),
    text('end', 7, 1),
  ]),
  text('z', 17, 1),
]);

describe('a table that slides', () => {
  it('takes the bytes of the elements that count, and what follows stands right behind them', () => {
    assert.deepEqual(row(MIDDLE, 'A2aabbXYZ'), { a: 'A', n: 2, t: ['aa', 'bb'], z: 'XYZ' });
    assert.deepEqual(row(MIDDLE, 'A4aabbccddXYZ'), { a: 'A', n: 4, t: ['aa', 'bb', 'cc', 'dd'], z: 'XYZ' });
    assert.deepEqual(row(MIDDLE, 'A1aaX  ', ['z', 't']), { z: 'X', t: ['aa'] });
    const sink = new ByteSink();
    MIDDLE.writer(['a', 'z', 't'])(bytesOf('A2aabbXYZ'), 0, 9, sink, nowhere);
    assert.equal(new TextDecoder().decode(sink.take()), '{"a":"A","z":"XYZ","t":["aa","bb"]}');
  });

  it('may be counted in an element of the table around it', () => {
    assert.deepEqual(row(NESTED, '22a1b2E0FZ'), {
      n: 2,
      orders: [
        {
          m: 2,
          lines: [
            { x: 'a', y: 1 },
            { x: 'b', y: 2 },
          ],
          end: 'E',
        },
        { m: 0, lines: [], end: 'F' },
      ],
      z: 'Z',
    });
    assert.deepEqual(row(NESTED, '0Z'), { n: 0, orders: [], z: 'Z' });
    assert.deepEqual(row(NESTED, '11a1EZ', ['orders.lines.y']), { orders: [{ lines: [{ y: 1 }] }] });
  });

  it('may be counted outside of the table around it', () => {
    const codec = codecFor(1 + 2 * 4 + 1, [
      digits('n', 0, 1),
      fixedTable('o', 1, 2, [text('k', 0, 1), table('i', 1, [0, 3], 'n', text('i', 0, 1))]),
      text('z', 9, 1),
    ]);
    assert.deepEqual(row(codec, '2AxyBvwZ'), {
      n: 2,
      o: [
        { k: 'A', i: ['x', 'y'] },
        { k: 'B', i: ['v', 'w'] },
      ],
      z: 'Z',
    });
  });

  it('makes a record short or long by what its counters say', () => {
    const short = faultOf(row(MIDDLE, 'A3aabbXY')['a']);
    assert.equal(short.code, 'short-record');
    assert.equal(short.message, 'The record has 8 bytes, but needs 11: n is 3');
    assert.equal(short.place.byteOffset, 1_008);
    const long = faultOf(row(MIDDLE, 'A1aabbXYZ')['t']);
    assert.equal(long.code, 'long-record');
    assert.equal(long.message, 'The record has 9 bytes, but needs 7: n is 1');
    assert.equal(long.place.byteOffset, 1_007);
    assert.equal(faultOf(row(MIDDLE, 'A')['a']).message, 'The record has 1 bytes, but needs at least 7');
    assert.equal(faultOf(row(MIDDLE, '')['a']).code, 'short-record');
  });

  it('that could be one is named where a record is shorter than its table at the maximum', () => {
    const list = table('t', 1, [0, 4], 'n', text('t', 0, 2));
    const full: Node = list.kind === 'list' ? { ...list, slides: false } : list;
    const codec = codecFor(9, [digits('n', 0, 1), full]);
    const fault = faultOf(row(codec, '2aabb')['t']);
    assert.equal(fault.code, 'short-record');
    assert.match(fault.place.hint ?? '', /set "odo" to "slide"/);
  });

  it('is checked even where only fields before it are looked at', () => {
    const sink = new ByteSink();
    const bytes = bytesOf('A3aabbXY');
    const { test } = MIDDLE.predicate(is('a', 'A'));
    assert.equal(test(bytesOf('A1aaXYZ'), 0, 7, nowhere), true);
    assert.throws(() => test(bytes, 0, 8, nowhere), { code: 'short-record' });
    assert.throws(() => MIDDLE.writer(['a'])(bytes, 0, 8, sink, nowhere), { code: 'short-record' });
    assert.equal(faultOf(MIDDLE.decoder(['a'])(bytes, 0, 8, nowhere)['a']).code, 'short-record');
  });

  it('holds its counter to minimum and maximum before anything behind it is read', () => {
    for (const [record, code] of [
      ['A0XYZ', 'bad-counter'],
      ['A5aabbccddeeXYZ', 'bad-counter'],
      ['A9', 'bad-counter'],
      ['A?aaXYZ', 'bad-zoned-sign'],
    ] as const) {
      const fault = faultOf(row(MIDDLE, record)['z']);
      if (code === 'bad-counter') assert.equal(fault.code, code);
      assert.equal(fault.place.field, 'n');
      assert.equal(fault.place.byteOffset, 1_001);
    }
    const inner = faultOf(row(NESTED, '21a1E4xxxxxxxxFZ')['z']);
    assert.deepEqual([inner.place.field, inner.place.byteOffset], ['orders.m', 1_005]);
  });

  it('moves no fault away from the byte that is wrong', () => {
    const codec = codecFor(9, [
      digits('n', 0, 1),
      table('t', 1, [0, 3], 'n', digits('t', 0, 2)),
      digits('z', 7, 2),
    ]);
    const cells = row(codec, '112Z4');
    assert.deepEqual(cells['t'], [12]);
    const { byteOffset, hex } = faultOf(cells['z']).place;
    assert.deepEqual([byteOffset, hex], [1_003, '5A34']);
  });

  it('leaves nothing of one record to the next', () => {
    assert.deepEqual(row(MIDDLE, 'A4aabbccddXYZ')['t'], ['aa', 'bb', 'cc', 'dd']);
    assert.equal(faultOf(row(MIDDLE, 'A4aabb')['t']).code, 'short-record');
    assert.deepEqual(row(MIDDLE, 'A1eeXYZ')['t'], ['ee']);
    const grown = MIDDLE.encode({ n: 3 }, bytesOf('A1eeXYZ'));
    assert.equal(textOf(grown), 'A3ee    XYZ');
  });

  it('fills up with blanks in lines of text that lack them', () => {
    const lines = codecFor(13, MIDDLE.layout.nodes, { flexible: true });
    assert.deepEqual(row(lines, 'A2aa'), { a: 'A', n: 2, t: ['aa', ''], z: '' });
    assert.deepEqual(row(lines, 'A1aaXYZ   '), { a: 'A', n: 1, t: ['aa'], z: 'XYZ' });
    assert.equal(faultOf(row(lines, 'A1aaXYZ  !')['z']).code, 'long-record');
  });

  it('cannot be laid out where its counter stands behind it', () => {
    const after = [table('t', 0, [0, 2], 'n', text('t', 0, 1)), digits('n', 2, 1)];
    assert.throws(() => codecFor(3, after), { kind: 'invalid', misconfigured: true });
  });
});

describe('encoding a table that slides', () => {
  it('gives the bytes of its elements only', () => {
    assert.equal(textOf(MIDDLE.encode({ a: 'A', n: 2, t: ['aa', 'b'], z: 'Z' })), 'A2aab Z  ');
    assert.equal(textOf(NESTED.encode({ n: 1, orders: [{ m: 1, lines: [{ x: 'q', y: 7 }] }] })), '11q7  ');
  });

  it('sets a counter that the row does not give, and refuses one that says otherwise', () => {
    assert.equal(textOf(MIDDLE.encode({ t: ['aa', 'bb', 'cc'] })), ' 3aabbcc   ');
    assert.equal(textOf(NESTED.encode({ orders: [{ lines: [{ x: 'q', y: 7 }] }, {}] })), '21q7 0  ');
    assert.throws(() => MIDDLE.encode({ n: 2, t: ['aa'] }), {
      kind: 'rejected',
      message: /field t cannot .* 1 elements, not 2 \(n\)/,
    });
    assert.throws(() => MIDDLE.encode({ t: [] }), { kind: 'rejected', message: /0 elements, not 1 to 4/ });
    assert.throws(() => MIDDLE.encode({ t: ['a', 'a', 'a', 'a', 'a'] }), { kind: 'rejected' });
    assert.throws(() => MIDDLE.encode({ n: 5 }), { kind: 'rejected', code: 'bad-counter' });
  });

  it('moves what follows when the number of elements changes, and nothing else', () => {
    const record = bytesOf('A2aabbX\u0001Z');
    assert.equal(textOf(MIDDLE.encode({ t: ['aa', 'bb', 'cc'] }, record)), 'A3aabbccX\u0001Z');
    assert.equal(textOf(MIDDLE.encode({ t: ['q'] }, record)), 'A1q X\u0001Z');
    assert.equal(textOf(MIDDLE.encode({ n: 1 }, record)), 'A1aaX\u0001Z');
    assert.equal(textOf(MIDDLE.encode({ a: 'B' }, record)), 'B2aabbX\u0001Z');
    assert.equal(textOf(record), 'A2aabbX\u0001Z');
  });

  it('gives a new record as few elements as there may be', () => {
    assert.equal(textOf(MIDDLE.encode({})), ' 1     ');
    assert.equal(textOf(NESTED.encode({})), '0 ');
  });

  it('begins with the template, in new elements too', () => {
    const template = bytesOf('V0t1t2t3t4END');
    const codec = codecFor(13, MIDDLE.layout.nodes, { template });
    assert.equal(textOf(codec.encode({})), 'V1t1END');
    assert.equal(textOf(codec.encode({ n: 3 })), 'V3t1t2t3END');
    assert.equal(textOf(codec.encode({ n: 3 }, bytesOf('A1xxXYZ'))), 'A3xxt2t3XYZ');
    assert.equal(textOf(template), 'V0t1t2t3t4END');
  });

  it('keeps what stands behind the last field of a record with slack', () => {
    const codec = codecFor(13, MIDDLE.layout.nodes, { slack: true });
    assert.equal(textOf(codec.encode({ n: 2 }, bytesOf('A1aaXYZ?!'))), 'A2aa  XYZ?!');
    const fixed = codecFor(2, [text('a', 0, 2)], { slack: true });
    assert.equal(textOf(fixed.encode({ a: 'C' }, bytesOf('AB?!'))), 'C ?!');
    assert.deepEqual(row(fixed, 'AB?!'), { a: 'AB' });
  });

  it('refuses to change a record that does not fit', () => {
    assert.throws(() => MIDDLE.encode({ a: 'B' }, bytesOf('A2aa')), { code: 'short-record' });
  });
});
