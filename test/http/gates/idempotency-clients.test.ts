// Whose key it is: each client has its own, and one that may do something else now is not shown what it was answered before.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { adapters } from '../../../adapters/index.ts';
import { folderWith } from '../../config/written.ts';
import { startIdentityProvider } from '../../fakes/identity-provider.ts';
import { serveBoth } from '../../parity/both.ts';
import { brief, send } from '../writing.ts';

const KEYS = { web: 'a'.repeat(43), batch: 'b'.repeat(43), reader: 'c'.repeat(43) };

function client(name: keyof typeof KEYS, role: string): string {
  const sha256 = createHash('sha256').update(KEYS[name]).digest('hex');
  return `${name}: { roles: [${role}], keys: [{ sha256: ${sha256} }] }`;
}

const CONFIG = `
access: { clients: { ${client('web', 'writer')}, ${client('batch', 'writer')}, ${client('reader', 'reader')} } }
roles:
  writer: { collections: { entries: all } }
  reader: { collections: { entries: read } }
sources:
  core:
    adapter: memory
    collections:
      entries: { writes: [insert], fields: { text: string }, rows: [] }
`;

describe('an Idempotency-Key', () => {
  it("is its client's: the same one of another client is another", async () => {
    await using both = await serveBoth(join(folderWith({ 'c.yaml': CONFIG }), 'c.yaml'), adapters);
    const add = (name: keyof typeof KEYS) =>
      send(
        'POST',
        `${both.url}/api/entries`,
        { text: 'x' },
        { 'x-api-key': KEYS[name], 'idempotency-key': 'same' },
      );
    const replayed = async (name: keyof typeof KEYS) => {
      const { status, headers } = await add(name);
      return [status, headers.get('idempotency-replayed')];
    };
    assert.deepEqual(await replayed('web'), [201, null]);
    assert.deepEqual(await replayed('batch'), [201, null]);
    assert.deepEqual(await replayed('web'), [201, 'true']);
    assert.deepEqual(await replayed('batch'), [201, 'true']);
    const { body } = await send('GET', `${both.url}/api/entries?count=true`, undefined, {
      'x-api-key': KEYS.web,
    });
    assert.ok(typeof body === 'object' && body !== null && 'totalCount' in body);
    assert.equal(body.totalCount, 2);
  });

  it("of a token is its person's: neither the client that speaks for many nor the issuer that gives the same name shares it", async () => {
    await using first = await startIdentityProvider();
    await using second = await startIdentityProvider();
    const issuer = (of: typeof first) =>
      `{ issuer: "${of.issuer}", jwks: "${of.jwks}", audience: gateway, client: azp }`;
    const config = CONFIG.replace('access: {', `access: { tokens: [${issuer(first)}, ${issuer(second)}], `);
    await using both = await serveBoth(join(folderWith({ 'c.yaml': config }), 'c.yaml'), adapters);
    const replayed = async (of: typeof first, sub: string) => {
      const token = await of.token({ azp: 'app', sub, roles: ['writer'] });
      const { status, headers } = await send(
        'POST',
        `${both.url}/api/entries`,
        { text: 'x' },
        { authorization: `Bearer ${token}`, 'idempotency-key': 'same' },
      );
      return [status, headers.get('idempotency-replayed')];
    };
    assert.deepEqual(await replayed(first, 'ann'), [201, null]);
    assert.deepEqual(await replayed(first, 'bob'), [201, null]);
    assert.deepEqual(await replayed(second, 'ann'), [201, null]);
    assert.deepEqual(await replayed(first, 'ann'), [201, 'true']);
  });

  it('gives nobody a right: who may not write is refused with it as without', async () => {
    await using both = await serveBoth(join(folderWith({ 'c.yaml': CONFIG }), 'c.yaml'), adapters);
    const add = (headers: Record<string, string>) =>
      send('POST', `${both.url}/api/entries`, { text: 'x' }, headers);
    const without = brief(await add({ 'x-api-key': KEYS.reader }));
    for (let i = 0; i < 2; i++)
      assert.equal(brief(await add({ 'x-api-key': KEYS.reader, 'idempotency-key': 'k' })), without);
    assert.equal((await add({ 'idempotency-key': 'k' })).status, 401);
  });
});
