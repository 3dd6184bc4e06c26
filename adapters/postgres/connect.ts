// Knows: how options become what the driver connects with; secrets are read here.
// Must not know: pools, statements.

import { checkServerIdentity } from 'node:tls';
import type { ClientConfig } from 'pg';
import type { Host } from '#spi';
import { type AddressForm, pemTexts, serverAddress } from '../sql/server-address.ts';
import type { PostgresOptions } from './options.ts';

const FORM: AddressForm = { schemes: ['postgres', 'postgresql'], port: 5432, databaseRequired: true };

/** Throws a misconfigured Fault that names what is wrong, never a value of a secret. */
export async function clientConfig(options: PostgresOptions, host: Host): Promise<ClientConfig> {
  const where = await address(options, host);
  return {
    ...where,
    ssl: options.tls === false ? false : await secured(options.tls, where.host ?? '', host),
    application_name: options.applicationName,
    connectionTimeoutMillis: options.pool.waitMs,
    keepAlive: true,
  };
}

async function address(options: PostgresOptions, host: Host): Promise<ClientConfig> {
  if (options.url !== undefined) {
    return serverAddress(await host.secret(options.url), FORM);
  }
  return {
    host: options.host,
    port: options.port,
    database: options.database,
    user: options.user,
    ...(options.password === undefined ? {} : { password: await host.secret(options.password) }),
  };
}

type Tls = Exclude<PostgresOptions['tls'], false>;

async function secured(tls: Tls, server: string, host: Host): Promise<ClientConfig['ssl']> {
  return {
    rejectUnauthorized: tls.verify,
    minVersion: tls.minVersion,
    // pg names the server to TLS only where it is no address, and would then have "localhost" checked.
    checkServerIdentity: (_named, certificate) => checkServerIdentity(tls.serverName ?? server, certificate),
    ...(await pemTexts(tls, host)),
  };
}
