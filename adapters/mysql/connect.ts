// Knows: how options become what the driver connects with; secrets are read here.
// Must not know: pools, statements.

import { connect, isIP } from 'node:net';
import type { ConnectionOptions, SslOptions } from 'mysql2';
import type { Host } from '#spi';
import { type AddressForm, pemTexts, serverAddress } from '../sql/server-address.ts';
import type { MysqlOptions } from './options.ts';

const FORM: AddressForm = { schemes: ['mysql', 'mariadb'], port: 3306, databaseRequired: false };

/** Throws a misconfigured Fault that names what is wrong, never a value of a secret. */
export async function connectionOptions(options: MysqlOptions, host: Host): Promise<ConnectionOptions> {
  const where = await address(options, host);
  return {
    ...where,
    ...(options.tls === false ? {} : { ssl: await secured(options.tls, host), ...named(where) }),
    charset: 'utf8mb4',
    connectTimeout: options.pool.waitMs,
    connectAttributes: { program_name: options.applicationName },
    enableKeepAlive: true,
    // The server may not ask for files of the gateway.
    flags: ['-LOCAL_FILES'],
    // No Date, no number that cannot hold what it stands for.
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    jsonStrings: true,
    rowsAsArray: true,
    maxPreparedStatements: 200,
  };
}

async function address(options: MysqlOptions, host: Host): Promise<ConnectionOptions> {
  if (options.url !== undefined) {
    return serverAddress(await host.secret(options.url), FORM);
  }
  const { socket, database, user } = options;
  return {
    ...(socket === undefined ? { host: options.host ?? '', port: options.port } : { socketPath: socket }),
    ...(database === undefined ? {} : { database }),
    ...(user === undefined ? {} : { user }),
    ...(options.password === undefined ? {} : { password: await host.secret(options.password) }),
  };
}

/**
 * The driver names the server to TLS only where it is no address, and then the certificate would have to be of "localhost",
 * whoever shows it. Node asks the socket under TLS next, which knows no address as its host unless it is told.
 */
function named({ host = '', port = FORM.port }: ConnectionOptions): ConnectionOptions {
  if (isIP(host) === 0) return {};
  return {
    stream: () => Object.assign(connect({ host, port, keepAlive: true, noDelay: true }), { _host: host }),
  };
}

type Tls = Exclude<MysqlOptions['tls'], false>;

async function secured(tls: Tls, host: Host): Promise<SslOptions> {
  return {
    rejectUnauthorized: tls.verify,
    // Without this the driver looks at the certificate and not at the name in it.
    verifyIdentity: tls.verify,
    minVersion: tls.minVersion,
    ...(await pemTexts(tls, host)),
  };
}
