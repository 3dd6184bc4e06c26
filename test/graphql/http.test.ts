import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Fault } from '../../src/fault.ts';
import { bank } from './bank.ts';
import { serve } from './serve.ts';

const STANDARD = { accept: 'application/graphql-response+json' };
const NAMES = '{ customers(first: 1) { items { name } } }';

describe('GraphQL over HTTP', () => {
  it('answers 200 with the media type that was asked for', async () => {
    await using graphql = await serve({ execute: bank().execute });
    const modern = await graphql.ask(NAMES, undefined, STANDARD);
    assert.deepEqual([modern.status, modern.type], [200, 'application/graphql-response+json; charset=utf-8']);
    const older = await graphql.ask(NAMES, undefined, { accept: 'application/json' });
    assert.deepEqual([older.status, older.type], [200, 'application/json; charset=utf-8']);
    assert.deepEqual(older.data, modern.data);
    assert.equal((await graphql.ask(NAMES, undefined, { accept: 'text/csv' })).status, 406);
  });

  for (const [what, query, status] of [
    ['a syntax error', '{ customers', 400],
    ['an unknown field', '{ nothing }', 400],
    [
      'a query nested too deeply',
      `{ account(branch: "B1", number: 1) { ${'customer { accounts { items { '.repeat(6)}number${' } } }'.repeat(6)} } }`,
      422,
    ],
  ] as const) {
    it(`${what} is ${status} in the standard's media type and 200 in application/json`, async () => {
      await using graphql = await serve({ execute: bank().execute });
      const modern = await graphql.ask(query, undefined, STANDARD);
      assert.equal(modern.status, status, modern.text);
      assert.equal(modern.data, undefined);
      assert.equal((await graphql.ask(query, undefined, { accept: 'application/json' })).status, 200);
    });
  }

  it('a document in which the operation cannot be told is 400 in any media type', async () => {
    await using graphql = await serve({ execute: bank().execute });
    const query = 'query A { __typename } query B { __typename }';
    for (const headers of [STANDARD, { accept: 'application/json' }]) {
      assert.equal((await graphql.ask(query, undefined, headers)).status, 400);
    }
  });

  it('wrong variables are 400', async () => {
    await using graphql = await serve({ execute: bank().execute });
    const query = 'query ($id: Long!) { customer(custId: $id) { name } }';
    const { status, errors } = await graphql.ask(query, { id: 'x' }, STANDARD);
    assert.equal(status, 400);
    assert.match(errors[0]?.message ?? '', /Variable "\$id" has invalid value: Long must be/);
  });

  it('a failed field leaves the status at 200', async () => {
    await using graphql = await serve({ execute: bank().execute });
    const { status, errors } = await graphql.ask('{ customers { items { balance } } }', undefined, STANDARD);
    assert.equal(status, 200);
    assert.equal(errors.length, 1);
  });

  it('what is no GraphQL request is 400 in any media type', async () => {
    await using graphql = await serve({ execute: bank().execute });
    for (const body of [
      '{',
      '"text"',
      '7',
      'null',
      '{}',
      '{"query":7}',
      '{"query":"{ __typename }","variables":[]}',
      '{"query":"{ __typename }","unknown":1}',
      '[{"query":"{ __typename }"}]',
      '',
    ]) {
      const { status, errors } = await graphql.send({
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      assert.equal(status, 400, body);
      assert.equal(errors[0]?.extensions['kind'], 'invalid', body);
    }
  });

  it('answers queries over GET', async () => {
    await using graphql = await serve({ execute: bank().execute });
    const search = new URLSearchParams({
      query: 'query ($id: Long!) { customer(custId: $id) { name } }',
      variables: '{"id":"9007199254740991"}',
    });
    assert.deepEqual((await graphql.send({}, `?${search}`)).data, { customer: { name: 'Customer 1' } });
    assert.equal((await graphql.send({}, '?query={__typename}&variables={')).status, 400);
    assert.equal((await graphql.send({})).status, 400);
    assert.equal((await graphql.send({ method: 'PUT', body: '{}' })).status, 405);
  });

  it('refuses forms and plain text, which a page of another site could post', async () => {
    await using graphql = await serve({ execute: bank().execute });
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/graphql',
      'application/jsonp',
    ]) {
      const { status, errors } = await graphql.send({
        method: 'POST',
        headers: { 'content-type': type },
        body: 'query={__typename}',
      });
      assert.equal(status, 415, type);
      assert.equal(errors[0]?.extensions['code'], 'unsupported-media-type');
    }
  });

  it('refuses a body above the limit', async () => {
    await using graphql = await serve({ execute: bank().execute });
    const { status, errors } = await graphql.ask(`{ __typename } # ${'x'.repeat(1_100_000)}`);
    assert.equal(status, 422);
    assert.equal(errors[0]?.extensions['code'], 'body-limit');
  });

  it('tells the log once of a fault that stands in many places of the answer', async () => {
    const down = new Fault('unavailable', 'The ledger is down', { source: 'ledger' });
    await using graphql = await serve({ execute: bank({ ledger: down }).execute });
    const { errors } = await graphql.ask('{ customers(first: 3) { items { accounts { totalCount } } } }');
    assert.equal(errors.length, 3);
    assert.deepEqual(
      graphql.faults.map(({ fault }) => fault.code),
      ['unavailable'],
    );
  });

  it('carries the id of the request in errors and extensions', async () => {
    await using graphql = await serve({ execute: bank().execute });
    const { errors, extensions } = await graphql.ask('{ nothing }', undefined, { 'x-request-id': 'r-1' });
    assert.equal(extensions['requestId'], 'r-1');
    assert.equal(errors[0]?.extensions['requestId'], 'r-1');
    const other = await graphql.ask('{ nothing }', undefined, { 'x-request-id': 'r-2' });
    assert.equal(
      other.errors[0]?.extensions['requestId'],
      'r-2',
      'a kept error has the id of its own request',
    );
    assert.deepEqual(
      graphql.faults.map(({ fault, requestId }) => [fault.kind, requestId]),
      [
        ['invalid', 'r-1'],
        ['invalid', 'r-2'],
      ],
    );
  });

  it('never shows the text of an error that was not written for clients', async () => {
    const secret = 'password=hunter2';
    for (const thrown of [
      new Error(secret),
      new TypeError(secret),
      new AggregateError([new Error(secret)], secret),
    ]) {
      await using graphql = await serve({
        execute: async () => {
          throw thrown;
        },
      });
      const { text, errors, data } = await graphql.ask(NAMES);
      assert.deepEqual(data, { customers: null });
      assert.ok(!text.includes('hunter2'), text);
      assert.equal(errors[0]?.message, 'Something went wrong inside the gateway');
      assert.deepEqual(Object.keys(errors[0]?.extensions ?? {}), ['code', 'kind', 'requestId']);
      assert.equal(graphql.faults[0]?.fault.cause, thrown, 'the log learns what it was');
    }
    await using graphql = await serve({ execute: bank({ ledger: new Error(secret) }).execute });
    const { text } = await graphql.ask('{ customers { items { name accounts { items { number } } } } }');
    assert.ok(!text.includes('hunter2'), text);
  });

  it('shows GraphiQL to browsers, complete in itself', async () => {
    await using graphql = await serve({ execute: bank().execute });
    const response = await fetch(graphql.url, { headers: { accept: 'text/html,*/*' } });
    const page = await response.text();
    assert.equal(response.headers.get('content-type'), 'text/html');
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /https?:|\*/);
    // Nothing is loaded by the document or its styles …
    assert.doesNotMatch(page, /<(?:script|img|iframe)[^>]+src=["']?(?:https?:)?\/\//);
    assert.doesNotMatch(page, /<link[^>]+href=["']?(?:https?:)?\/\//);
    assert.doesNotMatch(page, /@import|url\(\s*["']?(?:https?:)?\/\//);
    // … nor from the places that such pages usually load from.
    assert.doesNotMatch(page, /unpkg\.com|jsdelivr\.net|cdnjs|fonts\.googleapis|fonts\.gstatic/);
    assert.ok(page.includes('customers(first: 10)'), 'the first query fits the catalog');
  });

  it('leaves the paths below it to others', async () => {
    await using graphql = await serve({ execute: bank().execute });
    assert.equal((await graphql.send({}, '/health')).status, 404);
    assert.equal((await graphql.send({}, '/?query={__typename}')).status, 200);
  });

  it('tells the sources when the client leaves, and only then', async () => {
    const signals: AbortSignal[] = [];
    const { execute } = bank();
    let entered = (): void => {};
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    let slow = true;
    await using graphql = await serve({
      execute: async (request, context) => {
        signals.push(context.signal);
        entered();
        if (slow) await pause(10_000, undefined, { signal: context.signal });
        return execute(request, context);
      },
    });
    const { port } = new URL(graphql.url);
    const socket = connect(Number(port), '127.0.0.1');
    const body = JSON.stringify({ query: NAMES });
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await inside;
    assert.equal(signals[0]?.aborted, false);
    const left = new Promise((resolve) => signals[0]?.addEventListener('abort', resolve));
    socket.destroy();
    await left;

    slow = false;
    const { errors } = await graphql.ask(NAMES);
    assert.deepEqual(errors, []);
    await pause(20);
    assert.equal(signals[1]?.aborted, false);
  });
});
