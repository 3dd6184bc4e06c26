import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import { bank } from './bank.ts';
import { type GraphqlFailure, serve } from './serve.ts';

const policy = {
  ...DEFAULT_POLICY,
  page: { defaultRows: 2, maxRows: 5 },
  query: { ...DEFAULT_POLICY.query, maxFilterConditions: 3, maxFilterDepth: 4 },
  graphql: { ...DEFAULT_POLICY.graphql, maxDepth: 7, maxTokens: 200 },
};

async function failureOf(query: string, variables?: unknown): Promise<GraphqlFailure> {
  await using graphql = await serve({ execute: bank({}, policy).execute, policy });
  const { errors } = await graphql.ask(query, variables);
  const [failure] = errors;
  assert.ok(failure !== undefined, 'an error');
  return failure;
}

async function refused(kind: string, code: string, query: string, variables?: unknown): Promise<void> {
  const { extensions, message } = await failureOf(query, variables);
  assert.deepEqual([extensions['kind'], extensions['code']], [kind, code], message);
}

describe('limits of a GraphQL request', () => {
  it('first below 1 is invalid, above the largest page too costly', async () => {
    await refused('invalid', 'bad-first', '{ customers(first: 0) { items { name } } }');
    await refused('invalid', 'bad-first', '{ customers(first: -1) { items { name } } }');
    await refused('too-costly', 'page-limit', '{ customers(first: 6) { items { name } } }');
    await refused(
      'too-costly',
      'page-limit',
      '{ customers { items { accounts(first: 6) { items { number } } } } }',
    );
  });

  it('a query nested too deeply is too costly, fragments counted', async () => {
    const deep =
      '{ customers { items { accounts { items { postings { items { account { branch } } } } } } } }';
    await refused('too-costly', 'depth-limit', deep);
    await refused(
      'too-costly',
      'depth-limit',
      `query { customers { items { accounts { items { ...P } } } } }
       fragment P on Account { postings { items { ...Q } } } fragment Q on Posting { account { branch } }`,
    );
    await using graphql = await serve({ execute: bank({}, policy).execute, policy });
    const fits = await graphql.ask(
      '{ customers { items { accounts { items { postings { items { text } } } } } } }',
    );
    assert.deepEqual(fits.errors, []);
  });

  it('a fragment that contains itself is invalid and comes to an end', async () => {
    await refused(
      'invalid',
      'invalid',
      '{ customers { items { ...A } } } fragment A on Customer { accounts { items { customer { ...A } } } }',
    );
  });

  it('introspection is not counted as depth, but bounded', async () => {
    await using graphql = await serve({ execute: bank({}, policy).execute, policy });
    const deep = await graphql.ask(
      '{ __schema { types { fields { type { ofType { ofType { ofType { ofType { name } } } } } } } } }',
    );
    assert.deepEqual(deep.errors, []);
    const circular = await graphql.ask(
      '{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }',
    );
    assert.equal(circular.errors[0]?.extensions['kind'], 'invalid');
  });

  it('a text of too many tokens is too costly before it is read', async () => {
    const aliases = Array.from({ length: 100 }, (_, i) => `a${i}: name`).join(' ');
    await refused('too-costly', 'token-limit', `{ customers { items { ${aliases} } } }`);
    await refused('too-costly', 'token-limit', `{ ${'['.repeat(300)}`);
  });

  it('a long text of few tokens is read', async () => {
    await using graphql = await serve({ execute: bank({}, policy).execute, policy });
    const { errors } = await graphql.ask(`{ customers { items { name } } } # ${'long '.repeat(200)}`);
    assert.deepEqual(errors, []);
  });

  it('fragments within fragments cannot make a short text select without end', async () => {
    const levels = Array.from(
      { length: 8 },
      (_, i) => `fragment F${i} on Customer { a: accounts { ...G${i} } b: accounts(first: 1) { ...G${i} } }
        fragment G${i} on AccountConnection { items { customer { ...F${i + 1} } } }`,
    ).join(' ');
    const generous = {
      ...policy,
      graphql: { ...DEFAULT_POLICY.graphql, maxDepth: 100, maxTokens: 500, maxAliases: 10_000 },
    };
    await using graphql = await serve({ execute: bank({}, generous).execute, policy: generous });
    const began = performance.now();
    const { errors } = await graphql.ask(
      `query { customers { items { ...F0 } } } ${levels} fragment F8 on Customer { name }`,
    );
    assert.equal(errors[0]?.extensions['code'], 'field-limit');
    assert.ok(performance.now() - began < 2_000);
  });

  it('root fields are too costly together, not each for itself', async () => {
    const tight = { ...policy, query: { ...policy.query, maxCost: 10 } };
    await using graphql = await serve({ execute: bank({}, tight).execute, policy: tight });
    const rows = '{ items { name } }';
    const two = await graphql.ask(`{ a: customers(first: 5) ${rows} b: customers(first: 5) ${rows} }`);
    assert.deepEqual(two.errors, []);
    const three = await graphql.ask(
      `{ a: customers(first: 5) ${rows} b: customers(first: 5) ${rows} c: customers(first: 1) ${rows} }`,
    );
    assert.deepEqual(
      three.errors.map(({ path, extensions }) => [path, extensions['code']]),
      [[['c'], 'cost-limit']],
    );
  });

  it('a filter has bounded conditions and depth', async () => {
    await refused(
      'too-costly',
      'filter-limit',
      '{ customers(filter: { rating: { gt: 1, lt: 9, ne: 5 }, vip: { eq: true } }) { totalCount } }',
    );
    const nested = `${'{ not: '.repeat(5)}{ vip: { eq: true } }${' }'.repeat(5)}`;
    await refused('too-costly', 'filter-limit', `{ customers(filter: ${nested}) { totalCount } }`);
    const fits = `${'{ not: '.repeat(4)}{ vip: { eq: true } }${' }'.repeat(4)}`;
    await using graphql = await serve({ execute: bank({}, policy).execute, policy });
    assert.deepEqual((await graphql.ask(`{ customers(filter: ${fits}) { totalCount } }`)).errors, []);
  });

  it('variables nested without end are too costly, not a crash', async () => {
    const depth = 50_000;
    await using graphql = await serve({ execute: bank({}, policy).execute, policy });
    const body = `{"query":"query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }","variables":{"f":${'{"not":'.repeat(depth)}{}${'}'.repeat(depth)}}}`;
    const { errors } = await graphql.send({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    assert.deepEqual(
      [errors[0]?.extensions['kind'], errors[0]?.extensions['code']],
      ['too-costly', 'depth-limit'],
    );
  });
});

describe('a GraphQL document', () => {
  const tight = {
    ...policy,
    graphql: { ...policy.graphql, maxAliases: 4, maxRootFields: 3, maxTokens: 4_000 },
  };
  const ask = async (query: string, more: Partial<typeof tight> = {}) => {
    const own = { ...tight, ...more };
    await using graphql = await serve({ execute: bank({}, own).execute, policy: own });
    const { errors } = await graphql.ask(query);
    return errors.map(({ extensions }) => extensions['code']);
  };

  it('of too many aliases is too costly, those of fragments counted wherever they are spread', async () => {
    assert.deepEqual(await ask('{ customers { items { a: name b: name c: name d: name } } }'), []);
    assert.deepEqual(await ask('{ customers { items { a: name b: name c: name d: name e: name } } }'), [
      'alias-limit',
    ]);
    const spread = (times: number) =>
      `{ customers { items { ${Array.from({ length: times }, () => '... on Customer { ...F }').join(' ')} } } } fragment F on Customer { a: name b: name }`;
    assert.deepEqual(await ask(spread(2)), []);
    assert.deepEqual(await ask(spread(3)), ['alias-limit']);
  });

  it('of too many root fields is too costly', async () => {
    const times = (number: number) =>
      Array.from({ length: number }, () => 'customers { totalCount }').join(' ');
    assert.deepEqual(await ask(`{ ${times(3)} }`), []);
    assert.deepEqual(await ask(`{ ${times(4)} }`), ['root-field-limit']);
    assert.deepEqual(await ask(`{ ...A ...A } fragment A on Query { ${times(2)} }`), ['root-field-limit']);
  });

  it('whose fragments double at each of many levels is refused at once', async () => {
    const levels = Array.from(
      { length: 200 },
      (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`,
    );
    const began = performance.now();
    const codes = await ask(
      `{ ...F0 } ${levels.join(' ')} fragment F200 on Query { customers { totalCount } }`,
    );
    assert.deepEqual(codes, ['root-field-limit']);
    assert.ok(performance.now() - began < 2_000);
  });

  it('asks for the schema a few times at most', async () => {
    const generous = { graphql: { ...tight.graphql, maxAliases: 100, maxRootFields: 100, maxTokens: 4_000 } };
    const schema = (times: number) =>
      Array.from({ length: times }, (_, i) => `s${i}: __schema { queryType { name } }`).join(' ');
    assert.deepEqual(await ask(`{ ${schema(10)} }`, generous), []);
    assert.deepEqual(await ask(`{ ${schema(11)} }`, generous), ['introspection-limit']);
    const aliases = Array.from({ length: 10 }, (_, i) => `t${i}: types { name }`).join(' ');
    assert.deepEqual(await ask(`{ __schema { ${aliases} } }`, generous), ['introspection-limit']);
  });

  it('is one: a list of them is refused, and so is a mutation or a subscription by GET', async () => {
    await using graphql = await serve({ execute: bank({}, policy).execute, policy });
    const batch = await graphql.send({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ query: '{ __typename }' }, { query: '{ __typename }' }]),
    });
    assert.equal(batch.status, 400);
    for (const query of ['mutation { createCustomer { name } }', 'mutation { __typename }']) {
      const { status } = await graphql.send({}, `?query=${encodeURIComponent(query)}`);
      assert.ok(status === 405 || status === 400, `${status}`);
    }
    assert.equal((await graphql.send({}, `?query=${encodeURIComponent('{ __typename }')}`)).status, 200);
  });

  it('whose answer has too many rows or bytes gets none, known or not', async () => {
    for (const [http, code] of [
      [{ maxAnswerRows: 3 }, 'answer-rows'],
      [{ maxAnswerBytes: 60 }, 'answer-bytes'],
    ] as const) {
      const own = { ...policy, page: DEFAULT_POLICY.page, http: { ...policy.http, ...http } };
      await using graphql = await serve({ execute: bank({}, own).execute, policy: own });
      const whole = '{ customers { items { name accounts { items { number } } } } }';
      const known = [];
      for (let i = 0; i < 3; i++) {
        const { errors, data } = await graphql.ask(whole);
        known.push([errors[0]?.extensions['code'], data?.customers ?? null]);
      }
      assert.deepEqual(known, [
        [code, null],
        [code, null],
        [code, null],
      ]);
      assert.deepEqual((await graphql.ask('{ customers(first: 1) { items { custId } } }')).errors, []);
    }
  });

  it('has all of its rows counted together', async () => {
    const own = { ...policy, http: { ...policy.http, maxAnswerRows: 3 } };
    await using graphql = await serve({ execute: bank({}, own).execute, policy: own });
    const field = (name: string) => `${name}: customers(first: 2) { items { name } }`;
    assert.deepEqual((await graphql.ask(`{ ${field('a')} }`)).errors, []);
    const { errors } = await graphql.ask(`{ ${field('a')} ${field('b')} }`);
    assert.deepEqual(
      errors.map(({ extensions }) => extensions['code']),
      ['answer-rows'],
    );
  });
});

describe('what a GraphQL request gets wrong', () => {
  it('an unknown field or argument is named with its nearest word', async () => {
    assert.match((await failureOf('{ customers { items { nam } } }')).message, /Did you mean "name"/);
    assert.match(
      (await failureOf('{ customers(filtr: {}) { totalCount } }')).message,
      /Did you mean "filter"/,
    );
    assert.match(
      (await failureOf('{ customers(filter: { nam: {} }) { totalCount } }')).message,
      /Did you mean "name"/,
    );
  });

  it('a syntax error has its place', async () => {
    const { message, locations, extensions } = await failureOf('{ customers { items { name }');
    assert.match(message, /Syntax Error/);
    assert.deepEqual(locations, [{ line: 1, column: 29 }]);
    assert.equal(extensions['kind'], 'invalid');
  });

  it('two fields in one entry of the order are invalid', async () => {
    const { message, extensions } = await failureOf(
      '{ customers(orderBy: { name: ASC, custId: DESC }) { items { name } } }',
    );
    assert.equal(extensions['kind'], 'invalid');
    assert.match(message, /exactly one field/);
    await refused(
      'invalid',
      'invalid',
      'query ($o: [CustomerOrder!]) { customers(orderBy: $o) { totalCount } }',
      {
        o: [{ name: 'ASC', custId: 'DESC' }],
      },
    );
  });

  it('null where only a value makes sense is invalid, not every row and not no row', async () => {
    for (const filter of [
      'rating: null',
      'rating: { gt: null }',
      'name: { contains: null }',
      'rating: { in: null }',
    ]) {
      await refused('invalid', 'null-condition', `{ customers(filter: { ${filter} }) { totalCount } }`);
    }
    await refused('invalid', 'null-condition', '{ customers(filter: { and: null }) { totalCount } }');
    await refused(
      'invalid',
      'invalid',
      '{ customers(filter: { rating: { in: [1, null] } }) { totalCount } }',
    );
  });

  it('an enum value shown as text must still be one of the enum', async () => {
    await refused('invalid', 'bad-value', '{ customers(filter: { grade: { eq: "3-C" } }) { totalCount } }');
  });

  it('a made-up cursor, and one of another order, is invalid', async () => {
    await refused('invalid', 'bad-cursor', '{ customers(after: "made up") { items { name } } }');
    await using graphql = await serve({ execute: bank({}, policy).execute, policy });
    const { data } = await graphql.ask('{ customers { pageInfo { endCursor } } }');
    const { errors } = await graphql.ask(
      'query ($after: String) { customers(after: $after, orderBy: [{ name: DESC }]) { items { name } } }',
      { after: data.customers.pageInfo.endCursor },
    );
    assert.equal(errors[0]?.extensions['code'], 'bad-cursor');
  });
});
