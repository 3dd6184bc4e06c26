// Rows that stand in the configuration: what they may hold, and what is refused with its place.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Row } from '#spi';
import { adapter } from '../../../adapters/memory/memory.ts';
import { faultOf, hostAt, never } from '../file/opening.ts';

async function rowsOf(
  fields: Readonly<Record<string, string>>,
  rows: readonly unknown[],
): Promise<readonly Row[]> {
  const options = adapter.options.parse({ collections: { things: { fields, rows } } });
  await using source = await adapter.open(options, hostAt('/'));
  const seen: Row[] = [];
  const access = source.access({ collection: 'things', where: [], order: [] });
  for await (const batch of access.read({ fields: Object.keys(fields), signal: never })) {
    for (let i = 0; i < batch.length; i++) seen.push(batch.row(i));
  }
  return seen;
}

describe('rows in the configuration', () => {
  it('have values of the declared types, and null where nothing is said', async () => {
    assert.deepEqual(
      await rowsOf({ id: 'int64', sum: 'decimal(5,2)', day: 'date' }, [{ id: '7', sum: '1.5' }]),
      [{ id: 7n, sum: '1.50', day: null }],
    );
  });

  it('may have fields that are called like what every object inherits', async () => {
    assert.deepEqual(await rowsOf({ constructor: 'string', toString: 'string' }, [{ toString: 'A' }]), [
      { constructor: null, toString: 'A' },
    ]);
  });

  it('of another type, or with a value for no field, are refused with collection and number', async () => {
    for (const row of [{ id: 'x' }, { id: 1, constructor: 1 }]) {
      const fault = await faultOf(() => rowsOf({ id: 'int32' }, [{ id: 1 }, row]));
      assert.ok(fault.misconfigured);
      assert.deepEqual([fault.place.collection, fault.place.record], ['things', 2]);
    }
  });
});
