// TLS to SQL Server: its handshake stands in packets of TDS. The stand-in says which login came encrypted.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { SecureContextOptions } from 'node:tls';
import { adapter } from '../../../adapters/mssql/mssql.ts';
import { standIn } from '../../fakes/tds/server.ts';
import { skipUnless } from '../../skip.ts';
import { fault, host, LOGIN } from './server.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe('TLS to SQL Server', { skip: skipUnless(hasOpenssl, 'openssl is not installed') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-mssql-'));
  after(() => rmSync(folder, { recursive: true }));
  const key = join(folder, 'key.pem');
  const cert = join(folder, 'cert.pem');
  if (hasOpenssl) {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,DNS:db.example.com'];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject];
    execFileSync('openssl', [...made, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  }

  const server = async (more: SecureContextOptions = {}) => {
    const tls = { key: readFileSync(key), cert: readFileSync(cert), ...more };
    const made = await standIn({ ...LOGIN, tls });
    after(() => made[Symbol.asyncDispose]());
    return made;
  };
  const check = async (port: number, more: object): Promise<void> => {
    const { user, database } = LOGIN;
    const given = {
      host: 'localhost',
      port,
      user,
      database,
      password: { env: 'PASSWORD' },
      collections: {},
      ...more,
    };
    await using source = await adapter.open(adapter.options.parse(given), host);
    await source.check(new AbortController().signal);
  };

  it('is on and checked unless said otherwise: a certificate that nobody vouches for is refused before the login', async () => {
    const { port, seen } = await server();
    await assert.rejects(check(port, {}), fault('unavailable', 'tls'));
    assert.equal(seen.logins.length, 0);
  });

  it('a certificate that is trusted by tls.ca is accepted, and the login comes encrypted', async () => {
    const { port, seen } = await server();
    await check(port, { tls: { ca: cert } });
    assert.ok(seen.logins.length > 0 && seen.logins.every(({ secure }) => secure));
  });

  it('a certificate of another name is refused, and accepted by that name', async () => {
    const { port, seen } = await server();
    await assert.rejects(
      check(port, { tls: { ca: cert, serverName: 'other.example.com' } }),
      fault('unavailable', 'tls'),
    );
    assert.equal(seen.logins.length, 0);
    await check(port, { tls: { ca: cert, serverName: 'db.example.com' } });
  });

  it('verify: false accepts any certificate, and still encrypts', async () => {
    const { port, seen } = await server();
    await check(port, { tls: { verify: false } });
    await check(port, { host: '127.0.0.1', tls: { verify: false } });
    assert.ok(seen.logins.every(({ secure }) => secure));
  });

  it('a host that is an IP address needs the name in its certificate', async () => {
    const { port } = await server();
    await assert.rejects(check(port, { host: '127.0.0.1' }), fault('invalid', 'bad-connection', true));
    await check(port, { host: '127.0.0.1', tls: { ca: cert, serverName: 'localhost' } });
  });

  it('a server that will not encrypt never gets the password', async () => {
    const plain = await standIn(LOGIN);
    after(() => plain[Symbol.asyncDispose]());
    await assert.rejects(check(plain.port, {}), fault('unavailable', 'tls'));
    await assert.rejects(check(plain.port, { tls: { verify: false } }), fault('unavailable', 'tls'));
    assert.equal(plain.seen.logins.length, 0);
    await check(plain.port, { tls: false });
    assert.deepEqual(
      plain.seen.logins.map(({ secure }) => secure),
      plain.seen.logins.map(() => false),
    );
  });

  it('an old version is refused unless it is asked for', async () => {
    const { port } = await server({ maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' });
    await assert.rejects(check(port, { tls: { ca: cert } }), fault('unavailable', 'tls'));
    await check(port, { tls: { ca: cert, minVersion: 'TLSv1' } });
  });
});
