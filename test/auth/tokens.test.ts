// Tokens (JWT) against an issuer on a socket: what is believed, and every way to cheat that is known.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, it, type TestContext } from 'node:test';
import { exportSPKI, importJWK } from 'jose';
import type { IssuerDeclaration } from '../../src/auth/access.ts';
import {
  type Claims,
  type IdentityProvider,
  signingKey,
  startIdentityProvider,
  type TokenOptions,
} from '../fakes/identity-provider.ts';
import { accessOf, clock, door, issuerOf } from './access.ts';

let idp: IdentityProvider;
before(async () => {
  idp = await startIdentityProvider();
});
after(() => idp[Symbol.asyncDispose]());

const opened = (t: TestContext, more: Partial<IssuerDeclaration> = {}) =>
  door(t, accessOf({ tokens: [issuerOf(idp.issuer, more)] }));

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const json = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const seconds = (): number => Math.floor(Date.now() / 1_000);

describe('a token', () => {
  it('of the issuer says who asks: the client, the roles that are defined, all of its claims', async (t) => {
    const { ask } = await opened(t);
    const token = await idp.token({
      roles: ['clerk', 'teller', 'emperor'],
      branch: '007',
      address: { city: 'Bern' },
    });
    const caller = await ask(bearer(token));
    const { claims, ...rest } = caller;
    assert.deepEqual(rest, {
      client: 'ann',
      issuer: idp.issuer,
      roles: ['teller', 'clerk'],
      by: 'token',
    });
    assert.equal(claims['branch'], '007');
    assert.deepEqual(claims['address'], { city: 'Bern' });
    assert.deepEqual([claims['sub'], claims['client']], ['ann', 'ann']);
  });

  it('makes the same caller, the very object, when it is shown again', async (t) => {
    const { ask } = await opened(t);
    const token = await idp.token();
    const [a, b] = await Promise.all([ask(bearer(token)), ask(bearer(token))]);
    assert.equal(a, b);
    assert.equal(await ask(bearer(token)), a);
  });

  const readings: readonly (readonly [
    rule: string,
    how: Partial<IssuerDeclaration>,
    claims: Claims,
    roles: readonly string[],
  ])[] = [
    ['in a text with blanks', {}, { roles: 'auditor  clerk nobody' }, ['auditor', 'clerk']],
    ['at a dotted path', { roles: 'realm_access.roles' }, { realm_access: { roles: ['clerk'] } }, ['clerk']],
    [
      'under a name with dots',
      { roles: 'https://bank.example/roles' },
      { 'https://bank.example/roles': ['clerk'] },
      ['clerk'],
    ],
    [
      'by other words',
      { rolesOf: { Tellers: ['teller', 'clerk'] } },
      { roles: ['Tellers', 'auditor'] },
      ['teller', 'clerk'],
    ],
    ['by no word that every object inherits', { rolesOf: {} }, { roles: ['constructor', '__proto__'] }, []],
    ['nowhere: then there are none', {}, {}, []],
    ['as something else: then there are none', {}, { roles: { clerk: true } }, []],
    ['as a list with something else in it', {}, { roles: [1, null, 'clerk', ['teller']] }, ['clerk']],
  ];
  for (const [rule, how, claims, roles] of readings) {
    it(`has its roles ${rule}`, async (t) => {
      const { ask } = await opened(t, how);
      assert.deepEqual((await ask(bearer(await idp.token(claims)))).roles, roles);
    });
  }

  it('names the client in the claim that the configuration says; without that it is refused', async (t) => {
    const { ask, refusal } = await opened(t, { client: 'azp' });
    const caller = await ask(bearer(await idp.token({ azp: 'app' })));
    assert.deepEqual([caller.client, caller.claims['sub'], caller.claims['client']], ['app', 'ann', 'app']);
    for (const azp of [undefined, '', 7, ['app'], 'x'.repeat(257)]) {
      const token = await idp.token({ azp });
      assert.equal(await refusal(bearer(token)), 'bad-credentials no-client-in-token');
    }
  });

  it('for several audiences is for each of them', async (t) => {
    const { ask } = await opened(t);
    assert.equal((await ask(bearer(await idp.token({ aud: ['other', 'gateway'] })))).client, 'ann');
  });

  it('is taken with clocks that differ as far as is allowed, and no further', async (t) => {
    const { ask, refusal } = await opened(t, { clockSkewMs: 60_000 });
    for (const claims of [{ exp: seconds() - 50 }, { nbf: seconds() + 50 }, { iat: seconds() + 50 }]) {
      assert.equal((await ask(bearer(await idp.token(claims)))).client, 'ann');
    }
    assert.equal(
      await refusal(bearer(await idp.token({ exp: seconds() - 70 }))),
      'bad-credentials ERR_JWT_EXPIRED',
    );
    assert.equal(
      await refusal(bearer(await idp.token({ nbf: seconds() + 70 }))),
      'bad-credentials ERR_JWT_CLAIM_VALIDATION_FAILED',
    );
    assert.equal(
      await refusal(bearer(await idp.token({ iat: seconds() + 70 }))),
      'bad-credentials issued-in-future',
    );
  });

  it('that was verified a moment ago ends when it ends', async (t) => {
    const time = clock();
    const { ask, refusal, accepts } = await door(
      t,
      accessOf({ tokens: [issuerOf(idp.issuer, { clockSkewMs: 0 })] }),
      {
        now: time.now,
      },
    );
    const token = await idp.token({ exp: Math.floor(time.now() / 1_000) + 10 });
    const caller = await ask(bearer(token));
    assert.ok(accepts(caller));
    time.pass(11_000);
    assert.ok(!accepts(caller));
    assert.equal(await refusal(bearer(token)), 'bad-credentials ERR_JWT_EXPIRED');
  });

  it('is of the type that the configuration names', async (t) => {
    const { ask, refusal } = await opened(t, { typ: 'at+jwt' });
    assert.equal(
      (await ask(bearer(await idp.token({}, { header: { typ: 'application/AT+JWT' } })))).client,
      'ann',
    );
    assert.equal(
      await refusal(bearer(await idp.token({}, { header: { typ: 'JWT' } }))),
      'bad-credentials token-type',
    );
  });

  it('of one issuer is never verified by the keys or the rules of another', async (t) => {
    await using second = await startIdentityProvider();
    const { ask, refusal } = await door(
      t,
      accessOf({
        tokens: [issuerOf(idp.issuer), issuerOf(second.issuer, { audience: 'other', roles: 'groups' })],
      }),
    );
    const theirs = await second.token({ aud: 'other', groups: ['auditor'], roles: ['teller'] });
    assert.deepEqual((await ask(bearer(theirs))).roles, ['auditor']);
    // Signed by the second with its own key, and said to be of the first.
    const forged = await second.token({ iss: idp.issuer });
    assert.equal(await refusal(bearer(forged)), 'bad-credentials ERR_JWS_SIGNATURE_VERIFICATION_FAILED');
    assert.equal(
      await refusal(bearer(await second.token({ aud: 'gateway' }))),
      'bad-credentials ERR_JWT_CLAIM_VALIDATION_FAILED',
    );
  });

  const ALGORITHMS = [
    'RS256',
    'RS384',
    'RS512',
    'PS256',
    'PS384',
    'PS512',
    'ES256',
    'ES384',
    'ES512',
    'EdDSA',
  ];
  it('may be signed in every way that a configuration may name', async (t) => {
    await using second = await startIdentityProvider();
    second.keys = await Promise.all(ALGORITHMS.map((alg) => signingKey(alg, alg)));
    const { ask } = await door(
      t,
      accessOf({ tokens: [issuerOf(second.issuer, { algorithms: ALGORITHMS })] }),
    );
    for (const key of second.keys) {
      assert.equal((await ask(bearer(await second.token({}, { key })))).client, 'ann', key.alg);
    }
  });

  it('with its key unnamed is taken where just one key of the issuer fits', async (t) => {
    const { ask, refusal } = await opened(t);
    const unnamed = await idp.token({}, { header: { kid: undefined } });
    assert.equal((await ask(bearer(unnamed))).client, 'ann');
    await using two = await startIdentityProvider();
    two.keys = [await signingKey('a'), await signingKey('b')];
    const many = await door(t, accessOf({ tokens: [issuerOf(two.issuer)] }));
    assert.equal(
      await many.refusal(bearer(await two.token({}, { header: { kid: undefined } }))),
      'bad-credentials ERR_JWKS_MULTIPLE_MATCHING_KEYS',
    );
    assert.match(await refusal(bearer(await two.token())), /unknown-issuer/);
  });
});

