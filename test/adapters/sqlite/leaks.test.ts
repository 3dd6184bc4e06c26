// What clients are told when SQLite fails.

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { CANARY, serve, silent, silentHealth, silentReference } from '../sql/leaks.ts';
import { database, folder } from './file.ts';

const FILL = `
  create table ${CANARY}_table (shown_id INTEGER PRIMARY KEY, shown_column TEXT, ${CANARY}_hidden TEXT);
  insert into ${CANARY}_table values (1, 'one', 'x'), (2, 'two', 'y');
`;
const columns = { shown_id: 'id', shown_column: 'v', [`${CANARY}_hidden`]: { hidden: true } };
const shown = { table: `${CANARY}_table`, columns };

const file = () => database((db) => db.exec(FILL), join(folder(), `${CANARY}.db`));
const opened = (path: string, more: object = {}) =>
  serve({ own: { adapter: 'sqlite', file: path, collections: { items: { ...shown, ...more } } } });

function change(path: string, sql: string): void {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}

describe('what clients are told when SQLite fails', () => {
  it('the reference shows columns and nothing else of the database', async () => {
    await using served = await opened(file());
    await silentReference(served.both);
  });

  it('a table or a column that is gone is not named', async () => {
    for (const sql of [
      `drop table ${CANARY}_table`,
      `alter table ${CANARY}_table rename to ${CANARY}_other`,
      `alter table ${CANARY}_table drop column shown_column`,
    ]) {
      const path = file();
      await using served = await opened(path);
      change(path, sql);
      await silent(served.both, 'items', 'upstream', 'sql-error');
      await silentHealth(served.both, 'schema-drift');
    }
  });

  it('what a view fails with is not told', async () => {
    for (const expression of [
      `abs(-9223372036854775807 - shown_id)`,
      `json_extract('${CANARY}', '$')`,
      `substr(zeroblob(2000000000) || zeroblob(2000000000), 1, shown_id)`,
      `json('{${CANARY}' || shown_id)`,
    ]) {
      const path = file();
      change(
        path,
        `create view ${CANARY}_view as select shown_id, cast(${expression} as TEXT) as shown_column from ${CANARY}_table where shown_id < 9`,
      );
      const collections = {
        items: {
          table: `${CANARY}_view`,
          key: ['shown_id'],
          columns: { shown_id: { name: 'id', type: 'INTEGER' }, shown_column: { name: 'v', type: 'TEXT' } },
        },
      };
      await using served = await serve({ own: { adapter: 'sqlite', file: path, collections } });
      await silent(served.both, 'items', 'upstream', ['sql-error', 'not-computed']);
    }
  });

  it('a file that is gone, locked or no database is not named', async () => {
    const gone = file();
    await using served = await opened(gone);
    rmSync(gone);
    await silent(served.both, 'items', 'unavailable', 'cannot-open');
    await silentHealth(served.both, 'cannot-open');
    writeFileSync(gone, `${CANARY} `.repeat(1_000));
    await silent(served.both, 'items', 'corrupt', 'not-a-database');

    const locked = file();
    await using other = await opened(locked);
    const db = new DatabaseSync(locked);
    db.exec('begin exclusive');
    await silent(other.both, 'items', 'unavailable', 'locked');
    db.close();
  });

  it('a value that does not fit its column is not shown as text', async () => {
    const path = file();
    change(path, `update ${CANARY}_table set shown_column = cast('${CANARY}' as blob)`);
    await using served = await opened(path);
    await silent(served.both, 'items', 'corrupt', 'bad-column-value');
  });
});
