import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import type { Field, ObjectType, Operation } from '../../src/model/type.ts';
import type { Value } from '../../src/model/value.ts';
import type { Invoke } from '../../src/query/request.ts';
import { bank } from './bank.ts';
import { type Served, serve } from './serve.ts';

const MONEY = { kind: 'decimal', precision: 11, scale: 2 } as const;
const line: ObjectType = {
  kind: 'object',
  name: 'Line',
  shared: true,
  fields: [
    { name: 'text', type: { kind: 'string' }, nullable: true },
    { name: 'amount', type: MONEY },
  ],
};
const card: ObjectType = {
  kind: 'object',
  name: 'Card',
  shared: true,
  fields: [{ name: 'pan', type: { kind: 'string' } }],
};
const cash: ObjectType = {
  kind: 'object',
  name: 'Cash',
  shared: true,
  fields: [{ name: 'till', type: { kind: 'int32' } }],
};
const input: readonly Field[] = [
  { name: 'custId', type: { kind: 'int64' } },
  { name: 'on', type: { kind: 'date' }, nullable: true },
  { name: 'lines', type: { kind: 'list', of: line }, nullable: true },
];
const score: Operation = {
  name: 'getScore',
  doc: 'The score of a customer.',
  effect: 'read',
  idempotent: true,
  input,
  output: {
    kind: 'object',
    name: 'Score',
    fields: [
      { name: 'points', type: { kind: 'int64' } },
      { name: 'lines', type: { kind: 'list', of: line } },
      {
        name: 'paidBy',
        type: {
          kind: 'union',
          name: 'Means',
          of: [
            { ...card, tag: 'Card' },
            { ...cash, tag: 'Cash' },
          ],
        },
      },
    ],
  },
};
const book: Operation = { ...score, name: 'bookLines', effect: 'write', output: MONEY };
const { catalog } = buildCatalog([{ source: 'scoring', collections: [], operations: [score, book] }], []);

function served(invoke?: Invoke): Promise<Served> {
  return serve({ catalog, execute: bank().execute, ...(invoke === undefined ? {} : { invoke }) });
}

describe('operations in GraphQL', () => {
  it('get values of their own types, and what was left out stays out', async () => {
    const calls: [string, Readonly<Record<string, Value>>][] = [];
    await using graphql = await served(async (name, given) => {
      calls.push([name, given]);
      return {
        points: 2n ** 60n,
        lines: [{ text: null, amount: '1.00' }],
        paidBy: { '@type': 'Cash', till: 7 },
      };
    });
    const { data, errors } = await graphql.ask(
      `query ($id: Long!) { getScore(custId: $id, lines: [{ amount: 12.5 }, { text: null, amount: "3" }]) {
        points lines { text amount } paidBy { __typename ... on Card { pan } ... on Cash { till } } } }`,
      { id: '9007199254740993' },
    );
    assert.deepEqual(errors, []);
    assert.deepEqual(calls, [
      [
        'getScore',
        { custId: 9_007_199_254_740_993n, lines: [{ amount: '12.50' }, { text: null, amount: '3.00' }] },
      ],
    ]);
    assert.deepEqual(data.getScore, {
      points: '1152921504606846976',
      lines: [{ text: null, amount: '1.00' }],
      paidBy: { __typename: 'Cash', till: 7 },
    });
  });

  it('that write are mutations, and never run over GET', async () => {
    let calls = 0;
    await using graphql = await served(async () => {
      calls++;
      return '9.99';
    });
    const mutation = 'mutation { bookLines(custId: 1) }';
    assert.deepEqual((await graphql.ask(mutation)).data, { bookLines: '9.99' });
    const { status, errors } = await graphql.send({}, `?query=${encodeURIComponent(mutation)}`);
    assert.deepEqual([status, errors[0]?.extensions['code'], calls], [405, 'method-not-allowed', 1]);
    assert.match(
      (await graphql.ask('{ bookLines(custId: 1) }')).errors[0]?.message ?? '',
      /Cannot query field/,
    );
  });

  it('refuse null where an argument may only be left out, and leaving out where it may only be null', async () => {
    const asked: Readonly<Record<string, Value>>[] = [];
    const group: ObjectType = {
      kind: 'object',
      name: 'Group',
      fields: [{ name: 'must', type: { kind: 'int32' }, nullable: true, optional: false }],
    };
    const ask: Operation = {
      ...book,
      name: 'ask',
      input: [
        { name: 'may', type: { kind: 'int32' }, optional: true },
        { name: 'group', type: group, nullable: true },
      ],
    };
    await using graphql = await serve({
      catalog: buildCatalog([{ source: 'scoring', collections: [], operations: [ask] }], []).catalog,
      execute: bank().execute,
      async invoke(_name, given) {
        asked.push(given);
        return '1.00';
      },
    });
    const failure = async (field: string) => {
      const { errors } = await graphql.ask(`mutation { ${field} }`);
      const { kind, code, parameter } = errors[0]?.extensions ?? {};
      return [kind, code, parameter];
    };
    assert.deepEqual(await failure('ask(may: null)'), ['invalid', 'bad-value', 'may']);
    assert.deepEqual(await failure('ask(group: {})'), ['invalid', 'missing-argument', 'group.must']);
    assert.deepEqual(await failure('ask ask2: ask(may: 1, group: { must: null }) ask3: ask(group: null)'), [
      undefined,
      undefined,
      undefined,
    ]);
    assert.deepEqual(asked, [{}, { may: 1, group: { must: null } }, { group: null }]);
  });

  it('are unsupported as long as nothing can call them', async () => {
    await using graphql = await served();
    const { errors } = await graphql.ask('{ getScore(custId: 1) { points } }');
    assert.deepEqual(
      [errors[0]?.extensions['kind'], errors[0]?.extensions['source']],
      ['unsupported', 'scoring'],
    );
  });
});
