// Every call of a list of stored procedures through REST and through GraphQL: the same values, the same fault.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { adapters } from '../../adapters/index.ts';
import { withRoutines as ofMysql } from '../adapters/mysql/routines.ts';
import { skip as noMysql } from '../adapters/mysql/server.ts';
import { withRoutines as ofPostgres } from '../adapters/postgres/routines.ts';
import { skip as noPostgres } from '../adapters/postgres/server.ts';
import { violations } from '../rest/json-schema.ts';
import { type Answer, type Both, serveBoth } from './both.ts';

const ECHO = 'echo(vInt: -1, vBig: "9223372036854775807", vDec: "12345678901234567890.0123456789"';
const PARTS = 'oInt oBig oDec oText oDay oAt oBytes';

/** Name, JSON of the arguments, the field of GraphQL that asks for the same, `mutation` where it writes. */
const CALLS: readonly (readonly [
  name: string,
  body: Readonly<Record<string, unknown>>,
  field: string,
  kind?: 'mutation',
])[] = [
  [
    'echo',
    { vInt: -1, vBig: '9223372036854775807', vDec: '12345678901234567890.0123456789' },
    `${ECHO}) { ${PARTS} }`,
    'mutation',
  ],
  [
    'echo',
    { vText: "O'BRIEN; --", vDay: '2024-02-29', vAt: '2024-02-29T23:59:59.123456', vBytes: 'AP8=' },
    `echo(vText: "O'BRIEN; --", vDay: "2024-02-29", vAt: "2024-02-29T23:59:59.123456", vBytes: "AP8=") { ${PARTS} }`,
    'mutation',
  ],
  [
    'advance',
    { amount: '1.50', step: '0.25' },
    'advance(amount: "1.50", step: "0.25") { amount note }',
    'mutation',
  ],
  ['total', { a: '1.10', b: '2.20' }, 'total(a: "1.10", b: "2.20")'],
  ['balances', { lowest: 1, many: 2 }, 'balances(lowest: 1, many: 2) { rows { id name balance naMe } }'],
  ['statement', { account: 2 }, 'statement(account: 2) { head { owner } lines { line amount } }', 'mutation'],
  ['note', { what: 'from one of both' }, 'noteAlone(what: "from the other")', 'mutation'],
];

const FAULTS: readonly (readonly [
  name: string,
  body: Readonly<Record<string, unknown>>,
  field: string,
  status: number,
  code: string,
  kind?: 'mutation',
])[] = [
  ['refuse', { what: 'x' }, 'refuse(what: "x")', 422, 'raised', 'mutation'],
  ['refuseLoudly', { what: 'x' }, 'refuseLoudly(what: "x")', 422, 'raised', 'mutation'],
  ['twice', {}, 'twice', 409, 'duplicate', 'mutation'],
  ['unasked', { what: 'x' }, 'unasked(what: "x") { __typename }', 502, 'undeclared-result', 'mutation'],
  [
    'balances',
    { lowest: 1, many: 101 },
    'balances(lowest: 1, many: 101) { rows { id } }',
    422,
    'too-many-rows',
  ],
  ['missing', { lowest: 1, many: 1 }, 'missing(lowest: 1, many: 1) { rows { id } }', 502, 'missing-column'],
  ['peek', { what: 'x' }, 'peek(what: "x")', 501, 'read-only'],
  ['total', { a: '1', b: '2', c: '3' }, 'total(a: "1", b: "2", c: "3")', 400, 'unknown-argument'],
];

for (const { name, skip, withRoutines } of [
  { name: 'postgres', skip: noPostgres, withRoutines: ofPostgres },
  { name: 'mysql', skip: noMysql, withRoutines: ofMysql },
]) {
  // What is created here is dropped at the end of the file; in a hook it would be at the end of the hook.
  const made = skip === false ? await withRoutines() : undefined;
  describe(`stored procedures on both surfaces: ${name}`, { skip }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'overpunch-procedures-'));
    let both: Both;
    let document: Answer['body'];
    before(async () => {
      const file = join(folder, 'overpunch.yaml');
      writeFileSync(file, JSON.stringify({ sources: { bank: { adapter: name, ...made?.source } } }));
      both = await serveBoth(file, adapters);
      document = (await both.get('/openapi.json')).body;
    });
    after(async () => {
      await both?.[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    });

    const post = async (operation: string, body: unknown) => {
      const response = await fetch(`${both.url}/api/${operation}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      return { status: response.status, text, body: JSON.parse(text) };
    };
    const graphql = (field: string, kind = 'query') => both.ask(`${kind} { answer: ${field} }`);
    const answerSchema = (operation: string): unknown =>
      document.paths[`/api/${operation}`].post.responses[200].content['application/json'].schema;

    for (const [operation, body, field, kind] of CALLS) {
      it(`${operation} ${JSON.stringify(body)}`, async () => {
        const rest = await post(operation, body);
        const other = await graphql(field, kind);
        assert.equal(rest.status, 200, rest.text);
        assert.equal(other.body.errors, undefined, other.text);
        assert.deepEqual(rest.body, other.body.data.answer);
        assert.deepEqual(violations(document, answerSchema(operation), rest.body), []);
      });
    }

    for (const [operation, body, field, status, code, kind] of FAULTS) {
      it(`the same fault: ${operation} ${JSON.stringify(body)}`, async () => {
        const rest = await post(operation, body);
        const other = await graphql(field, kind);
        assert.deepEqual([rest.status, rest.body.code], [status, code], rest.text);
        if (code !== 'unknown-argument') {
          const { extensions } = other.body.errors[0];
          for (const part of ['code', 'source', 'operation', 'sourceFault', 'hint']) {
            assert.deepEqual(rest.body[part], extensions[part], part);
          }
          assert.deepEqual([rest.body.source, rest.body.operation], ['bank', operation]);
        }
        const told = operation === 'refuseLoudly';
        assert.equal(/You owe 5 EUR/.test(rest.text), told);
        assert.equal(/You owe 5 EUR/.test(other.text), told);
      });
    }

    it('what reads is a GET, what writes is not', async () => {
      const got = await both.rest('balances?lowest=7&many=1');
      assert.deepEqual(
        [got.status, got.body],
        [200, { rows: [{ id: 7, name: 'n7', balance: '7.50', naMe: null }] }],
      );
      const { status, body } = await both.rest('note?what=x');
      assert.deepEqual([status, body.code], [405, 'method-not-allowed']);
    });
  });
}
