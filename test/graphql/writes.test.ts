// Rows written over GraphQL, each change by a field of its own.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { printType } from 'graphql';
import { Fault } from '../../src/fault.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import type { Collection, Operation } from '../../src/model/type.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/policy.ts';
import { bank, CATALOG } from './bank.ts';
import { type Answer, serve } from './serve.ts';
import { close, WRITABLE, type Writable, writable } from './writable.ts';

const STANDARD = { accept: 'application/graphql-response+json' };

/** Code and place of the only error. */
function failure({ errors, text }: Answer): Readonly<Record<string, unknown>> {
  assert.equal(errors.length, 1, text);
  const { requestId: _, ...place } = errors[0]?.extensions ?? {};
  return place;
}

const rowsOf = async (gateway: Writable, fields = 'acctId owner balance status note version') => {
  await using graphql = await serve(gateway);
  return (await graphql.ask(`{ accounts { items { ${fields} } } }`)).data.accounts.items;
};

const ADA = { acctId: 1, owner: 'Ada', balance: '10.50', status: 'OPEN', note: 'first', version: '1' };
const BOB = { acctId: 2, owner: 'Bob', balance: null, status: 'CLOSED', note: null, version: '1' };

describe('the mutation', () => {
  it('has what each collection claims, and types that say what must be given', (t) => {
    const schema = createSchema(WRITABLE, DEFAULT_POLICY);
    const shown = Object.values(schema.getTypeMap())
      .filter(({ name }) =>
        /^(Mutation|Change.*|(Account|Link|Ticket)(Create|Update|Upsert|Replace|Delete|Match).*)$/.test(name),
      )
      .map(printType);
    t.assert.fileSnapshot(`${shown.join('\n\n')}\n`, join(import.meta.dirname, 'writable.schema.txt'), {
      serializers: [String],
    });
  });

  it('is not there when nothing claims a write', async () => {
    assert.equal(createSchema(CATALOG, DEFAULT_POLICY).getMutationType() ?? undefined, undefined);
    await using graphql = await serve({ execute: bank().execute, write: writable().write });
    const { errors } = await graphql.ask('mutation { change(changes: []) { created } }');
    assert.match(errors[0]?.message ?? '', /mutation operation is not supported by the schema/);
  });

  it('has nothing of a collection that does not claim it', () => {
    const fields = createSchema(WRITABLE, DEFAULT_POLICY).getMutationType()?.getFields() ?? {};
    const names = Object.keys(fields).filter((name) => /Ticket|Entr|Rate|Link/.test(name));
    assert.deepEqual(names, [
      'createTicket',
      'createTickets',
      // Nothing but its key: there is nothing to update.
      'createLink',
      'createLinks',
      'upsertLink',
      'deleteLink',
      // Without a key a row can only be made.
      'createEntry',
      'createEntries',
    ]);
  });

  it('refuses an operation with the name of a change; "change" gives way itself', () => {
    const collections: readonly Collection[] = [
      { name: 'staff', key: ['id'], writes: ['insert'], fields: [{ name: 'id', type: { kind: 'int32' } }] },
      { name: 'changes', key: ['id'], writes: ['delete'], fields: [{ name: 'id', type: { kind: 'int32' } }] },
    ];
    const named = (name: string, effect: Operation['effect'] = 'write'): Operation => ({
      ...close,
      name,
      effect,
    });
    const operations = [
      named('createStaff'),
      named('createStaffItem'),
      named('deleteStaffItem'),
      named('change2'),
    ];
    const { catalog, problems } = buildCatalog([{ source: 'hr', collections, operations }], []);
    assert.deepEqual(
      problems.map(({ path, message }) => [path.at(-1), message]),
      ['createStaff', 'createStaffItem'].map((name) => [
        name,
        `"${name}" is what collection "staff" of source "hr" is written by; give the operation another name`,
      ]),
    );
    const schema = createSchema(catalog, DEFAULT_POLICY);
    assert.deepEqual(Object.keys(schema.getMutationType()?.getFields() ?? {}), [
      'createStaffItem',
      'createStaff',
      'deleteChange',
      'change',
      'deleteStaffItem',
      'change2',
    ]);
    const taken = buildCatalog(
      [{ source: 'hr', collections: collections.slice(0, 1), operations: [named('change')] }],
      [],
    );
    const fields = createSchema(taken.catalog, DEFAULT_POLICY).getMutationType()?.getFields() ?? {};
    assert.deepEqual(Object.keys(fields), ['createStaffItem', 'createStaff', 'change2', 'change']);
    assert.equal(String(fields['change2']?.type), '[ChangeOutcome!]!');
  });

  it('is unsupported where nothing can write, and never runs over GET', async () => {
    const mutation = 'mutation { deleteAccount(acctId: 1) }';
    const { execute, catalog } = writable();
    await using reading = await serve({ execute, catalog });
    assert.equal(failure(await reading.ask(mutation))['code'], 'unsupported');
    const gateway = writable();
    await using graphql = await serve(gateway);
    const { status, errors } = await graphql.send({}, `?query=${encodeURIComponent(mutation)}`);
    assert.deepEqual(
      [status, errors[0]?.extensions['code'], gateway.written],
      [405, 'method-not-allowed', []],
    );
  });
});

