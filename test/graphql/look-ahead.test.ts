import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Include, ListRequest, Request } from '../../src/query/request.ts';
import { bank } from './bank.ts';
import { serve } from './serve.ts';

/** The requests that a query is turned into. */
async function requestsOf(query: string, variables?: unknown): Promise<readonly Request[]> {
  const { execute, requests } = bank();
  await using graphql = await serve({ execute });
  const { errors } = await graphql.ask(query, variables);
  assert.deepEqual(errors, []);
  return requests;
}

async function listOf(query: string, variables?: unknown): Promise<ListRequest> {
  const [request, ...more] = await requestsOf(query, variables);
  assert.equal(more.length, 0, 'one request');
  assert.ok(request?.kind === 'list');
  return request;
}

function shape({ as, relation, first, count, selection }: Include): unknown {
  return { as, relation, first, count, fields: selection.fields, include: selection.include.map(shape) };
}

describe('look-ahead', () => {
  it('makes one request of a root field, with all relations below it', async () => {
    const { selection, count } = await listOf(`{
      customers { items { name accounts(first: 2) { totalCount items { number postings { items { text } } } } } }
    }`);
    assert.equal(count, false);
    assert.deepEqual(selection.fields, ['name']);
    assert.deepEqual(selection.include.map(shape), [
      {
        as: 'accounts',
        relation: 'accounts',
        first: 2,
        count: true,
        fields: ['number'],
        include: [
          {
            as: 'postings',
            relation: 'postings',
            first: undefined,
            count: false,
            fields: ['text'],
            include: [],
          },
        ],
      },
    ]);
  });

  it('reads a relation once for all parents', async () => {
    const { execute, asked } = bank();
    await using graphql = await serve({ execute });
    await graphql.ask('{ customers { items { accounts { items { number customer { name } } } } } }');
    assert.deepEqual(
      asked.map(({ collection, where }) => [collection, where]),
      [
        ['customers', ''],
        ['accounts', 'keys'],
        ['customers', 'keys'],
      ],
    );
  });

  it('asks for the fields that are selected inside groups, and inside groups in lists', async () => {
    const { selection } = await listOf(
      '{ customers { items { address { geo { zone } city } limits { amount } } } }',
    );
    assert.deepEqual(selection.fields, ['address.geo.zone', 'address.city', 'limits.amount']);
  });

  it('asks for a group of which only the type name is selected', async () => {
    const { selection } = await listOf('{ customers { items { address { __typename } } } }');
    assert.deepEqual(selection.fields, ['address']);
  });

  it('opens fragments, and merges selections of one response key', async () => {
    const { selection } = await listOf(`
      query { customers { items { ...A address { city } accounts { items { number } } ... on Customer { name ...A } } } }
      fragment A on Customer { custId address { street } accounts { items { balance } } }
    `);
    assert.deepEqual(selection.fields, ['custId', 'address.street', 'address.city', 'name']);
    assert.deepEqual(
      selection.include.map(({ as, selection: inner }) => [as, inner.fields]),
      [['accounts', ['balance', 'number']]],
    );
  });

  it('obeys @skip and @include', async () => {
    const query = `query ($no: Boolean!) {
      customers { items { name rating @skip(if: true) vip @include(if: $no) ... @include(if: $no) { since } } }
    }`;
    assert.deepEqual((await listOf(query, { no: false })).selection.fields, ['name']);
    assert.deepEqual((await listOf(query, { no: true })).selection.fields, ['name', 'vip', 'since']);
  });

  it('makes two includes of a relation under two aliases', async () => {
    const { selection } = await listOf(`{ customers { items {
      one: accounts(first: 1) { items { number } }
      rich: accounts(filter: { balance: { gt: "20" } }) { items { balance } }
    } } }`);
    assert.deepEqual(
      selection.include.map(({ as, first, where }) => [as, first, where.length]),
      [
        ['one', 1, 0],
        ['rich', undefined, 1],
      ],
    );
  });

  it('tells includes of one response key with different arguments apart', async () => {
    const { execute } = bank();
    await using graphql = await serve({ execute });
    const { data } = await graphql.ask(`{ customers(first: 1) {
      items { accounts(first: 1) { items { number } } }
      edges { node { accounts(first: 2) { items { number } } } }
    } }`);
    assert.equal(data.customers.items[0].accounts.items.length, 1);
    assert.equal(data.customers.edges[0].node.accounts.items.length, 2);
  });

  it('counts only where totalCount is selected, and then reads no row for it', async () => {
    const { execute, requests } = bank();
    await using graphql = await serve({ execute });
    const { data } = await graphql.ask('{ customers(filter: { vip: { eq: true } }) { totalCount } }');
    assert.equal(data.customers.totalCount, 3);
    assert.equal(requests[0]?.kind === 'list' && requests[0].count, true);
    assert.equal((await listOf('{ customers { items { name } } }')).count, false);
  });

  it('reads filters, orders and pages of root lists and relations alike', async () => {
    const { where, order, first, selection } = await listOf(
      `query ($f: CustomerFilter, $d: OrderDirection!) {
        customers(filter: $f, orderBy: [{ address: { city: $d } }, { custId: ASC }], first: 3) {
          items { accounts(filter: { not: { branch: { in: ["B1"] } } }, orderBy: { number: DESC }) { items { number } } }
        }
      }`,
      {
        d: 'DESC',
        f: {
          or: [
            { custId: { gte: '9007199254740993' } },
            { and: [{ or_: { eq: 'OR' } }, { photo: { isNull: false } }] },
          ],
        },
      },
    );
    assert.equal(first, 3);
    assert.deepEqual(
      order.map(({ field, descending }) => [field, descending]),
      [
        ['address.city', true],
        ['custId', false],
      ],
    );
    assert.deepEqual(where, [
      {
        op: 'any',
        of: [
          [{ op: 'ge', field: 'custId', type: { kind: 'int64' }, value: 9_007_199_254_740_993n }],
          [
            { op: 'eq', field: 'or', type: { kind: 'string' }, value: 'OR' },
            { op: 'null', field: 'photo', type: { kind: 'bytes' }, is: false },
          ],
        ],
      },
    ]);
    assert.deepEqual(
      selection.include[0]?.where.map(({ op }) => op),
      ['not'],
    );
    assert.deepEqual(
      selection.include[0]?.order.map(({ field, descending }) => [field, descending]),
      [['number', true]],
    );
  });

  it('takes null in eq and ne for missing values, and a null filter for none', async () => {
    const { where } = await listOf(
      '{ customers(filter: { or_: { eq: null }, name: { ne: null } }) { totalCount } }',
    );
    assert.deepEqual(
      where.map((conjunct) => (conjunct.op === 'null' ? [conjunct.field, conjunct.is] : conjunct.op)),
      [
        ['name', false],
        ['or', true],
      ],
    );
    assert.deepEqual(
      (await listOf('{ customers(filter: null, first: null, after: null) { totalCount } }')).where,
      [],
    );
  });
});
