import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { execute, parse } from 'graphql';
import { answerOf } from '../../src/graphql/complete.ts';
import type { GraphqlContext } from '../../src/graphql/context.ts';
import { looks } from '../../src/graphql/looks.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import { ages } from '../../src/query/freshness.ts';
import { bank, CATALOG } from './bank.ts';

const schema = createSchema(CATALOG, DEFAULT_POLICY);

const ROW = `custId name status balance rating vip since opensAt changedAt seenAt photo extra phones
  limits { amount } address { street geo { zone } } grade nameText constructor hasOwnProperty or`;

/** Queries without anything that fails: each is completed, and as graphql-js completes it. */
const USUAL: readonly (readonly [what: string, query: string, variables?: Record<string, unknown>])[] = [
  ['every type', `{ customers(first: 3) { items { ${ROW} } } }`],
  [
    'an item and none',
    `{ a: customer(custId: "9007199254740991") { ${ROW} } b: customer(custId: "1") { name } }`,
  ],
  [
    'edges and pages',
    '{ customers(first: 2) { edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }',
  ],
  [
    'relations',
    '{ customers(first: 3) { items { accounts(first: 2) { items { number customer { name } } pageInfo { endCursor } } } } }',
  ],
  [
    'one relation asked for twice',
    '{ customers(first: 2) { items { a: accounts(first: 1) { items { number } } b: accounts(first: 2) { items { branch } } } edges { node { a: accounts(first: 3) { items { balance } } } } } }',
  ],
  [
    'type names, aliases, merged selections',
    '{ __typename x: customers(first: 1) { __typename items { __typename y: name } items { rating y: name } } }',
  ],
  [
    'fragments and directives',
    `query ($yes: Boolean!, $n: Int) {
      customers(first: $n) { items { ...Own ... on Customer @skip(if: $yes) { rating } vip @include(if: $yes) } }
    }
    fragment Own on Customer { name accounts(first: 1) @include(if: $yes) { items { number } } }`,
    { yes: true, n: 2 },
  ],
];

/** What only graphql-js completes, with the errors that it names. */
const UNUSUAL: readonly (readonly [what: string, query: string, variables?: Record<string, unknown>])[] = [
  ['a value that did not decode', '{ customers { items { custId balance } } }'],
  ['a number that GraphQL has not', '{ customers { items { score } } }'],
  [
    'a root field that fails beside one that does not',
    '{ good: customers(first: 1) { items { name } } bad: customers(after: "none") { items { name } } }',
  ],
  ['a count', '{ customers { totalCount items { name } } }'],
  ['introspection', '{ __schema { queryType { name } } customers(first: 1) { items { name } } }'],
  ['a bad variable', 'query ($id: Long!) { customer(custId: $id) { name } }', { id: 'x' }],
  ['an alias that objects have', '{ customers(first: 1) { items { __proto__: name } } }'],
];

function contextOf(): GraphqlContext & { readonly reads: () => number } {
  const own = bank();
  const looked = looks();
  let reads = 0;
  return {
    execute: (request, context) => {
      reads++;
      return own.execute(request, context);
    },
    reads: () => reads,
    exchange: { requestId: 'one', signal: new AbortController().signal },
    ages: ages(),
    asked: { rows: 0 },
    looks: looked,
    roots: new Map(),
    changed: { asked: 0, fields: [] },
  };
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('completing a query', () => {
  for (const [what, query, variableValues = {}] of USUAL) {
    it(`${what}: the same text as from graphql-js`, async () => {
      const args = { schema, document: parse(query), variableValues };
      const { data, errors } = await execute({ ...args, contextValue: contextOf() });
      assert.equal(errors, undefined);
      const answer = answerOf(args, DEFAULT_POLICY);
      for (const _ of [1, 2]) {
        assert.equal(JSON.stringify(await answer(contextOf())), JSON.stringify(data));
      }
    });
  }

  for (const [what, query, variableValues = {}] of UNUSUAL) {
    it(`${what}: graphql-js completes what has been read, and nothing is read twice`, async () => {
      const args = { schema, document: parse(query), variableValues };
      const alone = contextOf();
      const expected = await execute({ ...args, contextValue: alone });
      const context = contextOf();
      assert.equal(await answerOf(args, DEFAULT_POLICY)(context), undefined);
      assert.deepEqual(plain(await execute({ ...args, contextValue: context })), plain(expected));
      assert.equal(context.reads(), alone.reads());
    });
  }
});
