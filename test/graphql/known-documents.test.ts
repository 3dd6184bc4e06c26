import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import express from 'express';
import { parse } from 'graphql';
import { ANSWER_TYPES, knownDocuments } from '../../src/graphql/known-documents.ts';
import { createGraphql } from '../../src/graphql/yoga.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import { bank, CATALOG } from './bank.ts';

interface Told {
  readonly status: number;
  readonly type: string | null;
  readonly body: Record<string, unknown>;
}

/** The facade behind a reader of bodies, as the server has it. */
async function serve() {
  const faults: string[] = [];
  const app = express();
  const graphql = createGraphql({
    catalog: CATALOG,
    policy: DEFAULT_POLICY,
    execute: bank().execute,
    onFault: ({ code }) => faults.push(code),
  });
  app.use('/graphql', express.json(), graphql);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  return {
    faults,
    async ask(body: unknown, headers: Record<string, string> = {}): Promise<Told> {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-request-id': 'one', ...headers },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      return {
        status: response.status,
        type: response.headers.get('content-type'),
        body: text === '' ? {} : JSON.parse(text),
      };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const QUERY = `query Some($first: Int) {
  customers(first: $first) { items { custId name ...Own } edges { node { accounts(first: 1) { items { number } } } } pageInfo { endCursor } }
}
fragment Own on Customer { accounts(first: 2) { items { number } totalCount } }
query Other { __typename }`;

describe('known documents', () => {
  it('a document that subscribes is never one, whatever else it asks', () => {
    const documents = knownDocuments(10);
    const query = 'query Read { __typename } subscription Watch { somethingChanges { kind } }';
    documents.learn(query, parse(query));
    for (const operationName of ['Read', 'Watch']) {
      const headers = { 'content-type': 'application/json', accept: '*/*' };
      assert.equal(documents.find({ method: 'POST', headers, body: { query, operationName } }), undefined);
    }
  });

  it('a query is found when its document has been learned, and only if it is of the plain kind', () => {
    const documents = knownDocuments(10);
    const headers = { 'content-type': 'application/json' };
    const body = { query: '{ __typename }' };
    const plain = { method: 'POST', headers, body };
    assert.equal(documents.find(plain), undefined);
    documents.learn(body.query, parse(body.query));
    const found = documents.find(plain);
    assert.equal(found?.type, 'application/json; charset=utf-8');
    assert.equal(documents.find(plain)?.looks, found?.looks);
    assert.notEqual(
      documents.find({ ...plain, body: { ...body, variables: { a: 1 } } })?.looks,
      found?.looks,
    );
    for (const other of [
      { ...plain, method: 'GET' },
      { ...plain, headers: { 'content-type': 'text/plain' } },
      { ...plain, headers: { ...headers, accept: 'text/event-stream' } },
      { ...plain, body: undefined },
      { ...plain, body: [body] },
      { ...plain, body: { ...body, extensions: {} } },
      { ...plain, body: { ...body, variables: 'none' } },
    ]) {
      assert.equal(documents.find(other), undefined);
    }
  });

  it('a document that was answered before is answered as it was, in every type that is asked for', async () => {
    await using graphql = await serve();
    for (const accept of ANSWER_TYPES.keys()) {
      // One more blank makes it a document that nobody has asked yet.
      const query = QUERY + ' '.repeat([...ANSWER_TYPES.keys()].indexOf(accept));
      const asked = { query, variables: { first: 2 }, operationName: 'Some' };
      const long = await graphql.ask(asked, { accept });
      assert.equal(long.status, 200);
      assert.equal(long.body['errors'], undefined);
      assert.deepEqual(await graphql.ask(asked, { accept }), long);
    }
  });

  it('other variables and another operation are other questions', async () => {
    await using graphql = await serve();
    const sizes: unknown[] = [];
    for (const first of [1, 2, 1, 2, null, 3]) {
      const { body } = await graphql.ask({ query: QUERY, variables: { first }, operationName: 'Some' });
      const data = body['data'] as { customers: { items: unknown[] } };
      sizes.push(data.customers.items.length);
    }
    assert.deepEqual(sizes.slice(0, 4), [1, 2, 1, 2]);
    assert.ok(Number(sizes[4]) >= 3);
    assert.equal(sizes[5], 3);
    const other = await graphql.ask({ query: QUERY, operationName: 'Other' });
    assert.deepEqual(other.body['data'], { __typename: 'Query' });
  });

  it('errors read the same whether the document is known or not, and are told once each time', async () => {
    await using graphql = await serve();
    for (const body of [
      { query: '{ customers { items { balance } } }' },
      { query: 'query ($id: Long!) { customer(custId: $id) { name } }', variables: { id: 'x' } },
      { query: 'query A { __typename } query B { __typename }' },
    ]) {
      const before = await graphql.ask(body);
      const told = graphql.faults.length;
      const after = await graphql.ask(body);
      assert.ok(Array.isArray(after.body['errors']), body.query);
      assert.deepEqual(after, before);
      assert.equal(graphql.faults.length, 2 * told);
      graphql.faults.length = 0;
    }
  });

  it('what is not of the plain kind is refused as it would be without the document', async () => {
    await using graphql = await serve();
    await graphql.ask({ query: QUERY, operationName: 'Other' });
    const known = { query: QUERY, operationName: 'Other' };
    let deep: unknown = 1;
    for (let i = 0; i < 150; i++) deep = { deep };
    assert.equal((await graphql.ask({ ...known, more: 1 })).status, 400);
    assert.equal((await graphql.ask({ ...known, variables: [1] })).status, 400);
    assert.equal((await graphql.ask({ ...known, variables: { deep } })).status, 422);
    assert.equal((await graphql.ask(known, { accept: 'text/csv' })).status, 406);
    assert.equal((await graphql.ask({ query: QUERY, operationName: 7 })).status, 400);
  });
});
