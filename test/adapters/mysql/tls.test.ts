// TLS to a real MariaDB server: who is believed to be it, what it believes of us, and what is refused.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Fault, type Host } from '#spi';
import { connectionOptions } from '../../../adapters/mysql/connect.ts';
import { mysqlDriver } from '../../../adapters/mysql/driver.ts';
import { mysqlFault } from '../../../adapters/mysql/faults.ts';
import { options } from '../../../adapters/mysql/options.ts';
import { host, never } from './server.ts';
import { skip, startServer, type TlsServer } from './tls-server.ts';

const PASSWORD = 'canary-of-the-password';
const knowing: Host = { ...host, secret: async () => PASSWORD };

describe('TLS to MariaDB', { skip }, () => {
  let server: TlsServer;
  before(async () => {
    server = await startServer();
    await server.run(`create user plain identified by '${PASSWORD}';
      create user certified identified by '${PASSWORD}' require x509`);
  });
  after(() => server?.[Symbol.asyncDispose]());

  /** The version of TLS that the session has, empty for none; else the fault. */
  const outcome = async (tls?: unknown, more: object = {}): Promise<string | Fault> => {
    const login = { host: 'localhost', port: server.port, user: 'plain', password: { env: 'X' } };
    const given = options.parse({
      ...login,
      ...more,
      collections: {},
      ...(tls === undefined ? {} : { tls }),
    });
    await using driver = mysqlDriver({
      connection: await connectionOptions(given, knowing),
      // Every statement has a new connection, which may resume what the one before it has agreed on.
      pool: { ...given.pool, maxLifetimeMs: 1 },
      readOnly: true,
      settings: {},
    });
    try {
      await driver.ping(never);
      const asked = { sql: "show session status like 'Ssl_version'", parameters: [] };
      const [rows] = await Array.fromAsync(driver.stream(asked, never));
      return String(rows?.[0]?.[1]);
    } catch (error) {
      const told = driver.fault(error);
      assert.doesNotMatch(JSON.stringify([told.message, told.told]), /canary/);
      return told;
    }
  };
  const refused = (told: string | Fault, code: string): Fault => {
    assert.ok(told instanceof Fault, `a session with "${told}"`);
    assert.deepEqual([told.kind, told.code], ['unavailable', code]);
    return told;
  };

  it('it is on, and a maker of certificates whom nobody trusts is refused', async () => {
    assert.match(refused(await outcome(), 'tls').place.hint ?? '', /tls\.ca/);
  });

  it('a certificate is accepted if its maker is trusted and it is of this server', async () => {
    const trusted = { ca: server.ca };
    await server.show(server.certificate('named', 'DNS:localhost'));
    assert.match(String(await outcome(trusted)), /^TLSv1\.[23]$/);
    refused(await outcome(trusted, { host: '127.0.0.1' }), 'tls');
    await server.show(server.certificate('addressed', 'IP:127.0.0.1'));
    assert.match(String(await outcome(trusted, { host: '127.0.0.1' })), /^TLSv1\.[23]$/);
    refused(await outcome(trusted), 'tls');
    await server.show(server.certificate('other', 'DNS:db.example,IP:127.0.0.2'));
    refused(await outcome(trusted), 'tls');
    refused(await outcome(trusted, { host: '127.0.0.1' }), 'tls');
  });

  it('unchecked, any certificate will do, and the session has TLS all the same', async () => {
    assert.match(String(await outcome({ verify: false })), /^TLSv1\.[23]$/);
  });

  it('without TLS a session has none, and a server that insists on it refuses', async () => {
    assert.equal(await outcome(false), '');
    await server.run('set global require_secure_transport = on');
    // MariaDB says it as it says that a password is wrong, MySQL has a number for it.
    refused(await outcome(false), 'login');
    const said = Object.assign(new Error('insecure'), { errno: 3159 });
    assert.match(refused(mysqlFault(said), 'tls').place.hint ?? '', /tls: false/);
    assert.match(String(await outcome({ verify: false })), /^TLSv1\.[23]$/);
    await server.run('set global require_secure_transport = off');
  });

  it('a login that must show a certificate is let in with one and not without', async () => {
    const user = { user: 'certified' };
    refused(await outcome({ verify: false }, user), 'login');
    const { cert, key } = server.certificate('gateway', 'DNS:gateway.example');
    assert.match(String(await outcome({ verify: false, cert, key }, user)), /^TLSv1\.[23]$/);
  });

  it('the oldest TLS accepted is what the configuration says', async () => {
    assert.equal(await outcome({ verify: false, minVersion: 'TLSv1.3' }), 'TLSv1.3');
    await server.restart(['--tls-version=TLSv1.2']);
    assert.equal(await outcome({ verify: false }), 'TLSv1.2');
    refused(await outcome({ verify: false, minVersion: 'TLSv1.3' }), 'tls');
  });
});
