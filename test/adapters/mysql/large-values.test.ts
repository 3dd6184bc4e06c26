import { it } from 'node:test';
import { LIMIT, neverCut, VALUES } from '../sql/large-values.ts';
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