describe('a token is refused', () => {
  const claims: readonly (readonly [rule: string, claims: Claims, why: string, options?: TokenOptions])[] = [
    ['when it has ended', { exp: 1_000 }, 'ERR_JWT_EXPIRED'],
    ['when it never ends', { exp: undefined }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['before it begins', { nbf: 4_000_000_000 }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['when it is of another issuer', { iss: 'https://evil.example' }, 'unknown-issuer'],
    ['when it does not name its issuer', { iss: undefined }, 'unknown-issuer'],
    ['when it is for somebody else', { aud: 'payroll' }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    [
      'when its audience only begins as ours',
      { aud: ['gateway2', 'GATEWAY'] },
      'ERR_JWT_CLAIM_VALIDATION_FAILED',
    ],
    ['when it is for nobody', { aud: undefined }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['when it is of a type made for other ends', {}, 'token-type', { header: { typ: 'logout+jwt' } }],
    [
      'when it names a key that the issuer does not have',
      {},
      'ERR_JWKS_NO_MATCHING_KEY',
      { header: { kid: 'other' } },
    ],
    [
      'when it has a critical header that nobody here understands',
      {},
      'ERR_JOSE_NOT_SUPPORTED',
      { header: { crit: ['x-must'], 'x-must': 1 } },
    ],
  ];
  for (const [rule, claim, why, options] of claims) {
    it(rule, async (t) => {
      const { refusal } = await opened(t);
      assert.equal(await refusal(bearer(await idp.token(claim, options))), `bad-credentials ${why}`);
    });
  }

  it('when its issuer is written in another way', async (t) => {
    const { refusal } = await opened(t);
    for (const iss of [`${idp.issuer}/`, idp.issuer.toUpperCase(), ` ${idp.issuer}`, [idp.issuer]]) {
      assert.equal(await refusal(bearer(await idp.token({ iss }))), 'bad-credentials unknown-issuer');
    }
  });

  it('when a letter of it is another', async (t) => {
    const { refusal } = await opened(t);
    const [head, , signature] = (await idp.token({ roles: ['clerk'] })).split('.');
    const better = json({
      iss: idp.issuer,
      aud: 'gateway',
      sub: 'ann',
      exp: seconds() + 300,
      roles: ['auditor'],
    });
    assert.equal(
      await refusal(bearer(`${head}.${better}.${signature}`)),
      'bad-credentials ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    );
  });

  it('when it is not signed: alg none in any case', async (t) => {
    const { refusal } = await opened(t);
    const body = json({ iss: idp.issuer, aud: 'gateway', sub: 'ann', exp: seconds() + 300 });
    for (const alg of ['none', 'None', 'NONE', 'nOnE']) {
      for (const signature of ['', 'AAAA']) {
        assert.equal(
          await refusal(bearer(`${json({ alg })}.${body}.${signature}`)),
          'bad-credentials ERR_JOSE_ALG_NOT_ALLOWED',
        );
      }
    }
  });

  it('when it is signed by the public key as if that were a shared secret', async (t) => {
    const { refusal } = await opened(t);
    const [key] = idp.keys;
    assert.ok(key);
    const publicKey = await importJWK(key.publicJwk, 'ES256', { extractable: true });
    assert.ok(!(publicKey instanceof Uint8Array));
    const body = json({ iss: idp.issuer, aud: 'gateway', sub: 'ann', exp: seconds() + 300 });
    for (const secret of [await exportSPKI(publicKey), JSON.stringify(key.publicJwk)]) {
      const signed: string = `${json({ alg: 'HS256', kid: key.kid })}.${body}`;
      const token: string = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
      assert.equal(await refusal(bearer(token)), 'bad-credentials ERR_JOSE_ALG_NOT_ALLOWED');
    }
  });

  it('when it is signed as it might be, but not as the configuration says', async (t) => {
    const { refusal } = await opened(t, { algorithms: ['RS256'] });
    assert.equal(await refusal(bearer(await idp.token())), 'bad-credentials ERR_JOSE_ALG_NOT_ALLOWED');
  });

  it('when it brings its own key along', async (t) => {
    const { refusal } = await opened(t);
    const own = await signingKey('first');
    const header = { jwk: own.publicJwk, jku: 'https://evil.example/jwks', x5u: 'https://evil.example/x' };
    assert.equal(
      await refusal(bearer(await idp.token({}, { key: own, header }))),
      'bad-credentials ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    );
  });

  it('when it is longer than 16 KiB, before anything of it is read', async (t) => {
    const { refusal } = await opened(t);
    const long = await idp.token({ groups: 'x'.repeat(16_384) });
    assert.equal(await refusal(bearer(long)), 'bad-credentials token-too-long');
  });

  it('when it is no token at all', async (t) => {
    const { refusal } = await opened(t);
    for (const text of [
      'x',
      'a.b',
      'a.b.c',
      'a.b.c.d.e',
      '..',
      `${json({ alg: 'ES256' })}.${json([])}.x`,
      `${json(1)}.${json({})}.x`,
    ]) {
      assert.match(await refusal(bearer(text)), /^bad-credentials /, text);
    }
  });
});
