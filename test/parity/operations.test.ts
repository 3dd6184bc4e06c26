// Every call of a list through REST and through GraphQL: the same values, the same fault.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { defineAdapter } from '#spi';
import { violations } from '../rest/json-schema.ts';
import { type Both, serveBoth } from './both.ts';
import { operationsSource } from './operations-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'overpunch-operations-'));
writeFileSync(join(folder, 'c.yaml'), 'sources: { stub: { adapter: stub } }\n');
const adapters = {
  stub: async () =>
    defineAdapter({ name: 'stub', options: z.strictObject({}), open: async () => operationsSource() }),
};

const ALL =
  'int long decimal money float flag text bytes date time local instant grade ints unit { name units { name units { name } } } account { __typename ... on Savings { rate } ... on Loan { due security { rate } } } accounts { __typename ... on Savings { rate } ... on Loan { due } }';

describe('operations on both surfaces', () => {
  let both: Both;
  let post: (
    name: string,
    body: unknown,
    headers?: Record<string, string>,
  ) => Promise<{ status: number; headers: Headers; body: Record<string, never> }>;
  let document: unknown;
  before(async () => {
    both = await serveBoth(join(folder, 'c.yaml'), adapters);
    document = (await both.get('/openapi.json')).body;
    post = async (name, body, headers = {}) => {
      const response = await fetch(`${both.url}/api/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text === '' ? {} : JSON.parse(text),
      };
    };
  });
  after(async () => {
    await both?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const schemaAt = (...path: readonly string[]): unknown =>
    path.reduce<unknown>(
      (node, step) =>
        typeof node === 'object' && node !== null
          ? Object.entries(node).find(([name]) => name === step)?.[1]
          : undefined,
      document,
    );
  const conforms = (name: string, body: unknown, answer: unknown): void => {
    const input = schemaAt(
      'paths',
      `/api/${name}`,
      'post',
      'requestBody',
      'content',
      'application/json',
      'schema',
    );
    assert.deepEqual(violations(document, input, body), [], `${name}: body`);
    const output = schemaAt(
      'paths',
      `/api/${name}`,
      'post',
      'responses',
      '200',
      'content',
      'application/json',
      'schema',
    );
    assert.deepEqual(violations(document, output, answer), [], `${name}: answer`);
  };

  /** Members that are null in GraphQL are left out in REST where the source left them out. */
  const withoutNulls = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(withoutNulls);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, inner]) => inner !== null)
        .map(([name, inner]) => [
          name === '__typename' ? '@type' : name,
          name === '__typename' && inner === 'Loan' ? 'old-loan' : withoutNulls(inner),
        ]),
    );
  };

  const CALLS: readonly (readonly [name: string, body: Record<string, unknown>, field: string])[] = [
    [
      'echo',
      {
        int: -2_147_483_648,
        long: '9223372036854775807',
        decimal: '123456789012345678901234567890.10',
        money: '1.50',
      },
      `echo(int: -2147483648, long: "9223372036854775807", decimal: "123456789012345678901234567890.10", money: 1.5) { ${ALL} }`,
    ],
    [
      'echo',
      { long: 7, decimal: 12.5, float: 0.1, flag: false, text: '', bytes: 'AQID', grade: 'B', ints: [] },
      `echo(long: 7, decimal: 12.5, float: 0.1, flag: false, text: "", bytes: "AQID", grade: B, ints: []) { ${ALL} }`,
    ],
    [
      'echo',
      {
        date: '0001-01-01',
        time: '23:59:59.5',
        local: '2024-02-29T00:00:00',
        instant: '2024-02-29T01:00:00+01:00',
      },
      `echo(date: "0001-01-01", time: "23:59:59.5", local: "2024-02-29T00:00:00", instant: "2024-02-29T01:00:00+01:00") { ${ALL} }`,
    ],
    [
      'echo',
      { ints: [1, 2], unit: { name: 'a', units: [{ name: 'b', units: [{ name: 'c' }] }] } },
      `echo(ints: [1, 2], unit: { name: "a", units: [{ name: "b", units: [{ name: "c" }] }] }) { ${ALL} }`,
    ],
    [
      'echo',
      { account: { '@type': 'old-loan', due: '2030-01-31', security: { rate: '0.25' } } },
      `echo(account: { oldLoan: { due: "2030-01-31", security: { rate: "0.25" } } }) { ${ALL} }`,
    ],
    [
      'echo',
      {
        accounts: [
          { '@type': 'Savings', rate: '1' },
          { '@type': 'old-loan', due: '2030-01-31' },
        ],
      },
      `echo(accounts: [{ savings: { rate: 1 } }, { oldLoan: { due: "2030-01-31" } }]) { ${ALL} }`,
    ],
    [
      'tree',
      { root: { name: 'x', units: [] } },
      'tree(root: { name: "x", units: [] }) { name units { name } }',
    ],
    [
      'find',
      { id: '9007199254740993', range: { from: '2024-01-01' }, tags: ['a', 'b'] },
      'find(id: "9007199254740993", range: { from: "2024-01-01" }, tags: ["a", "b"])',
    ],
    ['count', {}, 'count'],
    ['nothing', {}, 'nothing { name }'],
  ];
  for (const [name, body, field] of CALLS) {
    it(`${name} ${JSON.stringify(body)}`, async () => {
      const [rest, graphql] = await Promise.all([post(name, body), both.graphql(field)]);
      assert.equal(rest.status, 200, JSON.stringify(rest.body));
      assert.equal(graphql.body.errors, undefined, JSON.stringify(graphql.body.errors));
      assert.deepEqual(withoutNulls(rest.body), withoutNulls(graphql.body.data.answer));
      conforms(name, body, rest.body);
      assert.equal(rest.headers.get('cache-control'), 'no-store');
    });
  }

  it('an operation that reads is a GET, too: dotted and repeated parameters, an ETag, HEAD', async () => {
    const path = 'find?id=5&range.from=2024-01-01&tags=a&tags=b';
    const { status, body, headers } = await both.rest(path);
    assert.deepEqual([status, body], [200, ['5', '{"from":"2024-01-01"}', 'a', 'b']]);
    const etag = headers.get('etag') ?? '';
    assert.match(etag, /^"/);
    assert.equal((await both.rest(path, { 'if-none-match': etag })).status, 304);
    const head = await fetch(`${both.url}/api/${path}`, { method: 'HEAD' });
    assert.deepEqual([head.status, await head.text(), head.headers.get('etag')], [200, '', etag]);
  });

  it('one that writes is a mutation and a POST only', async () => {
    const body = { account: { '@type': 'Savings', rate: '2.50' } };
    assert.deepEqual((await post('open', body)).body, body.account);
    const mutation = await both.ask(
      'mutation { open(account: { savings: { rate: "2.50" } }) { ... on Savings { rate } } done }',
    );
    assert.deepEqual(mutation.body.data, { open: { rate: '2.50' }, done: true });
    const get = await both.rest('open');
    assert.deepEqual(
      [get.status, get.headers.get('allow'), get.body.code],
      [405, 'POST, OPTIONS', 'method-not-allowed'],
    );
    const put = await fetch(`${both.url}/api/find`, { method: 'PUT' });
    assert.deepEqual([put.status, put.headers.get('allow')], [405, 'GET, HEAD, POST, OPTIONS']);
    const options = await fetch(`${both.url}/api/find`, { method: 'OPTIONS' });
    assert.deepEqual([options.status, options.headers.get('allow')], [204, 'GET, HEAD, POST, OPTIONS']);
    assert.equal((await post('done', {})).body, true);
  });

  const MISTAKES: readonly (readonly [
    name: string,
    body: unknown,
    code: string,
    parameter: string | undefined,
    hint: RegExp,
  ])[] = [
    ['find', { idd: 1 }, 'unknown-argument', 'idd', /^id$/],
    ['find', {}, 'missing-argument', 'id', /int64/],
    ['find', { id: null }, 'bad-value', 'id', /int64/],
    ['find', { id: 1.5 }, 'bad-value', 'id', /whole number/],
    ['find', { id: 2 ** 53 }, 'bad-value', 'id', /whole number/],
    ['find', { id: 1, tags: 'a' }, 'bad-value', 'tags', /list of string/],
    ['find', { id: 1, tags: ['a', 2] }, 'bad-value', 'tags[1]', /text/],
    ['find', { id: 1, range: [] }, 'bad-value', 'range', /object/],
    ['find', { id: 1, range: { from: '2024-02-30' } }, 'bad-value', 'range.from', /day/],
    ['find', { id: 1, range: { from: '2024-02-29', too: 1 } }, 'unknown-argument', 'range.too', /^to$/],
    ['echo', { grade: 'C' }, 'bad-value', 'grade', /A, B/],
    ['echo', { decimal: 1e300 }, 'bad-value', 'decimal', /digits/],
    ['echo', { account: { rate: '1' } }, 'bad-value', 'account', /Savings, old-loan/],
    ['echo', { account: { '@type': 'savings', rate: '1' } }, 'bad-value', 'account', /Savings/],
    [
      'echo',
      { accounts: [{ '@type': 'Savings', rate: '1', due: '2020-01-01' }] },
      'unknown-argument',
      'accounts[0].due',
      /^rate$|/,
    ],
    [
      'tree',
      { root: { name: 'a', units: [{ name: 'b', units: [{}] }] } },
      'missing-argument',
      'root.units[0].units[0].name',
      /string/,
    ],
    ['tree', '[]', 'bad-value', undefined, /object/],
    ['tree', '{', 'bad-json', undefined, /|/],
  ];
  for (const [name, body, code, parameter, hint] of MISTAKES) {
    it(`a mistake is named with its place: ${name} ${JSON.stringify(body)}`, async () => {
      const { status, body: problem } = await post(name, body);
      assert.deepEqual(
        [status, problem['code'], problem['parameter']],
        [400, code, parameter],
        JSON.stringify(problem),
      );
      assert.match(String(problem['hint'] ?? ''), hint);
    });
  }

  it('in a query string, too', async () => {
    const code = async (path: string) => {
      const { status, body } = await both.rest(path);
      return [status, body.code, body.parameter];
    };
    assert.deepEqual(await code('find?id=x'), [400, 'bad-value', 'id']);
    assert.deepEqual(await code('find?idd=1'), [400, 'unknown-argument', 'idd']);
    assert.deepEqual(await code('find?id=1&id=2'), [400, 'repeated-parameter', 'id']);
    assert.deepEqual(await code('find?id=1&range.to=2024-01-01'), [400, 'missing-argument', 'range.from']);
    assert.deepEqual(await code('tree'), [400, 'missing-argument', 'root']);
    const sent = await fetch(`${both.url}/api/find?id=1`, { method: 'POST' });
    assert.equal(sent.status, 400);
  });

  it('a body that nests without end is refused before anything goes down into it', async () => {
    for (const depth of [65, 50_000]) {
      const { status, body } = await post(
        'tree',
        `{"root":${'{"units":['.repeat(depth)}${']}'.repeat(depth)}}`,
      );
      assert.deepEqual([status, body.code], [422, 'body-depth']);
    }
  });

  it('a body of another type, an answer of another type, and a body that is too large are refused', async () => {
    const status = async (init: RequestInit) =>
      (await fetch(`${both.url}/api/find`, { method: 'POST', ...init })).status;
    assert.equal(
      await status({ body: 'id=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
      415,
    );
    assert.equal(
      await status({ body: '{"id":1}', headers: { 'content-type': 'application/json', accept: 'text/csv' } }),
      406,
    );
    assert.equal(
      await status({
        body: `{"id":1,"tags":["${'x'.repeat(2_000_000)}"]}`,
        headers: { 'content-type': 'application/json' },
      }),
      422,
    );
  });

  for (const kind of [
    'invalid',
    'conflict',
    'rejected',
    'not-found',
    'throttled',
    'unsupported',
    'corrupt',
    'upstream',
    'unavailable',
    'timeout',
    'bug',
  ]) {
    it(`a fault is the same on both: ${kind}`, async () => {
      const rest = await post('fail', { kind });
      const graphql = await both.graphql(`fail(kind: "${kind}")`);
      const { extensions } = graphql.body.errors[0];
      const place = ['code', 'source', 'operation', 'sourceFault'] as const;
      assert.deepEqual(
        place.map((name) => rest.body[name]),
        place.map((name) => extensions[name]),
      );
      assert.equal(rest.body['type'], `urn:overpunch:problem:${extensions.kind}`);
      if (kind === 'bug') {
        assert.deepEqual(
          [rest.status, rest.body['sourceFault'], rest.body['detail']],
          [500, undefined, 'Something went wrong inside the gateway'],
        );
      } else {
        assert.deepEqual(rest.body['sourceFault'], { code: 'Client', reason: 'no', detail: { why: 1 } });
        assert.deepEqual([rest.body['source'], rest.body['operation']], ['stub', 'fail']);
      }
    });
  }

  it('a part that could not be decoded fails the answer of REST, and is a located error of GraphQL beside the rest', async () => {
    const rest = await post('half', {});
    assert.deepEqual(
      [rest.status, rest.body['code'], rest.body['field'], rest.body['operation']],
      [502, 'bad-value', 'text', 'half'],
    );
    const { body } = await both.graphql('half { int text }');
    assert.deepEqual(body.data.answer, { int: 1, text: null });
    assert.deepEqual(
      [body.errors[0].path, body.errors[0].extensions.code],
      [['answer', 'text'], 'bad-value'],
    );
  });

  it('exactly one branch of a union is given in GraphQL', async () => {
    const { body } = await both.graphql(
      'echo(account: { savings: { rate: 1 }, oldLoan: { due: "2020-01-01" } }) { int }',
    );
    assert.match(body.errors[0].message, /exactly one/i);
  });

  it('an unknown name is told with the nearest one', async () => {
    const { status, body } = await both.rest('fnd');
    assert.deepEqual([status, body.hint], [404, '/api/find']);
    const page = await both.get('/');
    assert.ok(page.body.links.some(({ href }: { href: string }) => href === '/api/find'));
  });

  it('the document has every operation once, and every reference in it leads somewhere', () => {
    const seen: string[] = [];
    const visit = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const [name, inner] of Object.entries(node)) {
        if (name === '$ref' && typeof inner === 'string')
          assert.ok(schemaAt(...inner.slice(2).split('/')), inner);
        if (name === 'operationId' && typeof inner === 'string') seen.push(inner);
        visit(inner);
      }
    };
    visit(document);
    assert.equal(new Set(seen).size, seen.length);
    assert.ok(seen.includes('find') && seen.includes('getFind') && !seen.includes('getOpen'));
    assert.equal(schemaAt('paths', '/api/find', 'post', 'summary'), 'Does find.');
  });
});
