// A process that copies is killed at a random moment: afterwards there is one whole version or another, never a mixture.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, renameSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { sftpStore } from '../../../../adapters/file/sftp/store.ts';
import { sftp } from '../../../../adapters/file/sftp-options.ts';
import { sftpServer } from '../../../fakes/sftp/server.ts';
import { random } from '../../../random.ts';
import { folder, hostAt, never } from '../opening.ts';

const KILLS = 6;

it('a killed process leaves a whole version in the cache, and the next start recovers by itself', async (t) => {
  const [remote, local] = [folder(), folder()];
  await using server = await sftpServer({ folder: remote.path, password: 'sesame' });
  const dice = random(6);
  let replaced = 0;
  /** All bytes of a version are the same. */
  const replace = (): void => {
    replaced++;
    remote.write('new', new Uint8Array(500_000 + dice.int(500_000)).fill(replaced % 256));
    const at = 1_700_000_000 + replaced;
    utimesSync(join(remote.path, 'new'), at, at);
    renameSync(join(remote.path, 'new'), join(remote.path, 'data.bin'));
  };
  replace();
  const places: string[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'copier.ts'), String(server.port), server.fingerprint, local.path],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    await new Promise((resolve, reject) => {
      child.stdout.once('data', resolve);
      child.once('exit', () => reject(new Error('it ended by itself')));
    });
    const replacing = setInterval(replace, 40);
    await new Promise((resolve) => setTimeout(resolve, 50 + dice.int(250)));
    child.kill('SIGKILL');
    await ended;
    clearInterval(replacing);
    const cache = join(local.path, 'files');
    places.push(
      readdirSync(cache).some((name) => name.endsWith('.part')) ? 'during a copy' : 'between copies',
    );

    server.down = true;
    const options = sftp.parse({
      host: '127.0.0.1',
      port: server.port,
      user: 'batch',
      password: { env: 'PASSWORD' },
      hostKey: server.fingerprint,
    });
    const cacheOptions = { folder: local.path, maxBytes: 10_000_000 };
    const store = await sftpStore(
      { sftp: options, cache: cacheOptions },
      { ...hostAt('/'), secret: async () => 'sesame' },
    );
    {
      await using file = await store.file('data.bin').open({ signal: never });
      const bytes = new Uint8Array(file.size);
      await file.read(bytes, 0, { signal: never });
      assert.ok(bytes.length >= 500_000);
      assert.ok(bytes.every((byte) => byte === bytes[0]));
    }
    await store[Symbol.asyncDispose]();
    assert.ok(!readdirSync(cache).some((name) => name.endsWith('.part')));
    server.down = false;
  }
  t.diagnostic(places.join(', '));
  remote[Symbol.dispose]();
  local[Symbol.dispose]();
});
