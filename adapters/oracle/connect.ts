// Knows: how options become what the driver's pool is made with; secrets are read here.
// Must not know: statements beyond those that prepare a session.

import { Fault, type Host } from '#spi';
import { serverAddress } from '../sql/server-address.ts';
import { meant, TLS } from '../sql/server-faults.ts';
import type { NewConnection, OracleModule, PoolAttributes } from './driver-module.ts';
import type { OracleOptions } from './options.ts';
import { sessionStatements, settingText } from './session.ts';

const FORM = { schemes: ['oracle'], port: 1521, databaseRequired: true } as const;

/** How often an idle connection is tried before it is used, in seconds; and TCP's own signs of life, in minutes. */
const PING_SECONDS = 30;
const KEEP_ALIVE_MINUTES = 2;
/** As many may wait as come: each has its own deadline. */
const NO_LIMIT = -1;

/** Throws a misconfigured Fault that names what is wrong, never a value of a secret. */
export async function poolAttributes(
  options: OracleOptions,
  host: Host,
  oracledb: OracleModule,
): Promise<PoolAttributes> {
  const { pool, tls, wallet, configDir, edition, client, settings } = options;
  for (const name of Object.keys(settings).filter(isSetting)) {
    const value = settings[name];
    if (value !== undefined && settingText(name, value) === undefined) {
      throw unusable(`The value of settings.${name} cannot stand in a statement`);
    }
  }
  const { waitMs } = pool;
  const waitSeconds = Math.ceil(waitMs / 1000);
  return {
    ...(await login(options, host)),
    ...(edition === undefined ? {} : { edition }),
    ...(configDir === undefined ? {} : { configDir: host.path(configDir) }),
    ...(wallet === undefined ? {} : { walletLocation: host.path(wallet.folder) }),
    ...(wallet?.password === undefined ? {} : { walletPassword: await host.secret(wallet.password) }),
    ...(tls === false
      ? {}
      : {
          sslServerDNMatch: tls.matchName,
          ...(tls.serverDn === undefined ? {} : { sslServerCertDN: tls.serverDn }),
        }),
    // The thick mode has the names of its own process.
    ...(client === undefined ? { program: programName(options.applicationName) } : {}),
    poolMin: 0,
    poolMax: pool.max,
    poolIncrement: 1,
    poolTimeout: Math.ceil(pool.idleMs / 1000),
    poolPingInterval: PING_SECONDS,
    maxLifetimeSession: Math.ceil(pool.maxLifetimeMs / 1000),
    queueTimeout: waitMs,
    queueMax: NO_LIMIT,
    connectTimeout: waitSeconds,
    transportConnectTimeout: waitSeconds,
    expireTime: KEEP_ALIVE_MINUTES,
    sessionCallback(connection, _tag, done) {
      prepare(connection, options, oracledb).then(() => done(), done);
    },
  };
}

type SettingName = keyof OracleOptions['settings'];

function isSetting(name: string): name is SettingName {
  return /^[a-z_]+$/.test(name);
}

/** Every new session. Whether a name in tnsnames.ora leads to TLS is seen only here. */
async function prepare(
  connection: NewConnection,
  { applicationName, settings, tls, client }: OracleOptions,
  oracledb: OracleModule,
): Promise<void> {
  if (tls !== false && client === undefined && connection.protocol?.toUpperCase() !== 'TCPS') {
    throw meant(TLS, new Error('the connection was made without TLS'));
  }
  connection.module = applicationName;
  for (const sql of sessionStatements(settings)) {
    await connection.execute(sql, [], {
      outFormat: oracledb.OUT_FORMAT_ARRAY,
      fetchTypeHandler: () => undefined,
    });
  }
}

/** What the network layer takes: brackets would end a part of the connect descriptor. */
function programName(name: string): string {
  return name.replace(/[^A-Za-z0-9_.-]/g, '_');
}

type Login = Pick<PoolAttributes, 'connectString' | 'user' | 'password' | 'externalAuth'>;

async function login(options: OracleOptions, host: Host): Promise<Login> {
  const { tls } = options;
  if (options.url !== undefined) {
    const address = serverAddress(await host.secret(options.url), FORM);
    const place = { host: address.host, port: address.port, service: address.database ?? '' };
    if (!isWord(place.host) || !isWord(place.service)) {
      throw unusable('The address behind "url" has characters that a connect descriptor cannot hold');
    }
    const { user, password } = address;
    return { connectString: descriptor(place, tls), user, ...(password === undefined ? {} : { password }) };
  }
  const { connectString, host: name = '', port, service, sid, user, password, externalAuth } = options;
  return {
    connectString:
      connectString === undefined
        ? descriptor({ host: name, port, ...(service === undefined ? { sid: sid ?? '' } : { service }) }, tls)
        : checked(connectString, options),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password: await host.secret(password) }),
    ...(externalAuth ? { externalAuth } : {}),
  };
}

function isWord(text: string): boolean {
  return /^[A-Za-z0-9_.$#:-]+$/.test(text);
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly service?: string;
  readonly sid?: string;
}

function descriptor({ host, port, service, sid }: Place, tls: OracleOptions['tls']): string {
  const protocol = tls === false ? 'TCP' : 'TCPS';
  const name = service === undefined ? `(SID=${sid})` : `(SERVICE_NAME=${service})`;
  return `(DESCRIPTION=(ADDRESS=(PROTOCOL=${protocol})(HOST=${host})(PORT=${port}))(CONNECT_DATA=${name}))`;
}

/** What the configuration's own connect string says of TLS, as far as it says so. */
function checked(connectString: string, { tls, client }: OracleOptions): string {
  if (tls === false) return connectString;
  const text = connectString.trim();
  const descriptors = [...text.matchAll(/\(\s*PROTOCOL\s*=\s*(\w+)\s*\)/gi)].map(
    ([, protocol = '']) => protocol,
  );
  const easy = /^(?:\w+:)?\/\/|[:/]/.test(text) && !text.startsWith('(');
  const secure = text.startsWith('(')
    ? descriptors.length > 0 && descriptors.every((protocol) => protocol.toUpperCase() === 'TCPS')
    : easy
      ? /^tcps:\/\//i.test(text)
      : client === undefined;
  if (secure) return connectString;
  throw unusable(
    'The connect string does not say that the connection is encrypted (tcps). Say so there, or set tls: false to connect without',
  );
}

function unusable(message: string): Fault {
  return new Fault('invalid', message, { code: 'bad-connection', misconfigured: true });
}
