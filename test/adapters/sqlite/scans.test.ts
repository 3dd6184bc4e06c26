import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import type { Conjunct, Order, Query } from '#spi';
import { byId, database, fault, never, openSource, readAll } from './file.ts';

const fill = (db: DatabaseSync): void => {
  db.exec(`create table t (id INTEGER PRIMARY KEY, branch INTEGER, name TEXT) strict;
    create index by_branch on t (branch, name);
    insert into t values (1, 7, 'one'), (2, 7, 'two'), (3, 8, 'three')`);
};
const on = (field: string, value: number | string): Conjunct => ({
  op: 'eq',
  field,
  type: { kind: typeof value === 'number' ? 'int32' : 'string' },
  value: typeof value === 'number' ? BigInt(value) : value,
});
const asked = (where: readonly Conjunct[], order: Order = byId): Query => ({
  collection: 'rows',
  where,
  order,
});

describe('a table whose scans are refused', async () => {
  const path = database(fill);
  const open = (scans: string) => openSource({ file: path, collections: { rows: { table: 't', scans } } });
  const byName: Order = [{ field: 'name', type: { kind: 'string' }, descending: false }, ...byId];

  it('answers what an index serves: its first column, the key, the beginning of the table', async () => {
    const source = await open('refuse');
    assert.equal((await readAll(source, asked([on('branch', 7)]))).length, 2);
    assert.equal((await readAll(source, asked([on('branch', 7), on('name', 'two')]))).length, 1);
    assert.equal((await readAll(source, asked([on('id', 3)]))).length, 1);
    assert.equal((await readAll(source, asked([]))).length, 3);
  });

  it('refuses the others before the database is asked, and says what would help', async () => {
    const source = await open('refuse');
    for (const query of [asked([on('name', 'two')]), asked([], byName)]) {
      await assert.rejects(readAll(source, query), (error) => {
        fault('too-costly', 'no-index')(error);
        assert.deepEqual(error instanceof Error && 'place' in error && error.place, {
          collection: 'rows',
          hint: 'Add a condition on one of: id, branch',
        });
        return true;
      });
    }
    const access = source.access(asked([on('name', 'two')]));
    await assert.rejects(async () => access.count?.({ signal: never }), fault('too-costly', 'no-index'));
  });

  it('answers everything when scans are allowed, as they are unless told otherwise', async () => {
    assert.equal((await readAll(await open('allow'), asked([on('name', 'two')]))).length, 1);
  });
});
