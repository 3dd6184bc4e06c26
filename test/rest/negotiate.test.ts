import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { negotiate } from '../../src/rest/negotiate.ts';

describe('content negotiation', () => {
  const cases: readonly (readonly [accept: string | undefined, representation: string])[] = [
    [undefined, 'json'],
    ['*/*', 'json'],
    ['application/json', 'json'],
    ['text/csv', 'csv'],
    ['TEXT/CSV; charset=utf-8', 'csv'],
    ['text/*', 'csv'],
    ['application/*', 'json'],
    ['application/x-ndjson', 'ndjson'],
    ['application/ndjson', 'ndjson'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'json'],
    ['text/csv;q=0.4, application/x-ndjson;q=0.5', 'ndjson'],
    ['application/json;q=0, */*', 'ndjson'],
    ['*/*;q=0.1, text/csv;q=0.2', 'csv'],
    ['text/csv, application/json', 'json'],
  ];
  for (const [accept, representation] of cases) {
    it(`answers ${accept ?? 'no Accept'} as ${representation}`, () =>
      assert.equal(negotiate(accept), representation));
  }

  for (const accept of ['application/xml', 'text/csv;q=0', '*/*;q=0', '', 'text/csv;q=nonsense']) {
    it(`has nothing for ${JSON.stringify(accept)}`, () =>
      assert.throws(() => negotiate(accept), { code: 'not-acceptable' }));
  }
});
