// A MariaDB server that a test starts for itself: a folder, a port and certificates of its own, gone when the test is over.

import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import { skipUnless } from '../../skip.ts';

const PROGRAMS = ['mariadbd', 'mariadb-install-db', 'openssl'] as const;
/** mariadb-install-db knows no question that it only answers. */
const isThere = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

export const skip = skipUnless(PROGRAMS.every(isThere), `one of ${PROGRAMS.join(', ')} is not installed`);

/** Quick to start; a database and its logins need no more. */
const SMALL = ['--skip-innodb', '--default-storage-engine=Aria'];
const START_MS = 60_000;

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface TlsServer extends AsyncDisposable {
  readonly port: number;
  readonly ca: string;
  /** A certificate of its authority. `alternative`: as openssl writes it, DNS:localhost. */
  certificate(name: string, alternative: string): Certificate;
  /** From now on the server shows this one. */
  show(certificate: Certificate): Promise<void>;
  /** As its administrator, without TLS. */
  run(sql: string): Promise<void>;
  /** Stops it and starts it with these options more. */
  restart(options: readonly string[]): Promise<void>;
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];

export async function startServer(): Promise<TlsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-mariadb-'));
  const at = (name: string) => join(folder, name);
  const quiet = { stdio: 'ignore', timeout: START_MS } as const;
  // At its start a server deletes every temporary table that it finds in its tmpdir, also those of a server that runs beside it.
  const own = ['--no-defaults', `--datadir=${at('data')}`, `--tmpdir=${folder}`, ...SMALL];
  if (process.getuid?.() === 0) own.push('--user=root');
  const ca = at('ca.pem');
  let port = 0;
  let server: ChildProcess | undefined;

  const certificate = (name: string, alternative: string): Certificate => {
    const made = { cert: at(`${name}.pem`), key: at(`${name}.key`) };
    const signed = ['-CA', ca, '-CAkey', at('ca.key'), '-addext', `subjectAltName=${alternative}`];
    const where = ['-keyout', made.key, '-out', made.cert];
    execFileSync('openssl', ['req', '-x509', ...EC, '-subj', `/CN=${name}`, ...signed, ...where], quiet);
    return made;
  };
  const place = ({ cert, key }: Certificate): void => {
    copyFileSync(cert, at('server.pem'));
    copyFileSync(key, at('server.key'));
  };
  const administer = (): Promise<Connection> =>
    createConnection({ socketPath: at('socket'), user: 'root', multipleStatements: true });
  const run = async (sql: string): Promise<void> => {
    const connection = await administer();
    try {
      await connection.query(sql);
    } finally {
      await connection.end();
    }
  };
  const start = async (options: readonly string[]): Promise<void> => {
    port = await freePort();
    const files = [`--ssl-ca=${ca}`, `--ssl-cert=${at('server.pem')}`, `--ssl-key=${at('server.key')}`];
    const where = [`--socket=${at('socket')}`, '--bind-address=127.0.0.1', `--port=${port}`];
    const args = [...own, ...where, ...files, `--pid-file=${at('pid')}`, ...options];
    server = spawn('mariadbd', args, { stdio: 'ignore' });
    const until = performance.now() + START_MS;
    for (;;) {
      try {
        await run('select 1');
        return;
      } catch (error) {
        if (server.exitCode !== null || performance.now() > until) throw error;
        await setTimeout(50);
      }
    }
  };
  const stop = async (): Promise<void> => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
  };

  try {
    const authority = ['-subj', '/CN=authority', '-keyout', at('ca.key'), '-out', ca];
    execFileSync('openssl', ['req', '-x509', ...EC, ...authority], quiet);
    place(certificate('first', 'DNS:localhost'));
    const login = ['--auth-root-authentication-method=normal', '--skip-test-db'];
    execFileSync('mariadb-install-db', [...own, ...login], quiet);
    await start([]);
  } catch (error) {
    await stop();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    get port() {
      assert.notEqual(port, 0);
      return port;
    },
    ca,
    certificate,
    async show(shown) {
      place(shown);
      await run('flush ssl');
    },
    run,
    async restart(options) {
      await stop();
      await start(options);
    },
    async [Symbol.asyncDispose]() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}
