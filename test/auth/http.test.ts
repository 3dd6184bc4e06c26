// Credentials on a socket: which paths need them, what who is not let in is told, and what is observed.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { AccessDeclaration } from '../../src/auth/access.ts';
import { createAuthenticate } from '../../src/auth/create-authenticate.ts';
import { hashOfKey, newKey } from '../../src/auth/key.ts';
import { logLine, type Observation } from '../../src/observe.ts';
import type { Context } from '../../src/query/request.ts';
import { serve } from '../http/serving.ts';
import { bank } from '../rest/bank.ts';
import { accessOf, client, ROLES } from './access.ts';

const key = newKey();
const KNOWN = accessOf({ clients: { web: client({ keys: [{ sha256: hashOfKey(key) }] }) } });

async function gateway(t: TestContext, access: AccessDeclaration | undefined) {
  const seen: Observation[] = [];
  const contexts: Context[] = [];
  const never = (): never => assert.fail('no file is read');
  const { authenticate, [Symbol.dispose]: end } = await createAuthenticate(access, {
    roles: ROLES,
    observe: (observation) => seen.push(observation),
    readClients: never,
    readKeys: never,
    watch: never,
  });
  t.after(end);
  const { execute } = bank();
  let parsed = 0;
  const { url, port } = await serve(t, {
    authenticate,
    observe: (observation) => seen.push(observation),
    execute: (request, context) => {
      contexts.push(context);
      return execute(request, context);
    },
    graphql: () => (_req, res) => {
      parsed++;
      res.end('{}');
    },
  });
  return {
    url,
    port,
    seen,
    contexts,
    parsed: () => parsed,
    ask: (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
      fetch(url + path, { ...init, headers }),
  };
}

describe('a request with credentials', () => {
  it('is answered, and whoever handles it knows who asks', async (t) => {
    const { ask, contexts } = await gateway(t, KNOWN);
    for (const headers of [{ 'x-api-key': key }, { authorization: `Bearer ${key}` }]) {
      const response = await ask('/api/customers', headers);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('x-overpunch-development'), null);
      await response.text();
    }
    assert.deepEqual(
      contexts.map(({ caller }) => caller?.client),
      ['web', 'web'],
    );
    assert.ok(contexts.every(({ requestId, signal }) => requestId !== '' && !signal.aborted));
  });

  it('in development has a header that says so, in refusals too', async (t) => {
    const { ask } = await gateway(t, accessOf({ development: true }));
    for (const path of ['/api/customers', '/api/custmoers', '/', '/docs', '/openapi.json']) {
      const response = await ask(path);
      assert.equal(response.headers.get('x-overpunch-development'), 'everybody may do everything', path);
      await response.text();
    }
  });
});

