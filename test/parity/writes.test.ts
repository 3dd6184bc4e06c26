// Every change of a list through REST and through GraphQL: the same rows afterwards, the same answer or the same fault.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { defineAdapter, Fault } from '#spi';
import { desk, ledger } from '../graphql/writable.ts';
import { type Both, serveBoth } from './both.ts';

const folder = mkdtempSync(join(tmpdir(), 'overpunch-writes-'));
writeFileSync(
  join(folder, 'c.yaml'),
  `sources: { ledger: { adapter: ledger }, desk: { adapter: desk } }
relations: { accounts.tickets: { to: tickets, on: { acctId: acctId } } }
policy: { write: { maxChanges: 4 }, query: { maxCost: 2000 } }
`,
);
const options = z.strictObject({});
let failure: Fault | undefined;
const adapters = {
  ledger: async () => defineAdapter({ name: 'ledger', options, open: async () => ledger([], () => failure) }),
  desk: async () => defineAdapter({ name: 'desk', options, open: async () => desk() }),
};

type Call = readonly [method: string, path: string, body?: unknown];
/** What is asked; the REST request below /api; the field of the mutation. */
type Step = readonly [what: string, rest: Call, graphql: string];

const ROW = 'acctId owner balance status note version';
const SELECT = `select=${ROW.replaceAll(' ', ',')}`;
const CELL =
  '{ branch number flag long float money day time local instant bytes json phones place { city zip street } }';

const CHANGES: readonly Step[] = [
  [
    'a new row, with a default of the source',
    ['POST', `accounts?${SELECT}`, { acctId: 7, owner: 'Eve', note: null }],
    `createAccount(values: { acctId: 7, owner: "Eve", note: null }) { ${ROW} }`,
  ],
  [
    'a row whose key the source makes',
    ['POST', 'tickets', { text: 'x', acctId: 7 }],
    'createTicket(values: { text: "x", acctId: 7 }) { ticketNo text acctId }',
  ],
  [
    'a part of a row, answered with a relation',
    ['PATCH', 'accounts/7?select=note,tickets.text&include=tickets', { note: 'new' }],
    'updateAccount(acctId: 7, values: { note: "new" }) { note tickets { items { text } } }',
  ],
  [
    'all of a row that is there',
    ['PUT', `accounts/7?${SELECT}`, { owner: 'Zoe', balance: '1.5', status: 'CLOSED', note: null }],
    `upsertAccount(acctId: 7, values: { owner: "Zoe", balance: "1.5", status: CLOSED, note: null }) { ${ROW} }`,
  ],
  [
    'all of a row that is not there',
    ['PUT', `accounts/8?${SELECT}`, { owner: 'Max', balance: null, status: 'OPEN', note: 'n' }],
    `upsertAccount(acctId: 8, values: { owner: "Max", balance: null, status: OPEN, note: "n" }) { ${ROW} }`,
  ],
  ['a row less', ['DELETE', 'accounts/8'], 'deleteAccount(acctId: 8)'],
  [
    'exact values of every kind under a key of two fields',
    [
      'POST',
      'cells?select=branch,number,flag,long,float,money,day,time,local,instant,bytes,json,phones,place',
      {
        branch: 'a,b/c',
        number: '7.5',
        flag: true,
        long: '9223372036854775807',
        float: -0.1,
        money: '12345678901234567890123456789.01',
        day: '2024-02-29',
        time: '23:59:59.5',
        local: '2024-02-29T00:00:00',
        instant: '2024-02-29T01:00:00+01:00',
        bytes: 'AP8Q',
        json: { a: [1, null] },
        phones: ['x', ''],
        place: { city: 'Bern', zip: '1', street: null },
      },
    ],
    `createCell(values: {
      branch: "a,b/c", number: 7.5, flag: true, long: 9223372036854775807, float: -0.1
      money: 12345678901234567890123456789.01, day: "2024-02-29", time: "23:59:59.5", local: "2024-02-29T00:00:00"
      instant: "2024-02-29T01:00:00+01:00", bytes: "AP8Q", json: { a: [1, null] }, phones: ["x", ""]
      place: { city: "Bern", zip: "1", street: null }
    }) ${CELL}`,
  ],
  ['a row of nothing but its key', ['PUT', 'links/1,2', {}], 'upsertLink(from: 1, to: 2) { from to }'],
  [
    'names of JavaScript',
    [
      'POST',
      'words?select=values,ifMatch,constructor,valueOf',
      { values: 'k', ifMatch: 1, constructor: 'c' },
    ],
    'createWord(values: { values: "k", ifMatch: 1, constructor: "c" }) { values ifMatch constructor valueOf }',
  ],
];

