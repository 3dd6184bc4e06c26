import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Fault } from '#spi';
import { readCatalog } from '../../../adapters/postgres/catalog.ts';
import { adapter } from '../../../adapters/postgres/postgres.ts';
import { askOdd, imported, odd } from '../sql/import-names.ts';
import { ADDRESS, access, connected, never, openSource, readAll, schema, skip } from './server.ts';

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

describe('names and kinds of tables of PostgreSQL', { skip }, () => {
  it('what an import proposes for odd names is served as it stands', async () => {
    const own = await schema(odd(quoted, 'text'));
    const { both } = await imported(adapter, { ...access, schemas: [own] });
    await askOdd(both);
  });

  it('materialized views, partitions, heirs and foreign tables are in the catalog, and what cannot be shown says why', async () => {
    const own = await schema(`
      create table parent (id int primary key, name text unique);
      create table heir (extra text) inherits (parent);
      insert into parent values (1, 'one'); insert into heir values (1, 'again', 'x');
      create table measures (day date not null, v int, primary key (day)) partition by range (day);
      create table measures_2024 partition of measures for values from ('2024-01-01') to ('2025-01-01');
      insert into measures values ('2024-05-05', 1);
      create materialized view kept as select id from parent;
      create sequence numbers; create table counted (id serial primary key);
    `);
    // Without a handler it cannot be read, and is in the catalog.
    const admin = await connected();
    await admin.query(`create foreign data wrapper ${own}; create server ${own} foreign data wrapper ${own};
      create foreign table ${own}.outside (line text) server ${own}`);
    after(async () => {
      await admin.query(`drop foreign data wrapper ${own} cascade`);
      await admin.end();
    });
    const model = await readCatalog({ ...ADDRESS, ssl: false }, [own], never);
    const found = model.tables.map(({ name, kind, key, unique, position }) =>
      [name, kind, key.join(), unique.join(), position ?? '-'].join(' '),
    );
    assert.deepEqual(found, [
      'counted table id  ctid',
      'heir table   ctid',
      'kept view   ctid',
      'measures table day  -',
      'outside table   -',
      // Rows of its heirs are among its own, and no index keeps their keys apart.
      'parent table   -',
    ]);
    assert.deepEqual(model.tables.find(({ name }) => name === 'parent')?.indexes, [['name'], ['id']]);
    assert.deepEqual(
      model.omitted.map(
        ({ name, reason }) => `${name.replace(`${own}.`, '')}: ${reason.replaceAll(`${own}.`, '')}`,
      ),
      ['measures_2024: a partition of measures, which shows its rows', 'numbers: a sequence'],
    );
    for (const [table, count] of [
      ['parent', 2],
      ['heir', 1],
      ['measures', 1],
      ['kept', 2],
    ] as const) {
      const source = await openSource({
        schemas: [own],
        collections: { rows: { table: `${own}.${table}` } },
      });
      const rows = await readAll(source, { collection: 'rows', where: [], order: [] });
      assert.equal(rows.length, count, table);
    }
  });

  it('a table that is in several schemas is named with its own', async () => {
    const one = await schema('create table t (id int primary key); insert into t values (1)');
    const other = await schema('create table t (id int primary key); insert into t values (2)');
    const both = { schemas: [one, other] };
    const source = await openSource({ ...both, collections: { rows: { table: `${other}.t` } } });
    assert.deepEqual(await readAll(source), [{ id: 2 }]);
    await assert.rejects(openSource({ ...both, collections: { rows: { table: 't' } } }), (error) => {
      assert.ok(error instanceof Fault && error.misconfigured);
      assert.match(error.message, /"t" can be more than one: \S+\.t, \S+\.t$/);
      return true;
    });
  });
});
