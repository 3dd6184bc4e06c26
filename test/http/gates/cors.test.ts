import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createGraphql } from '../../../src/graphql/yoga.ts';
import { DEFAULT_POLICY } from '../../../src/policy.ts';
import { bank } from '../../rest/bank.ts';
import { serve } from '../serving.ts';

const ORIGIN = 'https://app.example.com';
const cors = { origins: [`${ORIGIN}/`, 'http://localhost:3000'], credentials: false, maxAgeS: 600 };

const preflight = (origin: string) => ({
  method: 'OPTIONS',
  headers: {
    origin,
    'access-control-request-method': 'PATCH',
    'access-control-request-headers': 'authorization,idempotency-key',
  },
});

function corsHeaders(headers: Headers): readonly string[] {
  return [...headers.keys()].filter((name) => name.startsWith('access-control-'));
}

describe('pages of other origins', () => {
  it('may ask nothing unless the configuration names them', async (t) => {
    const { url } = await serve(t);
    for (const init of [{ headers: { origin: ORIGIN } }, preflight(ORIGIN)]) {
      const { headers } = await fetch(`${url}/api/customers`, init);
      assert.deepEqual(corsHeaders(headers), []);
    }
  });

  it('that are named may ask, send what the API understands, and see what it says', async (t) => {
    const { url } = await serve(t, { cors });
    const asked = await fetch(`${url}/api/customers`, preflight(ORIGIN));
    assert.equal(asked.status, 204);
    assert.equal(asked.headers.get('access-control-allow-origin'), ORIGIN);
    assert.equal(asked.headers.get('access-control-max-age'), '600');
    assert.match(asked.headers.get('access-control-allow-methods') ?? '', /PATCH/);
    const sent = (asked.headers.get('access-control-allow-headers') ?? '').toLowerCase().split(', ');
    for (const name of [
      'authorization',
      'x-api-key',
      'idempotency-key',
      'if-match',
      'prefer',
      'traceparent',
      'last-event-id',
    ])
      assert.ok(sent.includes(name), name);
    const { headers, status } = await fetch(`${url}/api/customers`, { headers: { origin: ORIGIN } });
    assert.equal(status, 200);
    assert.equal(headers.get('access-control-allow-origin'), ORIGIN);
    assert.equal(headers.get('access-control-allow-credentials'), null);
    assert.match(headers.get('access-control-expose-headers') ?? '', /ETag.*RateLimit.*Idempotency-Replayed/);
    assert.deepEqual((headers.get('vary') ?? '').split(', '), ['Origin', 'Accept']);
  });

  it('are told apart exactly', async (t) => {
    const { url } = await serve(t, { cors });
    for (const origin of [
      'https://app.example.com.evil.test',
      'https://evil.test/https://app.example.com',
      'http://app.example.com',
      'https://app.example.com:8443',
      'https://APP.example.com',
      'null',
      '*',
    ]) {
      for (const init of [{ headers: { origin } }, preflight(origin)]) {
        const { headers } = await fetch(`${url}/api/customers`, init);
        assert.deepEqual(corsHeaders(headers), [], origin);
        assert.match(headers.get('vary') ?? '', /Origin/);
      }
    }
  });

  it('see faults, too; and credentials only where the configuration says so', async (t) => {
    const { url } = await serve(t, { cors: { ...cors, credentials: true } });
    const { status, headers } = await fetch(`${url}/api/nothing`, { headers: { origin: ORIGIN } });
    assert.equal(status, 404);
    assert.equal(headers.get('access-control-allow-origin'), ORIGIN);
    assert.equal(headers.get('access-control-allow-credentials'), 'true');
  });
});

describe('headers for browsers', () => {
  it('forbid that an answer is run, framed, guessed at or fetched from elsewhere', async (t) => {
    const { url } = await serve(t);
    for (const path of ['/api/customers', '/api/nothing', '/health', '/openapi.json']) {
      const { headers } = await fetch(url + path);
      assert.equal(headers.get('content-security-policy'), "default-src 'none';frame-ancestors 'none'", path);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('x-frame-options'), 'DENY');
      assert.equal(headers.get('referrer-policy'), 'no-referrer');
      assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin');
      assert.equal(headers.get('x-powered-by'), null);
      assert.equal(headers.get('strict-transport-security'), null, 'not over plain HTTP');
    }
  });

  it('let pages do what they have to, and no more', async (t) => {
    const { execute, catalog } = bank();
    const graphql = createGraphql({ catalog, execute, policy: DEFAULT_POLICY, onFault: () => {} });
    const { url } = await serve(t, { graphql: () => graphql });
    for (const path of ['/', '/docs', '/graphql']) {
      const { headers, status } = await fetch(url + path, { headers: { accept: 'text/html' } });
      assert.equal(status, 200);
      const policy = headers.get('content-security-policy') ?? '';
      assert.notEqual(policy, "default-src 'none';frame-ancestors 'none'", path);
      assert.match(policy, /frame-ancestors 'none'/, path);
    }
  });
});