describe('a change of one row', () => {
  it('makes a row and answers it as it was selected, defaults and relations with it', async () => {
    await using graphql = await serve(writable());
    const { data, errors, extensions } = await graphql.ask(`mutation {
      createAccount(values: { acctId: 7, owner: "Eve", note: null }) {
        ...all tickets { totalCount items { text } }
      }
      updateAccount(acctId: 1, values: { note: "second" }) { note tickets { items { text } } }
    } fragment all on Account { acctId owner balance status note version }`);
    assert.deepEqual(errors, []);
    assert.deepEqual(data, {
      createAccount: {
        acctId: 7,
        owner: 'Eve',
        balance: null,
        status: 'OPEN',
        note: null,
        version: '2',
        tickets: { totalCount: 0, items: [] },
      },
      updateAccount: { note: 'second', tickets: { items: [{ text: 'old' }] } },
    });
    assert.deepEqual(extensions['changed'], ['createAccount', 'updateAccount']);
    assert.deepEqual(extensions['sources'], [{ source: 'ledger', asOf: '1970-01-01T00:00:00Z' }]);
  });

  it('answers a row whose key the source has given', async () => {
    await using graphql = await serve(writable());
    const { data } = await graphql.ask(
      'mutation { a: createTicket(values: { text: "x" }) { ticketNo text } b: createTicket(values: {}) { ticketNo text } }',
    );
    assert.deepEqual(data, { a: { ticketNo: '2', text: 'x' }, b: { ticketNo: '3', text: null } });
  });

  it('updates what is given and leaves the rest', async () => {
    const gateway = writable();
    await using graphql = await serve(gateway);
    const { data } = await graphql.ask(
      'mutation { updateAccount(acctId: 1, values: { balance: null }) { acctId owner balance } }',
    );
    assert.deepEqual(data.updateAccount, { acctId: 1, owner: 'Ada', balance: null });
    assert.deepEqual(gateway.written, [
      [{ collection: 'accounts', verb: 'update', key: [1], values: { balance: null } }],
    ]);
    assert.deepEqual(await rowsOf(gateway), [{ ...ADA, balance: null, version: '2' }, BOB]);
  });

  it('puts a whole row, whether it was there or not', async () => {
    const gateway = writable();
    await using graphql = await serve(gateway);
    const { data } = await graphql.ask(`mutation {
      old: upsertAccount(acctId: 1, values: { owner: "Zoe", balance: 1, status: CLOSED, note: null }) { acctId }
      new: upsertAccount(acctId: 9, values: { owner: "Max", balance: null, status: OPEN, note: "n" }) { acctId }
      link: upsertLink(from: 1, to: 2) { from to }
    }`);
    assert.deepEqual(data, { old: { acctId: 1 }, new: { acctId: 9 }, link: { from: 1, to: 2 } });
    assert.deepEqual(await rowsOf(gateway, 'acctId owner balance note'), [
      { acctId: 1, owner: 'Zoe', balance: '1.00', note: null },
      { acctId: 2, owner: 'Bob', balance: null, note: null },
      { acctId: 9, owner: 'Max', balance: null, note: 'n' },
    ]);
  });

  it('removes a row and answers true; a row that is not there is not found', async () => {
    const gateway = writable();
    await using graphql = await serve(gateway);
    assert.deepEqual((await graphql.ask('mutation { deleteAccount(acctId: 2) }')).data, {
      deleteAccount: true,
    });
    assert.deepEqual(await rowsOf(gateway), [ADA]);
    const again = await graphql.ask('mutation { deleteAccount(acctId: 2) }', undefined, STANDARD);
    assert.deepEqual([again.status, again.data], [404, null]);
    assert.deepEqual(failure(again), {
      code: 'no-row',
      kind: 'not-found',
      source: 'ledger',
      collection: 'accounts',
    });
    const update = await graphql.ask('mutation { updateAccount(acctId: 2, values: { note: "x" }) { note } }');
    assert.equal(failure(update)['code'], 'no-row');
  });

  it('makes a row without a key and answers true', async () => {
    const gateway = writable();
    await using graphql = await serve(gateway);
    const { data } = await graphql.ask(
      'mutation { createEntry(values: { text: "a" }) createEntries(values: [{ text: "b" }, { text: "c" }]) }',
    );
    assert.deepEqual(data, { createEntry: true, createEntries: true });
    const { items } = (await graphql.ask('{ entries { items { text } } }')).data.entries;
    assert.deepEqual(items, [{ text: 'a' }, { text: 'b' }, { text: 'c' }]);
  });

  it('with the key of another row is a conflict and changes nothing', async () => {
    const gateway = writable();
    await using graphql = await serve(gateway);
    const answer = await graphql.ask(
      'mutation { createAccount(values: { acctId: 1, owner: "Eve", note: null }) { acctId } }',
      undefined,
      STANDARD,
    );
    assert.deepEqual([answer.status, answer.data, answer.extensions['changed']], [409, null, undefined]);
    assert.deepEqual(failure(answer), {
      code: 'duplicate',
      kind: 'conflict',
      source: 'ledger',
      collection: 'accounts',
    });
    assert.deepEqual(answer.errors[0]?.path, ['createAccount']);
    assert.deepEqual(await rowsOf(gateway), [ADA, BOB]);
    assert.equal(graphql.faults.length, 1);
  });
});

