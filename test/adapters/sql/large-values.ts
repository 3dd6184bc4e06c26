// Values at the limit of bytes and beyond it: the same for every SQL product.

import assert from 'node:assert/strict';
import { Fault, type Source, valueAt } from '#spi';
import { byId, never } from './reading.ts';

export const LIMIT = 1_000;

/** Texts with their bytes in UTF-8. */
export const VALUES: readonly (readonly [text: string, bytes: number])[] = [
  ['x'.repeat(LIMIT), LIMIT],
  ['x'.repeat(LIMIT + 1), LIMIT + 1],
  ['\u00e9'.repeat(LIMIT / 2), LIMIT],
  [`${'\u00e9'.repeat(LIMIT / 2)}x`, LIMIT + 1],
  ['\u20ac'.repeat(334), 1_002],
];

/** `rows` has the fields `id`, `t` with the texts above, and `b` with as many bytes; its `maxValueBytes` is LIMIT. */
export async function neverCut(source: Source): Promise<void> {
  let seen = 0;
  const access = source.access({ collection: 'rows', where: [], order: byId });
  for await (const batch of access.read({ fields: ['id', 't', 'b'], signal: never })) {
    for (let i = 0; i < batch.length; i++) {
      const row = batch.row(i);
      const [text = '', bytes = 0] = VALUES[seen++] ?? [];
      for (const [field, wanted] of [
        ['t', text],
        ['b', new Uint8Array(bytes).fill(7)],
      ] as const) {
        const cell = row[field];
        if (bytes <= LIMIT) {
          assert.deepEqual(cell, wanted);
          continue;
        }
        assert.ok(cell instanceof Fault, `${field} of ${seen}`);
        assert.deepEqual([cell.kind, cell.code, cell.place.field], ['too-costly', 'value-limit', field]);
        assert.match(cell.message, new RegExp(`more than 1000 bytes in the row with id = ${seen}$`));
        assert.throws(() => valueAt(row, field), Fault);
      }
    }
  }
  assert.equal(seen, VALUES.length);
}

/** Rows of `rows` are of 700,000 characters each: a slow reader has two of them in memory, not hundreds. */
export async function fewAtOnce(source: Source, rows: number): Promise<void> {
  let seen = 0;
  const access = source.access({ collection: 'rows', where: [], order: byId });
  for await (const batch of access.read({ fields: ['id', 't'], signal: never })) {
    assert.ok(batch.length <= 2, `${batch.length} rows at once`);
    seen += batch.length;
  }
  assert.equal(seen, rows);
}
