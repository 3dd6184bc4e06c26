// API keys, anonymous callers, development: credentials without sockets.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { hashOfKey, newKey } from '../../src/auth/key.ts';
import { Fault } from '../../src/fault.ts';
import { accessOf, client, clock, door } from './access.ts';

const first = newKey();
const second = newKey();
const other = newKey();
const access = accessOf({
  clients: {
    web: client({
      roles: ['teller', 'clerk'],
      claims: { branch: '007', limit: 5 },
      keys: [{ sha256: hashOfKey(first) }, { sha256: hashOfKey(second), expires: '2027-03-01' }],
    }),
    night: client({ roles: ['auditor'], keys: [{ sha256: hashOfKey(other) }] }),
  },
});

describe('an API key', () => {
  it('is op_ and 256 random bits, and is kept as its SHA-256', () => {
    assert.match(first, /^op_[\w-]{43}$/);
    assert.notEqual(first, second);
    assert.equal(hashOfKey(first), createHash('sha256').update(first).digest('hex'));
  });

  it('is taken from X-Api-Key and from a bearer, and says who asks', async (t) => {
    const { ask } = await door(t, access);
    const caller = await ask({ apiKey: first });
    assert.deepEqual(caller, {
      client: 'web',
      roles: ['teller', 'clerk'],
      claims: { branch: '007', limit: 5, sub: 'web', client: 'web' },
      by: 'key',
    });
    assert.equal(await ask({ authorization: `Bearer ${first}` }), caller);
    assert.equal(await ask({ authorization: `bearer  ${first}` }), caller);
    assert.equal((await ask({ apiKey: other })).client, 'night');
  });

  it('makes the same caller each time, the very object; another key of the client one that is equal', async (t) => {
    const { ask } = await door(t, access, { now: () => Date.UTC(2027, 0, 1) });
    assert.equal(await ask({ apiKey: first }), await ask({ apiKey: first }));
    assert.deepEqual(await ask({ apiKey: first }), await ask({ apiKey: second }));
  });

  it('ends with the day before the one that it names', async (t) => {
    const time = clock(Date.UTC(2027, 1, 28, 23, 59, 59, 999));
    const { ask, refusal, accepts } = await door(t, access, { now: time.now });
    const caller = await ask({ apiKey: second });
    assert.equal(caller.client, 'web');
    assert.ok(accepts(caller));
    time.pass(1);
    assert.equal(await refusal({ apiKey: second }), 'bad-credentials expired-key');
    assert.ok(!accepts(caller));
    assert.equal((await ask({ apiKey: first })).client, 'web');
  });

  it('that is not known is refused, however near it is', async (t) => {
    const { refusal } = await door(t, access);
    for (const wrong of [
      `${first.slice(0, -1)}!`,
      ` ${first}`,
      `${first} `,
      first.toUpperCase(),
      hashOfKey(first),
      newKey(),
    ]) {
      assert.equal(await refusal({ apiKey: wrong }), 'bad-credentials unknown-key');
    }
    for (const wrong of ['', 'x'.repeat(257)]) {
      assert.equal(await refusal({ apiKey: wrong }), 'bad-credentials no-key');
    }
  });

  it('in a bearer counts only with its prefix; any other scheme is refused', async (t) => {
    const plain = 'a'.repeat(43);
    const { ask, refusal } = await door(
      t,
      accessOf({ clients: { web: client({ keys: [{ sha256: hashOfKey(plain) }] }) } }),
    );
    assert.equal((await ask({ apiKey: plain })).client, 'web');
    assert.equal(await refusal({ authorization: `Bearer ${plain}` }), 'bad-credentials ERR_JWT_INVALID');
    for (const authorization of [
      '',
      'Bearer',
      'Bearer ',
      `Basic ${btoa(`web:${plain}`)}`,
      first,
      `Bearer ${first} x`,
    ]) {
      assert.equal(await refusal({ authorization }), 'bad-credentials no-bearer', authorization);
    }
  });

  it('beside another credential in the headers is refused, even the same one twice', async (t) => {
    const { refusal } = await door(t, access);
    const both = { apiKey: first, authorization: `Bearer ${first}` };
    assert.equal(await refusal(both), 'bad-credentials several-credentials');
    assert.equal(await refusal({ ...both, authorization: '' }), 'bad-credentials several-credentials');
  });

  it('never stands in a fault', async (t) => {
    const { ask } = await door(t, access);
    const wrong = newKey();
    const fault = await ask({ apiKey: wrong }).catch((error: unknown) => error);
    assert.ok(fault instanceof Fault);
    assert.ok(
      !JSON.stringify([fault.message, fault.told, String(fault.cause), fault.stack]).includes(wrong.slice(3)),
    );
  });
});

describe('who shows nothing', () => {
  it('is refused', async (t) => {
    const { refusal } = await door(t, access);
    assert.equal(await refusal({}), 'no-credentials');
  });

  it('is anonymous where the configuration says so; who shows something wrong is not', async (t) => {
    const { ask, refusal } = await door(t, accessOf({ ...access, anonymous: ['clerk'] }));
    assert.deepEqual(await ask({}), {
      client: 'anonymous',
      roles: ['clerk'],
      claims: { sub: 'anonymous', client: 'anonymous' },
      by: 'anonymous',
    });
    assert.equal(await refusal({ apiKey: newKey() }), 'bad-credentials unknown-key');
    assert.equal(await refusal({ authorization: 'Bearer x.y.z' }), 'bad-credentials ERR_JWT_INVALID');
    const certificate = { fingerprint256: `${'AA:'.repeat(31)}AA`, subject: 'CN=x' };
    assert.equal(await refusal({ certificate }), 'bad-credentials unknown-certificate');
  });

  it('is told what the configuration lacks where it says nothing of access', async (t) => {
    const { ask, refusal } = await door(t, undefined);
    assert.equal(await refusal({}), 'no-credentials');
    assert.equal(await refusal({ apiKey: first }), 'no-credentials');
    const fault = await ask({}).catch((error: unknown) => error);
    assert.ok(fault instanceof Fault);
    assert.match(fault.place.hint ?? '', /`access`/);
  });

  it('may do everything in development', async (t) => {
    const { ask } = await door(t, accessOf({ development: true }));
    const { by, client: name } = await ask({});
    assert.deepEqual([by, name], ['development', 'development']);
    assert.equal(await ask({ apiKey: 'anything' }), await ask({}));
  });
});
