// Knows: how options become what the driver connects with; secrets are read here.
// Must not know: pools, statements.

import { isIP } from 'node:net';
import type { config } from 'mssql';
import { Fault, type Host } from '#spi';
import { type AddressForm, pemTexts, serverAddress } from '../sql/server-address.ts';
import { encryptedSocket } from './encrypted-socket.ts';
import type { MssqlOptions } from './options.ts';

const FORM: AddressForm = { schemes: ['mssql', 'sqlserver'], port: 1433, databaseRequired: false };

type DriverOptions = NonNullable<config['options']>;

/** Throws a misconfigured Fault that names what is wrong, never a value of a secret. */
export async function connectionConfig(options: MssqlOptions, host: Host): Promise<config> {
  const where = await address(options, host);
  const { instance, pool } = options;
  return {
    ...where,
    ...(options.domain === undefined ? {} : { domain: options.domain }),
    ...(options.azure === undefined ? {} : { authentication: await entra(options.azure, where, host) }),
    arrayRowMode: true,
    // Looks at the socket of a free connection; the default asks the server before each statement.
    validateConnection: 'socket',
    connectionTimeout: pool.waitMs,
    // The guard has the deadlines and the retries.
    requestTimeout: 0,
    options: {
      ...(instance === undefined ? {} : { instanceName: instance }),
      ...(await secured(options.tls, where.server, host)),
      appName: options.applicationName,
      readOnlyIntent: options.readOnlyIntent,
      tdsVersion: options.tdsVersion,
      cancelTimeout: pool.waitMs,
      maxRetriesOnTransientErrors: 0,
      enableArithAbort: true,
    },
    pool: {
      max: options.pool.max,
      min: 0,
      idleTimeoutMillis: pool.idleMs === 0 ? NEVER_MS : pool.idleMs,
      acquireTimeoutMillis: pool.waitMs,
      createTimeoutMillis: pool.waitMs,
    },
  };
}

/** The longest time that a timer knows. */
const NEVER_MS = 2 ** 31 - 1;

type Address = Pick<config, 'server' | 'port' | 'user' | 'password' | 'database'>;

async function address(options: MssqlOptions, host: Host): Promise<Address> {
  if (options.url !== undefined) {
    const { host: server, ...rest } = serverAddress(await host.secret(options.url), FORM);
    return { server, ...rest };
  }
  const { database, user } = options;
  return {
    server: options.host ?? '',
    port: options.port,
    ...(database === undefined ? {} : { database }),
    ...(user === undefined ? {} : { user }),
    ...(options.password === undefined ? {} : { password: await host.secret(options.password) }),
  };
}

type Authentication = NonNullable<config['authentication']>;

async function entra(
  azure: NonNullable<MssqlOptions['azure']>,
  { user, password }: Address,
  host: Host,
): Promise<Authentication> {
  switch (azure.type) {
    case 'password': {
      const { clientId, tenantId } = azure;
      const login = { userName: user ?? '', password: password ?? '', clientId, tenantId };
      return { type: 'azure-active-directory-password', options: login };
    }
    case 'access-token':
      return {
        type: 'azure-active-directory-access-token',
        options: { token: await host.secret(azure.token) },
      };
    case 'service-principal':
      return {
        type: 'azure-active-directory-service-principal-secret',
        options: {
          clientId: azure.clientId,
          clientSecret: await host.secret(azure.clientSecret),
          tenantId: azure.tenantId,
        },
      };
    case 'managed-identity':
      return { type: 'azure-active-directory-msi-vm', options: identity(azure.clientId) };
    case 'default':
      return { type: 'azure-active-directory-default', options: identity(azure.clientId) };
  }
}

function identity(clientId: string | undefined): { readonly clientId?: string } {
  return clientId === undefined ? {} : { clientId };
}

async function secured(tls: MssqlOptions['tls'], server: string, host: Host): Promise<DriverOptions> {
  if (tls === false) return { encrypt: false };
  const { verify, minVersion, strict, serverName } = tls;
  const address = isIP(server) !== 0;
  if (address && verify && serverName === undefined) {
    throw new Fault(
      'invalid',
      'The host is an IP address, and its certificate can only be checked by a name',
      {
        code: 'bad-connection',
        misconfigured: true,
        hint: 'Give the name that stands in the certificate as tls.serverName.',
      },
    );
  }
  const old = minVersion !== 'TLSv1.2';
  return {
    encrypt: strict ? 'strict' : true,
    trustServerCertificate: !verify,
    ...(strict ? {} : { connector: encryptedSocket }),
    ...(serverName === undefined && !address ? {} : { serverName: serverName ?? UNCHECKED_NAME }),
    cryptoCredentialsDetails: {
      minVersion,
      // OpenSSL takes the old versions for too weak unless it is told otherwise.
      ...(old ? { ciphers: 'DEFAULT@SECLEVEL=0' } : {}),
      ...(await pemTexts(tls, host)),
    },
  };
}

/** TLS takes no address for a name; where nothing is checked any name will do. */
const UNCHECKED_NAME = 'unchecked';
