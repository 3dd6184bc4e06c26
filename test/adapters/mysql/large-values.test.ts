import { it } from 'node:test';
import { fewAtOnce, LIMIT, neverCut, VALUES } from '../sql/large-values.ts';
import { connected, database, openSource, skip } from './server.ts';

it('a value of MySQL beyond the limit of bytes is a fault of its cell, and is never cut', {
  skip,
}, async () => {
  const own = await database('create table t (id int auto_increment primary key, t longtext, b longblob)');
  await using connection = await connected();
  for (const [text, bytes] of VALUES) {
    await connection.query(`insert into ${own}.t (t, b) values (?, ?)`, [text, Buffer.alloc(bytes, 7)]);
  }
  await neverCut(
    await openSource({ database: own, collections: { rows: { table: 't', maxValueBytes: LIMIT } } }),
  );
});

it('rows of large values of MySQL are handed over few at once', { skip }, async () => {
  const own = await database(
    "create table t (id int auto_increment primary key, t longtext); insert into t (t) values (repeat('x', 700000))",
  );
  await using connection = await connected();
  for (let i = 1; i < 20; i++)
    await connection.query(`insert into ${own}.t (t) select t from ${own}.t limit 1`);
  await fewAtOnce(await openSource({ database: own, collections: { rows: { table: 't' } } }), 20);
});
