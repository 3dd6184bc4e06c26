// Every statement for SQL Server that stands in statements.txt, and every question to its catalog, read by a parser that is not ours.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Dialect, parse } from '@polyglot-sql/sdk';
import * as catalog from '../../../adapters/mssql/catalog-sql.ts';

const table = readFileSync(join(import.meta.dirname, '../sql/statements.txt'), 'utf8');
const STATEMENTS = [...table.matchAll(/^ {2}mssql +(?=[^ (])(.*?)(?: {2}-- .*)?$/gm)].map(
  ([, sql = '']) => sql,
);

describe('SQL for SQL Server, read by an independent parser', () => {
  it('every kind of statement parses', () => {
    assert.ok(STATEMENTS.length > 50);
    for (const sql of STATEMENTS) assert.equal(parse(sql, Dialect.TSQL).error, null, sql);
  });

  it('every question to the catalog parses', () => {
    for (const sql of Object.values(catalog)) assert.equal(parse(sql, Dialect.TSQL).error, null, sql);
  });

  it('the parser refuses what is no SQL', () => {
    assert.equal(parse('select top (@1 [id] from [t]', Dialect.TSQL).success, false);
  });

  it('no statement needs a server newer than 2008', () => {
    for (const sql of STATEMENTS)
      assert.doesNotMatch(sql, /\b(?:offset|fetch|limit|iif|concat|try_convert|string_agg)\b/i);
  });
});
