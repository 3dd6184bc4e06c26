// Roles × verbs × rows × fields, over both surfaces: what the table in roles.ts allows is done and answered with what the role sees; what it does
// not allow is refused alike by both, and nothing has changed.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { flat, Hashes, restPages, selection } from './matrix/asking.ts';
import { COLLECTIONS, type Row } from './matrix/bank.ts';
import { ASKERS, type Asker, askerOf, fieldsSeen, meansOf, shownRow, type Verb } from './matrix/roles.ts';
import { type Bank, openBank, ownBank, type Reply } from './matrix/serving.ts';

const admin = askerOf('admin');
const accounts = COLLECTIONS.find(({ name }) => name === 'accounts') ?? assert.fail();
const FIRST = accounts.rows[0] ?? assert.fail();

/** One change, as it is asked for over both surfaces. */
interface Attempt {
  readonly what: string;
  readonly verb: Verb;
  /** The row as it is before; undefined: there is none. */
  readonly before?: Row;
  readonly values: Readonly<Record<string, string | number | null>>;
}

const rowOf = (number: string): Row =>
  accounts.rows.find((row) => row['number'] === number) ?? assert.fail(number);

const NEW = { number: 'acct91', custId: 'cust01', branch: 'br-A', balance: 77, iban: 'iban-9191' };

const ATTEMPTS: readonly Attempt[] = [
  { what: 'a new row of branch A', verb: 'insert', values: NEW },
  { what: 'a new row of branch B', verb: 'insert', values: { ...NEW, branch: 'br-B' } },
  { what: 'a new row with a pin', verb: 'insert', values: { ...NEW, pinNo: 'pin-0000' } },
  { what: 'another balance in branch A', verb: 'update', before: rowOf('acct01'), values: { balance: 5 } },
  { what: 'another balance in branch B', verb: 'update', before: rowOf('acct02'), values: { balance: 5 } },
  { what: 'a move from A to B', verb: 'update', before: rowOf('acct01'), values: { branch: 'br-B' } },
  { what: 'a move from B to A', verb: 'update', before: rowOf('acct02'), values: { branch: 'br-A' } },
  { what: 'another iban', verb: 'update', before: rowOf('acct01'), values: { iban: 'iban-0000' } },
  { what: 'another pin', verb: 'update', before: rowOf('acct01'), values: { pinNo: 'pin-0000' } },
  { what: 'a balance of a row that is not there', verb: 'update', values: { balance: 5 } },
  {
    what: 'a replacement in branch A',
    verb: 'upsert',
    before: rowOf('acct01'),
    values: { custId: 'cust01', branch: 'br-A', balance: 6, iban: null, pinNo: null },
  },
  { what: 'a row of branch A', verb: 'delete', before: rowOf('acct03'), values: {} },
  { what: 'a row of branch B', verb: 'delete', before: rowOf('acct05'), values: {} },
];

/** Fields that a role writes beside those that it only reads. */
const WRITTEN: Readonly<Record<string, readonly string[]>> = {
  admin: accounts.fields,
  teller: ['balance'],
  clerk: ['number', 'custId', 'branch', 'balance', 'iban'],
};

type Verdict = 'done' | 'no-verb' | 'bad-field' | 'no-row' | 'not-his';

/** By hand, from the table. */
function verdict(asker: Asker, { verb, before: row, values }: Attempt): Verdict {
  const means = meansOf(asker, 'accounts');
  if (means?.writes?.includes(verb) !== true) return 'no-verb';
  const written = WRITTEN[asker.role] ?? [];
  if (Object.keys(values).some((field) => !written.includes(field))) return 'bad-field';
  const his = (of: Row): boolean => means.rows?.(of, asker.claims) ?? true;
  if (verb !== 'insert' && row === undefined) return 'no-row';
  if (row !== undefined && !his(row)) return 'no-row';
  return his({ ...row, ...values }) || verb === 'delete' ? 'done' : 'not-his';
}

function asJson(values: object): string {
  return `{ ${Object.entries(values)
    .map(([name, value]) => `${name}: ${name === 'balance' ? `"${value}"` : JSON.stringify(value)}`)
    .join(', ')} }`;
}

