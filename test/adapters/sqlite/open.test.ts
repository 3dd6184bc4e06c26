import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { Fault } from '#spi';
import { modelText } from '../../../adapters/sql/model.ts';
import { readCatalog } from '../../../adapters/sqlite/catalog.ts';
import { database, fault, folder, large, never, openSource, readAll, rows, small } from './file.ts';

describe('a SQLite source that cannot be read', () => {
  it('is unavailable when the file is missing, is a folder, or is locked', async () => {
    await assert.rejects(
      openSource({ file: join(folder(), 'none.db'), collections: rows }),
      fault('unavailable', 'cannot-open'),
    );
    await assert.rejects(openSource({ file: folder(), collections: rows }), fault('unavailable', 'io-error'));
    const file = database(small);
    const source = await openSource({ file, collections: rows });
    const writer = new DatabaseSync(file);
    writer.exec('begin exclusive');
    await assert.rejects(readAll(source), fault('unavailable', 'locked'));
    await assert.rejects(source.check(never), fault('unavailable', 'locked'));
    writer.exec('rollback');
    assert.equal((await readAll(source)).length, 2);
    writer.close();
  });

  it('does not create a missing file, even when it may write', async () => {
    const file = join(folder(), 'none.db');
    const model = join(folder(), 'model.json');
    writeFileSync(model, modelText(readCatalog(database(small), true)));
    const source = await openSource({ file, model, readOnly: false, collections: rows });
    await assert.rejects(readAll(source), fault('unavailable', 'cannot-open'));
    assert.throws(() => readFileSync(file), { code: 'ENOENT' });
  });

  it('is corrupt when the file is no database or is damaged', async () => {
    const file = join(folder(), 'text.db');
    writeFileSync(file, 'this is no database '.repeat(500));
    await assert.rejects(openSource({ file, collections: rows }), fault('corrupt', 'not-a-database'));
    const damaged = database(large);
    const source = await openSource({ file: damaged, collections: rows });
    const bytes = readFileSync(damaged);
    bytes.fill(0x5a, 4096 * 3, 4096 * 8);
    writeFileSync(damaged, bytes);
    await assert.rejects(readAll(source), fault('corrupt', 'damaged-database'));
  });
});

describe('a SQLite file that is written anew in place', () => {
  it('is read again once it is whole, whatever was seen of it meanwhile', async () => {
    const file = database(small);
    const whole = readFileSync(file);
    const source = await openSource({ file, collections: rows });
    assert.equal((await readAll(source)).length, 2);
    for (const half of [Buffer.alloc(0), whole.subarray(0, 4096), Buffer.alloc(9000, 0x5a)]) {
      writeFileSync(file, half);
      await assert.rejects(readAll(source));
      await assert.rejects(source.check(never));
      writeFileSync(file, whole);
      await source.check(never);
      assert.equal((await readAll(source)).length, 2);
    }
  });
});

describe('a SQLite source with a saved model', () => {
  const saved = (fill: (db: DatabaseSync) => void): string => {
    const path = join(folder(), 'model.json');
    writeFileSync(path, modelText(readCatalog(database(fill), true)));
    return path;
  };

  it('opens while the file is missing, and works when it is there', async () => {
    const file = join(folder(), 'later.db');
    const source = await openSource({ file, model: saved(small), collections: rows });
    assert.deepEqual(
      source.model.collections.map(({ name, key }) => [name, key]),
      [['rows', ['id']]],
    );
    await assert.rejects(readAll(source), fault('unavailable', 'cannot-open'));
    await assert.rejects(source.check(never), fault('unavailable', 'cannot-open'));
    database(small, file);
    await source.check(never);
    assert.deepEqual(await readAll(source), [
      { id: 1n, name: 'one' },
      { id: 2n, name: 'two' },
    ]);
  });

  it('says that the database has changed when a table or column of the model is gone', async () => {
    const file = database((db) => db.exec('create table t (id INTEGER PRIMARY KEY)'));
    const source = await openSource({ file, model: saved(small), collections: rows });
    await assert.rejects(source.check(never), fault('upstream', 'schema-drift'));
    await assert.rejects(readAll(source), fault('upstream', 'sql-error'));
  });

  it('refuses a model that is missing, malformed, of another product or without the table', async () => {
    const file = database(small);
    const open = (model: string, collections: unknown = rows) => openSource({ file, model, collections });
    const other = join(folder(), 'other.json');
    await assert.rejects(open(other), fault('invalid', 'bad-model', true));
    writeFileSync(other, '{"format": "overpunch-database/1"}');
    await assert.rejects(open(other), fault('invalid', 'bad-model', true));
    writeFileSync(other, modelText({ ...readCatalog(file, true), product: 'oracle' }));
    await assert.rejects(open(other), fault('invalid', 'bad-model', true));
    await assert.rejects(open(saved(small), { rows: { table: 'tt' } }), (error) => {
      fault('invalid', 'bad-table', true)(error);
      assert.match(String(error), /no table or view "tt"\. Did you mean "t"\?/);
      return true;
    });
  });
});