describe('several rows made at once', () => {
  it('are answered in the order in which they were given', async () => {
    await using graphql = await serve(writable());
    const { data } = await graphql.ask(
      'mutation ($rows: [AccountCreate!]!) { createAccounts(values: $rows) { acctId status tickets { totalCount } } }',
      {
        rows: [9, 8, 30].map((acctId) => ({
          acctId,
          owner: 'x',
          note: null,
          status: acctId === 8 ? 'CLOSED' : 'OPEN',
        })),
      },
    );
    assert.deepEqual(data, {
      createAccounts: [
        { acctId: 9, status: 'OPEN', tickets: { totalCount: 0 } },
        { acctId: 8, status: 'CLOSED', tickets: { totalCount: 0 } },
        { acctId: 30, status: 'OPEN', tickets: { totalCount: 0 } },
      ],
    });
  });

  it('are all made or none, and the fault says which could not be', async () => {
    const gateway = writable();
    await using graphql = await serve(gateway);
    const answer = await graphql.ask(`mutation { createAccounts(values: [
      { acctId: 8, owner: "x", note: null }, { acctId: 2, owner: "x", note: null }
    ]) { acctId } }`);
    assert.deepEqual(failure(answer), {
      code: 'duplicate',
      kind: 'conflict',
      source: 'ledger',
      collection: 'accounts',
      record: 2,
    });
    assert.deepEqual(await rowsOf(gateway), [ADA, BOB]);
  });

  it('are read in as many parts as pages may have rows', async () => {
    const policy: Policy = { ...DEFAULT_POLICY, page: { defaultRows: 2, maxRows: 2 } };
    await using graphql = await serve(writable(policy));
    const { data, errors } = await graphql.ask(
      'mutation ($rows: [TicketCreate!]!) { createTickets(values: $rows) { ticketNo text } }',
      { rows: ['a', 'b', 'c', 'd', 'e'].map((text) => ({ text })) },
    );
    assert.deepEqual(errors, []);
    assert.deepEqual(
      data.createTickets,
      ['a', 'b', 'c', 'd', 'e'].map((text, i) => ({ ticketNo: String(i + 2), text })),
    );
  });
});

