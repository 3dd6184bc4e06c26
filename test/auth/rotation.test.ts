// A whole gateway whose client rotates its key: requests, and a stream that was opened with the old one.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { hashOfKey, newKey } from '../../src/auth/key.ts';
import { loadConfig } from '../../src/config/config.ts';
import { createSecrets } from '../../src/config/secrets.ts';
import { createFacades } from '../../src/gateway/facades.ts';
import { openGateway } from '../../src/gateway.ts';
import { listen } from '../../src/http/listen.ts';
import { folderWith, testAdapters } from '../config/written.ts';

const old = newKey();
const fresh = newKey();

const clients = (...keys: readonly string[]): string =>
  `clients: { web: { roles: [clerk], keys: [${keys.map((key) => `{ sha256: ${hashOfKey(key)} }`).join(', ')}] } }\n`;

const CONFIG = `sources:
  ledger:
    adapter: memory
    collections:
      accounts: { key: [number], writes: [insert], fields: { number: int64 }, rows: [{ number: "1" }] }
roles: { clerk: { collections: { accounts: all } } }
access: { clientsFile: clients.yaml }
policy: { watch: { heartbeatMs: 50, openMs: 10 } }
`;

describe('a key that is replaced', () => {
  it('is accepted beside the new one, then not any more; what it has opened ends', async (t) => {
    const folder = folderWith({ 'c.yaml': CONFIG, 'clients.yaml': clients(old) });
    const { config, problems } = await loadConfig(join(folder, 'c.yaml'), testAdapters);
    assert.ok(config, JSON.stringify(problems));
    await using gateway = await openGateway(config, createSecrets(folder, {}), () => {});
    const app = await createFacades(gateway, config, { version: '0', observe: () => {} });
    const { url, close } = await listen(app, { host: '127.0.0.1', port: 0 });
    t.after(() => close(0));
    const status = async (key: string): Promise<number> => {
      const response = await fetch(`${url}/api/accounts`, { headers: { 'x-api-key': key } });
      await response.text();
      return response.status;
    };
    const becomes = async (key: string, wanted: number): Promise<void> => {
      for (let i = 0; i < 500 && (await status(key)) !== wanted; i++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.equal(await status(key), wanted);
    };
    const stream = async (key: string) => {
      const headers = { 'x-api-key': key, accept: 'text/event-stream' };
      const [response]: IncomingMessage[] = await once(
        get(`${url}/api/accounts/changes`, { headers, agent: false }),
        'response',
      );
      assert.equal(response?.statusCode, 200);
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      t.after(() => response.destroy());
      return { text: () => text, ended: once(response, 'close'), response };
    };

    const before = await stream(old);
    writeFileSync(join(folder, 'clients.yaml'), clients(old, fresh));
    await becomes(fresh, 200);
    assert.equal(await status(old), 200);
    const after = await stream(fresh);
    assert.ok(!before.response.closed);

    writeFileSync(join(folder, 'clients.yaml'), clients(fresh));
    await becomes(old, 401);
    await before.ended;
    assert.match(before.text(), /"code":"bad-credentials"/);
    assert.equal(await status(fresh), 200);
    assert.ok(!after.response.closed);
  });
});
