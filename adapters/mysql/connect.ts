// Knows: how options become what the driver connects with; secrets and certificates are read here.
// Must not know: pools, statements.

import { readFile } from 'node:fs/promises';
import type { ConnectionOptions, SslOptions } from 'mysql2';
import { Fault, type Host } from '#spi';
import type { MysqlOptions } from './options.ts';

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
  if (options.url !== undefined) return fromUrl(await host.secret(options.url));
  const { socket, database, user } = options;
  return {
    ...(socket === undefined ? { host: options.host ?? '', port: options.port } : { socketPath: socket }),
    ...(database === undefined ? {} : { database }),
    ...(user === undefined ? {} : { user }),
    ...(options.password === undefined ? {} : { password: await host.secret(options.password) }),
  };
}

/** Read by us and not by the driver, for which the address could switch TLS off. */
function fromUrl(text: string): ConnectionOptions {
  const url = URL.parse(text.trim());
  if (url === null || !/^(?:mysql|mariadb):$/.test(url.protocol)) {
    throw unusable(
      'The secret behind "url" is no address of the form mysql://user:password@host:port/database',
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
  if (url.hostname === '' || url.username === '') {
    throw unusable('The address behind "url" must name a user and a host');
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 3306 : Number(url.port),
    user: part(url.username),
    ...(database === '' ? {} : { database }),
    ...(url.password === '' ? {} : { password: part(url.password) }),
  };
}

type Tls = Exclude<MysqlOptions['tls'], false>;

async function secured(tls: Tls, host: Host): Promise<SslOptions> {
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
    // Without this the driver looks at the certificate and not at the name in it.
    verifyIdentity: tls.verify,
    minVersion: tls.minVersion,
    ...(await pem('ca')),
    ...(await pem('cert')),
    ...(await pem('key')),
  };
}

function unusable(message: string, cause?: unknown): Fault {
  return new Fault('invalid', message, { code: 'bad-connection', misconfigured: true, cause });
}