const METHODS = { insert: 'POST', update: 'PATCH', upsert: 'PUT', delete: 'DELETE' } as const;
const FIELDS = {
  insert: 'createAccount',
  update: 'updateAccount',
  upsert: 'upsertAccount',
  delete: 'deleteAccount',
} as const;

function overRest(bank: Bank, asker: Asker, { verb, before: row, values }: Attempt): Promise<Reply> {
  const key = verb === 'insert' ? '' : `/${row?.['number'] ?? 'acct77'}`;
  return bank.ask(asker, `/api/accounts${key}`, {
    method: METHODS[verb],
    ...(verb === 'delete' ? {} : { body: values }),
  });
}

function overGraphql(bank: Bank, asker: Asker, { verb, before: row, values }: Attempt): Promise<Reply> {
  const args = [
    ...(verb === 'insert' ? [] : [`number: "${row?.['number'] ?? 'acct77'}"`]),
    ...(verb === 'delete' ? [] : [`values: ${asJson(values)}`]),
  ];
  const seen = fieldsSeen(asker, accounts);
  const answer = verb === 'delete' ? '' : `{ ${selection(seen.length === 0 ? ['__typename'] : seen)} }`;
  return bank.graphql(asker, `mutation { answer: ${FIELDS[verb]}(${args.join(', ')}) ${answer} }`);
}

async function rowsNow(bank: Bank): Promise<readonly Readonly<Record<string, string | null>>[]> {
  return restPages(bank, admin, '/api/accounts?first=50');
}

const KINDS: Readonly<Record<Exclude<Verdict, 'done'>, readonly (string | undefined)[]>> = {
  // Nothing of the kind exists: a method that is not allowed, or no path at all; a field that no schema has.
  'no-verb': ['method-not-allowed', 'not-found', 'unsupported', 'invalid'],
  'bad-field': ['invalid'],
  'no-row': ['not-found'],
  'not-his': ['forbidden'],
};

