import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Query, Row } from '#spi';
import { readCatalog } from '../../../adapters/sqlite/catalog.ts';
import { database, never, openSource, readAll } from './file.ts';

describe('the saved model of a SQLite file', () => {
  it('holds tables, views, keys, collations, indexes and references, and says what cannot be exposed', () => {
    const file = database((db) =>
      db.exec(`
        create table parent (a TEXT, b INT, primary key (b, a)) without rowid;
        create table child (
          id INTEGER PRIMARY KEY, pa TEXT COLLATE NOCASE UNIQUE, pb INT NOT NULL, rowid INT, twice INT AS (pb * 2),
          foreign key (pb, pa) references parent
        );
        create index by_pb on child (pb, pa);
        create index part on child (rowid) where rowid > 0;
        create view v as select pa, count(*) as n from child group by pa;
        create table gone (x INT);
        create view broken as select x from gone;
        drop table gone;
        create table exact (k ANY, s TEXT) strict;
      `),
    );
    assert.deepEqual(readCatalog(file, true), {
      format: 'overpunch-database/1',
      product: 'sqlite',
      encoding: 'UTF-8',
      tables: [
        {
          name: 'child',
          kind: 'table',
          columns: [
            {
              name: 'id',
              type: 'INTEGER',
              nullable: false,
              default: true,
              generated: 'identity',
              trusted: true,
            },
            { name: 'pa', type: 'TEXT', nullable: true, collation: 'nocase' },
            { name: 'pb', type: 'INT', nullable: false },
            { name: 'rowid', type: 'INT', nullable: true },
            { name: 'twice', type: 'INT', nullable: true, generated: 'always' },
          ],
          key: ['id'],
          unique: [['pa']],
          indexes: [['pb', 'pa']],
          foreignKeys: [{ columns: ['pb', 'pa'], table: 'parent', references: ['b', 'a'] }],
          position: '_rowid_',
        },
        {
          name: 'exact',
          kind: 'table',
          columns: [
            { name: 'k', type: 'ANY', nullable: true },
            { name: 's', type: 'TEXT', nullable: true, trusted: true },
          ],
          key: [],
          unique: [],
          indexes: [],
          foreignKeys: [],
          position: 'rowid',
        },
        {
          name: 'parent',
          kind: 'table',
          columns: [
            { name: 'a', type: 'TEXT', nullable: false },
            { name: 'b', type: 'INT', nullable: false },
          ],
          key: ['b', 'a'],
          unique: [],
          indexes: [],
          foreignKeys: [],
        },
        {
          name: 'v',
          kind: 'view',
          columns: [
            { name: 'pa', type: 'TEXT', nullable: true, collation: 'nocase' },
            { name: 'n', type: '', nullable: true },
          ],
          key: [],
          unique: [],
          indexes: [],
          foreignKeys: [],
        },
      ],
      omitted: [{ name: 'broken', reason: 'its columns cannot be read (sql-error)' }],
    });
  });

  it('a view with expressions and a keyless table are served, the table in the order of its rows', async () => {
    const file = database((db) =>
      db.exec(`
        create table t (x INT); insert into t values (3), (1), (2), (1);
        create view v as select x, count(*) as n from t group by x;
      `),
    );
    const source = await openSource({
      file,
      collections: {
        rows: { table: 't' },
        sums: { table: 'v', key: ['x'], columns: { n: { type: 'INTEGER' } } },
      },
    });
    await source.check(never);
    assert.deepEqual(
      (await readAll(source, { collection: 'rows', where: [], order: [] })).map((row) => row['x']),
      [3, 1, 2, 1],
    );
    const found: Row[] = [];
    const query: Query = {
      collection: 'sums',
      where: [{ op: 'eq', field: 'n', type: { kind: 'int64' }, value: 2n }],
      order: [{ field: 'x', type: { kind: 'int32' }, descending: false }],
    };
    for await (const batch of source.access(query).read({ fields: ['x', 'n'], signal: never }))
      found.push(batch.row(0));
    assert.deepEqual(found, [{ x: 1, n: 2n }]);
  });
});
