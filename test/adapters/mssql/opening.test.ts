// The catalog of a SQL Server as a saved model, sources that are opened from it, and odd names and values.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Fault } from '#spi';
import { adapter } from '../../../adapters/mssql/mssql.ts';
import { databaseModel } from '../../../adapters/sql/model.ts';
import { access, byId, fault, host, never, openSource, readAll, schema } from './server.ts';

async function described(own: string) {
  const given = adapter.options.parse({ ...access, schemas: [own], collections: {} });
  const description = await adapter.describe?.(given, host, never);
  assert.ok(description !== undefined);
  return { description, model: databaseModel.parse(JSON.parse(description.text)) };
}

describe('the saved model of a SQL Server', () => {
  it('has every column with its exact type, keys, foreign keys and indexes', async () => {
    const own = await schema(
      ['ACCT', 'BRANCH'],
      'create table $S.[BRANCH] ([BRANCH_ID] int identity not null primary key, [NAME] nvarchar(20) null unique)',
      'create table $S.[ACCT] ([ACCT_NO] char(10) not null, [SEQ] smallint not null, [BRANCH_ID] int null default 1, [a b] decimal(9,2) null, [M] nvarchar(max) null, [T] datetime2(3) null, [V] rowversion not null, [B] varbinary(max) null, primary key ([ACCT_NO], [SEQ]), foreign key ([BRANCH_ID]) references $S.[BRANCH] ([BRANCH_ID]))',
      'create index [by_branch] on $S.[ACCT] ([BRANCH_ID])',
    );
    const { model, description } = await described(own);
    const [acct, branch] = model.tables;
    const texts = { collation: acct?.columns[0]?.collation };
    assert.match(String(texts.collation), /Latin1_General/);
    const exact = (name: string, type: string, nullable: boolean, more: object = {}) => ({
      name,
      type,
      nullable,
      ...more,
      trusted: true,
    });
    assert.deepEqual(acct, {
      schema: own,
      name: 'ACCT',
      kind: 'table',
      columns: [
        exact('ACCT_NO', 'char(10)', false, texts),
        exact('SEQ', 'smallint', false),
        exact('BRANCH_ID', 'int', true, { default: true }),
        exact('a b', 'decimal(9,2)', true),
        exact('M', 'nvarchar(max)', true, texts),
        exact('T', 'datetime2(3)', true),
        exact('V', 'rowversion', false, { generated: 'version' }),
        exact('B', 'varbinary(max)', true),
      ],
      key: ['ACCT_NO', 'SEQ'],
      unique: [],
      indexes: [['BRANCH_ID']],
      foreignKeys: [{ columns: ['BRANCH_ID'], table: `${own}.BRANCH`, references: ['BRANCH_ID'] }],
    });
    assert.deepEqual(
      branch?.columns.map(({ name, generated }) => [name, generated]),
      [
        ['BRANCH_ID', 'identity'],
        ['NAME', undefined],
      ],
    );
    assert.deepEqual(branch?.unique, [['NAME']]);
    assert.ok(description.summary.includes('  acct.branch: { to: branch, on: { branchId: branchId } }'));
  });

  it('has views, comments and synonyms, and says what it leaves out', async () => {
    const comment = (...levels: readonly string[]) =>
      `exec sp_addextendedproperty 'MS_Description', ${levels.map((level) => `'${level.replaceAll("'", "''")}'`).join(', ')}`;
    const own = await schema(
      ['synonym short', 'synonym far', 'view v', 't'],
      'create table $S.[t] ([id] int not null primary key, [name] varchar(10) null, [amount] decimal(9,2) null)',
      "insert into $S.[t] values (1, 'a', 0.5)",
      'create view $S.[v] as select [name], [amount] from $S.[t]',
      'create synonym $S.[short] for $S.[t]',
      'create synonym $S.[far] for [elsewhere].[dbo].[t]',
      comment("Customers' accounts", 'schema', '$S', 'table', 't').replace("'$S'", '$S'),
      comment('What it is called', 'schema', '$S', 'table', 't', 'column', 'name').replace("'$S'", '$S'),
    );
    const { model } = await described(own);
    const [t, v, short] = model.tables;
    assert.deepEqual([t?.comment, t?.columns[1]?.comment], ["Customers' accounts", 'What it is called']);
    assert.deepEqual(
      [v?.kind, v?.key, v?.columns.map(({ type }) => type)],
      ['view', [], ['varchar(10)', 'decimal(9,2)']],
    );
    assert.deepEqual(short, { ...t, name: 'short' });
    assert.deepEqual(model.omitted, [
      {
        name: `${own}.far`,
        reason: 'it is a synonym of [elsewhere].[dbo].[t], which is no table or view that was read here',
      },
    ]);
    const source = await openSource({
      schemas: [own],
      collections: { rows: { table: `${own}.short` }, seen: { table: `${own}.v` } },
    });
    assert.deepEqual(await readAll(source), [{ id: 1, name: 'a', amount: '0.50' }]);
    const seen = { collection: 'seen', where: [], order: [] };
    const rows: unknown[] = [];
    for await (const batch of source.access(seen).read({ fields: ['name', 'amount'], signal: never }))
      rows.push(batch.row(0));
    assert.deepEqual(rows, [{ name: 'a', amount: '0.50' }]);
  });

  it('lets a source open while the server is down, which says so when asked', async () => {
    const own = await schema(['t'], 'create table $S.[t] ([id] int not null primary key)');
    const { description } = await described(own);
    const folder = mkdtempSync(join(tmpdir(), 'overpunch-mssql-'));
    try {
      const model = join(folder, 'db.json');
      writeFileSync(model, description.text);
      const source = await openSource({ port: 1, model, collections: { rows: { table: `${own}.t` } } });
      assert.equal(source.model.collections.length, 1);
      await assert.rejects(source.check(never), fault('unavailable', 'cannot-connect'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a SQL Server source', () => {
  it('tables and columns with spaces, brackets, quotes and reserved words are served', async () => {
    const own = await schema(
      ['select ]];-- "x" \'y\''],
      'create table $S.[select ]];-- "x" \'y\'] ([id] int not null primary key, [order by] int null, [a]]b] varchar(10) null)',
      "insert into $S.[select ]];-- \"x\" 'y'] values (1, 2, 'c')",
    );
    const table = `${own}.select ];-- "x" 'y'`;
    const source = await openSource({ schemas: [own], collections: { rows: { table } } });
    assert.deepEqual(await readAll(source), [{ id: 1, orderBy: 2, aB: 'c' }]);
  });

  it('values keep every digit, unit and byte', async () => {
    const own = await schema(
      ['t'],
      'create table $S.[t] ([id] int not null primary key, [big] bigint, [wide] decimal(38,10), [cash] money, [single] real, [d] date, [dt] datetime, [d2] datetime2(7), [o] datetimeoffset(7), [t] time(7), [g] uniqueidentifier, [flag] bit, [c] char(5), [n] nvarchar(20), [raw] varbinary(10), [memo] nvarchar(max), [old] text, [wideold] ntext, [img] image, [x] xml, [v] varchar(20))',
      `insert into $S.[t] values (1, 9223372036854775807, '1234567890123456789012345678.0123456789', '922337203685477.5807', 0.1, '2024-02-29', '2024-02-29T10:00:00.003', '2024-02-29T10:00:00.1234567', '2024-02-29T10:00:00.5+02:00', '23:59:59.9999999', '6f9619ff-8b86-d011-b42d-00c04fc964ff', 1, 'ab', N'\u{1f600} Ж', 0x00ff00, N'${'ж'.repeat(9000)}', 'Müller €', N'Ж', 0x0102, N'<a>Ж</a>', '  a ')`,
      'insert into $S.[t] ([id]) values (2)',
    );
    const source = await openSource({ schemas: [own], collections: { rows: { table: `${own}.t` } } });
    const [row, empty] = await readAll(source, { collection: 'rows', where: [], order: byId });
    assert.deepEqual(row, {
      id: 1,
      big: 9_223_372_036_854_775_807n,
      wide: '1234567890123456789012345678.0123456789',
      cash: '922337203685477.5807',
      single: 0.1,
      d: '2024-02-29',
      dt: '2024-02-29T10:00:00.003',
      d2: '2024-02-29T10:00:00.1234567',
      o: '2024-02-29T08:00:00.5Z',
      t: '23:59:59.9999999',
      g: '6F9619FF-8B86-D011-B42D-00C04FC964FF',
      flag: true,
      c: 'ab',
      n: '\u{1f600} Ж',
      raw: Uint8Array.of(0, 255, 0),
      memo: 'ж'.repeat(9000),
      old: 'Müller €',
      wideold: 'Ж',
      img: Uint8Array.of(1, 2),
      x: '<a>Ж</a>',
      v: '  a ',
    });
    const others = Object.entries(empty ?? {}).filter(([name]) => name !== 'id');
    assert.deepEqual(
      others.filter(([, value]) => value !== null),
      [],
    );
    for (const cell of Object.values(row ?? {})) assert.ok(!(cell instanceof Fault));
  });

  it('thousands of keys of several columns are looked up at once', async () => {
    const rows = Array.from({ length: 1_000 }, (_, i) => `(${i + 1}, 'name ${i + 1}', ${i + 1})`);
    const own = await schema(
      ['t'],
      'create table $S.[t] ([id] int not null primary key, [name] varchar(20) not null, [n] int not null, unique ([name], [n]))',
      `insert into $S.[t] values ${rows.join(', ')}`,
    );
    const source = await openSource({ schemas: [own], collections: { rows: { table: `${own}.t` } } });
    const fields = [
      { field: 'name', type: { kind: 'string' } },
      { field: 'n', type: { kind: 'int32' } },
    ] as const;
    const keys = Array.from({ length: 1_000 }, (_, i) => [`name ${i + 1}`, i % 2 === 0 ? i + 1 : 0]);
    const query = { collection: 'rows', where: [{ op: 'keys', fields, keys }], order: byId } as const;
    assert.deepEqual(source.access(query).where, ['exact']);
    assert.equal((await readAll(source, query)).length, 500);
  });

  it('what no index serves can be refused before the server is asked', async () => {
    const own = await schema(
      ['t'],
      'create table $S.[t] ([id] int not null primary key, [name] varchar(20))',
    );
    const source = await openSource({
      schemas: [own],
      collections: { rows: { table: `${own}.t`, scans: 'refuse' } },
    });
    const where = [{ op: 'eq', field: 'name', type: { kind: 'string' }, value: 'a' }] as const;
    await assert.rejects(
      readAll(source, { collection: 'rows', where, order: byId }),
      fault('too-costly', 'no-index'),
    );
  });
});
