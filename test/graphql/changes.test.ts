// Several changes over GraphQL as one: all of them in one transaction, or none.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_POLICY, type Policy } from '../../src/policy.ts';
import { serve } from './serve.ts';
import { type Writable, writable } from './writable.ts';

const STANDARD = { accept: 'application/graphql-response+json' };
const CHANGE = 'mutation ($changes: [Change!]!) { change(changes: $changes) { collection key created } }';

async function change(gateway: Writable, changes: unknown) {
  await using graphql = await serve(gateway);
  const { data, errors, status, extensions } = await graphql.ask(CHANGE, { changes }, STANDARD);
  const { requestId: _, ...fault } = errors[0]?.extensions ?? {};
  return { outcomes: data?.change, fault, status, errors, changed: extensions['changed'] };
}

async function accountsOf(gateway: Writable) {
  await using graphql = await serve(gateway);
  const { data } = await graphql.ask('{ accounts { items { acctId owner note } } }');
  return data.accounts.items;
}

const BEFORE = [
  { acctId: 1, owner: 'Ada', note: 'first' },
  { acctId: 2, owner: 'Bob', note: null },
];
const put = (owner: string) => ({ owner, balance: null, status: 'OPEN', note: null });

describe('a list of changes', () => {
  it('is made in its order, in one call of the source, with an outcome for each', async () => {
    const gateway = writable();
    const { outcomes, changed } = await change(gateway, [
      { createAccount: { acctId: 7, owner: 'Eve', note: null } },
      { updateAccount: { acctId: 7, values: { note: 'new' }, ifMatch: { owner: 'Eve', note: null } } },
      { upsertAccount: { acctId: 8, values: put('Max') } },
      { upsertAccount: { acctId: 1, values: put('Zoe'), ifMatch: { version: 1 } } },
      { deleteAccount: { acctId: 2, ifMatch: { balance: null } } },
      { createTicket: { text: 'x' } },
      { createEntry: { text: 'y' } },
      { upsertLink: { from: 1, to: 2 } },
      { createCell: { branch: 'B', number: 7 } },
    ]);
    assert.deepEqual(outcomes, [
      { collection: 'accounts', key: ['7'], created: true },
      { collection: 'accounts', key: ['7'], created: false },
      { collection: 'accounts', key: ['8'], created: true },
      { collection: 'accounts', key: ['1'], created: false },
      { collection: 'accounts', key: ['2'], created: false },
      { collection: 'tickets', key: ['2'], created: true },
      { collection: 'entries', key: [], created: true },
      { collection: 'links', key: ['1', '2'], created: true },
      { collection: 'cells', key: ['B', '7.0'], created: true },
    ]);
    assert.deepEqual([gateway.written.length, changed], [1, ['change']]);
    assert.deepEqual(await accountsOf(gateway), [
      { acctId: 1, owner: 'Zoe', note: null },
      { acctId: 7, owner: 'Eve', note: 'new' },
      { acctId: 8, owner: 'Max', note: null },
    ]);
  });

  it('is not empty', async () => {
    const { status, fault } = await change(writable(), []);
    assert.deepEqual([status, fault], [400, { kind: 'invalid', code: 'no-changes', parameter: 'changes' }]);
  });

  for (const [what, third, status, place] of [
    [
      'collides',
      { createAccount: { acctId: 2, owner: 'x', note: null } },
      409,
      { kind: 'conflict', code: 'duplicate', source: 'ledger', collection: 'accounts', record: 3 },
    ],
    [
      'is stale',
      { updateAccount: { acctId: 1, values: { note: 'x' }, ifMatch: { owner: 'ada' } } },
      412,
      {
        kind: 'stale',
        code: 'changed-row',
        source: 'ledger',
        collection: 'accounts',
        field: 'owner',
        parameter: 'changes[2].updateAccount.ifMatch.owner',
        record: 3,
      },
    ],
    [
      'finds no row',
      { deleteAccount: { acctId: 5 } },
      404,
      { kind: 'not-found', code: 'no-row', source: 'ledger', collection: 'accounts', record: 3 },
    ],
    [
      'has a null that must not be',
      { updateAccount: { acctId: 1, values: { owner: null } } },
      400,
      {
        kind: 'invalid',
        code: 'bad-value',
        collection: 'accounts',
        record: 3,
        field: 'owner',
        parameter: 'changes[2].updateAccount.values.owner',
        hint: 'string(12)',
      },
    ],
    [
      'has too long a text',
      { upsertAccount: { acctId: 1, values: put('0123456789abc') } },
      400,
      {
        kind: 'invalid',
        code: 'too-long',
        collection: 'accounts',
        record: 3,
        field: 'owner',
        parameter: 'changes[2].upsertAccount.values.owner',
      },
    ],
    [
      'expects nothing',
      { deleteAccount: { acctId: 1, ifMatch: {} } },
      400,
      {
        kind: 'invalid',
        code: 'no-values',
        collection: 'accounts',
        record: 3,
        parameter: 'changes[2].deleteAccount.ifMatch',
        hint: 'Name a field, or leave out "changes[2].deleteAccount.ifMatch".',
      },
    ],
    [
      'is in another source',
      { createMemo: { memoId: 1 } },
      501,
      { kind: 'unsupported', code: 'several-sources', collection: 'memos' },
    ],
  ] as const) {
    it(`changes nothing when its third ${what}`, async () => {
      const gateway = writable();
      const failed = await change(gateway, [
        { updateAccount: { acctId: 1, values: { note: 'changed' } } },
        { createAccount: { acctId: 3, owner: 'x', note: null } },
        third,
        { deleteAccount: { acctId: 1 } },
      ]);
      assert.deepEqual([failed.status, failed.outcomes, failed.changed], [status, undefined, undefined]);
      assert.deepEqual(failed.fault, place);
      assert.deepEqual(failed.errors[0]?.path, ['change']);
      assert.deepEqual(await accountsOf(gateway), BEFORE);
    });
  }

  it('is no longer than the policy allows', async () => {
    const policy: Policy = { ...DEFAULT_POLICY, write: { maxChanges: 2 } };
    const gateway = writable(policy);
    const { status, fault } = await change(
      gateway,
      [1, 2, 3].map(() => ({ createTicket: {} })),
    );
    assert.deepEqual(
      [status, fault, gateway.written],
      [422, { kind: 'too-costly', code: 'change-limit' }, []],
    );
    assert.equal((await change(gateway, [{ createTicket: {} }, { createTicket: {} }])).outcomes.length, 2);
  });

  it('takes exactly one change at a place, by variable and by literal', async () => {
    const gateway = writable();
    for (const one of [
      {},
      { deleteAccount: null },
      { deleteAccount: { acctId: 1 }, createTicket: {} },
      { deleteAccount: { acctId: 1 }, createTicket: null },
      { dropAccount: { acctId: 1 } },
    ]) {
      const { status, fault } = await change(gateway, [one]);
      assert.deepEqual([status, fault['kind']], [400, 'invalid'], JSON.stringify(one));
    }
    await using graphql = await serve(gateway);
    for (const literal of [
      '{}',
      '{ deleteAccount: null }',
      '{ deleteAccount: { acctId: 1 }, createTicket: {} }',
    ]) {
      const { errors } = await graphql.ask(`mutation { change(changes: [${literal}]) { created } }`);
      assert.equal(errors[0]?.extensions['kind'], 'invalid', literal);
    }
    assert.deepEqual(gateway.written, []);
    const { data } = await graphql.ask(
      'mutation { change(changes: [{ deleteAccount: { acctId: 1 } }, { createTicket: {} }]) { key created } }',
    );
    assert.deepEqual(data.change, [
      { key: ['1'], created: false },
      { key: ['2'], created: true },
    ]);
  });
});
