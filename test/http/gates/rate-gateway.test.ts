// Rates through the whole gateway: who is counted is who the credentials say, and both surfaces count together.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { adapters } from '../../../adapters/index.ts';
import { folderWith } from '../../config/written.ts';
import { serveBoth } from '../../parity/both.ts';
import { brief, send } from '../writing.ts';

const KEYS = { web: 'a'.repeat(43), batch: 'b'.repeat(43) };
const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex');

async function serve(t: TestContext, limits: string) {
  const folder = folderWith({
    'c.yaml': `
access:
  anonymous: [guest]
  clients:
    web: { roles: [reader], keys: [{ sha256: ${sha256(KEYS.web)} }] }
    batch: { roles: [loader], keys: [{ sha256: ${sha256(KEYS.batch)} }] }
roles:
  guest: {}
  reader: { collections: { customers: { read: true } } }
  loader: { collections: { customers: { read: true } } }
limits: ${limits}
sources:
  core:
    adapter: memory
    collections:
      customers: { key: [custId], fields: { custId: int64, name: string }, rows: [] }
`,
  });
  const both = await serveBoth(join(folder, 'c.yaml'), adapters);
  t.after(() => both[Symbol.asyncDispose]());
  const key = (name?: string) => (name === undefined ? {} : { 'x-api-key': name });
  return {
    rest: (name?: string) => send('GET', `${both.url}/api/customers`, undefined, key(name)),
    graphql: (name?: string) =>
      send('POST', `${both.url}/graphql`, { query: '{ customers { totalCount } }' }, key(name)),
  };
}

describe('rates of a gateway', () => {
  it('count what a client asks on both surfaces together, and each client by itself', async (t) => {
    const { rest, graphql } = await serve(
      t,
      '{ perClient: { requests: 3 }, roles: { loader: { requests: 5 } } }',
    );
    assert.deepEqual(
      [(await rest(KEYS.web)).status, (await graphql(KEYS.web)).status, (await rest(KEYS.web)).status],
      [200, 200, 200],
    );
    const late = await graphql(KEYS.web);
    assert.equal(brief(late), '429 rate-limit');
    assert.match(late.headers.get('ratelimit') ?? '', /^"client";r=0;t=\d+$/);
    assert.equal(brief(await rest(KEYS.web)), '429 rate-limit');
    const other = await rest(KEYS.batch);
    assert.deepEqual([other.status, other.headers.get('ratelimit-policy')], [200, '"role";q=5;w=60']);
  });

  it('make who shows wrong keys wait, before any is looked at', async (t) => {
    const { rest } = await serve(t, '{ refused: { requests: 2 } }');
    assert.equal((await rest('c'.repeat(43))).status, 401);
    assert.equal((await rest('d'.repeat(43))).status, 401);
    const right = await rest(KEYS.web);
    assert.equal(brief(right), '429 rate-limit');
    assert.ok(Number(right.headers.get('retry-after')) > 30);
  });
});
