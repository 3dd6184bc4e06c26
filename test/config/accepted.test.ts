import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { acceptedBy, editorHeaders } from '../../src/config/accepted.ts';
import { loadConfig } from '../../src/config/config.ts';
import { folderWith, testAdapters } from './written.ts';

async function accepted(text: string) {
  const folder = folderWith({
    'clients.yaml': 'clients: {}',
    'c.yaml': `sources: { a: { adapter: vault } }\nroles: { r: {} }\n${text}`,
  });
  const { config, problems } = await loadConfig(join(folder, 'c.yaml'), testAdapters);
  assert.ok(config, JSON.stringify(problems));
  return acceptedBy(config);
}

const KEYS = `keys: [{ sha256: "${'0'.repeat(64)}" }]`;

describe('the credentials that clients are told of', () => {
  it('are those that the configuration accepts', async () => {
    assert.deepEqual(await accepted(`access: { clients: { web: { roles: [r], ${KEYS} } } }`), {
      credentials: ['key'],
      anonymous: false,
    });
    assert.deepEqual(
      await accepted(`access:
  anonymous: [r]
  tokens: [{ issuer: "https://login.example.com", audience: bank }]
server: { tls: { certificate: c.pem, key: k.pem, clients: { authorities: ca.pem } } }`),
      { credentials: ['token', 'certificate'], anonymous: true },
    );
    assert.deepEqual(await accepted('access: { clientsFile: clients.yaml }'), {
      credentials: ['key'],
      anonymous: false,
    });
  });

  it('are none where everybody may do everything, and where nobody may', async () => {
    assert.equal(await accepted('access: { development: true }'), undefined);
    assert.deepEqual(await accepted(''), { credentials: [], anonymous: false });
  });

  it('GraphiQL begins with an empty one, but where it works without', () => {
    const of = (credentials: readonly ('key' | 'token' | 'certificate')[], anonymous = false) =>
      editorHeaders({ credentials, anonymous });
    assert.deepEqual(of(['key', 'token']), { 'X-Api-Key': '' });
    assert.deepEqual(of(['token']), { Authorization: 'Bearer ' });
    assert.equal(of(['certificate']), undefined);
    assert.equal(of(['key'], true), undefined);
    assert.equal(editorHeaders(undefined), undefined);
  });
});
