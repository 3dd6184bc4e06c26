// An SFTP server in this process, on a loopback port, over a folder of this machine. A test decides for every request what becomes
// of it, so a host that stalls, cuts the line or is slow is there when it is needed.

import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, realpathSync, type Stats, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { AuthContext, Connection, SFTPWrapper } from 'ssh2';
import ssh2 from 'ssh2';

export interface SftpRequest {
  readonly kind: 'stat' | 'realpath' | 'open' | 'fstat' | 'read' | 'close';
  readonly path: string;
  /** Of a read. */
  readonly offset: number;
}

/** A number is a status code of SFTP; `cut` ends the connection; `stall` never answers; `end` is the end of the file. */
export type Fate = 'answer' | 'stall' | 'cut' | 'end' | number;

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
            accept().on('sftp', (take) => serve(take(), client, options.folder, self));
          });
        });
    },
  );
  // Else every small answer waits for the client's acknowledgement of the one before.
  const server = createServer({ noDelay: true }, (socket) => ssh.injectSocket(socket));
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
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

const { STATUS_CODE } = ssh2.utils.sftp;

function serve(sftp: SFTPWrapper, client: Connection, folder: string, self: SftpServer): void {
  const handles = new Map<string, { readonly fd: number; readonly path: string }>();
  const local = (path: string) => self.aliases.get(path) ?? join(folder, path);
  let count = 0;

  const meet = async (id: number, request: SftpRequest, answer: () => void): Promise<void> => {
    self.requests.push(request);
    const fate = await self.fate(request);
    if (fate === 'stall') return;
    if (fate === 'cut') client.end();
    else if (fate === 'end') sftp.status(id, STATUS_CODE.EOF);
    else if (fate !== 'answer') sftp.status(id, fate);
    else {
      try {
        answer();
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        sftp.status(id, STATUSES.get(String(code)) ?? STATUS_CODE.FAILURE);
      }
    }
  };
  const held = (handle: Buffer) => handles.get(handle.toString()) ?? { fd: -1, path: '' };

  sftp
    .on('STAT', (id, path) => {
      void meet(id, { kind: 'stat', path, offset: 0 }, () =>
        sftp.attrs(id, attributes(statSync(local(path)))),
      );
    })
    .on('REALPATH', (id, path) => {
      void meet(id, { kind: 'realpath', path, offset: 0 }, () => {
        const filename = realpathSync(local(path));
        sftp.name(id, [{ filename, longname: filename, attrs: attributes(statSync(filename)) }]);
      });
    })
    .on('OPEN', (id, path) => {
      void meet(id, { kind: 'open', path, offset: 0 }, () => {
        const handle = String(count++);
        handles.set(handle, { fd: openSync(local(path), 'r'), path });
        sftp.handle(id, Buffer.from(handle));
      });
    })
    .on('FSTAT', (id, handle) => {
      const { fd, path } = held(handle);
      void meet(id, { kind: 'fstat', path, offset: 0 }, () => sftp.attrs(id, attributes(fstatSync(fd))));
    })
    .on('READ', (id, handle, offset, length) => {
      const { fd, path } = held(handle);
      void meet(id, { kind: 'read', path, offset }, () => {
        const bytes = Buffer.alloc(length);
        const read = readSync(fd, bytes, 0, length, offset);
        if (read === 0) sftp.status(id, STATUS_CODE.EOF);
        else sftp.data(id, bytes.subarray(0, read));
      });
    })
    .on('CLOSE', (id, handle) => {
      const { fd, path } = held(handle);
      void meet(id, { kind: 'close', path, offset: 0 }, () => {
        handles.delete(handle.toString());
        closeSync(fd);
        sftp.status(id, STATUS_CODE.OK);
      });
    })
    .on('close', () => {
      for (const { fd } of handles.values()) closeSync(fd);
      handles.clear();
    });
}

const STATUSES: ReadonlyMap<string, number> = new Map([
  ['ENOENT', STATUS_CODE.NO_SUCH_FILE],
  ['EACCES', STATUS_CODE.PERMISSION_DENIED],
]);

function attributes({ mode, uid, gid, size, atimeMs, mtimeMs }: Stats): ssh2.Attributes {
  return { mode, uid, gid, size, atime: Math.floor(atimeMs / 1000), mtime: Math.floor(mtimeMs / 1000) };
}
