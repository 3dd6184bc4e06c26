import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCatalog } from '../../../adapters/mysql/catalog.ts';
import { connectionOptions } from '../../../adapters/mysql/connect.ts';
import { adapter } from '../../../adapters/mysql/mysql.ts';
import { options } from '../../../adapters/mysql/options.ts';
import { askOdd, imported, odd } from '../sql/import-names.ts';
import { access, connected, database, host, never, openSource, readAll, skip } from './server.ts';

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

describe('names and kinds of tables of MySQL and MariaDB', { skip }, () => {
  it('what an import proposes for odd names is served as it stands', async () => {
    const own = await database(odd(quoted, 'varchar(20)'));
    const { both } = await imported(adapter, { ...access, database: own });
    await askOdd(both);
  });

  it('a view over another database is read, and a view over what is gone is left out with the reason', async () => {
    const other = await database(
      "create table t (id int primary key, name varchar(9)); insert into t values (1, 'one')",
    );
    const own = await database(`
      create view elsewhere as select id, name from ${other}.t;
      create table gone (id int); create view broken as select id from gone; drop table gone;
    `);
    await using admin = await connected();
    const [version] = await admin.query('select version()');
    const mariadb = JSON.stringify(version).includes('MariaDB');
    if (mariadb) await admin.query(`create sequence ${own}.numbers`);
    const parsed = options.parse({ ...access, database: own, collections: {} });
    const model = await readCatalog(await connectionOptions(parsed, host), undefined, never);
    assert.deepEqual(
      model.tables.map(({ name, kind }) => `${name} ${kind}`),
      ['elsewhere view'],
    );
    const omitted = model.omitted.map(({ name, reason }) => `${name.replace(`${own}.`, '')}: ${reason}`);
    assert.deepEqual(omitted, [
      'broken: none of its columns can be read',
      ...(mariadb ? ['numbers: it is a sequence'] : []),
    ]);
    const source = await openSource({
      database: own,
      collections: { rows: { table: 'elsewhere', key: ['id'] } },
    });
    await source.check(never);
    assert.deepEqual(await readAll(source), [{ id: 1, name: 'one' }]);
  });
});