describe('ifMatch', () => {
  it('lets a change through only while the row has the values; null is one, left out is not looked at', async () => {
    const gateway = writable();
    await using graphql = await serve(gateway);
    const update = (match: string) =>
      graphql.ask(
        `mutation { updateAccount(acctId: 2, values: { owner: "Kim" }, ifMatch: ${match}) { owner } }`,
      );
    for (const [match, field] of [
      ['{ version: 2 }', 'version'],
      ['{ owner: "Bob", balance: 0 }', 'balance'],
      ['{ note: "x" }', 'note'],
    ]) {
      assert.deepEqual(failure(await update(match ?? '')), {
        code: 'changed-row',
        kind: 'stale',
        source: 'ledger',
        collection: 'accounts',
        field,
        parameter: `ifMatch.${field}`,
      });
    }
    assert.deepEqual(await rowsOf(gateway), [ADA, BOB]);
    assert.deepEqual((await update('{ version: 1, note: null, balance: null }')).data, {
      updateAccount: { owner: 'Kim' },
    });
    assert.deepEqual((await update('null')).data, { updateAccount: { owner: 'Kim' } });
  });

  it('holds for a row that is put and one that is removed', async () => {
    const gateway = writable();
    await using graphql = await serve(gateway);
    const values = '{ owner: "Kim", balance: null, status: OPEN, note: null }';
    for (const [mutation, code] of [
      ['deleteAccount(acctId: 1, ifMatch: { owner: "ada" })', 'changed-row'],
      [`upsertAccount(acctId: 1, values: ${values}, ifMatch: { balance: 10.51 }) { acctId }`, 'changed-row'],
      [`upsertAccount(acctId: 5, values: ${values}, ifMatch: { owner: "Kim" }) { acctId }`, 'no-row'],
    ] as const) {
      assert.equal(failure(await graphql.ask(`mutation { ${mutation} }`))['code'], code, mutation);
    }
    assert.deepEqual(await rowsOf(gateway), [ADA, BOB]);
    const { data } = await graphql.ask(`mutation {
      upsertAccount(acctId: 1, values: ${values}, ifMatch: { balance: 10.5 }) { owner }
      deleteAccount(acctId: 2, ifMatch: { balance: null, owner: "Bob" })
    }`);
    assert.deepEqual(data, { upsertAccount: { owner: 'Kim' }, deleteAccount: true });
  });

  it('that names nothing is invalid', async () => {
    const gateway = writable();
    await using graphql = await serve(gateway);
    for (const variables of [undefined, { match: {} }]) {
      const answer = await graphql.ask(
        variables === undefined
          ? 'mutation { deleteAccount(acctId: 1, ifMatch: {}) }'
          : 'mutation ($match: AccountMatch) { deleteAccount(acctId: 1, ifMatch: $match) }',
        variables,
      );
      const { hint: _, ...place } = failure(answer);
      assert.deepEqual(place, {
        code: 'no-values',
        kind: 'invalid',
        collection: 'accounts',
        parameter: 'ifMatch',
      });
    }
    assert.deepEqual(gateway.written, []);
  });

  it('lets exactly one of two changes through that race with the same version', async () => {
    const gateway = writable();
    await using graphql = await serve(gateway);
    const update = (owner: string) =>
      graphql.ask(
        'mutation ($owner: String) { updateAccount(acctId: 1, values: { owner: $owner }, ifMatch: { version: 1 }) { owner } }',
        { owner },
      );
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map(update));
    const won = answers.filter(({ errors }) => errors.length === 0);
    assert.equal(won.length, 1);
    for (const answer of answers) {
      if (answer !== won[0]) assert.equal(failure(answer)['kind'], 'stale');
    }
    assert.equal((await rowsOf(gateway))[0].owner, won[0]?.data.updateAccount.owner);
  });
});

