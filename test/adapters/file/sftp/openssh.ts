// A server of OpenSSH on a loopback port, with keys and configuration made for it. It is stopped by its process id.

import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { keyPair } from '../../../fakes/sftp/server.ts';
import { folder } from '../opening.ts';

/** sshd starts itself anew for every connection, so it has to be called by its whole path. */
export const SSHD: string | undefined = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  .map((place) => join(place, 'sshd'))
  .find((path) => existsSync(path));

export interface OpenSsh extends AsyncDisposable {
  readonly port: number;
  readonly user: string;
  /** Private key that may log in. */
  readonly key: string;
  /** Private key that may log in, and not write. */
  readonly readerKey: string;
  /** What known_hosts holds of the host key. */
  readonly hostKey: string;
  /** The same as ssh-keygen prints it. */
  readonly fingerprint: string;
}

export async function openSsh(): Promise<OpenSsh> {
  const place = folder();
  const [host, login, reader] = [keyPair(), keyPair(), keyPair()];
  const port = await freePort();
  place.write('host', host.private);
  chmodSync(join(place.path, 'host'), 0o600);
  place.write('host.pub', host.public);
  const printed = spawnSync('ssh-keygen', ['-l', '-f', join(place.path, 'host.pub')], { encoding: 'utf8' });
  const [fingerprint] = /SHA256:\S+/.exec(printed.stdout) ?? [];
  if (fingerprint === undefined)
    throw new Error(`ssh-keygen does not say the fingerprint: ${printed.stderr}`);
  place.write('authorized', `${login.public}\ncommand="internal-sftp -R" ${reader.public}\n`);
  place.write(
    'config',
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(place.path, 'host')}`,
      `AuthorizedKeysFile ${join(place.path, 'authorized')}`,
      'PidFile none',
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'StrictModes no',
      'UsePAM no',
      'Subsystem sftp internal-sftp',
      '',
    ].join('\n'),
  );
  // Where it was never started by the system, its folder for the separation of privileges is missing.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const server = spawn(SSHD ?? 'sshd', ['-D', '-e', '-f', join(place.path, 'config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  for (let i = 0; !(await answers(port)); i++) {
    if (server.exitCode !== null || i === 200) throw new Error(`sshd does not start: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    port,
    user: userInfo().username,
    key: login.private,
    readerKey: reader.private,
    hostKey: host.public,
    fingerprint,
    async [Symbol.asyncDispose]() {
      server.kill();
      await ended;
      place[Symbol.dispose]();
    },
  };
}

export interface SshAgent extends AsyncDisposable {
  /** Its socket. */
  readonly path: string;
}

/** An agent that holds one key. */
export async function sshAgent(key: string): Promise<SshAgent> {
  const place = folder();
  place.write('key', key);
  chmodSync(join(place.path, 'key'), 0o600);
  const path = join(place.path, 'agent');
  const agent = spawn('ssh-agent', ['-D', '-a', path], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => agent.once('exit', () => resolve()));
  for (let i = 0; !existsSync(path) && i < 200; i++) await new Promise((resolve) => setTimeout(resolve, 50));
  const added = spawnSync('ssh-add', [join(place.path, 'key')], {
    env: { ...process.env, SSH_AUTH_SOCK: path },
    encoding: 'utf8',
  });
  if (added.status !== 0) throw new Error(`ssh-add: ${added.stderr}`);
  return {
    path,
    async [Symbol.asyncDispose]() {
      agent.kill();
      await ended;
      place[Symbol.dispose]();
    },
  };
}

/** A line to the server that breaks after so many bytes were sent over it, each time it is taken; then it holds. */
export async function breakingLine(
  port: number,
  breaks: readonly number[],
): Promise<AsyncDisposable & { readonly port: number; taken(): number }> {
  let taken = 0;
  const sockets = new Set<Socket>();
  const line = createServer((near) => {
    const most = breaks[taken++] ?? Number.POSITIVE_INFINITY;
    const far = connect(port, '127.0.0.1');
    let sent = 0;
    near.on('data', (bytes) => {
      sent += bytes.length;
      if (sent > most) far.destroy();
      else far.write(bytes);
    });
    far.on('data', (bytes) => near.write(bytes));
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        near.destroy();
        far.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve));
  const address = line.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    taken: () => taken,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => line.close(() => resolve()));
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