describe('writes', () => {
  let shared: Bank;
  before(async () => {
    shared = await openBank();
  });
  after(() => shared[Symbol.asyncDispose]());

  for (const asker of ASKERS) {
    for (const attempt of ATTEMPTS) {
      const expected = verdict(asker, attempt);
      if (expected !== 'done') {
        it(`${asker.name} may not ${attempt.verb} ${attempt.what}: ${expected}`, async () => {
          const rest = await overRest(shared, asker, attempt);
          const graphql = await overGraphql(shared, asker, attempt);
          for (const { kind, text } of [rest, graphql]) assert.ok(KINDS[expected].includes(kind), text);
          if (expected !== 'no-verb') assert.equal(rest.kind, graphql.kind);
          new Hashes().same(await rowsNow(shared), accounts.rows, 'nothing has changed');
        });
        continue;
      }
      it(`${asker.name} may ${attempt.verb} ${attempt.what}`, async (t) => {
        t.after(() => shared.restore());
        for (const over of [overRest, overGraphql]) {
          shared.restore();
          const reply = await over(shared, asker, attempt);
          assert.ok(reply.status < 300 && reply.kind === undefined, reply.text);
          const after: Row = { pinNo: null, iban: null, ...attempt.before, ...attempt.values };
          const others = accounts.rows.filter((row) => row !== attempt.before);
          const all = attempt.verb === 'delete' ? others : [...others, after];
          const sorted = all.toSorted((a, b) => String(a['number']).localeCompare(String(b['number'])));
          new Hashes().same(await rowsNow(shared), sorted, 'the row is written, and no other');
          const answered = over === overRest ? reply.body : reply.body.data.answer;
          if (attempt.verb === 'delete') continue;
          new Hashes().same(
            [flat(answered)],
            [shownRow(asker, accounts, after)],
            'he is answered what he sees',
          );
        }
      });
    }
  }

  it('of several changes none is made where one may not be', async () => {
    const clerk = askerOf('clerkA');
    const allowed = { update: 'accounts', key: { number: 'acct01' }, values: { balance: '9' } };
    const batches: readonly (readonly [change: object, graphql: string])[] = [
      [
        { update: 'accounts', key: { number: 'acct02' }, values: { balance: '9' } },
        'updateAccount: { number: "acct02", values: { balance: "9" } }',
      ],
      [
        { insert: 'accounts', values: { ...NEW, branch: 'br-B', balance: '1' } },
        `createAccount: ${asJson({ ...NEW, branch: 'br-B' })}`,
      ],
      [{ delete: 'accounts', key: { number: 'acct05' } }, 'deleteAccount: { number: "acct05" }'],
      [
        { insert: 'postings', values: { id: 'post77', account: 'acct01', amount: '1' } },
        'createPosting: { id: "post77", account: "acct01", amount: "1" }',
      ],
      [
        { update: 'accounts', key: { number: 'acct01' }, values: { pinNo: 'x' } },
        'updateAccount: { number: "acct01", values: { pinNo: "x" } }',
      ],
    ];
    for (const [change, graphql] of batches) {
      const rest = await shared.ask(clerk, '/api', { method: 'POST', body: { changes: [allowed, change] } });
      assert.ok(rest.status >= 400, rest.text);
      const first = 'updateAccount: { number: "acct01", values: { balance: "9" } }';
      const reply = await shared.graphql(
        clerk,
        `mutation { change(changes: [{ ${first} }, { ${graphql} }]) { collection key created } }`,
      );
      assert.equal(reply.kind, rest.kind, `${rest.text}\n${reply.text}`);
      new Hashes().same(await rowsNow(shared), accounts.rows, 'nothing has changed');
    }
  });

  it('a row that he does not see is changed by none of several changes that he may make', async (t) => {
    const bank = await ownBank(t);
    const clerk = askerOf('clerkA');
    const changes = [
      { update: 'accounts', key: { number: 'acct01' }, values: { balance: '9' } },
      { delete: 'accounts', key: { number: 'acct03' } },
      { insert: 'accounts', values: { ...NEW, balance: '1' } },
    ];
    const { status, body, text } = await bank.ask(clerk, '/api', { method: 'POST', body: { changes } });
    assert.equal(status, 200, text);
    assert.equal(body.outcomes.length, 3);
    const now = await rowsNow(bank);
    assert.equal(now.find(({ number }) => number === 'acct01')?.['pinNo'], FIRST['pinNo']);
    assert.deepEqual(now.filter(({ branch }) => branch !== 'br-A').length, 4);
  });

  it('an answer by Idempotency-Key is not told to another caller who knows the key', async (t) => {
    const bank = await ownBank(t);
    const clerk = askerOf('clerkA');
    const headers = { 'idempotency-key': 'key-of-the-admin-0001' };
    const patch = { method: 'PATCH', body: { balance: 5 }, headers };
    const query = {
      method: 'POST',
      body: {
        query: `mutation { updateAccount(number: "acct01", values: { balance: "6" }) { ${selection(fieldsSeen(clerk, accounts))} } }`,
      },
      headers: { 'idempotency-key': 'key-of-the-admin-0002' },
    };
    for (const [path, asking] of [
      ['/api/accounts/acct01', patch],
      ['/graphql', query],
    ] as const) {
      const first = await bank.ask(admin, path, asking);
      assert.equal(first.status, 200, first.text);
      const mine = await bank.ask(clerk, path, asking);
      assert.equal(mine.status, 200, mine.text);
      // Somebody who may not write at all is not told that somebody has.
      const auditor = await bank.ask(askerOf('auditor'), path, asking);
      assert.ok(auditor.kind !== undefined, auditor.text);
    }
  });

  it('a new row whose key is that of a row that he does not see is a conflict that tells nothing of it', async (t) => {
    const bank = await ownBank(t);
    const attempt: Attempt = { what: 'a taken key', verb: 'insert', values: { ...NEW, number: 'acct02' } };
    const clerk = askerOf('clerkA');
    const rest = await overRest(bank, clerk, attempt);
    const graphql = await overGraphql(bank, clerk, attempt);
    assert.deepEqual([rest.kind, graphql.kind], ['conflict', 'conflict'], rest.text + graphql.text);
    new Hashes().same(await rowsNow(bank), accounts.rows, 'nothing has changed');
  });
});