/** Several at once; both answer in a form of their own. */
const LISTS: readonly Step[] = [
  [
    'several rows of one collection',
    ['POST', 'tickets?select=ticketNo,text', [{ text: 'b' }, { text: 'a' }]],
    'createTickets(values: [{ text: "b" }, { text: "a" }]) { ticketNo text }',
  ],
  [
    'rows without a key',
    ['POST', 'entries', [{ text: 'a' }, { text: 'b' }]],
    'createEntries(values: [{ text: "a" }, { text: "b" }])',
  ],
  [
    'changes of several collections, each seeing those before it',
    [
      'POST',
      '',
      {
        changes: [
          { insert: 'accounts', values: { acctId: 9, owner: 'Kim', note: null } },
          {
            update: 'accounts',
            key: { acctId: 9 },
            values: { note: 'x' },
            expected: { owner: 'Kim', balance: null },
          },
          { upsert: 'links', key: { from: 3, to: 4 }, values: {} },
          { delete: 'accounts', key: { acctId: 2 }, expected: { version: '1' } },
        ],
      },
    ],
    `change(changes: [
      { createAccount: { acctId: 9, owner: "Kim", note: null } }
      { updateAccount: { acctId: 9, values: { note: "x" }, ifMatch: { owner: "Kim", balance: null } } }
      { upsertLink: { from: 3, to: 4 } }
      { deleteAccount: { acctId: 2, ifMatch: { version: 1 } } }
    ]) { collection key created }`,
  ],
];

const NOTE = { note: 'x' };
const batch = (...changes: readonly unknown[]): Call => ['POST', '', { changes }];
const FIRST = { update: 'accounts', key: { acctId: 1 }, values: NOTE };
const SECOND = '{ updateAccount: { acctId: 1, values: { note: "x" } } }';

