import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type Started, serving } from '../cli/overpunch.ts';
import { folderWith } from '../config/written.ts';
import { send } from '../http/writing.ts';

const CONFIG = `
access: { development: true }
state: { folder: state }
sources:
  core:
    adapter: memory
    collections:
      accounts: { key: [number], writes: [insert], fields: { number: int64, owner: string }, rows: [] }
`;

describe('answers by Idempotency-Key', () => {
  const running = new Set<Started>();
  after(() => {
    for (const { child } of running) child.kill('SIGKILL');
  });

  it('are given again by the gateway that comes after, and the key stands nowhere', async () => {
    const folder = folderWith({ 'c.yaml': CONFIG });
    const key = 'canary-4f1a6e0c-key';
    const ask = async () => {
      const gateway = await serving(['-c', join(folder, 'c.yaml'), '--port', '0'], {
        OVERPUNCH_LOG: 'debug',
      });
      running.add(gateway);
      const reply = await send(
        'POST',
        `${gateway.url}/api/accounts`,
        { number: 4711, owner: 'Ann' },
        { 'idempotency-key': key },
      );
      const refused = await send(
        'POST',
        `${gateway.url}/api/accounts`,
        { number: 1 },
        { 'idempotency-key': key },
      );
      gateway.child.kill('SIGTERM');
      const { code, err, out } = await gateway.ended;
      assert.equal(code, 0);
      return { reply, refused, told: `${err}${out}` };
    };
    const first = await ask();
    assert.equal(first.reply.status, 201);
    const second = await ask();
    assert.equal(second.reply.headers.get('idempotency-replayed'), 'true');
    assert.deepEqual([second.reply.status, second.reply.text], [201, first.reply.text]);
    assert.equal(second.reply.headers.get('etag'), first.reply.headers.get('etag'));
    assert.equal(second.refused.status, 422);

    const state = join(folder, 'state');
    const files = readdirSync(state).map((file) => readFileSync(join(state, file), 'latin1'));
    assert.ok(files.length > 0);
    for (const text of [...files, first.told, second.told, second.refused.text])
      assert.ok(!text.includes(key));
  });
});
