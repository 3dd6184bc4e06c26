// Every question to the catalog of SQL Server, read by a parser that is not ours; and how old a server may be.

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
  it('every question to the catalog parses', () => {
    for (const sql of Object.values(catalog)) assert.equal(parse(sql, Dialect.TSQL).error, null, sql);
  });

  it('no statement needs a server newer than 2008', () => {
    assert.ok(STATEMENTS.length > 50);
    for (const sql of STATEMENTS)
      assert.doesNotMatch(sql, /\b(?:offset|fetch|limit|iif|concat|try_convert|string_agg)\b/i);
  });
});
