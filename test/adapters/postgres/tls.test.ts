// TLS to a server that speaks as much of the protocol as it takes: it says yes to TLS, and refuses the login behind it.
// `login` means that the certificate was accepted.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type SecureVersion, TLSSocket } from 'node:tls';
import { Fault } from '#spi';
import { options } from '../../../adapters/postgres/options.ts';
import { adapter } from '../../../adapters/postgres/postgres.ts';
import { skipUnless } from '../../skip.ts';
import { host } from './server.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** ErrorResponse: severity twice, SQLSTATE 28000, a message. */
function refusal(): Buffer {
  const fields = Buffer.from('SFATAL\0VFATAL\0C28000\0Mno\0\0');
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

describe('TLS to PostgreSQL', { skip: skipUnless(hasOpenssl, 'openssl is not installed') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-pg-'));
  after(() => rmSync(folder, { recursive: true }));

  const certificate = (name: string, alternative: string) => {
    const key = join(folder, `${name}.key`);
    const cert = join(folder, `${name}.pem`);
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
        '-subj',
        `/CN=${name}`,
        '-addext',
        `subjectAltName=${alternative}`,
        '-keyout',
        key,
        '-out',
        cert,
      ],
      { stdio: 'ignore' },
    );
    return { key, cert };
  };

  const serve = async (
    files: { readonly key: string; readonly cert: string } | undefined,
    maxVersion?: SecureVersion,
  ) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.write(files === undefined ? 'N' : 'S');
        if (files === undefined) return;
        const secure = new TLSSocket(socket, {
          isServer: true,
          key: readFileSync(files.key),
          cert: readFileSync(files.cert),
          ...(maxVersion === undefined
            ? {}
            : { maxVersion, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }),
        });
        secure.on('error', () => {});
        secure.once('data', () => secure.end(refusal()));
      });
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(0, '127.0.0.1', resolve);
    await promise;
    after(() => server.close());
    const bound = server.address();
    assert.ok(typeof bound === 'object' && bound !== null);
    return bound.port;
  };

  const outcome = async (port: number, tls: unknown, name = '127.0.0.1'): Promise<string> => {
    const given = options.parse({
      host: name,
      port,
      user: 'u',
      database: 'd',
      collections: {},
      ...(tls === undefined ? {} : { tls }),
    });
    try {
      await adapter.open(given, host);
    } catch (error) {
      assert.ok(error instanceof Fault);
      assert.equal(error.kind, 'unavailable');
      return error.code;
    }
    return 'open';
  };

  it('a certificate is accepted if its maker is trusted and it is of this server', async () => {
    const own = certificate('own', 'IP:127.0.0.1,DNS:localhost');
    const other = certificate('other', 'DNS:db.example');
    const ownPort = await serve(own);
    const otherPort = await serve(other);
    assert.equal(await outcome(ownPort, undefined), 'tls');
    assert.equal(await outcome(ownPort, { verify: false }), 'login');
    assert.equal(await outcome(ownPort, { ca: own.cert }), 'login');
    assert.equal(await outcome(ownPort, { ca: own.cert }, 'localhost'), 'login');
    assert.equal(await outcome(ownPort, { ca: other.cert }), 'tls');
    assert.equal(await outcome(otherPort, { ca: other.cert }), 'tls');
    assert.equal(await outcome(otherPort, { ca: other.cert }, 'localhost'), 'tls');
    assert.equal(await outcome(otherPort, { ca: other.cert, serverName: 'db.example' }), 'login');
    assert.equal(
      await outcome(otherPort, { ca: other.cert, serverName: 'db.example' }, 'localhost'),
      'login',
    );
  });

  it('without TLS on the other side nothing is sent in the clear', async () => {
    const port = await serve(undefined);
    assert.equal(await outcome(port, undefined), 'no-connection');
    assert.equal(await outcome(port, { verify: false }), 'no-connection');
  });

  it('the oldest TLS accepted is what the configuration says', async () => {
    const own = certificate('old', 'IP:127.0.0.1');
    const port = await serve(own, 'TLSv1.2');
    assert.equal(await outcome(port, { ca: own.cert }), 'login');
    assert.equal(await outcome(port, { ca: own.cert, minVersion: 'TLSv1.3' }), 'tls');
  });
});
