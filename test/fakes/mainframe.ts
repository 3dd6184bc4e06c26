// The demo's mainframe: an SFTP server on a loopback port that holds two files of the fixtures, for reading alone.

import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { join } from 'node:path';
import { type SftpRequest, type SftpServer, sftpServer } from './sftp/server.ts';

/** As in overpunch.yaml, where the password is that of the environment. */
export const MAINFRAME_LOGIN = { user: 'gateway', password: 'night-batch' } as const;

/** What there is to see; nothing else of this machine is. */
const PATHS: ReadonlySet<string> = new Set(['.', 'CUSTMAST', 'PAYORDS']);

const READING: ReadonlySet<SftpRequest['kind']> = new Set([
  'stat',
  'lstat',
  'realpath',
  'open',
  'fstat',
  'read',
  'close',
  'opendir',
  'readdir',
]);

const NO_SUCH_FILE = 2;
const PERMISSION_DENIED = 3;

/** Port 0 takes any free one. Rejects with the error of the socket where the port is taken. */
export async function startMainframe({
  port = 0,
  password = MAINFRAME_LOGIN.password,
}: {
  readonly port?: number;
  readonly password?: string;
} = {}): Promise<SftpServer> {
  const folder = join(import.meta.dirname, '..', '..', 'fixtures');
  const server = await sftpServer({ folder, port, password, hostKey: hostKey() });
  server.fate = ({ kind, path, writes }) => {
    server.requests.length = 0;
    if (!READING.has(kind) || writes === true) return PERMISSION_DENIED;
    return PATHS.has(path) ? 'answer' : NO_SUCH_FILE;
  };
  return server;
}

/**
 * The same for everybody, so that overpunch.yaml can say its fingerprint: like the password, it guards nothing. OpenSSH's PROTOCOL.key, version
 * openssh-key-v1, without a passphrase.
 */
function hostKey(): string {
  const seed = createHash('sha256').update('host key of the demo of Overpunch').digest();
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const open = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
  const type = sized('ssh-ed25519');
  const secret = Buffer.concat([
    Buffer.alloc(8),
    type,
    sized(open),
    sized(Buffer.concat([seed, open])),
    sized(''),
  ]);
  const padding = Buffer.from(Array.from({ length: -secret.length & 7 }, (_, i) => i + 1));
  const content = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    sized('none'),
    sized('none'),
    sized(''),
    Buffer.from([0, 0, 0, 1]),
    sized(Buffer.concat([type, sized(open)])),
    sized(Buffer.concat([secret, padding])),
  ]);
  const lines = content.toString('base64').replaceAll(/.{1,70}/g, '$&\n');
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}-----END OPENSSH PRIVATE KEY-----\n`;
}

function sized(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
