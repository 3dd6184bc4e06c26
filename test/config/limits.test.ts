// What of limits, proxies and state is a mistake, and what is there when nothing is said.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadConfig } from '../../src/config/config.ts';
import { folderWith, problemsOf, testAdapters } from './written.ts';

const SOURCES =
  'sources: { core: { adapter: memory, collections: {} } }\nroles: { teller: {}, auditor: {} }\n';

async function configOf(yaml: string) {
  const { config } = await loadConfig(join(folderWith({ 'c.yaml': SOURCES + yaml }), 'c.yaml'), testAdapters);
  return config ?? assert.fail('a mistake');
}

describe('limits in the configuration', () => {
  it('of a role that nobody defines are a mistake: they would limit nobody', async () => {
    const problems = await problemsOf(`${SOURCES}limits: { roles: { tellr: { requests: 5 } } }`);
    assert.match(
      problems.join('\n'),
      /limits\.roles\.tellr: `roles` defines no role "tellr"\. Did you mean "teller"\?$/,
    );
  });

  it('make guessing slow unless something else is said, and limit nobody who was let in', async () => {
    const { limits } = await configOf('');
    assert.deepEqual(limits, { refused: { requests: 100, perSeconds: 60 }, roles: {} });
  });

  it('are rates of one minute unless another time is said', async () => {
    const { limits } = await configOf(
      'limits: { perClient: { requests: 600 }, perAddress: { requests: 1, perSeconds: 10 }, roles: { teller: { requests: 6000 } } }',
    );
    assert.deepEqual(limits.perClient, { requests: 600, perSeconds: 60 });
    assert.deepEqual(limits.perAddress, { requests: 1, perSeconds: 10 });
    assert.deepEqual(limits.roles, { teller: { requests: 6_000, perSeconds: 60 } });
  });

  it('believe no proxy, and only addresses and networks can be believed', async () => {
    assert.deepEqual((await configOf('')).server.trustedProxies, []);
    const good = ['10.0.0.1', '10.0.0.0/8', '2001:db8::1', 'fd00::/8'];
    assert.deepEqual(
      (await configOf(`server: { trustedProxies: [${good.map((one) => `"${one}"`)}] }`)).server
        .trustedProxies,
      good,
    );
    for (const bad of ['proxy.example.com', '10.0.0.0/33', '*', '300.1.1.1']) {
      const problems = await problemsOf(`${SOURCES}server: { trustedProxies: ["${bad}"] }`);
      assert.match(problems.join('\n'), /trustedProxies\[0\]: expected an IP address or a network/, bad);
    }
  });

  it('keep what must survive a restart for a day, in a folder, if there is one', async () => {
    assert.equal((await configOf('')).state, undefined);
    assert.deepEqual((await configOf('state: { folder: state }')).state, {
      folder: 'state',
      idempotencyHours: 24,
      maxAnswers: 100_000,
    });
  });
});
