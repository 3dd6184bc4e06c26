import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { Fault } from '../../src/fault.ts';
import { listen } from '../../src/http/listen.ts';
import type { Observation } from '../../src/observe.ts';
import type { SourceHealth } from '../../src/query/request.ts';
import { bank } from '../rest/bank.ts';
import { serve } from './serving.ts';

interface Body {
  readonly [name: string]: unknown;
}

async function json(response: Response): Promise<Body> {
  const body: unknown = await response.json();
  assert.ok(typeof body === 'object' && body !== null);
  return Object.fromEntries(Object.entries(body));
}

/** The values of one field of a list's rows. */
function column(body: Body, name: string): readonly unknown[] {
  const rows = body['value'];
  assert.ok(Array.isArray(rows));
  return rows.map((row: Body) => row[name]);
}

describe('REST over a socket', () => {
  it('answers a list in the forms of the design', async (t) => {
    const { url } = await serve(t);
    const response = await fetch(`${url}/api/customers?first=1`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'application/json');
    assert.equal(response.headers.get('vary'), 'Accept');
    assert.equal(response.headers.get('x-powered-by'), null);
    assert.match(response.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
    assert.match(response.headers.get('age') ?? '', /^\d+$/);
    const { nextLink, ...body } = await json(response);
    assert.equal(response.headers.get('link'), `<${nextLink}>; rel="next"`);
    assert.deepEqual(body, {
      value: [
        {
          custId: 'C00001',
          name: 'Name 1',
          status: 'CLOSED',
          balance: '-3.50',
          points: 0,
          visits: '9007199254740993',
          active: true,
          opened: '2024-01-01',
          photo: 'AQID',
          address: { street: 'Street 0', city: 'Bonn', zip: '53110' },
          tags: ['a', 'b,c'],
        },
      ],
    });
  });

  it('pages lead through the whole list by their links, parameters kept', async (t) => {
    const { url } = await serve(t);
    const seen: unknown[] = [];
    let next: unknown = '/api/customers?first=5&select=custId&$orderby=points desc&filter=points ge 1';
    for (let pages = 0; typeof next === 'string'; pages++) {
      assert.ok(pages < 5);
      const body: Body = await json(await fetch(url + next));
      seen.push(...column(body, 'custId'));
      next = body['nextLink'];
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 11 }, (_, i) => `C${String(12 - i).padStart(5, '0')}`),
    );
  });

  it('a keyless list is paged as well', async (t) => {
    const { url } = await serve(t);
    const first = await json(await fetch(`${url}/api/events?first=3`));
    const second = await json(await fetch(url + String(first['nextLink'])));
    assert.deepEqual([...column(first, 'line'), ...column(second, 'line')], [1, 2, 3, 4, 5]);
    assert.equal(second['nextLink'], undefined);
  });

  it('counts all rows of the filter when asked', async (t) => {
    const { url } = await serve(t);
    const body = await json(await fetch(`${url}/api/customers?first=2&count=true&status=OPEN`));
    assert.equal(body['totalCount'], 8);
    assert.equal(column(body, 'custId').length, 2);
  });

  it('an item is a bare object, and a missing one is a problem', async (t) => {
    const { url } = await serve(t);
    const item = await fetch(`${url}/api/accounts/x%2Fy,7?select=balance,number`);
    assert.equal(await item.text(), '{"balance":"-2.00","number":"7"}');
    const missing = await fetch(`${url}/api/customers/C99999`);
    assert.equal(missing.status, 404);
    assert.equal(missing.headers.get('content-type'), 'application/problem+json');
    const problem = await json(missing);
    assert.deepEqual(
      [problem['code'], problem['instance'], problem['requestId']],
      ['no-such-item', '/api/customers/C99999', missing.headers.get('x-request-id')],
    );
  });

  it('related rows are nested, and a page of them says where the rest is', async (t) => {
    const small = bank((policy) => ({ ...policy, page: { ...policy.page, defaultRows: 3 } }));
    const { url } = await serve(t, small);
    const body = await json(
      await fetch(`${url}/api/customers/C00001?select=custId,accounts.number&include=accounts.customer`),
    );
    const accounts = body['accounts'];
    assert.ok(Array.isArray(accounts));
    assert.deepEqual(
      accounts.map((account: Body) => account['number']),
      ['1', '2', '3'],
    );
    assert.equal(accounts[0].customer.custId, 'C00001');
    const rest = await json(await fetch(url + String(body['accounts@nextLink'])));
    assert.deepEqual(column(rest, 'number'), ['4', '5']);
  });

  it('select builds groups of the parts that were asked for', async (t) => {
    const { url } = await serve(t);
    const item = await fetch(`${url}/api/customers/C00002?select=address.zip,name,address.city,openedRaw`);
    assert.equal(
      await item.text(),
      '{"address":{"zip":"53111","city":"Köln"},"name":"Name 2","openedRaw":"raw"}',
    );
  });

  it('NDJSON and CSV without first hold the whole collection', async (t) => {
    const { url } = await serve(
      t,
      bank((policy) => ({ ...policy, page: { ...policy.page, defaultRows: 2 } })),
    );
    const lines = await fetch(`${url}/api/customers?select=custId,points`, {
      headers: { accept: 'application/x-ndjson' },
    });
    assert.equal(lines.headers.get('content-type'), 'application/x-ndjson');
    const text = await lines.text();
    assert.equal(text.split('\n').length, 13);
    assert.ok(text.startsWith('{"custId":"C00001","points":0}\n{"custId":"C00002"'));

    const table = await fetch(`${url}/api/customers?select=custId,name,address.city,tags,active`, {
      headers: { accept: 'text/csv' },
    });
    assert.equal(table.headers.get('content-type'), 'text/csv; charset=utf-8');
    const records = (await table.text()).split('\r\n');
    assert.deepEqual(records.slice(0, 6), [
      'custId,name,address.city,tags,active',
      'C00001,Name 1,Bonn,"[""a"",""b,c""]",true',
      'C00002,Name 2,Köln,"[""a"",""b,c""]",false',
      'C00003,,Bonn,"[""a"",""b,c""]",true',
      'C00004,"",Köln,"[""a"",""b,c""]",false',
      'C00005,"=1+1, ""quoted""\nline",Bonn,"[""a"",""b,c""]",true',
    ]);
    assert.equal(records.length, 14);
  });

  it('a page of NDJSON or CSV names the next one in its Link header', async (t) => {
    const { url } = await serve(t);
    const response = await fetch(`${url}/api/customers?first=2`, { headers: { accept: 'text/csv' } });
    const [, next = ''] = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '') ?? [];
    const page = await json(await fetch(url + next));
    assert.deepEqual(column(page, 'custId'), ['C00003', 'C00004']);
  });

  it('the same answer is not sent twice to a client that has it', async (t) => {
    const { url } = await serve(t);
    for (const path of ['/api/customers?first=3', '/api/customers/C00001']) {
      const first = await fetch(url + path);
      const etag = first.headers.get('etag') ?? '';
      assert.match(etag, /^"[\w-]{27}"$/);
      assert.equal(Number(first.headers.get('content-length')), (await first.arrayBuffer()).byteLength);
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const again = await fetch(url + path, { headers: { 'if-none-match': known } });
        assert.equal(again.status, 304, known);
        assert.equal(again.headers.get('etag'), etag);
        assert.equal(await again.text(), '');
      }
      const changed = await fetch(url + path, { headers: { 'if-none-match': '"other"' } });
      assert.equal(changed.status, 200);
      const table = await fetch(url + path, { headers: { accept: 'text/csv', 'if-none-match': etag } });
      assert.equal(table.status, 200, 'another representation has another tag');
    }
  });

  it('HEAD has the head of GET and no body', async (t) => {
    const { url } = await serve(t);
    const got = await fetch(`${url}/api/customers`);
    const head = await fetch(`${url}/api/customers`, { method: 'HEAD' });
    assert.equal(head.status, 200);
    for (const name of ['etag', 'content-length', 'content-type', 'vary']) {
      assert.equal(head.headers.get(name), got.headers.get(name), name);
    }
    assert.equal(await head.text(), '');
  });

  it('another method is refused and told which there are', async (t) => {
    const { url } = await serve(t);
    for (const path of ['/api/customers', '/health', '/']) {
      const response = await fetch(url + path, { method: 'DELETE' });
      assert.equal(response.status, 405);
      assert.equal(response.headers.get('allow'), 'GET, HEAD, OPTIONS');
      assert.equal((await json(response))['code'], 'method-not-allowed');
      const options = await fetch(url + path, { method: 'OPTIONS' });
      assert.deepEqual([options.status, options.headers.get('allow')], [204, 'GET, HEAD, OPTIONS']);
    }
  });

  it('a media type that we do not have is refused with a problem', async (t) => {
    const { url } = await serve(t);
    const response = await fetch(`${url}/api/customers`, { headers: { accept: 'application/xml' } });
    assert.equal(response.status, 406);
    assert.equal(response.headers.get('content-type'), 'application/problem+json');
    assert.match(String((await json(response))['detail']), /text\/csv/);
  });

  it('errors in a filter come with parameter and position', async (t) => {
    const { url } = await serve(t);
    const response = await fetch(`${url}/api/customers?filter=${encodeURIComponent("nmae eq 'x'")}`);
    const problem = await json(response);
    assert.deepEqual(
      [response.status, problem['code'], problem['parameter'], problem['position'], problem['hint']],
      [400, 'bad-filter', 'filter', 0, 'name'],
    );
  });

  it('a cursor of another list is refused', async (t) => {
    const { url } = await serve(t);
    const { nextLink } = await json(await fetch(`${url}/api/customers?first=1`));
    const cursor = new URL(String(nextLink), url).searchParams.get('after');
    for (const path of [
      `/api/accounts?after=${cursor}`,
      `/api/customers?first=1&orderby=name&after=${cursor}`,
      '/api/customers?after=x',
      '/api/customers?after=',
    ]) {
      const response = await fetch(url + path);
      assert.equal(response.status, 400);
      assert.equal((await json(response))['code'], 'bad-cursor');
    }
  });

  it('hostile parameters change nothing but the answer', async (t) => {
    const { url } = await serve(t);
    const before = await (await fetch(`${url}/api/customers`)).text();
    for (const query of [
      '__proto__=x',
      'constructor=x',
      '__proto__[polluted]=1',
      'a%0D%0ASet-Cookie:%20x=1',
      `select=${'x'.repeat(10_000)}`,
      `${'x'.repeat(10_000)}=1`,
      "filter=name eq ''; DROP TABLE customers; --'",
      'filter=%00',
    ]) {
      const response = await fetch(`${url}/api/customers?${query}`);
      assert.equal(response.status, 400, query);
      assert.equal(response.headers.get('set-cookie'), null);
      assert.ok((await response.text()).length < 1_000);
    }
    const quoted = await fetch(
      `${url}/api/customers?name=${encodeURIComponent(`x'"\`;\r\n<script>`)}&first=1`,
    );
    assert.deepEqual((await json(quoted))['value'], []);
    assert.equal(await (await fetch(`${url}/api/customers`)).text(), before);
    assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
  });

  it('a fault that nobody foresaw is masked, told to the log, and keeps its id', async (t) => {
    const observed: Observation[] = [];
    const { url } = await serve(t, {
      execute: async () => {
        throw new Error('password=hunter2');
      },
      observe: (observation) => observed.push(observation),
    });
    const response = await fetch(`${url}/api/customers?name=secret`, {
      headers: { 'x-request-id': 'mine-1' },
    });
    assert.equal(response.status, 500);
    assert.equal(response.headers.get('x-request-id'), 'mine-1');
    assert.doesNotMatch(await response.text(), /hunter2/);
    const fault = observed.find(({ kind }) => kind === 'fault');
    assert.ok(fault?.kind === 'fault' && fault.requestId === 'mine-1');
    assert.match(String(fault.fault.cause), /hunter2/);
    const seen = observed.find(({ kind }) => kind === 'request');
    assert.ok(seen?.kind === 'request' && seen.status === 500 && seen.path === '/api/customers');
  });

  it('a request id that is not a plain one is replaced', async (t) => {
    const { url } = await serve(t);
    for (const given of ['a b', 'x'.repeat(200), '<script>']) {
      const response = await fetch(`${url}/health`, { headers: { 'x-request-id': given } });
      assert.match(response.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
    }
  });

  it('a source that cannot be reached says when to try again', async (t) => {
    const { url } = await serve(t, {
      execute: async () => {
        throw new Fault('unavailable', 'The source cannot be reached', { source: 'ledger' });
      },
    });
    const response = await fetch(`${url}/api/customers`);
    assert.deepEqual([response.status, response.headers.get('retry-after')], [503, '1']);
    assert.equal((await json(response))['source'], 'ledger');
  });
});

