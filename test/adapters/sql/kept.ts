// Whether values that are written are read again as they were given, or refused: the same for every SQL product.

import assert from 'node:assert/strict';
import { checkExpected, Fault, type Row, type Source, type Value } from '#spi';
import { never, readAll } from './reading.ts';

/** A declared type, values that its column keeps, and values that it would change or cannot hold. */
export type Kept = readonly [declared: string, kept: readonly Value[], refused: readonly Value[]];

/** The columns of a table for `types`: `c0`, `c1`, … behind the key `id`. */
export function columnsOf(types: readonly Kept[]): string {
  return types.map(([declared], i) => `c${i} ${declared} null`).join(', ');
}

/** Writes each value into a row of its own of the collection `rows`, by insert and by update. */
export async function assertKept(source: Source, types: readonly Kept[]): Promise<void> {
  const { write } = source;
  assert.ok(write);
  const fields = source.model.collections[0]?.fields ?? [];
  let id = 0;
  for (const [i, [declared, kept, refused]] of types.entries()) {
    const field = `c${i}`;
    for (const value of kept) {
      id++;
      const here = `${declared}: ${shown(value)}`;
      const insert = { collection: 'rows', verb: 'insert' as const, values: { id, [field]: value } };
      await write([insert], { signal: never }).catch((error: unknown) => assert.fail(`${here}: ${error}`));
      checkExpected(await rowOf(source, id), { [field]: value }, fields);
      const update = { collection: 'rows', verb: 'update' as const, key: [id], values: { [field]: null } };
      const again = { ...update, values: { [field]: value }, expected: { [field]: null } };
      await write([{ ...update, expected: { [field]: value } }, again], { signal: never }).catch(
        (error: unknown) => assert.fail(`${here} again: ${error}`),
      );
      checkExpected(await rowOf(source, id), { [field]: value }, fields);
    }
    for (const value of refused) {
      const insert = { collection: 'rows', verb: 'insert' as const, values: { id: id + 1, [field]: value } };
      const refusal: unknown = await write([insert], { signal: never }).then(
        () => undefined,
        (error: unknown) => error,
      );
      const here = `${declared}: ${shown(value)}`;
      if (refusal === undefined) {
        const row = await rowOf(source, id + 1);
        assert.fail(`${here} is taken, and read as ${shown(row[field])}`);
      }
      assert.ok(refusal instanceof Fault, `${here}: ${refusal}`);
      assert.equal(refusal.kind, 'invalid', `${here}: ${refusal.message}`);
    }
  }
  assert.equal((await readAll(source)).length, id);
}

async function rowOf(source: Source, id: number): Promise<Row> {
  const found = (await readAll(source)).find((row) => row['id'] === id);
  assert.ok(found, `row ${id}`);
  return found;
}

function shown(value: unknown): string {
  if (value instanceof Fault) return value.message;
  return typeof value === 'bigint' ? `${value}n` : JSON.stringify(value);
}
