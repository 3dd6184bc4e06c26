// A process that copies and uploads is killed at a random moment: afterwards there is one whole version or another, in the cache and on
// the server, never a mixture, and the next start puts in order what is left.

import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { it } from 'node:test';
import { sftp } from '../../../../adapters/file/options/sftp-options.ts';
import { sftpStore } from '../../../../adapters/file/sftp/store.ts';
import { type SftpServer, sftpServer } from '../../../fakes/sftp/server.ts';
import { random } from '../../../random.ts';
import { type Folder, folder, hostAt, never } from '../opening.ts';
import { until } from './writing.ts';

const KILLS = 20;

type Worker = ChildProcessByStdio<Writable, Readable, null>;

/** It loads its modules while the one before it is at work. */
function worker(cache: string, compiled: string): Worker {
  return spawn(process.execPath, [join(import.meta.dirname, 'worker.ts'), cache], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: compiled },
  });
}

/** Until it has copied and uploaded for the first time. */
async function atWork(child: Worker, { port, fingerprint }: SftpServer): Promise<void> {
  child.stdin.write(`${port} ${fingerprint}\n`);
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text) => {
      said += text;
      if (said.includes('copied') && said.includes('uploaded')) resolve();
    });
    child.once('exit', () => reject(new Error('it ended by itself')));
  });
}

/** Until so many more requests came. */
async function asked(server: SftpServer, times: number, child: Worker): Promise<void> {
  let left = times;
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('it ended by itself')));
    server.fate = () => {
      left--;
      if (left === 0) resolve();
      return 'answer';
    };
  });
  server.fate = () => 'answer';
}

async function killed(child: Worker): Promise<void> {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  await ended;
}

function isWhole(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.every((byte) => byte === bytes[0]);
}

const leftOn = (remote: Folder) => readdirSync(remote.path).filter((name) => name.startsWith('.overpunch'));

it('a killed process leaves whole versions, and the next start recovers by itself', async (t) => {
  const [remote, local, compiled] = [folder(), folder(), folder()];
  t.after(() => {
    for (const one of [remote, local, compiled]) one[Symbol.dispose]();
  });
  await using renaming = await sftpServer({ folder: remote.path, password: 'sesame' });
  await using plain = await sftpServer({ folder: remote.path, password: 'sesame', extensions: {} });
  const dice = random(6);
  let replaced = 0;
  const replace = (): void => {
    replaced++;
    remote.write('new', new Uint8Array(100_000 + dice.int(200_000)).fill(replaced % 256));
    const at = 1_700_000_000 + replaced;
    utimesSync(join(remote.path, 'new'), at, at);
    renameSync(join(remote.path, 'new'), join(remote.path, 'data.bin'));
  };
  replace();
  remote.write('out.bin', 'o');
  const places = new Map<string, number>();
  let next = worker(local.path, compiled.path);
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      const server = kill % 2 === 0 ? renaming : plain;
      const child = next;
      await atWork(child, server);
      next = worker(local.path, compiled.path);
      const replacing = setInterval(replace, 20);
      // Most of the time is spent on its own disk; what it does on the server is met by counting requests.
      if (kill % 4 === 0) await new Promise((resolve) => setTimeout(resolve, dice.int(100)));
      else await asked(server, 1 + dice.int(80), child);
      clearInterval(replacing);
      await killed(child);

      const cache = join(local.path, 'files');
      const left = leftOn(remote).map((name) => name.slice(-4));
      const copying = readdirSync(cache).some((name) => name.endsWith('.part'));
      const place = [
        ...(left.includes('.old') ? ['while the old file made way'] : []),
        ...(left.includes('part') ? ['during an upload'] : []),
        ...(copying ? ['during a copy'] : []),
      ];
      for (const one of place) places.set(one, (places.get(one) ?? 0) + 1);
      const out = join(remote.path, 'out.bin');
      if (existsSync(out)) assert.ok(isWhole(readFileSync(out)));
      else assert.ok(left.includes('.old'), 'the old file has made way');

      server.down = true;
      const options = sftp.parse({
        host: '127.0.0.1',
        port: server.port,
        user: 'batch',
        password: { env: 'PASSWORD' },
        hostKey: server.fingerprint,
        settleMs: 0,
        maxAgeMs: 0,
      });
      const cacheOptions = { folder: local.path, maxBytes: 10_000_000 };
      await using store = await sftpStore(
        { sftp: options, cache: cacheOptions },
        { ...hostAt('/'), secret: async () => 'sesame' },
      );
      const bytesOf = async (name: string): Promise<Uint8Array> => {
        await using file = await store.file(name).open({ signal: never });
        const bytes = new Uint8Array(file.size);
        await file.read(bytes, 0, { signal: never });
        return bytes;
      };
      for (const name of ['data.bin', 'out.bin']) assert.ok(isWhole(await bytesOf(name)), name);
      assert.ok(!readdirSync(cache).some((name) => name.endsWith('.part')));
      server.down = false;
      await bytesOf('data.bin');
      await until(() => leftOn(remote).length === 0 && existsSync(out));
      assert.deepEqual(Buffer.compare(await bytesOf('out.bin'), readFileSync(out)), 0);
      assert.ok(isWhole(readFileSync(out)));
    }
  } finally {
    await killed(next);
  }
  t.diagnostic(`${KILLS} kills, ${JSON.stringify(Object.fromEntries(places))}`);
});
