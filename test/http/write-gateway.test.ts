// Writes through the whole gateway: from a configuration to its source and back over both surfaces.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { adapters } from '../../adapters/index.ts';
import { serveBoth } from '../parity/both.ts';
import { brief, send } from './writing.ts';

function configured(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-writes-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'overpunch.yaml');
  writeFileSync(file, text);
  return file;
}

function ledger(writes: string): string {
  return `
policy: { write: { maxChanges: 2 } }
sources:
  ledger:
    adapter: memory
    collections:
      accounts:
        key: [number]
        writes: ${writes}
        fields: { number: int64, owner: string, balance: 'decimal(11,2)' }
        rows:
          - { number: "4711", owner: Ann, balance: "10.00" }
`;
}

describe('a configured gateway', () => {
  it('writes what its configuration lets clients write, and both surfaces read it', async (t) => {
    await using both = await serveBoth(configured(t, ledger('[insert, update]')), adapters);
    const path = `${both.url}/api/accounts/4712`;
    const made = await send('POST', `${both.url}/api/accounts`, { number: 4712, owner: 'Bob', balance: 2.5 });
    assert.deepEqual([made.status, made.headers.get('location')], [201, '/api/accounts/4712']);
    const tag = made.headers.get('etag') ?? assert.fail('no ETag');
    assert.equal((await send('PATCH', path, { balance: '3.00' }, { 'if-match': tag })).status, 200);
    assert.equal(
      brief(await send('PATCH', path, { balance: '4.00' }, { 'if-match': tag })),
      '412 changed-row If-Match',
    );
    const read = await both.graphql('account(number: "4712") { owner balance }');
    assert.deepEqual(read.body.data.answer, { owner: 'Bob', balance: '3.00' });
    assert.equal(brief(await send('DELETE', path)), '405 method-not-allowed');
  });

  it('keeps to the limit of its policy', async (t) => {
    await using both = await serveBoth(configured(t, ledger('[insert]')), adapters);
    const rows = [1, 2, 3].map((number) => ({ number, owner: 'X', balance: 1 }));
    assert.equal(brief(await send('POST', `${both.url}/api/accounts`, rows)), '422 change-limit');
    assert.equal((await send('POST', `${both.url}/api/accounts`, rows.slice(1))).status, 201);
  });

  it('that lets nobody write has no path to do so, and says nothing of one', async (t) => {
    await using both = await serveBoth(configured(t, ledger('[]')), adapters);
    for (const [method, path] of [
      ['POST', '/api'],
      ['POST', '/api/accounts'],
      ['PUT', '/api/accounts/4711'],
      ['PATCH', '/api/accounts/4711'],
      ['DELETE', '/api/accounts/4711'],
    ] as const) {
      const refused = await send(method, both.url + path, method === 'DELETE' ? undefined : { owner: 'X' });
      assert.deepEqual(
        [brief(refused), refused.headers.get('allow')],
        ['405 method-not-allowed', 'GET, HEAD, OPTIONS'],
      );
    }
    const { body } = await both.get('/openapi.json');
    const methods = Object.values(body.paths).flatMap((item) => Object.keys(item ?? {}));
    assert.deepEqual([...new Set(methods)], ['get']);
    assert.equal(
      (await both.rest('accounts/4711')).text,
      '{"number":"4711","owner":"Ann","balance":"10.00"}',
    );
  });
});
