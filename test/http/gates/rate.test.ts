import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import express, { type ErrorRequestHandler } from 'express';
import { Fault } from '../../../src/fault.ts';
import { neighbourhood } from '../../../src/http/gates/address.ts';
import { type Counters, limitRates, type Rates } from '../../../src/http/gates/rate.ts';
import { listen } from '../../../src/http/listen.ts';
import { sendFault } from '../../../src/http/send.ts';
import type { Caller } from '../../../src/query/caller.ts';
import { begin } from '../../../src/query/context.ts';
import { serve } from '../serving.ts';
import { brief, send } from '../writing.ts';

const GENEROUS: Rates = { refused: { requests: 1_000, perSeconds: 60 }, roles: {} };

/** Who asks is what `X-Api-Key` says: `client role role`, or `client@issuer role role`; "wrong" is refused, and nothing is somebody anonymous. */
async function gate(t: TestContext, rates: Partial<Rates>) {
  const app = express();
  app.set('trust proxy', ['127.0.0.1']);
  const { suspects, refused, admit } = limitRates({ ...GENEROUS, ...rates });
  app.use(suspects);
  app.use((req, _res, next) => {
    const key = req.get('x-api-key');
    if (key === 'wrong') throw new Fault('unauthenticated', 'No', { code: 'bad-credentials' });
    const [name = '', ...roles] = (key ?? 'anonymous anonymous').split(' ');
    const [client = '', issuer] = name.split('@');
    const by = key === undefined ? 'anonymous' : issuer === undefined ? 'key' : 'token';
    const caller: Caller = { client, ...(issuer === undefined ? {} : { issuer }), roles, claims: {}, by };
    begin(req, { requestId: 'r', signal: new AbortController().signal, caller });
    next();
  });
  app.use(refused);
  app.use(admit);
  app.use((_req, res) => void res.json({ ok: true }));
  const onFault: ErrorRequestHandler = (error, req, res, _next) => sendFault(req, res, error, () => {});
  app.use(onFault);
  const listening = await listen(app, { host: '127.0.0.1', port: 0 });
  t.after(() => listening.close(0));
  return async (key?: string, from?: string, path = '/api/accounts') =>
    send('GET', listening.url + path, undefined, {
      ...(key === undefined ? {} : { 'x-api-key': key }),
      ...(from === undefined ? {} : { 'x-forwarded-for': from }),
    });
}

type Ask = Awaited<ReturnType<typeof gate>>;

async function statuses(times: number, ask: () => ReturnType<Ask>): Promise<readonly number[]> {
  const all: number[] = [];
  for (let i = 0; i < times; i++) all.push((await ask()).status);
  return all;
}