describe('what the configuration picks from SQLite', () => {
  it('names, types and keys are checked, with the nearest valid word', async () => {
    const file = database(small);
    const open = (table: unknown) => openSource({ file, collections: { rows: table } });
    await assert.rejects(open({ table: 'nothing' }), fault('invalid', 'bad-table', true));
    await assert.rejects(
      open({ table: 't', columns: { nme: 'x' } }),
      /no column "nme"\. Did you mean "name"\?/,
    );
    await assert.rejects(open({ table: 't', columns: { name: 'Full Name' } }), /Did you mean "fullName"\?/);
    await assert.rejects(open({ table: 't', key: ['naem'] }), /no column "naem" for the key/);
    await assert.rejects(open({ table: 't', kye: [] }), /kye/);
  });

  it('columns are renamed, hidden, documented and given other types', async () => {
    const file = database((db) =>
      db.exec(
        "create table \"ORDER\" (ORD_NO TEXT PRIMARY KEY, AMT TEXT, NOTE TEXT); insert into \"ORDER\" values ('1', '12.5', 'x'), ('2', 'twelve', 'y')",
      ),
    );
    const columns = { ORD_NO: 'number', AMT: { type: 'DECIMAL(9,2)', doc: 'Gross' }, note: { hidden: true } };
    const source = await openSource({ file, collections: { rows: { table: 'order', columns } } });
    assert.deepEqual(source.model.collections[0]?.fields, [
      { name: 'number', type: { kind: 'string' }, nullable: true, legacyName: 'ORD_NO' },
      {
        name: 'amt',
        type: { kind: 'decimal', precision: 9, scale: 2 },
        nullable: true,
        doc: 'Gross',
        legacyName: 'AMT',
      },
    ]);
    const [good, bad] = await readAll(source, { collection: 'rows', where: [], order: [] });
    assert.deepEqual(good, { number: '1', amt: '12.50' });
    const cell = bad?.['amt'];
    assert.ok(cell instanceof Fault);
    assert.equal(
      cell.message,
      'Column "AMT" holds a text that is no decimal(9,2) (declared "DECIMAL(9,2)") in the row with number = 2',
    );
    assert.deepEqual(cell.place, { collection: 'rows', field: 'amt', hex: '7477656C7665' });
  });

  it('a declared key that is not unique is found by the check; one of the catalog is not looked for', async () => {
    const file = database((db) =>
      db.exec(
        'create table t (id INTEGER PRIMARY KEY, a INT, b INT); insert into t values (1, 1, 1), (2, 1, 2)',
      ),
    );
    const open = (key: readonly string[]) => openSource({ file, collections: { rows: { table: 't', key } } });
    await (await open(['a', 'b'])).check(never);
    await (await open(['id'])).check(never);
    await assert.rejects((await open(['a'])).check(never), fault('invalid', 'key-not-unique', true));
  });

  it('a table of which every column is hidden is refused', async () => {
    const columns = { id: { hidden: true }, name: { hidden: true } };
    const opening = openSource({ file: database(small), collections: { rows: { table: 't', columns } } });
    await assert.rejects(opening, fault('invalid', 'bad-table', true));
  });

  it('a unique key of the catalog may hold one null, and no two of them', async () => {
    const fill = (values: string) =>
      database((db) =>
        db.exec(`create table t (a TEXT, b INT, PRIMARY KEY (a, b)); insert into t values ${values}`),
      );
    const check = async (values: string) =>
      (await openSource({ file: fill(values), collections: rows })).check(never);
    await check("('x', 1), (null, 1), (null, 2), ('x', null)");
    await assert.rejects(check("('x', 1), (null, 1), (null, 1)"), fault('invalid', 'key-not-unique', true));
    await assert.rejects(check('(null, null), (null, null)'), fault('invalid', 'key-not-unique', true));
  });
});