describe('a request without credentials', () => {
  const closed = [
    '/api',
    '/api/customers',
    '/api/nothing',
    '/api/customers/changes',
    '/graphql',
    '/openapi.json',
    '/health',
    '/health/',
    '/metrics',
    '/nothing',
    '//health/live',
    '/health/live/../../api/customers',
    '/HEALTH/LIVE',
    '/docs/start.js/../../openapi.json',
    '/api/customers?/health/live',
    '/api/customers;/health/live',
    '/%68ealth/live',
  ];
  it('is refused on every path that tells anything, with a challenge, as a problem', async (t) => {
    const { port, contexts } = await gateway(t, KNOWN);
    for (const path of closed) {
      // As it stands: fetch would tidy the path up.
      const { status, head, body } = await raw(port, `GET ${path} HTTP/1.1\r\nHost: x\r\n`);
      assert.equal(status, 401, path);
      assert.match(head, /^www-authenticate: Bearer realm="overpunch"\r$/im, path);
      assert.match(head, /^content-type: application\/problem\+json\r$/im, path);
      assert.match(head, /^cache-control: no-store\r$/im, path);
      const { code, title, requestId } = JSON.parse(body);
      assert.deepEqual([code, title], ['no-credentials', 'Credentials are missing or not accepted']);
      assert.notEqual(requestId, '');
    }
    assert.equal(contexts.length, 0);
  });

  it('is refused with every method, before its body is read', async (t) => {
    const { port, parsed } = await gateway(t, KNOWN);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']) {
      for (const path of ['/api/customers', '/graphql']) {
        // Of a body that is announced nothing has come.
        const head = `${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n`;
        assert.equal((await raw(port, head)).status, 401, `${method} ${path}`);
      }
    }
    assert.equal(parsed(), 0);
  });

  it('has nothing kept by an Idempotency-Key and no body read, not even on a path that is open to read', async (t) => {
    const { port } = await gateway(t, KNOWN);
    for (const path of ['/health/live', '/health/ready', '/docs/start.js', '/docs', '/', '/graphql']) {
      const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nIdempotency-Key: k\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n`;
      assert.equal((await raw(port, head)).status, 401, path);
    }
  });

  it('is answered whether the gateway lives and is ready, and gets the pages where credentials are typed in', async (t) => {
    const { ask } = await gateway(t, undefined);
    for (const path of [
      '/health/live',
      '/health/ready',
      '/docs/start.js',
      '/docs/swagger-ui.css',
      '/docs/swagger-ui-bundle.js',
    ]) {
      const response = await ask(path);
      assert.equal(response.status, 200, path);
      await response.text();
    }
    const live = await ask('/health/live', { 'x-api-key': 'wrong' });
    assert.deepEqual(await live.json(), { state: 'up' });
  });

  it('is told which key of the configuration is missing where there is none', async (t) => {
    const { ask } = await gateway(t, undefined);
    const response = await ask('/api/customers');
    const { status, hint } = JSON.parse(await response.text());
    assert.equal(status, 401);
    assert.match(hint, /`access`/);
  });
});

describe('a request with wrong credentials', () => {
  it('is refused with what RFC 6750 says, and all refusals read the same', async (t) => {
    const { ask } = await gateway(t, { ...KNOWN, anonymous: ['clerk'] });
    const shown: readonly Record<string, string>[] = [
      { authorization: 'Bearer a.b.c' },
      { authorization: `Bearer ${newKey()}` },
      { authorization: 'Basic dTpw' },
      { authorization: 'Negotiate x' },
      { 'x-api-key': newKey() },
      { 'x-api-key': '' },
    ];
    const told = new Set<string>();
    for (const headers of shown) {
      const response = await ask('/api/customers', headers);
      assert.equal(response.status, 401);
      const error = headers['authorization'] === undefined ? '' : ', error="invalid_token"';
      assert.equal(response.headers.get('www-authenticate'), `Bearer realm="overpunch"${error}`);
      const { requestId: _, ...problem } = JSON.parse(await response.text());
      told.add(JSON.stringify(problem));
    }
    assert.equal(told.size, 1);
    assert.match([...told][0] ?? '', /"code":"bad-credentials"/);
  });

  it('is refused when a header comes twice, whichever of the two is right', async (t) => {
    const { port } = await gateway(t, KNOWN);
    const right = `Authorization: Bearer ${key}\r\n`;
    const wrong = 'Authorization: Bearer x\r\n';
    for (const headers of [
      right + wrong,
      wrong + right,
      right + right,
      `X-Api-Key: ${key}\r\nX-Api-Key: ${key}\r\n`,
      `${right}X-Api-Key: ${key}\r\n`,
    ]) {
      assert.equal((await raw(port, `GET /api/customers HTTP/1.1\r\nHost: x\r\n${headers}`)).status, 401);
    }
    assert.equal((await raw(port, `GET /api/customers HTTP/1.1\r\nHost: x\r\n${right}`)).status, 200);
  });

  it('gets nothing by a key in the address, in a cookie, or in the name of a proxy', async (t) => {
    const { ask } = await gateway(t, KNOWN);
    for (const path of [
      `/api/customers?api_key=${key}`,
      `/api/customers?access_token=${key}&x-api-key=${key}`,
    ]) {
      assert.equal((await ask(path)).status, 401);
      // Who is let in is told that it means nothing.
      assert.equal((await ask(path, { 'x-api-key': key })).status, 400);
    }
    for (const name of [
      'cookie',
      'proxy-authorization',
      'x-forwarded-user',
      'x-client-cert',
      'x-forwarded-client-cert',
      'x-ssl-client-cert',
    ]) {
      assert.equal((await ask('/api/customers', { [name]: `Bearer ${key}` })).status, 401, name);
    }
  });

  it('is observed with its reason and where it comes from, and without what was shown', async (t) => {
    const { ask, seen } = await gateway(t, KNOWN);
    const wrong = newKey();
    await (await ask('/api/customers', { 'x-api-key': wrong })).text();
    await (await ask('/api/customers')).text();
    const lines = seen.flatMap((one) => (one.kind === 'fault' ? (logLine(one) ?? []) : []));
    const told = lines.map(({ level, fields }) => {
      const { requestId: _, event: _event, ...rest } = fields;
      return { level, ...rest };
    });
    assert.deepEqual(told, [
      {
        level: 'info',
        address: '127.0.0.1',
        fault: 'unauthenticated',
        code: 'bad-credentials',
        cause: { name: 'Refusal', code: 'unknown-key' },
      },
      {
        level: 'debug',
        address: '127.0.0.1',
        fault: 'unauthenticated',
        code: 'no-credentials',
      },
    ]);
    assert.ok(!JSON.stringify([lines, seen.map((one) => ({ ...one }))]).includes(wrong.slice(3)));
  });
});

/** One request, written by hand; the head without its empty line at the end. */
async function raw(port: number, head: string): Promise<{ status: number; head: string; body: string }> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  socket.write(`${head}Connection: close\r\n\r\n`);
  await once(socket, 'close');
  const [answered = '', ...body] = text.split('\r\n\r\n');
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(answered)?.[1]),
    head: `${answered}\r\n`,
    body: body.join('\r\n\r\n'),
  };
}
