// Every statement for Oracle that stands in statements.txt, and every question to the dictionary, read by a parser that is not ours.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Dialect, parse } from '@polyglot-sql/sdk';
import * as dictionary from '../../../adapters/oracle/catalog-sql.ts';

const table = readFileSync(join(import.meta.dirname, '../sql/statements.txt'), 'utf8');
const STATEMENTS = [...table.matchAll(/^ {2}oracle(?:11)? +(?=[^ (])(.*?)(?: {2}-- .*)?$/gm)].map(
  // The parser knows no bind in this place, and no RETURNING INTO of an expression; Oracle does.
  ([, sql = '']) =>
    sql
      .replace(/fetch first (:\d+) rows only/, 'fetch first ($1) rows only')
      .replace(/ returning .* into :\d+(?:, :\d+)*$/, ''),
);
const QUESTIONS = Object.values(dictionary)
  .filter((sql) => /^\s*select/.test(sql))
  .map((sql) => sql.replace('$IN', dictionary.NOT_ORACLES).replace(/\$[A-Z]+/g, 'collation'));

describe('SQL for Oracle, read by an independent parser', () => {
  it('every kind of statement parses', () => {
    assert.ok(STATEMENTS.length > 50);
    for (const sql of STATEMENTS) assert.equal(parse(sql, Dialect.Oracle).error, null, sql);
  });

  it('every question to the dictionary parses', () => {
    assert.ok(QUESTIONS.length > 15);
    for (const sql of QUESTIONS) assert.equal(parse(sql, Dialect.Oracle).error, null, sql);
  });

  it('the parser refuses what is no SQL', () => {
    assert.equal(parse('select "id" from "t" where "id" = :1 order', Dialect.Oracle).success, false);
  });
});