describe('the other paths of the server', () => {
  const up: SourceHealth = { source: 'a', adapter: 'memory', state: 'up', since: '2024-01-01T00:00:00Z' };
  const down: SourceHealth = { ...up, source: 'b', state: 'down' };

  it('health is up, degraded or down, and only down is a failure', async (t) => {
    let sources: readonly SourceHealth[] = [up];
    const { url } = await serve(t, { health: () => sources });
    const states: readonly (readonly [readonly SourceHealth[], number, string])[] = [
      [[], 200, 'up'],
      [[up], 200, 'up'],
      [[up, down], 200, 'degraded'],
      [[down], 503, 'down'],
    ];
    for (const [now, status, state] of states) {
      sources = now;
      const response = await fetch(`${url}/health`);
      assert.equal(response.status, status);
      assert.deepEqual(await response.json(), { state, sources: now });
      assert.equal((await fetch(`${url}/health/ready`)).status, status);
      assert.equal((await fetch(`${url}/health/live`)).status, 200);
    }
  });

  it('an unknown path is a problem with the nearest path', async (t) => {
    const { url } = await serve(t);
    const cases = {
      '/helth': '/health',
      '/customers': '/api/customers',
      '/custmers/1': '/api/customers',
      '/doc': '/docs',
      '/api/custmers': '/api/customers',
    };
    for (const [path, near] of Object.entries(cases)) {
      const response = await fetch(url + path);
      assert.equal(response.status, 404);
      assert.equal((await json(response))['hint'], near, path);
    }
    assert.equal((await fetch(`${url}/%`)).status, 404);
    assert.equal((await fetch(`${url}/docs/package.json`)).status, 404);
    assert.equal((await fetch(`${url}/docs/..%2Fpackage.json`)).status, 404);
  });

  it('the reference works without any other host', async (t) => {
    const { url } = await serve(t, { title: 'A <b>' });
    const page = await fetch(`${url}/docs`);
    const html = await page.text();
    assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'; script-src 'self';/);
    assert.doesNotMatch(html, /https?:|<b>|<script>/);
    const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, part = '']) => part);
    assert.equal(parts.length, 4);
    for (const part of parts) {
      const response = await fetch(url + part);
      assert.equal(response.status, 200, part);
      assert.ok((await response.text()).length > 100, part);
    }
    assert.doesNotMatch(await (await fetch(`${url}/docs/start.js`)).text(), /https?:/);
    assert.doesNotMatch(await (await fetch(`${url}/docs/swagger-ui.css`)).text(), /url\(["']?https?:/);
  });

  it('the OpenAPI document describes this catalog', async (t) => {
    const { url } = await serve(t, { title: 'My bank', version: '1.2.3' });
    const document = await json(await fetch(`${url}/openapi.json`));
    assert.deepEqual(Object.keys(Object(document['paths']))[0], '/api/customers');
    assert.equal(Object(document['info']).title, 'My bank');
  });

  it('the front page is HTML for a browser and JSON for a program', async (t) => {
    const { url } = await serve(t, { title: 'A <b>' });
    const html = await (await fetch(url, { headers: { accept: 'text/html,*/*;q=0.8' } })).text();
    assert.match(html, /href="\/docs"/);
    assert.doesNotMatch(html, /<b>/);
    const body = await json(await fetch(url));
    assert.ok(JSON.stringify(body).includes('/api/customers'));
  });
});

