// Knows: how a connection to a server of SFTP comes about: socket, host key, login, session.
// Must not know: how many connections there are, files.

import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import type { Algorithms, ConnectConfig } from 'ssh2';
import ssh2 from 'ssh2';
import SftpClient from 'ssh2-sftp-client';
import { Fault, type Host } from '#spi';
import type { SftpOptions } from '../options/sftp-options.ts';
import { within } from './deadline.ts';
import { connectFault } from './faults.ts';
import { fingerprintOf, judge, knownHost, type Trust, typeOf, type Verdict } from './host-key.ts';
import { type Session, sessionOver } from './session.ts';

/** What is needed to log in, secrets included: never shown, never thrown. */
export interface Login {
  readonly options: SftpOptions;
  readonly trust: Trust;
  readonly secrets: Pick<ConnectConfig, 'password' | 'privateKey' | 'passphrase'>;
}

/** Throws a misconfigured Fault for a secret or a file that is not there, and for a key that cannot be read. */
export async function loginOf(options: SftpOptions, host: Host): Promise<Login> {
  const [password, privateKey, passphrase] = await Promise.all(
    [options.password, options.privateKey, options.passphrase].map((reference) =>
      reference === undefined ? undefined : host.secret(reference),
    ),
  );
  if (privateKey !== undefined) checkKey(privateKey, passphrase);
  return {
    options,
    trust: await trustOf(options, host),
    secrets: {
      ...(password === undefined ? {} : { password }),
      ...(privateKey === undefined ? {} : { privateKey }),
      ...(passphrase === undefined ? {} : { passphrase }),
    },
  };
}

function checkKey(privateKey: string, passphrase: string | undefined): void {
  const key = ssh2.utils.parseKey(privateKey, passphrase);
  if (!(key instanceof Error) && key.isPrivateKey()) return;
  throw new Fault('unavailable', 'The private key of the login cannot be read', {
    code: 'bad-private-key',
    misconfigured: true,
    hint: 'It has to be a private key in the format of OpenSSH or PEM; one that is encrypted needs its "passphrase".',
  });
}

async function trustOf({ hostKey, knownHosts, host, port }: SftpOptions, { path }: Host): Promise<Trust> {
  if (hostKey !== undefined) {
    return { by: 'fingerprints', fingerprints: typeof hostKey === 'string' ? [hostKey] : hostKey };
  }
  if (knownHosts === undefined) return { by: 'nothing' };
  try {
    return { by: 'known-hosts', lines: knownHost(await readFile(path(knownHosts), 'utf8'), host, port) };
  } catch (error) {
    throw new Fault('unavailable', `The file of known hosts cannot be read: ${knownHosts}`, {
      code: 'known-hosts-missing',
      misconfigured: true,
      cause: error,
    });
  }
}

/** A new session. Throws `unavailable`: `host-key`, `login`, `cannot-connect`, `handshake`. */
export async function logIn(
  { options, trust, secrets }: Login,
  { signal }: { readonly signal: AbortSignal },
): Promise<Session> {
  const { host, port, user, connectMs, keepAliveMs } = options;
  const socket = connect({ host, port, noDelay: true });
  const leave = () => socket.destroy(new Error('The source is being closed'));
  signal.addEventListener('abort', leave, { once: true });
  const client = new SftpClient('overpunch', {});
  let refused: Fault | undefined;
  let failure: unknown;
  client.on('error', (error: unknown) => {
    failure ??= error;
  });
  if (options.keyboardInteractive) client.on('keyboard-interactive', answerPrompts(secrets.password));
  const starting = (async () => {
    await connected(socket);
    return client.connect({
      sock: socket,
      username: user,
      ...secrets,
      ...(options.agent === undefined ? {} : { agent: options.agent }),
      tryKeyboard: options.keyboardInteractive,
      readyTimeout: connectMs,
      keepaliveInterval: keepAliveMs,
      keepaliveCountMax: 3,
      algorithms: algorithmsOf(options, trust),
      hostVerifier: (key: Buffer): boolean => {
        const verdict = judge(trust, key);
        if (verdict !== 'trusted') refused = keyFault(options, verdict, key);
        return verdict === 'trusted';
      },
    });
  })();
  try {
    const sftp = await within(starting, connectMs, () => {
      throw new Fault('unavailable', `${host} did not answer in time`, { code: 'cannot-connect' });
    });
    return sessionOver({ host, stallMs: options.stallMs, sftp, socket });
  } catch (error) {
    socket.destroy();
    starting.catch(() => {});
    throw refused ?? connectFault(host, failure ?? error);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

async function connected(socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // The listener stays: until ssh2 listens too, an error would end the process.
  socket.once('connect', resolve).on('error', reject);
  await promise;
}

type Prompts = readonly { readonly prompt: string; readonly echo?: boolean }[];

/** A prompt that shows what is typed does not ask for a password. */
function answerPrompts(password: string | Buffer | undefined) {
  return (
    _name: string,
    _instructions: string,
    _language: string,
    prompts: Prompts,
    finish: (answers: string[]) => void,
  ): void => {
    finish(prompts.map(({ echo }) => (echo === true ? '' : String(password ?? ''))));
  };
}

/** Kinds of keys that the host is known by come first: a server may have keys of several kinds. */
function algorithmsOf({ algorithms = {} }: SftpOptions, trust: Trust): Algorithms {
  const { keyExchange = [], ciphers = [], hostKeys = [], macs = [] } = algorithms;
  const known = trust.by === 'known-hosts' ? trust.lines.map(({ type }) => type) : [];
  const all = [...HOST_KEYS, ...hostKeys];
  return {
    kex: also(keyExchange),
    cipher: also(ciphers),
    hmac: also(macs),
    serverHostKey: all.toSorted((a, b) => rank(known, a) - rank(known, b)),
  };
}

function also<T>(names: readonly T[]) {
  return { append: [...names], prepend: [], remove: [] };
}

/** The defaults of ssh2, in its order. */
const HOST_KEYS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
] as const;

/** RFC 8332: keys of the type ssh-rsa sign by rsa-sha2, too. */
function rank(known: readonly string[], algorithm: string): number {
  return known.includes(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm) ? 0 : 1;
}

const VERDICTS: Readonly<Record<Exclude<Verdict, 'trusted'>, string>> = {
  unknown: 'is not known',
  changed: 'is not the one that is known: either it was changed, or somebody is in between',
  revoked: 'is revoked',
};

function keyFault({ host }: SftpOptions, verdict: Exclude<Verdict, 'trusted'>, key: Uint8Array): Fault {
  const fingerprint = fingerprintOf(key);
  return new Fault(
    'unavailable',
    `The host key of ${host} ${VERDICTS[verdict]}. Its fingerprint is ${fingerprint} (${typeOf(key)})`,
    {
      code: 'host-key',
      ...(verdict === 'revoked'
        ? {}
        : { hint: `If the owner of the host confirms this fingerprint: hostKey: "${fingerprint}"` }),
    },
  );
}
