// What the data dictionary becomes: tables, views, synonyms, keys, routines, and what is left out with its reason.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { oracleAdapter } from '../../../adapters/oracle/oracle.ts';
import { type DatabaseModel, databaseModel } from '../../../adapters/sql/model.ts';
import { routineSignature } from '../../../adapters/sql/routine-name.ts';
import { addRow, type DictionaryRow } from '../../fakes/oracledb/dictionary.ts';
import { type FakeOracle, fakeOracle, oraError } from '../../fakes/oracledb/oracledb.ts';
import { describeIndex, type TestTable } from '../../fakes/oracledb/schema.ts';
import { access, fault, host, never, openFake } from './server.ts';

const CUSTOMER: TestTable = {
  name: 'CUSTOMER',
  columns: [
    { name: 'ID', type: 'NUMBER(9)', nullable: false, comment: 'Number of the customer' },
    { name: 'Full Name', type: 'VARCHAR2(40 CHAR)' },
    { name: 'BRANCH', type: 'CHAR(4 BYTE)', nullable: false },
    { name: 'SINCE', type: 'DATE' },
  ],
  key: ['ID'],
  rows: [],
};
const ACCOUNT: TestTable = {
  name: 'ACCOUNT',
  columns: [
    { name: 'BRANCH', type: 'CHAR(4 BYTE)', nullable: false },
    { name: 'NO', type: 'NUMBER(18)', nullable: false },
    { name: 'CUST_ID', type: 'NUMBER(9)' },
    { name: 'BALANCE', type: 'NUMBER(12,2)' },
    { name: 'RATE', type: 'NUMBER' },
    { name: 'OPENED', type: 'TIMESTAMP(6) WITH TIME ZONE' },
  ],
  key: ['BRANCH', 'NO'],
  indexes: [['CUST_ID']],
  rows: [],
};

function bank(tables: readonly TestTable[] = [CUSTOMER, ACCOUNT]): FakeOracle {
  const fake = fakeOracle('BANK', tables);
  const add = (view: string, row: DictionaryRow) => addRow(fake.database, view, row);
  add('all_constraints', {
    owner: 'BANK',
    constraint_name: 'ACCOUNT_FK',
    constraint_type: 'R',
    table_name: 'ACCOUNT',
    r_owner: 'BANK',
    r_constraint_name: 'CUSTOMER_PK',
    status: 'ENABLED',
    validated: 'VALIDATED',
  });
  add('all_cons_columns', {
    owner: 'BANK',
    constraint_name: 'ACCOUNT_FK',
    column_name: 'CUST_ID',
    position: 1,
  });
  return fake;
}

async function modelOf(fake: FakeOracle, options: object = {}): Promise<DatabaseModel> {
  const adapter = oracleAdapter(async () => fake.module);
  const parsed = adapter.options.parse({ ...access, ...options, collections: {} });
  const description = await adapter.describe?.(parsed, host, never);
  return databaseModel.parse(JSON.parse(description?.text ?? ''));
}

