// The catalog of a live schema as a saved model: names as they are, everything once, what cannot be shown with its reason.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCatalog } from '../../../adapters/postgres/catalog.ts';
import { postgresDriver } from '../../../adapters/postgres/driver.ts';
import { options } from '../../../adapters/postgres/options.ts';
import { adapter } from '../../../adapters/postgres/postgres.ts';
import { databaseModel } from '../../../adapters/sql/model.ts';
import {
  ADDRESS,
  access,
  connected,
  fault,
  host,
  never,
  openSource,
  readAll,
  schema,
  skip,
} from './server.ts';

const config = { ...ADDRESS, ssl: false };

const SQL = `
  create type mood as enum ('sad', 'OK');
  create type pair as (a int, b int);
  create domain email as varchar(80) check (value like '%@%');
  create table "Order Items" ("Item No" integer generated always as identity primary key, "select" varchar(10) not null,
    "quo""te" text, price numeric(9,2) default 0, doubled numeric generated always as (price * 2) stored,
    mail email, feeling mood, "both" pair, tags text[], unique ("select", price));
  comment on table "Order Items" is 'What was ordered';
  comment on column "Order Items".price is 'In euros';
  create index on "Order Items" (price desc);
  create index on "Order Items" (lower("select"));
  create index on "Order Items" (mail) where mail is not null;
  create table child (id serial primary key, item_no integer references "Order Items", a int, b int);
  create table measures (day date not null, v real) partition by range (day);
  create table measures_2024 partition of measures for values from ('2024-01-01') to ('2025-01-01');
  create view totals as select sum(price) as total from "Order Items";
  create materialized view kept as select 1 as one;
  create function add(a int, b int default 1) returns int language sql as 'select a + b';
  create function listed(lowest int) returns table (id int, name text) language sql as 'select 1, ''x''';
  create function items() returns setof "Order Items" language sql as 'select * from "Order Items"';
  create procedure tidy(inout n int) language plpgsql as 'begin n := 1; end';
  create function on_change() returns trigger language plpgsql as 'begin return new; end';
  create function anything(x anyelement) returns int language sql as 'select 1';
`;