describe('request bodies', () => {
  const small = bank((policy) => ({ ...policy, http: { ...policy.http, maxBodyBytes: 100 } }));

  async function post(t: TestContext, body: string, type = 'application/json'): Promise<Response> {
    const { url } = await serve(t, {
      ...small,
      graphql: () => (req, res) => {
        res.json({ got: req.body });
      },
    });
    return fetch(`${url}/graphql`, { method: 'POST', body, headers: { 'content-type': type } });
  }

  it('JSON is read once and handed on', async (t) => {
    const response = await post(t, '{"query":"{a}"}');
    assert.deepEqual(await response.json(), { got: { query: '{a}' } });
  });

  const bad: readonly (readonly [string, string, string | undefined, number, string])[] = [
    ['malformed JSON', '{"query":', undefined, 400, 'bad-json'],
    ['a bare value', '7', undefined, 400, 'bad-json'],
    ['a list', '[]', undefined, 400, 'bad-json'],
    ['a body over the limit', `{"query":"${'x'.repeat(200)}"}`, undefined, 422, 'body-limit'],
    ['a number that reads as another', '{"variables":{"a":[9007199254740993]}}', undefined, 400, 'bad-value'],
    ['a member that stands twice', '{"query":"{a}","query":"{b}"}', undefined, 400, 'repeated-member'],
    ['another media type', '<a/>', 'application/xml', 415, 'unsupported-media-type'],
    ['another charset', '{}', 'application/json; charset=ebcdic', 415, 'unsupported-media-type'],
  ];
  for (const [what, body, type, status, code] of bad) {
    it(`${what} is refused with ${status}`, async (t) => {
      const response = await post(t, body, type);
      assert.equal(response.headers.get('content-type'), 'application/problem+json');
      assert.deepEqual([response.status, (await json(response))['code']], [status, code]);
    });
  }

  it('a body that is not compressed as it claims is refused with 400', async (t) => {
    const { url } = await serve(t, { graphql: () => (_req, res) => res.end() });
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      body: '{"query":"{a}"}',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    });
    assert.deepEqual([response.status, (await json(response))['code']], [400, 'bad-body']);
  });

  it('a body over the limit without a length is refused as well', async (t) => {
    const { port } = await serve(t, { ...small, graphql: () => (_req, res) => res.end() });
    const status = await new Promise((resolve, reject) => {
      const out = request(
        { port, path: '/graphql', method: 'POST', headers: { 'content-type': 'application/json' } },
        (response) => resolve(response.statusCode),
      );
      out.once('error', reject);
      out.write('['.padEnd(80));
      out.end(''.padEnd(80));
    });
    assert.equal(status, 422);
  });
});

