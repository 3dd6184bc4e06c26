// PHP's own SoapServer on a loopback port, with the services of php/. A SOAP toolkit that is not ours.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, 'php');

/** True where PHP and its SOAP extension are installed. */
export function hasPhp(): boolean {
  const { stdout } = spawnSync('php', ['-m'], { encoding: 'utf8' });
  return typeof stdout === 'string' && /^soap$/m.test(stdout);
}

export interface PhpServer extends AsyncDisposable {
  readonly url: string;
}

export async function startPhp(): Promise<PhpServer> {
  const port = await freePort();
  const child = spawn('php', ['-S', `127.0.0.1:${port}`, '-t', FOLDER], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  await answering(url, child);
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

async function answering(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) break;
    try {
      await fetch(url);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
  child.kill('SIGKILL');
  throw new Error('PHP does not listen');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
