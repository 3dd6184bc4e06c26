// An SFTP server in this process, on a loopback port, over a folder of this machine. A test decides for every request what becomes
// of it, so a host that stalls, cuts the line or is slow is there when it is needed.

import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import type { AuthContext, Connection } from 'ssh2';
import ssh2 from 'ssh2';
import { serve } from './requests.ts';

export interface SftpRequest {
  readonly kind:
    | 'stat'
    | 'lstat'
    | 'realpath'
    | 'open'
    | 'fstat'
    | 'fsetstat'
    | 'setstat'
    | 'read'
    | 'write'
    | 'close'
    | 'opendir'
    | 'readdir'
    | 'remove'
    | 'rename'
    | 'posix-rename'
    | 'fsync'
    | 'statvfs';
  readonly path: string;
  /** Of a read or a write. */
  readonly offset: number;
  /** Of an open: it may write. */
  readonly writes?: boolean;
}

/**
 * A number is a status code of SFTP; `cut` ends the connection, `done-cut` does what is asked first; `stall` never answers; `end` is the end
 * of the file; `lie` says that it is done.
 */
export type Fate = 'answer' | 'stall' | 'cut' | 'done-cut' | 'end' | 'lie' | number;

export interface SftpServer extends AsyncDisposable {
  readonly port: number;
  /** Of its host key. */
  readonly fingerprint: string;
  /** Every request that came, and how many connections logged in. */
  readonly requests: SftpRequest[];
  logins(): number;
  /** How often somebody was not let in, for something other than asking what there is. */
  refusals(): number;
  /** Most connections that were open at once. */
  peak(): number;
  /** What becomes of a request; by default it is answered. */
  fate: (request: SftpRequest) => Fate | Promise<Fate>;
  /** Paths that are answered by another one. */
  readonly aliases: Map<string, string>;
  /** What it says of the space on its disk. */
  freeBytes: number;
  /** No new connection is taken. */
  down: boolean;
  /** Ends all connections. */
  cut(): void;
}

export interface SftpServerOptions {
  readonly folder: string;
  readonly port?: number | undefined;
  readonly hostKey?: string | undefined;
  readonly password?: string | undefined;
  /** What a prompt of keyboard-interactive is answered with; then a plain password is not taken. */
  readonly prompted?: string | undefined;
  /** The public key that may log in, in OpenSSH's format. */
  readonly publicKey?: string | undefined;
  readonly algorithms?: ssh2.Algorithms;
  /** Of OpenSSH, that the server says it has; by default those for renaming over a file, for writing to the disk and for free space. */
  readonly extensions?: Readonly<Record<string, string>>;
}

/** One of 256 keys of this generator cannot be read again, not even by its own library: its texts lack a byte. */
export function keyPair(): { readonly private: string; readonly public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}

export async function sftpServer(options: SftpServerOptions): Promise<SftpServer> {
  const hostKey = options.hostKey ?? keyPair().private;
  const parsed = ssh2.utils.parseKey(hostKey);
  if (parsed instanceof Error) throw parsed;
  const blob = createHash('sha256').update(parsed.getPublicSSH()).digest('base64');
  const open = new Set<Connection>();
  const state = { logins: 0, refusals: 0, peak: 0 };
  const { algorithms } = options;
  const ssh = new ssh2.Server(
    { hostKeys: [hostKey], ...(algorithms === undefined ? {} : { algorithms }) },
    (client) => {
      if (self.down) {
        client.on('error', () => {});
        client.end();
        return;
      }
      open.add(client);
      state.peak = Math.max(state.peak, open.size);
      client
        .on('error', () => {})
        .on('close', () => open.delete(client))
        .on('authentication', (context) => {
          authenticate(options, context, () => {
            if (context.method !== 'none') state.refusals++;
          });
        })
        .on('ready', () => {
          state.logins++;
          client.on('session', (accept) => {
            accept().on('sftp', (take) => serve(take(), client, options, self));
          });
        });
    },
  );
  // Else every small answer waits for the client's acknowledgement of the one before.
  const server = createServer({ noDelay: true }, (socket) => ssh.injectSocket(socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const self: SftpServer = {
    port: address.port,
    fingerprint: `SHA256:${blob.replace(/=+$/, '')}`,
    requests: [],
    logins: () => state.logins,
    refusals: () => state.refusals,
    peak: () => state.peak,
    fate: () => 'answer',
    aliases: new Map(),
    freeBytes: 1_000_000_000,
    down: false,
    cut: () => {
      for (const client of open) client.end();
    },
    async [Symbol.asyncDispose]() {
      for (const client of open) client.end();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return self;
}

function authenticate(options: SftpServerOptions, context: AuthContext, refused: () => void): void {
  const { password, prompted, publicKey } = options;
  if (context.method === 'password' && password !== undefined && context.password === password) {
    context.accept();
  } else if (context.method === 'keyboard-interactive' && prompted !== undefined) {
    context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => {
      if (answers[0] === prompted) context.accept();
      else context.reject();
    });
  } else if (context.method === 'publickey' && publicKey !== undefined && isSigned(publicKey, context)) {
    context.accept();
  } else {
    refused();
    context.reject(['password', 'publickey', 'keyboard-interactive']);
  }
}

function isSigned(publicKey: string, context: ssh2.PublicKeyAuthContext): boolean {
  const key = ssh2.utils.parseKey(publicKey);
  if (key instanceof Error || !key.getPublicSSH().equals(context.key.data)) return false;
  if (context.signature === undefined || context.blob === undefined) return true;
  return key.verify(context.blob, context.signature, context.hashAlgo) === true;
}