describe('changes of one document', () => {
  it('are made one after the other, each by itself, and the answer says which were', async () => {
    const gateway = writable();
    await using graphql = await serve(gateway);
    const answer = await graphql.ask(`mutation {
      first: updateAccount(acctId: 1, values: { note: "1" }) { note }
      second: updateAccount(acctId: 1, values: { note: "2" }, ifMatch: { note: "1" }) { note }
      third: createAccount(values: { acctId: 1, owner: "x", note: null }) { acctId }
      fourth: deleteAccount(acctId: 1)
    }`);
    assert.deepEqual([answer.data, answer.extensions['changed']], [null, ['first', 'second']]);
    assert.deepEqual(answer.errors[0]?.path, ['third']);
    assert.deepEqual(await rowsOf(gateway), [{ ...ADA, note: '2', version: '3' }, BOB]);
  });

  it('are bounded together', async () => {
    const policy: Policy = { ...DEFAULT_POLICY, write: { maxChanges: 3 } };
    const gateway = writable(policy);
    await using graphql = await serve({ ...gateway, policy });
    const rows = [{ text: 'a' }, { text: 'b' }];
    const answer = await graphql.ask(
      'mutation ($rows: [TicketCreate!]!) { a: createTickets(values: $rows) { text } b: createTickets(values: $rows) { text } }',
      { rows },
    );
    assert.deepEqual(failure(answer), { code: 'change-limit', kind: 'too-costly' });
    assert.deepEqual([gateway.written.length, answer.extensions['changed']], [1, ['a']]);
  });

  it('that select more than may be read are refused before anything is changed', async () => {
    const policy: Policy = { ...DEFAULT_POLICY, query: { ...DEFAULT_POLICY.query, maxCost: 120 } };
    const gateway = writable(policy);
    await using graphql = await serve({ ...gateway, policy });
    const mutation = (first: number) =>
      graphql.ask(
        `mutation { updateAccount(acctId: 1, values: { note: "x" }) { tickets(first: ${first}) { items { text } } } }`,
      );
    assert.equal(failure(await mutation(500))['code'], 'cost-limit');
    assert.equal(failure(await mutation(5000))['code'], 'page-limit');
    const cursor =
      'mutation { updateAccount(acctId: 1, values: { note: "x" }) { tickets(after: "no") { items { text } } } }';
    assert.equal(failure(await graphql.ask(cursor))['code'], 'bad-cursor');
    assert.deepEqual(gateway.written, []);
    const twice =
      'mutation { a: createTicket(values: {}) { ticketNo } b: createTickets(values: [{}, {}]) { ticketNo } }';
    assert.deepEqual((await graphql.ask(twice)).errors, []);
    assert.deepEqual((await mutation(100)).errors, []);
  });
});

describe('a row that was written and cannot be read', () => {
  it('is told as written, in no kind that asks for sending it again', async () => {
    const gateway = writable();
    await using graphql = await serve(gateway);
    gateway.breakReads(new Fault('unavailable', 'The ledger is closed'));
    const answer = await graphql.ask(
      'mutation { updateAccount(acctId: 1, values: { note: "x" }) { note } }',
      undefined,
      STANDARD,
    );
    assert.deepEqual(
      [answer.status, answer.data, answer.extensions['changed']],
      [502, null, ['updateAccount']],
    );
    assert.equal(
      answer.errors[0]?.message,
      'The change was made, but could not be read back: The ledger is closed',
    );
    assert.deepEqual(failure(answer), {
      code: 'written-not-read',
      kind: 'upstream',
      source: 'ledger',
      collection: 'accounts',
      hint: 'account(acctId: 1)',
    });
    assert.equal(gateway.written.length, 1);
    // What is removed is not read.
    assert.deepEqual((await graphql.ask('mutation { deleteAccount(acctId: 1) }')).data, {
      deleteAccount: true,
    });
  });

  it('says nothing of our own bugs', async () => {
    const gateway = writable();
    await using graphql = await serve(gateway);
    gateway.breakReads(new Error('secret'));
    const answer = await graphql.ask('mutation { createTicket(values: {}) { ticketNo } }');
    assert.equal(failure(answer)['code'], 'written-not-read');
    assert.doesNotMatch(answer.text, /secret/);
  });

  it('is named, and so is each of several, for its source may have made its key', async () => {
    const gateway = writable();
    await using graphql = await serve(gateway);
    gateway.breakReads(new Fault('timeout', 'No answer in time'));
    const one = await graphql.ask('mutation { createCell(values: { branch: "a\\"b", number: 7 }) { flag } }');
    assert.equal(failure(one)['hint'], 'cell(branch: "a\\"b", number: "7.0")');
    const many = await graphql.ask('mutation { createTickets(values: [{}, {}]) { text } }');
    assert.deepEqual(failure(many), {
      code: 'written-not-read',
      kind: 'upstream',
      source: 'ledger',
      collection: 'tickets',
      errors: [
        { message: 'This row was written', record: 1, hint: 'ticket(ticketNo: "2")' },
        { message: 'This row was written', record: 2, hint: 'ticket(ticketNo: "3")' },
      ],
    });
  });

  it('is the same when somebody has removed it meanwhile', async () => {
    const gateway = writable();
    const { write } = gateway;
    await using graphql = await serve({
      ...gateway,
      async write(changes, context) {
        const outcomes = await write(changes, context);
        await write([{ collection: 'accounts', verb: 'delete', key: [1], values: {} }], context);
        return outcomes;
      },
    });
    const answer = await graphql.ask('mutation { updateAccount(acctId: 1, values: { note: "x" }) { note } }');
    assert.equal(failure(answer)['code'], 'written-not-read');
    assert.match(answer.errors[0]?.message ?? '', /no longer there/);
  });
});