const FAULTS: readonly Step[] = [
  [
    'a key that is there already',
    ['POST', 'accounts', { acctId: 1, owner: 'x', note: null }],
    'createAccount(values: { acctId: 1, owner: "x", note: null }) { note }',
  ],
  [
    'one of several with a key that is there already',
    [
      'POST',
      'accounts',
      [
        { acctId: 30, owner: 'x', note: null },
        { acctId: 1, owner: 'x', note: null },
      ],
    ],
    'createAccounts(values: [{ acctId: 30, owner: "x", note: null }, { acctId: 1, owner: "x", note: null }]) { note }',
  ],
  [
    'no row to update',
    ['PATCH', 'accounts/99', NOTE],
    'updateAccount(acctId: 99, values: { note: "x" }) { note }',
  ],
  ['no row to delete', ['DELETE', 'accounts/99'], 'deleteAccount(acctId: 99)'],
  ['nothing to change', ['PATCH', 'accounts/1', {}], 'updateAccount(acctId: 1, values: {}) { note }'],
  [
    'null where nothing is null',
    ['PATCH', 'accounts/1', { owner: null }],
    'updateAccount(acctId: 1, values: { owner: null }) { note }',
  ],
  [
    'null inside a group',
    ['POST', 'cells', { branch: 'x', number: '1', place: { city: 'a', zip: null } }],
    'createCell(values: { branch: "x", number: 1, place: { city: "a", zip: null } }) { flag }',
  ],
  [
    'a value that must be given',
    ['POST', 'accounts', { acctId: 31, owner: 'x' }],
    'createAccount(values: { acctId: 31, owner: "x" }) { note }',
  ],
  [
    'a row to put that is not whole',
    ['PUT', 'accounts/1', { owner: 'x', status: 'OPEN', note: null }],
    'upsertAccount(acctId: 1, values: { owner: "x", status: OPEN, note: null }) { note }',
  ],
  [
    'text that is too long',
    ['PATCH', 'accounts/1', { owner: '0123456789abc' }],
    'updateAccount(acctId: 1, values: { owner: "0123456789abc" }) { note }',
  ],
  [
    'a number that is finer than its field',
    ['PATCH', 'accounts/1', { balance: '0.125' }],
    'updateAccount(acctId: 1, values: { balance: "0.125" }) { note }',
  ],
  ['no row at all', ['POST', 'accounts', []], 'createAccounts(values: []) { note }'],
  ['no change at all', batch(), 'change(changes: []) { key }'],
  [
    'more changes than the policy allows',
    ['POST', 'tickets', [{}, {}, {}, {}, {}]],
    'createTickets(values: [{}, {}, {}, {}, {}]) { text }',
  ],
  [
    'an answer that costs more than the policy allows',
    ['PATCH', 'accounts/1?include=tickets.account.tickets', NOTE],
    'updateAccount(acctId: 1, values: { note: "x" }) { tickets { items { account { tickets { items { text } } } } } }',
  ],
  [
    'a row that is not as expected, behind a change that is fine',
    batch(FIRST, { delete: 'accounts', key: { acctId: 1 }, expected: { owner: 'ada' } }),
    `change(changes: [${SECOND}, { deleteAccount: { acctId: 1, ifMatch: { owner: "ada" } } }]) { key }`,
  ],
  [
    'a collision behind a change that is fine',
    batch(FIRST, { insert: 'accounts', values: { acctId: 1, owner: 'x', note: null } }),
    `change(changes: [${SECOND}, { createAccount: { acctId: 1, owner: "x", note: null } }]) { key }`,
  ],
  [
    'a bad value behind a change that is fine',
    batch(FIRST, { update: 'accounts', key: { acctId: 1 }, values: { owner: '0123456789abc' } }),
    `change(changes: [${SECOND}, { updateAccount: { acctId: 1, values: { owner: "0123456789abc" } } }]) { key }`,
  ],
  [
    'null expected of a field that is never null',
    batch(FIRST, { delete: 'accounts', key: { acctId: 1 }, expected: { version: null } }),
    `change(changes: [${SECOND}, { deleteAccount: { acctId: 1, ifMatch: { version: null } } }]) { key }`,
  ],
  [
    'two sources',
    batch(FIRST, { insert: 'memos', values: { memoId: 1 } }),
    `change(changes: [${SECOND}, { createMemo: { memoId: 1 } }]) { key }`,
  ],
];

/** GraphQL's own check of a document says that it is invalid, and no more. */
const SCHEMA_FAULTS: readonly Step[] = [
  [
    'an unknown field',
    ['PATCH', 'accounts/1', { nte: 'x' }],
    'updateAccount(acctId: 1, values: { nte: "x" }) { note }',
  ],
  [
    'a field that only the source writes',
    ['PATCH', 'accounts/1', { version: '2' }],
    'updateAccount(acctId: 1, values: { version: 2 }) { note }',
  ],
  [
    'a missing value',
    ['POST', 'accounts', { acctId: 50, note: null }],
    'createAccount(values: { acctId: 50, note: null }) { note }',
  ],
  [
    'a day that does not exist',
    ['PATCH', 'cells/x,1', { day: '2023-02-29' }],
    'updateCell(branch: "x", number: 1, values: { day: "2023-02-29" }) { flag }',
  ],
  [
    'an unknown value',
    ['PATCH', 'accounts/1', { status: 'GONE' }],
    'updateAccount(acctId: 1, values: { status: GONE }) { note }',
  ],
  [
    'two changes at one place',
    batch({ insert: 'links', delete: 'links' }),
    'change(changes: [{ deleteLink: { from: 1, to: 2 }, createTicket: {} }]) { key }',
  ],
];

