import { it } from 'node:test';
import { fewAtOnce, LIMIT, neverCut, VALUES } from '../sql/large-values.ts';
import { connected, openSource, schema, skip } from './server.ts';

it('a value of PostgreSQL beyond the limit of bytes is a fault of its cell, and is never cut', {
  skip,
}, async () => {
  const own = await schema('create table t (id serial primary key, t text, b bytea)');
  const client = await connected();
  for (const [text, bytes] of VALUES) {
    await client.query(`insert into ${own}.t (t, b) values ($1, $2)`, [text, Buffer.alloc(bytes, 7)]);
  }
  await client.end();
  await neverCut(
    await openSource({ schemas: [own], collections: { rows: { table: `${own}.t`, maxValueBytes: LIMIT } } }),
  );
});

it('rows of large values of PostgreSQL are handed over few at once', { skip }, async () => {
  const own = await schema(
    "create table t (id serial primary key, t text); insert into t (t) select repeat('x', 700000) from generate_series(1, 20)",
  );
  await fewAtOnce(await openSource({ schemas: [own], collections: { rows: { table: `${own}.t` } } }), 20);
});