describe('the dictionary of Oracle', () => {
  it('gives tables with exact types, keys, indexes and references', async () => {
    const fake = bank();
    describeIndex(fake.database, 'BANK', 'CUSTOMER', 'CUSTOMER_U', ['BRANCH', 'Full Name'], true);
    const model = await modelOf(fake);
    assert.deepEqual([model.product, model.encoding], ['oracle', 'AL32UTF8']);
    const [account, customer] = model.tables;
    assert.deepEqual(
      account?.columns.map(({ name, type, nullable }) => [name, type, nullable]),
      [
        ['BRANCH', 'CHAR(4 BYTE)', false],
        ['NO', 'NUMBER(18,0)', false],
        ['CUST_ID', 'NUMBER(9,0)', true],
        ['BALANCE', 'NUMBER(12,2)', true],
        ['RATE', 'NUMBER', true],
        ['OPENED', 'TIMESTAMP(6) WITH TIME ZONE', true],
      ],
    );
    assert.deepEqual(
      [account?.key, account?.indexes, account?.position],
      [['BRANCH', 'NO'], [['CUST_ID']], 'ROWID'],
    );
    assert.deepEqual(account?.foreignKeys, [
      { columns: ['CUST_ID'], table: 'BANK.CUSTOMER', references: ['ID'] },
    ]);
    assert.deepEqual(customer?.unique, [['BRANCH', 'Full Name']]);
    assert.equal(customer?.columns[0]?.comment, 'Number of the customer');
    assert.deepEqual(
      customer?.columns.map(({ trusted }) => trusted),
      [true, true, undefined, true],
      'only its owner knows whether a padded text holds control characters',
    );
  });

  it('identity and virtual columns are marked, hidden ones are not there, those without values are left out', async () => {
    const fake = bank();
    const set = (column: string, change: string) =>
      fake.database.exec(
        `update all_tab_cols set ${change} where table_name = 'ACCOUNT' and column_name = '${column}'`,
      );
    set('NO', "identity_column = 'YES', default_length = 20");
    set('RATE', "virtual_column = 'YES', default_length = 20");
    set('BALANCE', 'default_length = 1');
    set('CUST_ID', "hidden_column = 'YES'");
    set('OPENED', "data_type = 'SDO_GEOMETRY', data_type_owner = 'MDSYS'");
    const model = await modelOf(fake);
    assert.deepEqual(
      model.tables[0]?.columns.map(({ name, generated, default: standard }) => [name, generated, standard]),
      [
        ['BRANCH', undefined, undefined],
        ['NO', 'identity', undefined],
        ['BALANCE', undefined, true],
        ['RATE', 'always', undefined],
      ],
    );
    assert.deepEqual(model.omitted, [
      { name: 'BANK.ACCOUNT.OPENED', reason: 'of the object type MDSYS.SDO_GEOMETRY' },
    ]);
    assert.deepEqual(model.tables[0]?.indexes, [], 'an index over a column that is not shown serves nothing');
  });

  it('invisible, unusable and function-based indexes serve nothing; a key that is not enforced is none', async () => {
    const fake = bank();
    fake.database.exec("update all_indexes set visibility = 'INVISIBLE' where index_name = 'ACCOUNT_I0'");
    fake.database.exec(
      "update all_constraints set validated = 'NOT VALIDATED' where constraint_name = 'CUSTOMER_PK'",
    );
    fake.database.exec(
      "update all_indexes set index_type = 'FUNCTION-BASED NORMAL' where index_name = 'CUSTOMER_PK'",
    );
    const model = await modelOf(fake);
    const [account, customer] = model.tables;
    assert.deepEqual([account?.indexes, account?.foreignKeys], [[], []]);
    assert.deepEqual([customer?.key, customer?.unique], [[], []]);
  });

  it('views have columns and no position; parts of other tables are no tables', async () => {
    const fake = bank();
    fake.database.exec("delete from all_tables where table_name = 'CUSTOMER'");
    addRow(fake.database, 'all_views', { owner: 'BANK', view_name: 'CUSTOMER' });
    fake.database.exec("update all_tables set iot_type = 'IOT_OVERFLOW' where table_name = 'ACCOUNT'");
    const model = await modelOf(fake);
    assert.deepEqual(
      model.tables.map(({ name, kind, position }) => [name, kind, position]),
      [['CUSTOMER', 'view', undefined]],
    );
  });

  it('a synonym is the table that it stands for, of other schemas too; one that leads nowhere is left out', async () => {
    const fake = bank();
    const add = (row: DictionaryRow) => addRow(fake.database, 'all_synonyms', row);
    add({ owner: 'APP', synonym_name: 'CLIENT', table_owner: 'BANK', table_name: 'CUSTOMER' });
    add({ owner: 'APP', synonym_name: 'FAR', table_owner: 'X', table_name: 'Y', db_link: 'HQ' });
    add({ owner: 'APP', synonym_name: 'SEQ', table_owner: 'BANK', table_name: 'CUST_SEQ' });
    const model = await modelOf(fake, { schemas: ['APP'] });
    assert.deepEqual(
      model.tables.map(({ schema, name, columns, key }) => [schema, name, columns.length, key]),
      [['APP', 'CLIENT', 4, ['ID']]],
    );
    assert.deepEqual(model.omitted, [
      { name: 'APP.FAR', reason: 'a synonym for something behind the database link HQ' },
      {
        name: 'APP.SEQ',
        reason: 'a synonym for BANK.CUST_SEQ, which is no table or view that can be read',
      },
    ]);
  });

  it('a schema that the login sees nothing of is said to be', async () => {
    await assert.rejects(modelOf(bank(), { schemas: ['bank'] }), fault('invalid', 'bad-schema', true));
  });

  it('before version 12 it is asked for no more than it has', async () => {
    const fake = bank();
    fake.database.exec("update product_component_version set version = '11.2.0.4.0'");
    fake.database.exec('alter table all_tab_cols drop column identity_column');
    fake.database.exec('alter table all_tab_cols drop column collation');
    fake.database.exec('drop table all_users');
    assert.equal((await modelOf(fake, { version: 11 })).tables.length, 2);
  });

  it('the gateway opens from the saved model while the server is down', async () => {
    const fake = bank();
    const folder = mkdtempSync(join(tmpdir(), 'overpunch-oracle-'));
    try {
      const model = join(folder, 'bank.json');
      writeFileSync(model, JSON.stringify(await modelOf(fake)));
      fake.refusal = oraError(12_541);
      const collections = {
        customers: { table: 'BANK.CUSTOMER', columns: { 'Full Name': 'name' } },
        accounts: { table: 'bank.account' },
      };
      const source = await openFake(fake, { model, collections });
      assert.deepEqual(
        source.model.collections.map(({ name, key, fields }) => [
          name,
          key,
          fields.map((field) => field.name),
        ]),
        [
          ['customers', ['id'], ['id', 'name', 'branch', 'since']],
          ['accounts', ['branch', 'no'], ['branch', 'no', 'custId', 'balance', 'rate', 'opened']],
        ],
      );
      await assert.rejects(source.check(never), fault('unavailable', 'cannot-connect'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('routines in the dictionary of Oracle', () => {
  const routine = (fake: FakeOracle, row: DictionaryRow) =>
    addRow(fake.database, 'all_procedures', {
      owner: 'BANK',
      pipelined: 'NO',
      aggregate: 'NO',
      subprogram_id: 1,
      ...row,
    });
  const argument = (fake: FakeOracle, row: DictionaryRow) =>
    addRow(fake.database, 'all_arguments', {
      owner: 'BANK',
      subprogram_id: 1,
      in_out: 'IN',
      defaulted: 'N',
      data_level: 0,
      ...row,
    });

  it('procedures, functions and those of packages are there with their parameters', async () => {
    const fake = bank();
    routine(fake, { object_name: 'CLOSE_ACCOUNT', object_type: 'PROCEDURE' });
    for (const [position, name, type, mode, defaulted] of [
      [1, 'P_NO', 'NUMBER', 'IN', 'N'],
      [2, 'P_REASON', 'VARCHAR2', 'IN', 'Y'],
      [3, 'P_BALANCE', 'NUMBER', 'IN/OUT', 'N'],
      [4, 'P_ROWS', 'REF CURSOR', 'OUT', 'N'],
    ] as const) {
      argument(fake, {
        object_name: 'CLOSE_ACCOUNT',
        argument_name: name,
        position,
        data_type: type,
        in_out: mode,
        defaulted,
      });
    }
    routine(fake, { object_name: 'RATES', object_type: 'PACKAGE', subprogram_id: 0 });
    routine(fake, { object_name: 'RATES', procedure_name: 'RATE_OF', object_type: 'PACKAGE' });
    const ofPackage = { package_name: 'RATES', object_name: 'RATE_OF' };
    argument(fake, { ...ofPackage, position: 0, data_type: 'NUMBER', in_out: 'OUT' });
    argument(fake, { ...ofPackage, position: 1, argument_name: 'P_DAY', data_type: 'DATE' });
    const { routines } = await modelOf(fake);
    assert.deepEqual(routines, [
      {
        schema: 'BANK',
        name: 'CLOSE_ACCOUNT',
        kind: 'procedure',
        parameters: [
          { name: 'P_NO', type: 'NUMBER', mode: 'in' },
          { name: 'P_REASON', type: 'VARCHAR2', mode: 'in', optional: true },
          { name: 'P_BALANCE', type: 'NUMBER', mode: 'inout' },
          { name: 'P_ROWS', type: 'REF CURSOR', mode: 'out', cursor: true },
        ],
      },
      {
        schema: 'BANK',
        package: 'RATES',
        name: 'RATE_OF',
        kind: 'function',
        parameters: [{ name: 'P_DAY', type: 'DATE', mode: 'in' }],
        returns: 'NUMBER',
      },
    ]);
  });

  it('what cannot be called or shown is left out, with the reason', async () => {
    const fake = bank();
    routine(fake, { object_name: 'WITH_RECORD', object_type: 'PROCEDURE' });
    argument(fake, {
      object_name: 'WITH_RECORD',
      argument_name: 'R',
      position: 1,
      data_type: 'PL/SQL RECORD',
      type_owner: 'BANK',
      type_name: 'P',
      type_subname: 'REC',
    });
    routine(fake, { object_name: 'TOTAL', object_type: 'FUNCTION', aggregate: 'YES' });
    const { routines, omitted } = await modelOf(fake);
    assert.equal(routines, undefined);
    assert.deepEqual(omitted, [
      { name: 'BANK.TOTAL', reason: 'an aggregate function, for use in SQL alone' },
      { name: 'BANK.WITH_RECORD', reason: 'its parameter R is of the composite type BANK.P.REC' },
    ]);
  });

  it('of those with one name each is there, told apart by the types of what is given to it', async () => {
    const fake = bank();
    for (const [subprogram_id, data_type] of [
      [1, 'NUMBER'],
      [2, 'VARCHAR2'],
    ] as const) {
      const overload = String(subprogram_id);
      routine(fake, {
        object_name: 'P',
        procedure_name: 'TWICE',
        object_type: 'PACKAGE',
        overload,
        subprogram_id,
      });
      argument(fake, {
        package_name: 'P',
        object_name: 'TWICE',
        subprogram_id,
        argument_name: 'X',
        position: 1,
        data_type,
      });
    }
    assert.deepEqual((await modelOf(fake)).routines?.map(routineSignature), [
      'BANK.P.TWICE(NUMBER)',
      'BANK.P.TWICE(VARCHAR2)',
    ]);
  });

  it('a function that returns rows has their columns', async () => {
    const fake = bank();
    routine(fake, { object_name: 'MOVES', object_type: 'FUNCTION', pipelined: 'YES' });
    argument(fake, {
      object_name: 'MOVES',
      position: 0,
      data_type: 'TABLE',
      in_out: 'OUT',
      type_owner: 'BANK',
      type_name: 'MOVE_TAB',
    });
    addRow(fake.database, 'all_coll_types', {
      owner: 'BANK',
      type_name: 'MOVE_TAB',
      elem_type_owner: 'BANK',
      elem_type_name: 'MOVE',
    });
    const attribute = (attr_no: number, attr_name: string, attr_type_name: string, more: DictionaryRow) =>
      addRow(fake.database, 'all_type_attrs', {
        owner: 'BANK',
        type_name: 'MOVE',
        attr_name,
        attr_type_name,
        attr_no,
        ...more,
      });
    attribute(1, 'NO', 'NUMBER', { precision: 9, scale: 0 });
    attribute(2, 'NOTE', 'VARCHAR2', { length: 40 });
    const { routines } = await modelOf(fake);
    assert.deepEqual(routines, [
      {
        schema: 'BANK',
        name: 'MOVES',
        kind: 'table function',
        parameters: [],
        results: [
          [
            { name: 'NO', type: 'NUMBER(9,0)', nullable: true },
            { name: 'NOTE', type: 'VARCHAR2(40 BYTE)', nullable: true },
          ],
        ],
      },
    ]);
  });
});
