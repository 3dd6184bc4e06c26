// Knows: how options become what the driver connects with; secrets and certificates are read here.
// Must not know: pools, statements.

import { readFile } from 'node:fs/promises';
import { checkServerIdentity } from 'node:tls';
import type { ClientConfig } from 'pg';
import { Fault, type Host } from '#spi';
import type { PostgresOptions } from './options.ts';

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
  if (options.url !== undefined) return fromUrl(await host.secret(options.url));
  return {
    host: options.host,
    port: options.port,
    database: options.database,
    user: options.user,
    ...(options.password === undefined ? {} : { password: await host.secret(options.password) }),
  };
}

/** Read by us and not by the driver, for which the address could switch TLS off. */
function fromUrl(text: string): ClientConfig {
  const url = URL.parse(text.trim());
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol)) {
    throw unusable(
      'The secret behind "url" is no address of the form postgres://user:password@host:port/database',
    );
  }
  if (url.search !== '') {
    throw unusable(
      'The address behind "url" has settings behind a question mark: they belong under tls and settings',
    );
  }
  const part = (encoded: string): string => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      throw unusable('The address behind "url" has a percent sign that stands for nothing');
    }
  };
  const database = part(url.pathname.slice(1));
  if (url.hostname === '' || database === '' || url.username === '') {
    throw unusable('The address behind "url" must name a user, a host and a database');
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 5432 : Number(url.port),
    database,
    user: part(url.username),
    ...(url.password === '' ? {} : { password: part(url.password) }),
  };
}

type Tls = Exclude<PostgresOptions['tls'], false>;

async function secured(tls: Tls, server: string, host: Host): Promise<ClientConfig['ssl']> {
  const pem = async (name: 'ca' | 'cert' | 'key') => {
    const path = tls[name];
    if (path === undefined) return {};
    try {
      return { [name]: await readFile(host.path(path), 'utf8') };
    } catch (cause) {
      throw unusable(`The file of tls.${name} cannot be read`, cause);
    }
  };
  return {
    rejectUnauthorized: tls.verify,
    minVersion: tls.minVersion,
    // pg names the server to TLS only where it is no address, and would then have "localhost" checked.
    checkServerIdentity: (_named, certificate) => checkServerIdentity(tls.serverName ?? server, certificate),
    ...(await pem('ca')),
    ...(await pem('cert')),
    ...(await pem('key')),
  };
}

function unusable(message: string, cause?: unknown): Fault {
  return new Fault('invalid', message, { code: 'bad-connection', misconfigured: true, cause });
}
