import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { Fault, type Query } from '#spi';
import { sqliteFault } from '../../../adapters/sqlite/faults.ts';
import { byId, database, everything, fault, large, never, openSource, readAll, rows, small } from './file.ts';

describe('reading SQLite', () => {
  it('ending early or aborting frees the file for a writer', async () => {
    const file = database(large);
    const source = await openSource({ file, collections: rows });
    const write = (): void => {
      const writer = new DatabaseSync(file);
      writer.exec('begin exclusive; commit');
      writer.close();
    };
    for await (const batch of source.access(everything).read({ fields: ['id'], signal: never })) {
      assert.ok(batch.length > 0);
      assert.throws(write, 'the statement is still running');
      break;
    }
    write();
    const controller = new AbortController();
    const reason = new Error('the client left');
    await assert.rejects(async () => {
      for await (const _ of source.access(everything).read({ fields: ['id'], signal: controller.signal })) {
        controller.abort(reason);
      }
    }, reason);
    write();
    await assert.rejects(readAll(source, everything, AbortSignal.abort(reason)), reason);
    assert.equal((await readAll(source)).length, 5000);
  });

  it('more keys than one statement takes are read in several, each row once', async () => {
    const source = await openSource({ file: database(large), collections: rows });
    const keys = Array.from({ length: 60_000 }, (_, i) => [BigInt(i % 30_000)]);
    const fields = [{ field: 'id', type: { kind: 'int64' } }] as const;
    const query: Query = { collection: 'rows', where: [{ op: 'keys', fields, keys }], order: byId };
    const access = source.access(query);
    assert.deepEqual([access.where, access.ordered, access.limits], [['exact'], false, false]);
    assert.equal(await access.count?.({ signal: never }), 5000);
    assert.equal(new Set((await readAll(source, query)).map((row) => row['id'])).size, 5000);
  });

  it('a long read lets others have their turn', async () => {
    const source = await openSource({ file: database(large), collections: rows });
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    let batches = 0;
    for await (const _ of source.access(everything).read({ fields: ['id'], signal: never })) batches++;
    clearInterval(timer);
    assert.ok(batches >= 20);
    assert.ok(turns > 0);
  });

  it('many reads at once see their own rows, and each what was written before it began', async () => {
    const file = database(large);
    const source = await openSource({ file, collections: rows });
    const reads = await Promise.all(Array.from({ length: 10 }, () => readAll(source)));
    for (const read of reads) assert.equal(read.length, 5000);
    const slow = source
      .access(everything)
      .read({ fields: ['id'], signal: never })
      [Symbol.asyncIterator]();
    await slow.next();
    await slow.return?.();
    const writer = new DatabaseSync(file);
    writer.exec("insert into t values (9000, 'new')");
    writer.close();
    assert.equal((await readAll(source)).length, 5001);
  });

  it('a file that takes the place of the old one is read from then on', async () => {
    const file = database(small);
    const source = await openSource({ file, collections: rows });
    assert.equal((await readAll(source)).length, 2);
    renameSync(database(large), file);
    assert.equal((await readAll(source)).length, 5000);
  });

  it('bytes that are no UTF-8 are a fault, not a replacement character', async () => {
    const file = database((db) =>
      db.exec(
        "create table t (id INTEGER PRIMARY KEY, name TEXT); insert into t values (1, cast(x'4dfc6c' as text))",
      ),
    );
    const [row] = await readAll(await openSource({ file, collections: rows }));
    const cell = row?.['name'];
    assert.ok(cell instanceof Fault);
    assert.equal(cell.code, 'bad-column-value');
  });

  it('hostile names of tables and columns are names and nothing else', async () => {
    const names = [
      'a.b',
      'x as y',
      '"',
      "'; drop table t; --",
      '[x]',
      '`',
      '__proto__',
      'constructor',
      'select',
      '?',
      ':a',
      'a\nb',
      '💥',
    ];
    const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
    for (const table of ['t.u', 'x as y', '"; drop table "t', "'", '__proto__']) {
      const file = database((db) => {
        db.exec(`create table ${quoted(table)} (${names.map((name) => `${quoted(name)} TEXT`).join(', ')})`);
        db.prepare(`insert into ${quoted(table)} values (${names.map(() => '?').join(', ')})`).run(...names);
      });
      const source = await openSource({ file, collections: { rows: { table } } });
      await source.check(never);
      const [collection] = source.model.collections;
      assert.deepEqual(
        collection?.fields.map(({ legacyName }) => legacyName),
        names,
      );
      assert.equal(new Set(collection?.fields.map(({ name }) => name)).size, names.length);
      const [row] = await readAll(source, { collection: 'rows', where: [], order: [] });
      assert.deepEqual(Object.values(row ?? {}), names);
      for (const { name } of collection?.fields ?? []) {
        const type = { kind: 'string' } as const;
        const order = [{ field: name, type, descending: true }];
        const value = String(row?.[name]);
        for (const op of ['eq', 'startsWith', 'endsWith', 'contains'] as const) {
          const found = await readAll(source, {
            collection: 'rows',
            where: [{ op, field: name, type, value }],
            order,
          });
          assert.equal(found.length, 1, `${op} ${name}`);
        }
      }
    }
  });

  it('hostile values change nothing but the answer', async () => {
    const values = [
      "' or 1=1 --",
      '"; drop table t; --',
      '];--',
      '%',
      '_',
      '*',
      '?',
      '\0',
      'ʼ or 1=1',
      '1'.repeat(1_000_000),
    ];
    const file = database(small);
    const source = await openSource({ file, collections: rows });
    const type = { kind: 'string' } as const;
    for (const value of values) {
      for (const op of ['eq', 'startsWith', 'endsWith', 'contains'] as const) {
        const query: Query = { collection: 'rows', where: [{ op, field: 'name', type, value }], order: byId };
        assert.deepEqual(await readAll(source, query), [], `${op} ${value.slice(0, 20)}`);
        const plain: Query = { ...query, where: [{ op, field: 'name', type, value: 'x' }] };
        assert.equal(source.access(query).explain, source.access(plain).explain);
      }
    }
    assert.equal((await readAll(source)).length, 2);
  });

  it('texts of a UTF-16 database are right, though SQLite sorts them otherwise', async () => {
    const file = database((db) => {
      db.exec("pragma encoding = 'UTF-16le'; create table t (id INTEGER PRIMARY KEY, name TEXT)");
      const insert = db.prepare('insert into t values (?, ?)');
      for (const [i, name] of ['\u00ff', '\u0100', 'a', '\u{1f600}'].entries()) insert.run(i, name);
    });
    const source = await openSource({ file, collections: rows });
    const type = { kind: 'string' } as const;
    const order = [{ field: 'name', type, descending: false }];
    const where = [{ op: 'lt', field: 'name', type, value: 'b' }] as const;
    const access = source.access({ collection: 'rows', where, order });
    assert.deepEqual([access.ordered, access.where], [false, ['none']]);
    const equal = [{ op: 'eq', field: 'name', type, value: '\u{1f600}' }] as const;
    assert.deepEqual(await readAll(source, { collection: 'rows', where: equal, order: [] }), [
      { id: 3n, name: '\u{1f600}' },
    ]);
  });

  it('an unknown collection is not found', async () => {
    const source = await openSource({ file: database(small), collections: rows });
    assert.throws(
      () => source.access({ ...everything, collection: 'others' }),
      fault('not-found', 'not-found'),
    );
  });
});

describe('errors of SQLite', () => {
  it('become faults by their code alone', () => {
    const kindOf = (errcode: number) => {
      const error: unknown = Object.assign(new Error('no such table: secret'), {
        code: 'ERR_SQLITE_ERROR',
        errcode,
      });
      const { kind, message } = sqliteFault(error);
      assert.doesNotMatch(message, /secret/);
      return kind;
    };
    const kinds = [5, 261, 266, 14, 11, 26, 9, 2067, 787, 275, 8, 1].map(kindOf);
    assert.deepEqual(kinds, [
      'unavailable',
      'unavailable',
      'unavailable',
      'unavailable',
      'corrupt',
      'corrupt',
      'timeout',
      'conflict',
      'conflict',
      'rejected',
      'unsupported',
      'upstream',
    ]);
    assert.equal(sqliteFault(new TypeError('a bug')).kind, 'internal');
  });
});
