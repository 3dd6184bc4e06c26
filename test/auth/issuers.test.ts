// Where the keys of an issuer come from, how they change, and what happens while the issuer does not answer.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import type { IssuerDeclaration } from '../../src/auth/access.ts';
import { createIssuers } from '../../src/auth/issuers.ts';
import { type IdentityProvider, signingKey, startIdentityProvider } from '../fakes/identity-provider.ts';
import { accessOf, clock, door, issuerOf } from './access.ts';

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const UNAVAILABLE = 'keys-unavailable';
const NO_KEY = 'bad-credentials ERR_JWKS_NO_MATCHING_KEY';

async function opened(t: TestContext, idp: IdentityProvider, more: Partial<IssuerDeclaration> = {}) {
  const time = clock();
  // Tokens live long here: what is tested are keys.
  const exp = Math.floor(time.now() / 1_000) + 1_000_000;
  const opening = await door(t, accessOf({ tokens: [issuerOf(idp.issuer, more)] }), { now: time.now });
  let n = 0;
  return {
    ...opening,
    ...time,
    /** A token that was never seen before, so that it is verified. */
    fresh: async (options?: Parameters<IdentityProvider['token']>[1]) =>
      bearer(await idp.token({ exp, jti: String(n++) }, options)),
    fetched: () => idp.asked.filter((path) => path === '/jwks').length,
  };
}

const HOUR = 3_600_000;

