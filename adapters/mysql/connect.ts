// Knows: how options become what the driver connects with; secrets are read here.
// Must not know: pools, statements.

import type { ConnectionOptions, SslOptions } from 'mysql2';
import type { Host } from '#spi';
import { type AddressForm, pemTexts, serverAddress } from '../sql/server-address.ts';
import type { MysqlOptions } from './options.ts';

const FORM: AddressForm = { schemes: ['mysql', 'mariadb'], port: 3306, databaseRequired: false };

/** Throws a misconfigured Fault that names what is wrong, never a value of a secret. */
export async function connectionOptions(options: MysqlOptions, host: Host): Promise<ConnectionOptions> {
  return {
    ...(await address(options, host)),
    ...(options.tls === false ? {} : { ssl: await secured(options.tls, host) }),
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
