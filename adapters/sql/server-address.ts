// Knows: how the address of a database server is read from a secret, and certificates from their files.
// Must not know: any product, connections.

import { readFile } from 'node:fs/promises';
import { Fault, type Host } from '#spi';

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  readonly database?: string;
}

export interface AddressForm {
  /** Schemes of the URL; the first is the one that is shown. */
  readonly schemes: readonly string[];
  readonly port: number;
  readonly databaseRequired: boolean;
}

/**
 * `scheme://user:password@host:port/database`. Read by us and not by a driver, for which an address could switch TLS off. Throws a
 * misconfigured Fault that repeats nothing of the text.
 */
export function serverAddress(text: string, { schemes, port, databaseRequired }: AddressForm): ServerAddress {
  const url = URL.parse(text.trim());
  if (url === null || !schemes.includes(url.protocol.slice(0, -1))) {
    throw unusable(
      `The secret behind "url" is no address of the form ${schemes[0]}://user:password@host:port/database`,
    );
  }
  if (url.search !== '') {
    throw unusable(
      'The address behind "url" has settings behind a question mark: they belong under tls and settings',
    );
  }
  const database = decoded(url.pathname.slice(1));
  if (url.hostname === '' || url.username === '' || (databaseRequired && database === '')) {
    throw unusable(
      `The address behind "url" must name a user${databaseRequired ? ', a host and a database' : ' and a host'}`,
    );
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? port : Number(url.port),
    user: decoded(url.username),
    ...(database === '' ? {} : { database }),
    ...(url.password === '' ? {} : { password: decoded(url.password) }),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw unusable('The address behind "url" has a percent sign that stands for nothing');
  }
}

type Pem = 'ca' | 'cert' | 'key';

/** The texts of the files that are named; relative to the configuration's folder. */
export async function pemTexts(
  tls: { readonly [name in Pem]?: string | undefined },
  host: Host,
): Promise<{ readonly [name in Pem]?: string }> {
  const read = async (name: Pem): Promise<{ readonly [name in Pem]?: string }> => {
    const named = tls[name];
    if (named === undefined) return {};
    const path = host.path(named);
    host.describedBy?.(path);
    try {
      return { [name]: await readFile(path, 'utf8') };
    } catch (cause) {
      throw unusable(`The file of tls.${name} cannot be read`, cause);
    }
  };
  return { ...(await read('ca')), ...(await read('cert')), ...(await read('key')) };
}

function unusable(message: string, cause?: unknown): Fault {
  return new Fault('invalid', message, { code: 'bad-connection', misconfigured: true, cause });
}