describe('changes on both surfaces', () => {
  // Each surface writes into rows of its own.
  let rest: Both;
  let graphql: Both;
  before(async () => {
    [rest, graphql] = await Promise.all([
      serveBoth(join(folder, 'c.yaml'), adapters),
      serveBoth(join(folder, 'c.yaml'), adapters),
    ]);
  });
  after(async () => {
    await Promise.all([rest?.[Symbol.asyncDispose](), graphql?.[Symbol.asyncDispose]()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const send = async ([method, path, body]: Call) => {
    const response = await fetch(`${rest.url}/api${path === '' ? '' : `/${path}`}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  const mutate = (field: string) => graphql.ask(`mutation { answer: ${field} }`);

  /** All rows of the ledger, as REST tells them. */
  const rowsOf = async ({ rest: get }: Both) =>
    Promise.all(
      ['accounts', 'cells', 'words', 'tickets', 'links', 'entries'].map(async (name) => {
        const { body } = await get(name);
        assert.ok(Array.isArray(body.value), JSON.stringify(body));
        return [name, body.value];
      }),
    );
  const sameRows = async (): Promise<unknown> => {
    const [ours, theirs] = await Promise.all([rowsOf(rest), rowsOf(graphql)]);
    assert.deepEqual(ours, theirs);
    return ours;
  };

  for (const [what, call, field] of CHANGES) {
    it(what, async () => {
      const [one, other] = await Promise.all([send(call), mutate(field)]);
      assert.ok(one.status < 300, JSON.stringify(one.body));
      assert.equal(other.body.errors, undefined, other.text);
      const { answer } = other.body.data;
      if (one.body === undefined) assert.equal(answer, true);
      else assert.deepEqual(rest.plain(one.body), graphql.plain(answer));
      await sameRows();
    });
  }

  for (const [what, call, field] of LISTS) {
    it(what, async () => {
      const [one, other] = await Promise.all([send(call), mutate(field)]);
      assert.ok(one.status < 300, JSON.stringify(one.body));
      assert.equal(other.body.errors, undefined, other.text);
      const { answer } = other.body.data;
      const { value, outcomes } = one.body ?? {};
      if (value !== undefined) assert.deepEqual(value, answer);
      else if (outcomes === undefined) assert.equal(answer, true);
      else {
        // A key is an object here and a list there.
        const flat = outcomes.map(({ key, ...outcome }: { readonly key: object }) => ({
          ...outcome,
          key: Object.values(key).map(String),
        }));
        assert.deepEqual(flat, answer);
      }
      await sameRows();
    });
  }

  const faults = async (call: Call, field: string) => {
    const before = await sameRows();
    const [one, other] = await Promise.all([send(call), mutate(field)]);
    assert.deepEqual(await sameRows(), before);
    const [error] = other.body.errors ?? [];
    assert.ok(one.body?.type !== undefined && error !== undefined, JSON.stringify([one.body, other.body]));
    return [
      { ...one.body, status: one.status, kind: String(one.body.type).replace('urn:overpunch:problem:', '') },
      { ...error.extensions, status: other.status, detail: error.message },
    ];
  };

  for (const [what, call, field] of FAULTS) {
    it(`a fault: ${what}`, async () => {
      const compared = ['status', 'kind', 'code', 'source', 'collection', 'record', 'field', 'detail'];
      const [one, other] = await faults(call, field);
      const of = (fault: Readonly<Record<string, unknown>>) =>
        Object.fromEntries(compared.map((name) => [name, fault[name]]));
      assert.deepEqual(of(one), of(other));
    });
  }

  for (const [what, call, field] of SCHEMA_FAULTS) {
    it(`a fault that GraphQL's schema finds: ${what}`, async () => {
      const [one, other] = await faults(call, field);
      assert.deepEqual([one.status, one.kind], [400, 'invalid']);
      assert.deepEqual([other.status, other.kind], [400, 'invalid']);
    });
  }

  it('a collection that nobody may write', async () => {
    const { status } = await send(['POST', 'rates', { code: 'EUR' }]);
    assert.equal(status, 405);
    assert.equal((await mutate('createRate(values: { code: "EUR" }) { code }')).status, 400);
  });

  it('a row that was written and cannot be read back', async () => {
    failure = new Fault('unavailable', 'The ledger is closed');
    const [one, other] = await Promise.all([
      send(['POST', 'tickets', [{}, {}]]),
      mutate('createTickets(values: [{}, {}]) { text }'),
    ]);
    failure = undefined;
    const { kind, code, source, collection } = other.body.errors[0].extensions;
    assert.deepEqual(
      [one.status, one.body.type, one.body.code, one.body.source, one.body.collection, one.body.detail],
      [other.status, `urn:overpunch:problem:${kind}`, code, source, collection, other.body.errors[0].message],
    );
    assert.equal(code, 'written-not-read');
    await sameRows();
  });
});
