import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { writable } from '../rest/writable.ts';
import { serve } from './serving.ts';
import { brief, problem, send } from './writing.ts';

const NEW = { bank: 'n', number: '5', owner: 'Eve', balance: '7.10' };

describe('POST /api', () => {
  it('makes changes of several collections together and says what came of each', async (t) => {
    const { url } = await serve(t, writable());
    const made = await send('POST', `${url}/api`, {
      changes: [
        { insert: 'accounts', values: NEW },
        { insert: 'postings', values: { id: 'Q1', account: 5, amount: '7.10' } },
        {
          update: 'accounts',
          key: { number: 1, bank: 'a,b' },
          values: { balance: '2.90' },
          expected: { balance: '10.00', owner: 'Ann' },
        },
        {
          upsert: 'accounts',
          key: { bank: 'n', number: '6' },
          values: { owner: 'Zoe', balance: 0, status: 'OPEN', opened: null, rate: null },
        },
        { delete: 'accounts', key: { bank: 'x/y', number: '9007199254740993' } },
        { insert: 'events', values: { what: 'moved' } },
      ],
    });
    assert.equal(made.status, 200);
    assert.equal(made.headers.get('cache-control'), 'no-store');
    assert.equal(
      made.text,
      JSON.stringify({
        outcomes: [
          { collection: 'accounts', key: { bank: 'n', number: '5' }, created: true },
          { collection: 'postings', key: { id: 'Q1' }, created: true },
          { collection: 'accounts', key: { bank: 'a,b', number: '1' }, created: false },
          { collection: 'accounts', key: { bank: 'n', number: '6' }, created: true },
          { collection: 'accounts', key: { bank: 'x/y', number: '9007199254740993' }, created: false },
          { collection: 'events', key: {}, created: true },
        ],
      }),
    );
    const accounts = await send('GET', `${url}/api/accounts?select=owner,balance&orderby=owner`);
    assert.equal(
      accounts.text,
      '{"value":[{"owner":"Ann","balance":"2.90"},{"owner":"Eve","balance":"7.10"},{"owner":"Zoe","balance":"0.00"}]}',
    );
  });

  it('makes none when one cannot be made, and names it', async (t) => {
    const { url } = await serve(t, writable());
    const first = { insert: 'accounts', values: NEW };
    const ask = async (second: unknown) => {
      const reply = await send('POST', `${url}/api`, { changes: [first, second] });
      assert.equal((await send('GET', `${url}/api/accounts/n,5`)).status, 404);
      return [brief(reply), problem(reply)['record']];
    };
    const key = { bank: 'a,b', number: 1 };
    assert.deepEqual(await ask(first), ['409 duplicate', 2]);
    assert.deepEqual(await ask({ delete: 'accounts', key: { bank: 'no', number: 1 } }), ['404 no-row', 2]);
    assert.deepEqual(
      await ask({ update: 'accounts', key, values: { rate: 1 }, expected: { owner: 'Bob' } }),
      ['412 changed-row changes[1].expected.owner', 2],
    );
    assert.deepEqual(await ask({ update: 'accounts', key, values: {} }), ['400 no-values', 2]);
    assert.deepEqual(await ask({ delete: 'accounts', key, expected: {} }), [
      '400 no-values changes[1].expected',
      2,
    ]);
    assert.deepEqual(await ask({ insert: 'entries', values: { id: 'E2', amount: 1 } }), [
      '501 several-sources',
      undefined,
    ]);
    assert.deepEqual(await ask({ delete: 'postings', key: { id: 'P1' } }), ['501 not-writable', 2]);
    assert.deepEqual(await ask({ insert: 'branches', values: { code: 'B2' } }), ['501 not-writable', 2]);
  });

  it('says of everything that is not understood where it stands', async (t) => {
    const parts = writable();
    const { url } = await serve(t, parts);
    const ask = async (body: unknown) => {
      const reply = await send('POST', `${url}/api`, body);
      return `${brief(reply)}: ${problem(reply)['hint'] ?? ''}`;
    };
    const inserted = (more: object) =>
      ask({
        changes: [
          { insert: 'events', values: { what: 'a' } },
          { insert: 'postings', values: { id: 'Q', account: 1, amount: 1 }, ...more },
        ],
      });
    const updated = (more: object) =>
      ask({
        changes: [{ update: 'accounts', key: { bank: 'a,b', number: 1 }, values: { rate: 1 }, ...more }],
      });
    assert.equal(
      await inserted({ values: { id: 'Q', account: 1, amount: '1,5' } }),
      '400 bad-value changes[1].values.amount: digits, with a point before the fraction',
    );
    assert.equal(
      await inserted({ values: { id: 'Q', account: 1, amount: '1.555' } }),
      '400 too-many-digits changes[1].values.amount: ',
    );
    assert.equal(
      await inserted({ values: { id: 'Q', account: 1, amuont: 1 } }),
      '400 unknown-field changes[1].values.amuont: amount',
    );
    assert.equal(await inserted({ insert: 'postngs' }), '400 unknown-collection changes[1].insert: postings');
    assert.equal(await inserted({ insert: 7 }), '400 bad-value changes[1].insert: ');
    assert.equal(await inserted({ key: { id: 'Q' } }), '400 unknown-member changes[1].key: insert, values');
    assert.equal(
      await inserted({ delete: 'postings' }),
      '400 bad-change changes[1]: {"insert":"…","values":{…}}',
    );
    assert.equal(await inserted({ valeus: {} }), '400 unknown-member changes[1].valeus: values');
    assert.equal(await updated({ key: undefined }), '400 missing-argument changes[0].key: ');
    assert.equal(
      await updated({ key: { bank: 'a,b' } }),
      '400 missing-argument changes[0].key.number: int64',
    );
    assert.equal(
      await updated({ key: { bank: 'a,b', number: null } }),
      '400 bad-value changes[0].key.number: int64',
    );
    assert.equal(
      await updated({ key: { bank: 'a,b', number: 1, owner: 'Ann' } }),
      '400 unknown-argument changes[0].key.owner: ',
    );
    assert.equal(await updated({ key: ['a,b', 1] }), '400 bad-value changes[0].key: an object');
    assert.equal(await updated({ values: { bank: 'b' } }), '400 read-only-field changes[0].values.bank: ');
    assert.equal(
      await updated({ expected: { ownr: 'Ann' } }),
      '400 unknown-argument changes[0].expected.ownr: owner',
    );
    assert.equal(await updated({ expected: null }), '400 bad-value changes[0].expected: an object');
    assert.equal(
      await ask({ changes: [{ delete: 'accounts', key: { bank: 'a,b', number: 1 }, values: {} }] }),
      '400 unknown-member changes[0].values: delete, key, expected',
    );
    assert.equal(await ask({ changes: [{ updat: 'accounts' }] }), '400 bad-change changes[0]: update');
    assert.equal(await ask({ changes: [7] }), '400 bad-value changes[0]: an object');
    assert.equal(await ask({ changes: [] }), '400 no-changes changes: ');
    assert.equal(await ask({ changes: {} }), '400 bad-value changes: ');
    assert.equal(await ask({}), '400 bad-value changes: ');
    assert.equal(await ask([]), '400 bad-value: an object');
    assert.equal(await ask({ changes: [], chnges: [] }), '400 unknown-member chnges: changes');
    assert.deepEqual(parts.written.length, 1, 'only what a source alone can refuse gets that far');
  });

  it('of more changes than the policy allows is too costly', async (t) => {
    const { url } = await serve(
      t,
      writable({ policy: (policy) => ({ ...policy, write: { maxChanges: 1 } }) }),
    );
    const change = { insert: 'events', values: { what: 'a' } };
    assert.equal(brief(await send('POST', `${url}/api`, { changes: [change, change] })), '422 change-limit');
    assert.equal((await send('POST', `${url}/api/`, { changes: [change] })).status, 200);
  });
});
