import { it } from 'node:test';
import { fewAtOnce, LIMIT, neverCut, VALUES } from '../sql/large-values.ts';
import { database, openSource } from './file.ts';

it('a value of SQLite beyond the limit of bytes is a fault of its cell, and is never cut', async () => {
  const file = database((db) => {
    db.exec('create table t (id INTEGER PRIMARY KEY, t TEXT, b BLOB)');
    const insert = db.prepare('insert into t (t, b) values (?, ?)');
    for (const [text, bytes] of VALUES) insert.run(text, new Uint8Array(bytes).fill(7));
  });
  await neverCut(await openSource({ file, collections: { rows: { table: 't', maxValueBytes: LIMIT } } }));
});

it('rows of large values of SQLite are handed over few at once', async () => {
  const file = database((db) => {
    db.exec('create table t (id INTEGER PRIMARY KEY, t TEXT)');
    const insert = db.prepare('insert into t (t) values (?)');
    for (let i = 0; i < 20; i++) insert.run('x'.repeat(700_000));
  });
  await fewAtOnce(await openSource({ file, collections: { rows: { table: 't' } } }), 20);
});