describe('the keys of an issuer', () => {
  it('are found by discovery, once for many tokens', async (t) => {
    await using idp = await startIdentityProvider();
    const { ask, fresh } = await opened(t, idp);
    for (let i = 0; i < 5; i++) await ask(await fresh());
    assert.deepEqual(idp.asked, ['/.well-known/openid-configuration', '/jwks']);
  });

  it('are taken from the address of the configuration without discovery', async (t) => {
    await using idp = await startIdentityProvider();
    const { ask, fresh } = await opened(t, idp, { jwks: idp.jwks });
    await ask(await fresh());
    assert.deepEqual(idp.asked, ['/jwks']);
  });

  it('rotate: a key that is not known is asked for, once for all who wait', async (t) => {
    await using idp = await startIdentityProvider();
    const { ask, fresh, pass, fetched } = await opened(t, idp);
    await ask(await fresh());
    idp.keys = [await signingKey('second'), ...idp.keys];
    pass(30_000);
    const tokens = await Promise.all(Array.from({ length: 20 }, () => fresh()));
    const callers = await Promise.all(tokens.map((token) => ask(token)));
    assert.ok(callers.every(({ client }) => client === 'ann'));
    assert.equal(fetched(), 2);
  });

  it('are not asked for again and again for keys that nobody has: once in 30 s', async (t) => {
    await using idp = await startIdentityProvider();
    const { ask, refusal, fresh, pass, fetched } = await opened(t, idp);
    await ask(await fresh());
    const stranger = await signingKey('stranger');
    for (let i = 0; i < 10; i++) assert.equal(await refusal(await fresh({ key: stranger })), NO_KEY);
    assert.equal(fetched(), 1);
    pass(30_000);
    for (let i = 0; i < 10; i++) assert.equal(await refusal(await fresh({ key: stranger })), NO_KEY);
    assert.equal(fetched(), 2);
  });

  it('that the issuer takes back end: its tokens are refused when its keys are asked for again', async (t) => {
    await using idp = await startIdentityProvider();
    const { ask, refusal, fresh, pass } = await opened(t, idp);
    const [old] = idp.keys;
    assert.ok(old);
    const shown = await fresh();
    await ask(shown);
    idp.keys = [await signingKey('second')];
    pass(HOUR);
    // Asked for behind this one, which is still believed.
    await ask(await fresh({ key: old }));
    let later = '';
    for (let i = 0; i < 1_000 && later !== NO_KEY; i++) later = await refusal(await fresh({ key: old }));
    assert.equal(later, NO_KEY);
    assert.equal(await refusal(shown), NO_KEY);
    assert.equal((await ask(await fresh())).client, 'ann');
  });

  it('are believed while the issuer is down, and no longer than the configuration allows', async (t) => {
    await using idp = await startIdentityProvider();
    const { ask, refusal, fresh, pass, seen } = await opened(t, idp, { staleKeysMs: 2 * HOUR });
    await ask(await fresh());
    await idp.down();
    pass(HOUR);
    assert.equal((await ask(await fresh())).client, 'ann');
    pass(HOUR - 1);
    assert.equal((await ask(await fresh())).client, 'ann');
    pass(1);
    assert.equal(await refusal(await fresh()), UNAVAILABLE);
    assert.ok(seen.some((one) => one.kind === 'fault' && one.fault.code === UNAVAILABLE));
    await idp.up();
    pass(5_000);
    assert.equal((await ask(await fresh())).client, 'ann');
  });

  it('that are not known while the issuer is down are nobody’s fault: 503, and no 401', async (t) => {
    await using idp = await startIdentityProvider();
    const { ask, refusal, fresh, pass } = await opened(t, idp);
    await ask(await fresh());
    const [old] = idp.keys;
    const second = await signingKey('second');
    idp.keys = [second];
    await idp.down();
    pass(31_000);
    assert.equal(await refusal(await fresh({ key: second })), UNAVAILABLE);
    assert.ok(old);
    assert.equal((await ask(await fresh({ key: old }))).client, 'ann');
    await idp.up();
    // It is left alone for a moment after a failure.
    assert.equal(await refusal(await fresh({ key: second })), UNAVAILABLE);
    pass(5_000);
    assert.equal((await ask(await fresh({ key: second }))).client, 'ann');
  });

  it('may be missing at the start: the gateway opens, and tokens are taken when the issuer is there', async (t) => {
    await using idp = await startIdentityProvider();
    const token = await idp.token();
    await idp.down();
    const { ask, refusal, pass } = await opened(t, idp);
    assert.equal(await refusal(bearer(token)), UNAVAILABLE);
    await idp.up();
    pass(5_000);
    assert.equal((await ask(bearer(token))).client, 'ann');
  });

  it('outlive a configuration that is read again while the issuer is down', async (t) => {
    await using idp = await startIdentityProvider();
    using issuers = createIssuers();
    const access = accessOf({ tokens: [issuerOf(idp.issuer)] });
    const before = await door(t, access, { issuers });
    await before.ask(bearer(await idp.token()));
    await idp.down();
    const again = await door(t, accessOf({ tokens: [issuerOf(idp.issuer, { roles: 'groups' })] }), {
      issuers,
    });
    assert.deepEqual((await again.ask(bearer(await idp.token({ groups: ['clerk'] })))).roles, ['clerk']);
  });

  const garbage: Readonly<Record<string, (res: ServerResponse) => void>> = {
    'an error': (res) => res.writeHead(500).end('{"keys":[]}'),
    'no JSON': (res) => res.end('<html>Please log in</html>'),
    'another document': (res) => res.end('{"hello":"world"}'),
    'an empty set': (res) => res.end('{"keys":[]}'),
    'a set of nonsense': (res) => res.end('{"keys":[1,null,{"kty":7}]}'),
    'a set of shared secrets': (res) => res.end('{"keys":[{"kty":"oct","kid":"stranger","k":"AAAA"}]}'),
    'half a document': (res) => {
      res.writeHead(200, { 'content-length': '100' });
      res.write('{"keys":[');
      res.destroy();
    },
    'more bytes than a key set has': (res) => {
      const pour = (): void => {
        while (res.write(' '.repeat(65_536)));
        res.once('drain', pour);
      };
      pour();
    },
    'a redirect': (res) => res.writeHead(302, { location: '/jwks?elsewhere' }).end(),
  };
  for (const [what, answer] of Object.entries(garbage)) {
    it(`that come as ${what} do not come: the old ones stay`, async (t) => {
      await using idp = await startIdentityProvider();
      const { ask, refusal, fresh, pass, seen } = await opened(t, idp, { jwks: idp.jwks });
      await ask(await fresh());
      const stranger = await signingKey('stranger');
      idp.fault = (_path, res) => answer(res);
      pass(31_000);
      assert.equal(await refusal(await fresh({ key: stranger })), UNAVAILABLE);
      assert.equal((await ask(await fresh())).client, 'ann');
      assert.ok(seen.some((one) => one.kind === 'fault' && one.fault.code === UNAVAILABLE));
      assert.ok(!idp.asked.includes('/jwks?elsewhere'));
    });
  }

  it('of an issuer that keeps silent are not waited for longer than 5 s', async (t) => {
    await using idp = await startIdentityProvider();
    idp.fault = () => {};
    const { refusal, fresh } = await opened(t, idp);
    assert.equal(await refusal(await fresh()), UNAVAILABLE);
  });

  it('are not taken from who calls himself otherwise, nor from an unsafe address', async (t) => {
    await using idp = await startIdentityProvider();
    const told: unknown[] = [
      { issuer: `${idp.issuer}/`, jwks_uri: idp.jwks },
      { jwks_uri: idp.jwks },
      { issuer: idp.issuer },
      { issuer: idp.issuer, jwks_uri: 'http://keys.example/jwks' },
      { issuer: idp.issuer, jwks_uri: 'file:///etc/passwd' },
      { issuer: idp.issuer, jwks_uri: 7 },
      [],
    ];
    for (const document of told) {
      idp.fault = (_path, res) => res.end(JSON.stringify(document));
      const { refusal, fresh } = await opened(t, idp);
      assert.equal(await refusal(await fresh()), UNAVAILABLE, JSON.stringify(document));
    }
    assert.ok(!idp.asked.includes('/jwks'));
  });

  it('are not asked of a server behind a redirect, which would be trusted in the issuer’s place', async (t) => {
    await using idp = await startIdentityProvider();
    let asked = 0;
    const evil = createServer((_req, res) => {
      asked++;
      res.end('{}');
    }).listen(0, '127.0.0.1');
    t.after(() => evil.close());
    await once(evil, 'listening');
    const address = evil.address();
    assert.ok(typeof address === 'object' && address !== null);
    idp.fault = (_path, res) => res.writeHead(307, { location: `http://127.0.0.1:${address.port}/` }).end();
    const { refusal, fresh } = await opened(t, idp);
    assert.equal(await refusal(await fresh()), UNAVAILABLE);
    assert.equal(asked, 0);
  });
});
