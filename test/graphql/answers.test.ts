import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '../../src/fault.ts';
import { BAD_DIGIT, bank } from './bank.ts';
import { type Answer, serve } from './serve.ts';

async function ask(query: string, variables?: unknown, broken: Record<string, Error> = {}): Promise<Answer> {
  await using graphql = await serve({ execute: bank(broken).execute });
  return await graphql.ask(query, variables);
}

describe('an answer', () => {
  it('holds every scalar in its one JSON form, no digit lost', async () => {
    const { data, errors } = await ask(`{ customer(custId: 9007199254740991) {
      custId name status balance rating score vip since opensAt changedAt seenAt photo extra phones limits { amount }
      address { street geo { zone } } grade nameText constructor hasOwnProperty or __typename
    } }`);
    assert.deepEqual(errors, []);
    assert.deepEqual(data.customer, {
      custId: '9007199254740991',
      name: 'Customer 1',
      status: 'ACTIVE',
      balance: '1234567890123456789012345678.90',
      rating: 1,
      score: 0.25,
      vip: false,
      since: '2020-01-01',
      opensAt: '09:30:00',
      changedAt: '2024-02-29T23:59:59.5',
      seenAt: '2024-02-29T22:59:59Z',
      photo: 'Af8=',
      extra: { deep: [1, null] },
      phones: ['+49 1', null],
      limits: [{ amount: '1.00' }],
      address: { street: '1 Main St', geo: { zone: 1 } },
      grade: '1-A',
      nameText: 'raw 1',
      constructor: 'built 1',
      hasOwnProperty: 1,
      or: null,
      __typename: 'Customer',
    });
  });

  const CONDITIONS: readonly (readonly [string, string, unknown, number])[] = [
    ['custId', 'Long', '9007199254740997', 1],
    ['custId', 'Long', 9_007_199_254_740_991, 1],
    ['balance', 'Decimal', '1234567890123456789012345678.9', 1],
    ['balance', 'Decimal', 200.5, 1],
    ['rating', 'Int', 3, 1],
    ['score', 'Float', 0.5, 1],
    ['vip', 'Boolean', true, 3],
    ['since', 'Date', '2020-01-02', 1],
    ['opensAt', 'Time', '09:30', 7],
    ['changedAt', 'LocalDateTime', '2024-02-29T23:59:59.500', 7],
    ['seenAt', 'DateTime', '2024-02-29T23:59:59+01:00', 7],
    ['photo', 'Bytes', 'Av8=', 1],
    ['status', 'CustomerStatus', 'CLOSED', 2],
    ['grade', 'String', '1-A', 7],
    ['name', 'String', 'Customer 3', 1],
  ];
  for (const [field, type, value, count] of CONDITIONS) {
    it(`takes ${JSON.stringify(value)} as a variable of ${type}`, async () => {
      // The fifth customer's balance does not decode; a filter that looks at it has to say so.
      const filter =
        field === 'balance'
          ? `{ custId: { ne: "9007199254740995" }, balance: { eq: $v } }`
          : `{ ${field}: { eq: $v } }`;
      const { data, errors } = await ask(
        `query ($v: ${type}) { customers(filter: ${filter}) { totalCount items { name } } }`,
        { v: value },
      );
      assert.deepEqual(errors, []);
      assert.equal(data.customers.totalCount, count);
      assert.equal(data.customers.items.length, count);
    });
  }

  it('reads long literals digit by digit', async () => {
    const { data, errors } = await ask(`{ customers(filter: {
      custId: { in: [9007199254740991, "9007199254740992"] }, balance: { gt: 1234567890123456789012345678.89 }
    }) { items { balance } } }`);
    assert.deepEqual(errors, []);
    assert.deepEqual(data.customers.items, [{ balance: '1234567890123456789012345678.90' }]);
  });

  for (const [type, value] of [
    ['Long', 2 ** 53],
    ['Long', '1.5'],
    ['Decimal', '1e5'],
    ['Decimal', 0.1234567890123456],
    ['Date', '2023-02-29'],
    ['DateTime', '2024-02-29T23:59:59'],
    ['Bytes', '!'],
  ] as const) {
    it(`refuses ${JSON.stringify(value)} as ${type} instead of rounding or moving it`, async () => {
      const field = { Long: 'custId', Decimal: 'balance', Date: 'since', DateTime: 'seenAt', Bytes: 'photo' }[
        type
      ];
      const { data, errors } = await ask(
        `query ($v: ${type}) { customers(filter: { ${field}: { eq: $v } }) { totalCount } }`,
        { v: value },
      );
      assert.equal(data, undefined);
      assert.equal(errors[0]?.extensions['kind'], 'invalid');
      assert.match(errors[0]?.message ?? '', new RegExp(`${type} must be`));
    });
  }

  it('has null and a located error where a field cannot be decoded; the rest stands', async () => {
    const { data, errors, status } = await ask(
      '{ customers(orderBy: { custId: ASC }) { rows: items { id: custId money: balance } } }',
    );
    assert.equal(status, 200);
    assert.deepEqual(data.customers.rows[4], { id: '9007199254740995', money: null });
    assert.deepEqual(data.customers.rows[5], { id: '9007199254740996', money: '600.50' });
    assert.equal(errors.length, 1);
    const [{ path, message, extensions } = assert.fail()] = errors;
    assert.deepEqual(path, ['customers', 'rows', 4, 'money']);
    assert.equal(message, 'The sign of the packed number is no sign');
    const { requestId, ...told } = extensions;
    assert.equal(typeof requestId, 'string');
    assert.deepEqual(told, {
      code: 'bad-packed-digit',
      kind: 'corrupt',
      source: 'mainframe',
      collection: 'customers',
      record: 5,
      field: 'balance',
      byteOffset: 4_711,
      hex: '12345A',
    });
  });

  it('has null and an error for a number that a Float cannot carry', async () => {
    const { data, errors } = await ask('{ customer(custId: "9007199254740994") { name score } }');
    assert.deepEqual(data.customer, { name: 'Customer 4', score: null });
    assert.equal(errors[0]?.extensions['code'], 'not-finite');
  });

  it('has null for a row whose key cannot be read; the other rows stand', async () => {
    const { execute } = bank();
    await using graphql = await serve({
      execute: async (request, context) => {
        const result = await execute(request, context);
        return {
          ...result,
          batches: (async function* () {
            for await (const batch of result.batches) {
              const keys = [null, BAD_DIGIT];
              yield {
                ...batch,
                row: (i: number) => ({ ...batch.row(i), ...(i < 2 ? { custId: keys[i] ?? null } : {}) }),
              };
            }
          })(),
        };
      },
    });
    const { data, errors } = await graphql.ask('{ customers(first: 3) { items { custId } } }');
    assert.deepEqual(data.customers.items, [null, null, { custId: '9007199254740993' }]);
    assert.deepEqual(
      errors.map(({ path, extensions }) => [path?.slice(2), extensions['kind'], extensions['code']]),
      [
        [[0, 'custId'], 'corrupt', 'null-key'],
        [[1, 'custId'], 'corrupt', 'bad-packed-digit'],
      ],
    );
  });

  it('keeps standing when a relation cannot be read', async () => {
    const down = new Fault('unavailable', 'The ledger is down', { source: 'ledger' });
    const { data, errors } = await ask(
      '{ customers(first: 2) { items { name accounts { totalCount } } } }',
      undefined,
      {
        ledger: down,
      },
    );
    assert.deepEqual(data.customers.items, [
      { name: 'Customer 1', accounts: null },
      { name: 'Customer 2', accounts: null },
    ]);
    assert.deepEqual(
      errors.map(({ path, extensions }) => [path, extensions['kind'], extensions['source']]),
      [
        [['customers', 'items', 0, 'accounts'], 'unavailable', 'ledger'],
        [['customers', 'items', 1, 'accounts'], 'unavailable', 'ledger'],
      ],
    );
  });

  it('keeps other root fields when one of them fails', async () => {
    const { data, errors } = await ask(
      '{ customers(first: 1) { items { name } } dates { items { name } } }',
      undefined,
      {
        ledger: new Fault('timeout', 'No answer in time', { source: 'ledger' }),
      },
    );
    assert.equal(data.customers.items[0].name, 'Customer 1');
    assert.equal(data.dates, null);
    assert.deepEqual(errors[0]?.path, ['dates']);
  });

  it('is null for a key that no row has', async () => {
    const { data, errors } = await ask(
      '{ customer(custId: 1) { name } account(branch: "B1", number: 101) { balance } }',
    );
    assert.deepEqual(errors, []);
    assert.deepEqual(data, { customer: null, account: { balance: '01.00' } });
  });

  it('follows relations in both directions, composite keys and keyless collections', async () => {
    const { data, errors } =
      await ask(`{ customer(custId: "9007199254740992") { accounts(filter: { branch: { eq: "B2" } }) {
      totalCount items { number customer { name } postings(first: 1) {
        items { text account { branch customer { name } } } pageInfo { hasNextPage hasPreviousPage } } } } } }`);
    assert.deepEqual(errors, []);
    assert.deepEqual(data.customer.accounts, {
      totalCount: 1,
      items: [
        {
          number: '112',
          customer: { name: 'Customer 2' },
          postings: {
            items: [{ text: 'first of 112', account: { branch: 'B2', customer: { name: 'Customer 2' } } }],
            pageInfo: { hasNextPage: true, hasPreviousPage: false },
          },
        },
      ],
    });
  });

  it('pages through a list by cursors', async () => {
    const { execute } = bank();
    await using graphql = await serve({ execute });
    const seen: string[] = [];
    const pages: unknown[] = [];
    let after: string | null = null;
    do {
      const { data, errors }: Answer = await graphql.ask(
        `query ($after: String) { customers(first: 3, after: $after, orderBy: [{ status: DESC }]) {
          edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
        { after },
      );
      assert.deepEqual(errors, []);
      const { edges, pageInfo } = data.customers;
      seen.push(...edges.map(({ node }: { node: { name: string } }) => node.name));
      pages.push([pageInfo.hasNextPage, pageInfo.hasPreviousPage]);
      assert.equal(pageInfo.startCursor, edges[0].cursor);
      assert.equal(pageInfo.endCursor, edges.at(-1).cursor);
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
    assert.deepEqual(
      seen.map((name) => name.slice(-1)),
      ['3', '6', '1', '2', '4', '5', '7'],
    );
    assert.deepEqual(pages, [
      [true, false],
      [true, true],
      [false, true],
    ]);
  });

  it('gives the cursor of the last row when only that is asked', async () => {
    const { data } = await ask('{ customers(first: 2) { items { name } pageInfo { endCursor } } }');
    const next = await ask(
      `{ customers(first: 2, after: "${data.customers.pageInfo.endCursor}") { items { name } } }`,
    );
    assert.deepEqual(next.data.customers.items, [{ name: 'Customer 3' }, { name: 'Customer 4' }]);
  });

  it('pages inside a relation', async () => {
    const query = (after: string) =>
      `{ customers(first: 1) { items { accounts(first: 2${after}) { edges { cursor node { number } } pageInfo { hasPreviousPage } } } } }`;
    const { data } = await ask(query(''));
    const [, second] = data.customers.items[0].accounts.edges;
    const next = await ask(query(`, after: "${second.cursor}"`));
    assert.deepEqual(
      next.data.customers.items[0].accounts.edges.map(({ node }: { node: unknown }) => node),
      [{ number: '103' }],
    );
    assert.equal(next.data.customers.items[0].accounts.pageInfo.hasPreviousPage, true);
  });

  it('says how old the data of each source is, the oldest counts', async () => {
    const { extensions } = await ask(
      '{ customers(first: 1) { items { accounts { items { number } } } } dates { items { day } } }',
    );
    assert.deepEqual(extensions['sources'], [
      { source: 'ledger', asOf: '2024-03-01T05:00:00Z' },
      { source: 'mainframe', asOf: '2024-03-01T04:00:00Z' },
    ]);
  });
});