describe('the listening socket', () => {
  it('a filter may be as long as the policy allows, percent-encoded', async (t) => {
    const { url } = await serve(t);
    const filter = encodeURIComponent(`name eq '${'€'.repeat(8_000)}'`);
    assert.equal((await fetch(`${url}/api/customers?filter=${filter}`)).status, 200);
  });

  it('a request too long to be read is a problem as well', async (t) => {
    const { url } = await serve(t);
    const response = await fetch(`${url}/api/customers?filter=${'x'.repeat(100_000)}`);
    assert.equal(response.headers.get('content-type'), 'application/problem+json');
    const { status, code, detail } = await json(response);
    assert.deepEqual([response.status, status, code], [431, 431, 'header-limit']);
    assert.match(String(detail), /98304/);
  });

  it('what is no HTTP gets a problem and the end of the connection', async (t) => {
    const { port } = await serve(t);
    const socket = connect(port, '127.0.0.1');
    socket.end('GET /\u0000 HTTP/1.1\r\n\r\n');
    const answer = await text(socket);
    assert.match(answer, /^HTTP\/1\.1 400 .*application\/problem\+json/s);
    assert.match(answer, /"code":"bad-http"/);
  });

  it('a port that is taken is a fault that names it', async (t) => {
    const { port } = await serve(t);
    await assert.rejects(
      listen(() => {}, { host: '127.0.0.1', port }),
      {
        code: 'cannot-listen',
        misconfigured: true,
        message: new RegExp(`${port}: another program`),
      },
    );
  });

  it('closing lets a running request end, then takes no more', async () => {
    const release = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const listening = await listen(
      async (_req, res) => {
        arrived.resolve();
        await release.promise;
        res.end('done');
      },
      { host: '127.0.0.1', port: 0 },
    );
    const running = fetch(listening.url);
    await arrived.promise;
    const began = performance.now();
    const closed = listening.close(10_000);
    release.resolve();
    assert.equal(await (await running).text(), 'done');
    await closed;
    assert.ok(performance.now() - began < 3_000, 'an idle kept-alive connection does not hold up the end');
    await assert.rejects(fetch(listening.url));
  });

  it('what has not ended when the time is up is cut', async () => {
    const arrived = Promise.withResolvers<void>();
    const listening = await listen(() => arrived.resolve(), { host: '127.0.0.1', port: 0 });
    const running = assert.rejects(fetch(listening.url));
    await arrived.promise;
    await listening.close(50);
    await running;
  });
});
