import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '../../src/fault.ts';
import type { Value } from '../../src/model/value.ts';
import { condition } from '../../src/query/filter.ts';
import type { Order } from '../../src/query/order.ts';
import { fingerprint, readCursor, writeCursor } from '../../src/query/page.ts';

const order: Order = [
  { field: 'name', type: { kind: 'string' }, descending: true },
  { field: 'balance', type: { kind: 'decimal', precision: 31, scale: 2 }, descending: false },
  { field: 'id', type: { kind: 'int64' }, descending: false },
];
const values: readonly Value[] = [
  "O'B\u0000é\u{1f600}",
  '12345678901234567890123456789.10',
  9_007_199_254_740_993n,
];
const where = [condition({ field: 'id', type: { kind: 'int64' } }, 'gt', [1n])];
const boundTo = fingerprint('accounts', where, order);

describe('cursors', () => {
  it('a position goes there and back without loss', () => {
    const cursor = writeCursor(boundTo, order, { kind: 'values', values });
    assert.match(cursor, /^[\w-]+$/);
    assert.deepEqual(readCursor(boundTo, order, cursor), { kind: 'values', values });
    const nulls = writeCursor(boundTo, order, { kind: 'values', values: [null, null, 1n] });
    assert.deepEqual(readCursor(boundTo, order, nulls), { kind: 'values', values: [null, null, 1n] });
    const offset = writeCursor(boundTo, order, { kind: 'offset', offset: 42 });
    assert.deepEqual(readCursor(boundTo, order, offset), { kind: 'offset', offset: 42 });
  });

  it('a position brings the version that it is of, which cannot be changed', () => {
    for (const position of [
      { kind: 'values', values, version: '@1-2.[]"{' },
      { kind: 'offset', offset: 42, version: 'a' },
    ] as const) {
      const cursor = writeCursor(boundTo, order, position);
      assert.deepEqual(readCursor(boundTo, order, cursor), position);
      const text = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
      const forged = btoa(text.replace('@', '@x'));
      assert.throws(() => readCursor(boundTo, order, forged), isBadCursor);
    }
  });

  it('a cursor of another collection, filter or order is refused', () => {
    const cursor = writeCursor(boundTo, order, { kind: 'values', values });
    const others = [
      fingerprint('customers', where, order),
      fingerprint('accounts', [], order),
      fingerprint('accounts', [condition({ field: 'id', type: { kind: 'int64' } }, 'gt', [2n])], order),
      fingerprint('accounts', where, order.slice(1)),
    ];
    for (const other of others) assert.throws(() => readCursor(other, order, cursor), isBadCursor);
  });

  it('one that was made by the rules and says nothing is refused, and no failure of ours', () => {
    for (const version of ['a {', 'a [', 'a null,', 'a "x'])
      assert.throws(
        () => readCursor(boundTo, order, writeCursor(boundTo, order, { kind: 'offset', offset: 1, version })),
        (error) => error instanceof Fault && error.code === 'bad-cursor',
        version,
      );
  });

  it('no changed character and no made-up text is taken for a cursor', () => {
    const cursor = writeCursor(boundTo, order, { kind: 'values', values });
    for (let i = 0; i < cursor.length; i++) {
      const changed = cursor.slice(0, i) + (cursor[i] === 'A' ? 'B' : 'A') + cursor.slice(i + 1);
      assert.throws(() => readCursor(boundTo, order, changed), isBadCursor, `character ${i}`);
    }
    for (const text of [
      '',
      '.',
      '!',
      'AAAA',
      'x'.repeat(10_000),
      btoa('a.b'),
      btoa('0.[]'),
      '__proto__',
      '\u0000',
    ]) {
      assert.throws(() => readCursor(boundTo, order, text), isBadCursor, text.slice(0, 20));
    }
  });
});

function isBadCursor(error: unknown): boolean {
  return error instanceof Fault && error.kind === 'invalid' && error.code === 'bad-cursor';
}