describe('rates of requests', () => {
  it('are those of a client, not of a name: another issuer may give the same to somebody else', async (t) => {
    const ask = await gate(t, { perClient: { requests: 2, perSeconds: 60 } });
    assert.deepEqual(await statuses(3, () => ask('web@https://idp.example')), [200, 200, 429]);
    assert.deepEqual(await statuses(2, () => ask('web')), [200, 200]);
    assert.equal((await ask('web@https://other.example')).status, 200);
  });

  it('count each client by itself, and tell it what is left', async (t) => {
    const ask = await gate(t, { perClient: { requests: 2, perSeconds: 60 } });
    const first = await ask('web');
    assert.equal(first.headers.get('ratelimit-policy'), '"client";q=2;w=60');
    assert.match(first.headers.get('ratelimit') ?? '', /^"client";r=1;t=(60|59)$/);
    assert.match((await ask('web')).headers.get('ratelimit') ?? '', /^"client";r=0;t=\d+$/);
    const third = await ask('web');
    assert.equal(brief(third), '429 rate-limit');
    assert.ok(Number(third.headers.get('retry-after')) > 50);
    assert.match(third.headers.get('ratelimit') ?? '', /^"client";r=0;t=\d+$/);
    assert.equal((await ask('batch')).status, 200);
  });

  it('begin anew when their time is over', async (t) => {
    const ask = await gate(t, { perClient: { requests: 1, perSeconds: 1 } });
    assert.deepEqual(await statuses(2, () => ask('web')), [200, 429]);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    assert.equal((await ask('web')).status, 200);
  });

  it("of a role count in place of the client's, of several roles the most generous", async (t) => {
    const ask = await gate(t, {
      perClient: { requests: 1, perSeconds: 60 },
      roles: { batch: { requests: 3, perSeconds: 60 }, night: { requests: 2, perSeconds: 10 } },
    });
    assert.deepEqual(await statuses(2, () => ask('web reader')), [200, 429]);
    assert.deepEqual(await statuses(4, () => ask('loader reader batch')), [200, 200, 200, 429]);
    assert.deepEqual(
      await statuses(4, () => ask('other batch')),
      [200, 200, 200, 429],
      'each client by itself',
    );
    assert.equal((await ask('both batch night')).headers.get('ratelimit-policy'), '"role";q=2;w=10');
  });

  it('of anonymous requests count addresses, an IPv6 network as one', async (t) => {
    const ask = await gate(t, { perAddress: { requests: 1, perSeconds: 60 } });
    assert.deepEqual(await statuses(2, () => ask(undefined, '203.0.113.1')), [200, 429]);
    assert.equal((await ask(undefined, '203.0.113.2')).status, 200);
    assert.equal((await ask(undefined, '2001:db8:1:2::1')).status, 200);
    assert.equal((await ask(undefined, '2001:db8:1:2:ffff::9')).status, 429);
    assert.equal((await ask(undefined, '2001:db8:1:3::1')).status, 200);
    assert.equal((await ask('web', '203.0.113.1')).status, 200, 'who is known is not counted so');
  });

  it('of refused credentials make guessing slow: the right key, too, has to wait then', async (t) => {
    const ask = await gate(t, { refused: { requests: 3, perSeconds: 60 } });
    assert.deepEqual(await statuses(4, () => ask('wrong', '203.0.113.1')), [401, 401, 401, 429]);
    const right = await ask('web', '203.0.113.1');
    assert.equal(right.status, 429);
    assert.ok(Number(right.headers.get('retry-after')) > 50);
    assert.equal(right.headers.get('ratelimit'), null);
    assert.equal((await ask('web', '203.0.113.2')).status, 200);
    assert.equal((await ask(undefined, '203.0.113.1')).status, 200, 'who shows nothing guesses nothing');
  });

  it('do not count those who ask whether the gateway is there', async (t) => {
    const ask = await gate(t, { perAddress: { requests: 1, perSeconds: 60 } });
    for (const path of ['/health', '/health/live', '/health/ready'])
      assert.deepEqual(await statuses(3, () => ask(undefined, undefined, path)), [200, 200, 200]);
    assert.deepEqual(await statuses(2, () => ask()), [200, 429]);
  });

  it('go on where a configuration is read again that has the same', async () => {
    const counters: Counters = new Map();
    const rates: Rates = { ...GENEROUS, perAddress: { requests: 1, perSeconds: 60 } };
    const ask = (given: Rates) =>
      new Promise<unknown>((resolve) => {
        // biome-ignore lint/suspicious/noExplicitAny: as much of a request as is looked at
        const request: any = { ip: '203.0.113.1', path: '/', socket: {}, setHeader: () => {} };
        limitRates(given, counters).admit(request, request, resolve);
      });
    assert.equal(await ask(rates), undefined);
    assert.ok((await ask(rates)) instanceof Fault);
    assert.equal(await ask({ ...rates, perAddress: { requests: 2, perSeconds: 60 } }), undefined);
  });

  it('are kept of a bounded number of addresses', async () => {
    const { admit } = limitRates({ ...GENEROUS, perAddress: { requests: 1, perSeconds: 86_400 } });
    const request = (ip: string) =>
      new Promise<unknown>((resolve) => {
        const headers = new Map<string, unknown>();
        const res = { setHeader: (name: string, value: unknown) => headers.set(name, value) };
        // biome-ignore lint/suspicious/noExplicitAny: as much of a request as is looked at
        admit({ ip, path: '/', socket: {} } as any, res as any, resolve);
      });
    for (let i = 0; i < 100_500; i++) await request(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    assert.ok((await request('10.1.136.147')) instanceof Fault, 'the last is still counted');
    assert.equal(await request('10.0.0.0'), undefined, 'the first is forgotten');
  });
});

describe('an address', () => {
  it('of IPv6 stands for its /64, however it is written', () => {
    for (const [address, network] of [
      ['2001:db8:0:42:1:2:3:4', '2001:db8:0:42::/64'],
      ['2001:0DB8:0000:0042::1', '2001:db8:0:42::/64'],
      ['::1', '0:0:0:0::/64'],
      ['fe80::1%eth0', 'fe80:0:0:0::/64'],
      ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
      ['2001:db8::', '2001:db8:0:0::/64'],
      ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
      ['192.0.2.1', '192.0.2.1'],
    ] as const)
      assert.equal(neighbourhood(address), network);
  });

  it('is what a trusted proxy says it is, and nobody else', async (t) => {
    const rates: Rates = { ...GENEROUS, perAddress: { requests: 1, perSeconds: 60 } };
    for (const [trustedProxies, expected] of [
      [['127.0.0.0/8'], [200, 200, 429]],
      [[], [200, 429, 429]],
      [['10.0.0.1'], [200, 429, 429]],
    ] as const) {
      const { url } = await serve(t, { rates, trustedProxies });
      const ask = (from: string) =>
        send('GET', `${url}/api/customers`, undefined, {
          'x-forwarded-for': from,
          'x-forwarded-proto': 'https',
        });
      const asked = [
        await ask('203.0.113.1'),
        await ask('203.0.113.2'),
        await ask('198.51.100.7, 203.0.113.1'),
      ];
      assert.deepEqual(
        asked.map(({ status }) => status),
        expected,
        String(trustedProxies),
      );
      assert.equal(asked[0]?.headers.has('strict-transport-security'), trustedProxies[0] === '127.0.0.0/8');
    }
  });

  it("that a trusted proxy cannot tell is the proxy's own", async (t) => {
    const rates: Rates = { ...GENEROUS, perAddress: { requests: 1, perSeconds: 60 } };
    const { url } = await serve(t, { rates, trustedProxies: ['127.0.0.1'] });
    const ask = (from: string) => send('GET', `${url}/api/customers`, undefined, { 'x-forwarded-for': from });
    assert.deepEqual([(await ask('unknown')).status, (await ask('_hidden')).status], [200, 429]);
  });
});