describe('conditions of writes', () => {
  const teller = askerOf('tellerA');
  const patch = (bank: Bank, asker: Asker, balance: number, headers: Readonly<Record<string, string>>) =>
    bank.ask(asker, '/api/accounts/acct01', { method: 'PATCH', body: { balance }, headers });

  it('If-Match holds for what the role has seen of the row, masked as it is', async (t) => {
    const bank = await ownBank(t);
    const { headers } = await bank.ask(teller, '/api/accounts/acct01');
    const tag = headers.get('etag') ?? assert.fail();
    // What he does not see may change meanwhile, and his condition still holds.
    const hidden = { method: 'PATCH', body: { pinNo: 'pin-1111' } };
    assert.equal((await bank.ask(admin, '/api/accounts/acct01', hidden)).status, 200);
    const done = await patch(bank, teller, 11, { 'if-match': tag });
    assert.equal(done.status, 200, done.text);
    assert.equal(done.body.iban, '*****7701');
    assert.equal((await patch(bank, teller, 12, { 'if-match': tag })).code, 'changed-row');
    const fresh = (await bank.ask(teller, '/api/accounts/acct01')).headers.get('etag') ?? assert.fail();
    // The last four characters are others now.
    const masked = { method: 'PATCH', body: { iban: 'iban-0000' } };
    assert.equal((await bank.ask(admin, '/api/accounts/acct01', masked)).status, 200);
    assert.equal((await patch(bank, teller, 13, { 'if-match': fresh })).code, 'changed-row');
  });

  it('the ETag of another role is no ETag of his', async (t) => {
    const bank = await ownBank(t);
    const { headers } = await bank.ask(admin, '/api/accounts/acct01');
    const { status, code } = await patch(bank, teller, 11, { 'if-match': headers.get('etag') ?? '' });
    assert.deepEqual([status, code], [412, 'changed-row']);
  });

  it('nothing is found out of hidden or masked values by expecting them', async (t) => {
    const bank = await ownBank(t);
    const clerk = askerOf('clerkA');
    for (const [asker, expected, right] of [
      [clerk, { pinNo: 'pin-6601' }, { pinNo: 'pin-0000' }],
      [teller, { iban: 'iban-7701' }, { iban: 'iban-0000' }],
      [teller, { iban: '*****7701' }, { iban: '*****0000' }],
    ] as const) {
      const answers = await Promise.all(
        [expected, right].map((of) =>
          bank.ask(asker, '/api', {
            method: 'POST',
            body: {
              changes: [
                { update: 'accounts', key: { number: 'acct01' }, values: { balance: '1' }, expected: of },
              ],
            },
          }),
        ),
      );
      assert.deepEqual(
        answers.map(({ kind }) => kind),
        ['invalid', 'invalid'],
      );
      const [name = ''] = Object.keys(expected);
      const reply = await bank.graphql(
        asker,
        `mutation { updateAccount(number: "acct01", values: { balance: "1" }, ifMatch: { ${name}: "x" }) { number } }`,
      );
      assert.equal(reply.kind, 'invalid', reply.text);
    }
    new Hashes().same(await rowsNow(bank), accounts.rows, 'nothing has changed');
  });

  it('what is expected of a row that he does not see is not told apart from no row', async (t) => {
    const bank = await ownBank(t);
    const clerk = askerOf('clerkA');
    for (const balance of ['810141', '1']) {
      const { kind } = await bank.ask(clerk, '/api', {
        method: 'POST',
        body: {
          changes: [
            {
              update: 'accounts',
              key: { number: 'acct02' },
              values: { balance: '1' },
              expected: { balance },
            },
          ],
        },
      });
      assert.equal(kind, 'not-found');
    }
    const hidden = { method: 'PATCH', body: { balance: 1 }, headers: { 'if-match': '*' } };
    assert.equal((await bank.ask(clerk, '/api/accounts/acct02', hidden)).status, 412);
    assert.equal((await bank.ask(clerk, '/api/accounts/acct77', hidden)).status, 412);
  });
});
