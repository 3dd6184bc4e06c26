// What the server makes of our statements: an index serves where one should. Parameters are bound and typed.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Conjunct, Query, Scalar, Value } from '#spi';
import { connected, never, openSource, schema, skip } from './server.ts';

const string: Scalar = { kind: 'string' };

describe('statements of PostgreSQL', { skip }, () => {
  it('equality, ranges and keys go through an index; every value is a parameter of its column’s type', async () => {
    const own = await schema(`
      create type mood as enum ('sad', 'ok');
      create collation folding (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
      create table t (id integer primary key, name varchar(20), bytewise text collate "C", folded text collate folding,
        code char(8), small smallint, big bigint, amount numeric(9,2), ratio real, mood mood, moment timestamp, uid uuid,
        a varchar(4), b integer, unique (a, b));
      insert into t select i, 'n' || i, 'n' || i, 'n' || i, 'c' || i, i % 30000, i, i / 100.0, i / 10.0::real,
        case when i = 5 then 'sad' else 'ok' end::mood, timestamp '2024-01-01' + i * interval '1 minute',
        md5(i::text)::uuid, 'a' || i % 10, i from generate_series(1, 20000) g(i);
      create index on t(name); create index on t(bytewise); create index on t(folded); create index on t(code);
      create index on t(small); create index on t(big); create index on t(amount); create index on t(ratio);
      create index on t(mood); create index on t(moment); create index on t(uid);
      analyze t;`);
    const source = await openSource({ schemas: [own], collections: { rows: { table: `${own}.t` } } });
    const [collection] = source.model.collections;
    const mood = collection?.fields.find(({ name }) => name === 'mood')?.type;
    assert.ok(mood?.kind === 'enum');
    const client = await connected();
    const eq = (field: string, type: Scalar, value: Value): Conjunct => ({ op: 'eq', field, type, value });
    const cases: readonly (readonly [Conjunct, parameters: readonly string[], type: RegExp])[] = [
      [eq('name', string, 'n7'), ['n7'], /\$1::text/],
      [eq('bytewise', string, 'n7'), ['n7'], /\$1::text/],
      [eq('folded', string, 'n7'), ['n7', 'n7'], /\$1::text/],
      [eq('code', string, 'c7'), ['c7'], /\$1::bpchar/],
      [eq('small', { kind: 'int32' }, 7), ['7'], /\$1::smallint/],
      [eq('big', { kind: 'int64' }, 7n), ['7'], /\$1::bigint/],
      [eq('amount', { kind: 'decimal', precision: 9, scale: 2 }, '0.07'), ['0.07'], /\$1::numeric/],
      [eq('ratio', { kind: 'float64' }, 0.7), ['0.7', '0.7'], /\$1::double precision::real/],
      [eq('mood', mood, 'sad'), ['sad'], /\$1::overpunch_\w+\.mood/],
      [
        eq('uid', string, '8f14e45f-ceea-167a-5a36-dedd4bea2543'),
        ['8f14e45f-ceea-167a-5a36-dedd4bea2543'],
        /\$1::uuid/,
      ],
      [
        { op: 'gt', field: 'moment', type: { kind: 'timestamp' }, value: '2024-01-14T21:00:00' },
        ['2024-01-14T21:00:00'],
        /\$1::timestamp/,
      ],
      [{ op: 'startsWith', field: 'bytewise', type: string, value: 'n777' }, ['n777%'], /like \$1::text/],
      [{ op: 'in', field: 'name', type: string, values: ['n7', 'n8'] }, ['n7', 'n8'], /\$2::text/],
      [
        {
          op: 'keys',
          fields: [
            { field: 'a', type: string },
            { field: 'b', type: { kind: 'int32' } },
          ],
          keys: [
            ['a7', 7],
            ['a8', 8],
          ],
        },
        ['a7', '7', 'a8', '8'],
        /\$1::text, \$2::integer/,
      ],
    ];
    for (const [conjunct, parameters, type] of cases) {
      const query: Query = { collection: 'rows', where: [conjunct], order: [] };
      const access = source.access({
        ...query,
        order: [{ field: 'id', type: { kind: 'int32' }, descending: false }],
      });
      assert.deepEqual(access.where, ['exact'], JSON.stringify(conjunct.op));
      assert.match(access.explain, type);
      const { rows } = await client.query<{ readonly 'QUERY PLAN': string }>(
        `explain (costs off) ${access.explain}`,
        [...parameters],
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      assert.match(plan, /Index (Only )?Scan|Bitmap Index Scan/, `${access.explain}\n${plan}`);
      assert.doesNotMatch(plan, /Seq Scan/, `${access.explain}\n${plan}`);
      let found = 0;
      for await (const batch of access.read({ fields: ['id'], signal: never })) found += batch.length;
      assert.ok(found > 0, access.explain);
    }
    await client.end();
  });

  it('a page in key order is read from the key’s index', async () => {
    const own = await schema(
      "create table t (id integer primary key, name text); insert into t select i, 'x' from generate_series(1, 20000) g(i); analyze t",
    );
    const source = await openSource({ schemas: [own], collections: { rows: { table: `${own}.t` } } });
    const order = [{ field: 'id', type: { kind: 'int32' as const }, descending: false }];
    const access = source.access({
      collection: 'rows',
      where: [{ op: 'after', order, values: [100] }],
      order,
    });
    assert.equal(access.limits, true);
    const client = await connected();
    const { rows } = await client.query<{ readonly 'QUERY PLAN': string }>(
      `explain (costs off) ${access.explain} limit 10`,
      [100],
    );
    await client.end();
    assert.match(rows.map((row) => row['QUERY PLAN']).join('\n'), /Index Scan using t_pkey/);
  });

  it('texts that fold case equal what they are, and the folding index finds them', async () => {
    const own = await schema(
      "create extension if not exists citext; create table t (id integer primary key, word citext); insert into t values (1, 'Ab'), (2, 'ab'), (3, 'B'), (4, 'a')",
    );
    const source = await openSource({ schemas: [own], collections: { rows: { table: `${own}.t` } } });
    const ids = async (conjunct: Conjunct) => {
      const order = [
        { field: 'word', type: string, descending: false },
        { field: 'id', type: { kind: 'int32' as const }, descending: false },
      ];
      const access = source.access({ collection: 'rows', where: [conjunct], order });
      assert.deepEqual([access.where, access.ordered], [['exact'], true]);
      const found: unknown[] = [];
      for await (const batch of access.read({ fields: ['id'], signal: never })) {
        for (let i = 0; i < batch.length; i++) found.push(batch.row(i)['id']);
      }
      return found;
    };
    assert.deepEqual(await ids({ op: 'eq', field: 'word', type: string, value: 'ab' }), [2]);
    assert.deepEqual(await ids({ op: 'startsWith', field: 'word', type: string, value: 'a' }), [4, 2]);
    assert.deepEqual(await ids({ op: 'null', field: 'word', type: string, is: false }), [1, 3, 4, 2]);
  });

  it('a value that no parameter can hold finds nothing, and is no error', async () => {
    const own = await schema(
      'create table t (id integer primary key, v text, s smallint); insert into t values (1, null, 1)',
    );
    const source = await openSource({ schemas: [own], collections: { rows: { table: `${own}.t` } } });
    for (const conjunct of [
      { op: 'eq', field: 'v', type: string, value: 'nul\0' },
      { op: 'eq', field: 'v', type: string, value: '\ud800' },
      { op: 'eq', field: 's', type: { kind: 'int32' }, value: 2_000_000_000 },
    ] as const) {
      const access = source.access({ collection: 'rows', where: [conjunct], order: [] });
      const batches = await Array.fromAsync(access.read({ fields: ['id'], signal: never }));
      assert.deepEqual([access.where, batches.length], [['exact'], 0]);
    }
  });
});