describe('the catalog of PostgreSQL', { skip }, () => {
  it('tables, views and routines as they are declared', async () => {
    const own = await schema(SQL);
    const model = await readCatalog(config, [own], never);
    databaseModel.parse(model);
    assert.deepEqual(
      model.tables.map(({ name, kind }) => [name, kind]),
      [
        ['Order Items', 'table'],
        ['child', 'table'],
        ['kept', 'view'],
        ['measures', 'table'],
        ['totals', 'view'],
      ],
    );
    const items = model.tables.find(({ name }) => name === 'Order Items');
    const plain = { collation: 'default', trusted: true };
    assert.deepEqual(items, {
      schema: own,
      name: 'Order Items',
      kind: 'table',
      comment: 'What was ordered',
      columns: [
        {
          name: 'Item No',
          type: 'integer',
          nullable: false,
          generated: 'identity',
          trusted: true,
        },
        { name: 'select', type: 'character varying(10)', nullable: false, ...plain },
        { name: 'quo"te', type: 'text', nullable: true, ...plain },
        {
          name: 'price',
          type: 'numeric(9,2)',
          nullable: true,
          comment: 'In euros',
          default: true,
          trusted: true,
        },
        { name: 'doubled', type: 'numeric', nullable: true, generated: 'always', trusted: true },
        { name: 'mail', type: 'character varying(80)', nullable: true, ...plain },
        { name: 'feeling', type: `${own}.mood`, nullable: true, values: ['sad', 'OK'], trusted: true },
        { name: 'tags', type: 'text[]', nullable: true, ...plain },
      ],
      key: ['Item No'],
      unique: [['select', 'price']],
      indexes: [['price']],
      foreignKeys: [],
      position: 'ctid',
    });
    const child = model.tables.find(({ name }) => name === 'child');
    assert.deepEqual(child?.foreignKeys, [
      { columns: ['item_no'], table: `${own}.Order Items`, references: ['Item No'] },
    ]);
    assert.deepEqual(child?.columns[0], {
      name: 'id',
      type: 'integer',
      nullable: false,
      default: true,
      trusted: true,
    });
    assert.equal(model.tables.find(({ name }) => name === 'measures')?.position, undefined);
    assert.deepEqual(
      model.routines?.map(({ name, kind, parameters, returns, results }) => ({
        name,
        kind,
        parameters: parameters.map(
          (parameter) =>
            `${parameter.mode} ${parameter.name} ${parameter.type}${parameter.optional ? '?' : ''}`,
        ),
        returns,
        results: results?.map((columns) => columns.map((column) => `${column.name} ${column.type}`)),
      })),
      [
        {
          name: 'add',
          kind: 'function',
          parameters: ['in a integer', 'in b integer?'],
          returns: 'integer',
          results: undefined,
        },
        {
          name: 'items',
          kind: 'table function',
          parameters: [],
          returns: undefined,
          results: [
            [
              'Item No integer',
              'select character varying(10)',
              'quo"te text',
              'price numeric(9,2)',
              'doubled numeric',
              'mail character varying(80)',
              `feeling ${own}.mood`,
              'tags text[]',
            ],
          ],
        },
        {
          name: 'listed',
          kind: 'table function',
          parameters: ['in lowest integer'],
          returns: undefined,
          results: [['id integer', 'name text']],
        },
        {
          name: 'tidy',
          kind: 'procedure',
          parameters: ['inout n integer'],
          returns: undefined,
          results: undefined,
        },
      ],
    );
    assert.deepEqual(
      model.omitted.map(
        ({ name, reason }) => `${name.replace(`${own}.`, '')}: ${reason.replaceAll(`${own}.`, '')}`,
      ),
      [
        'Order Items.both: of the composite type pair',
        'measures_2024: a partition of measures, which shows its rows',
        'anything: its parameter "x" is of the pseudo-type anyelement',
        'items.both: of the composite type pair',
        'on_change: called by the server alone (returns trigger)',
      ],
    );
    assert.deepEqual(await readCatalog(config, [own], never), model, 'the same catalog, the same model');
  });

  it('every table of it can be read, whatever its names', async () => {
    const own = await schema(
      `${SQL} insert into "Order Items" ("select", "quo""te", price, mail, feeling, tags) values ('x', 'y', 1.5, 'a@b', 'OK', '{a,b}');
       insert into measures values ('2024-05-05', 1); refresh materialized view kept`,
    );
    for (const [table, count] of [
      ['Order Items', 1],
      ['child', 0],
      ['measures', 1],
      ['totals', 1],
      ['kept', 1],
    ] as const) {
      const source = await openSource({
        schemas: [own],
        collections: { rows: { table: `${own}.${table}` } },
      });
      await source.check(never);
      const rows = await readAll(source, { collection: 'rows', where: [], order: [] });
      assert.equal(rows.length, count, table);
      if (table === 'Order Items') {
        assert.deepEqual(rows, [
          {
            itemNo: 1,
            select: 'x',
            quoTe: 'y',
            price: '1.50',
            doubled: '3.00',
            mail: 'a@b',
            feeling: 'OK',
            tags: ['a', 'b'],
          },
        ]);
      }
    }
  });

  it('an import is told what it can write into its configuration', async () => {
    const own = await schema(SQL);
    const description = await adapter.describe?.(
      options.parse({ ...access, schemas: [own], collections: {} }),
      host,
      never,
    );
    assert.equal(description?.file, undefined);
    const summary = description?.summary.join('\n').replaceAll(own, 'S');
    assert.match(summary ?? '', /^5 tables and views, 4 routines, 5 things left out$/m);
    assert.match(summary ?? '', /^ {2}orderItems: \{ table: "S\.Order Items" \}$/m);
    assert.match(summary ?? '', /^ {2}child\.item: \{ to: orderItems, on: \{ itemNo: itemNo \} \}$/m);
    assert.match(summary ?? '', /^ {2}add: \{ procedure: S\.add, effect: write \}$/m);
    assert.match(summary ?? '', /^# S\.Order Items\.both: of the composite type S\.pair$/m);
  });

  it('what the login may not read is left out, and asking for it is a fault of the source', async () => {
    const own = await schema(
      'create table open (id int primary key, secret text); create table closed (id int primary key, v int)',
    );
    const admin = await connected();
    const role = `${own}_role`;
    await admin.query(
      `create role ${role}; grant usage on schema ${own} to ${role}; grant select (id) on ${own}.open to ${role}`,
    );
    try {
      const model = await readCatalog({ ...config, options: `-c role=${role}` }, [own], never);
      assert.deepEqual(
        model.tables.map(({ name, columns }) => [name, columns.map((column) => column.name)]),
        [['open', ['id']]],
      );
      assert.deepEqual(model.omitted, [
        { name: `${own}.closed`, reason: 'the login may not read it' },
        { name: `${own}.open.secret`, reason: 'the login may not read it' },
      ]);
      const driver = postgresDriver({
        connection: { ...config, options: `-c role=${role}` },
        pool: { max: 1, idleMs: 1_000, maxLifetimeMs: 0, waitMs: 5_000 },
        readOnly: true,
        settings: {},
      });
      const asked = Array.fromAsync(
        driver.stream({ sql: `select v from ${own}.closed`, parameters: [] }, never),
      );
      await asked.then(
        () => assert.fail('it may not be read'),
        (error: unknown) => fault('upstream', 'permission')(driver.fault(error)),
      );
      await driver[Symbol.asyncDispose]();
    } finally {
      await admin.query(`drop owned by ${role}; drop role ${role}`);
      await admin.end();
    }
  });

  it('a key that refers to a table of several columns, and to itself, is a relation', async () => {
    const own = await schema(
      'create table node (a int, b int, up_a int, up_b int, primary key (a, b), foreign key (up_a, up_b) references node (a, b))',
    );
    const { tables } = await readCatalog(config, [own], never);
    assert.deepEqual(tables[0]?.key, ['a', 'b']);
    assert.deepEqual(tables[0]?.foreignKeys, [
      { columns: ['up_a', 'up_b'], table: `${own}.node`, references: ['a', 'b'] },
    ]);
  });

  it('an abort ends the reading', async () => {
    const reason = new Error('left');
    await assert.rejects(
      readCatalog(config, undefined, AbortSignal.abort(reason)),
      (error) => error === reason,
    );
  });
});
