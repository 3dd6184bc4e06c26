// Every question to the dictionary, read by a parser that is not ours.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Dialect, parse } from '@polyglot-sql/sdk';
import * as dictionary from '../../../adapters/oracle/catalog-sql.ts';

const QUESTIONS = Object.values(dictionary)
  .filter((sql) => /^\s*select/.test(sql))
  .map((sql) => sql.replace('$IN', dictionary.NOT_ORACLES).replace(/\$[A-Z]+/g, 'collation'));

describe('questions to the dictionary of Oracle, read by an independent parser', () => {
  it('every one parses', () => {
    assert.ok(QUESTIONS.length > 15);
    for (const sql of QUESTIONS) assert.equal(parse(sql, Dialect.Oracle).error, null, sql);
  });

  it('the parser refuses what is no SQL', () => {
    assert.equal(parse('select "id" from "t" where "id" = :1 order', Dialect.Oracle).success, false);
  });
});
