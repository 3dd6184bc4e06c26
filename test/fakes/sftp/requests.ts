// What the SFTP server in this process answers to each request, once a test has decided what becomes of it.

import {
  closeSync,
  constants,
  type Dirent,
  existsSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Connection, SFTPWrapper } from 'ssh2';
import ssh2 from 'ssh2';
import type { SftpRequest, SftpServer, SftpServerOptions } from './server.ts';

const { STATUS_CODE, OPEN_MODE } = ssh2.utils.sftp;

const EXTENSIONS = { 'posix-rename@openssh.com': '1', 'fsync@openssh.com': '1', 'statvfs@openssh.com': '2' };
const STATUS = 101;
const EXTENDED_REPLY = 201;
/** Names that one answer has of a folder. */
const NAMES_AT_ONCE = 100;

interface Handle {
  readonly fd: number;
  readonly path: string;
  readonly names?: Dirent[];
}

export function serve(
  sftp: SFTPWrapper,
  client: Connection,
  { folder, extensions = EXTENSIONS }: SftpServerOptions,
  self: SftpServer,
): void {
  const handles = new Map<string, Handle>();
  const real = realpathSync(folder);
  // What REALPATH answers is a path of this machine, and may come back.
  const local = (path: string) =>
    self.aliases.get(path) ?? (path.startsWith(`${real}/`) ? path : join(folder, path));
  let count = 0;
  announce(sftp, extensions);

  const meet = async (
    id: number,
    request: Omit<SftpRequest, 'offset'> & { readonly offset?: number },
    answer: () => void,
  ): Promise<void> => {
    const full = { offset: 0, ...request };
    self.requests.push(full);
    const fate = await self.fate(full);
    if (fate === 'stall') return;
    if (fate === 'cut') client.end();
    else if (fate === 'end') sftp.status(id, STATUS_CODE.EOF);
    else if (fate === 'lie') sftp.status(id, STATUS_CODE.OK);
    else if (typeof fate === 'number') refuse(sftp, id, fate);
    else {
      if (fate === 'done-cut') silenced(sftp);
      try {
        answer();
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        sftp.status(id, STATUSES.get(String(code)) ?? STATUS_CODE.FAILURE);
      }
      if (fate === 'done-cut') client.end();
    }
  };
  const held = (handle: Buffer): Handle => handles.get(handle.toString()) ?? { fd: -1, path: '' };
  const hold = (id: number, handle: Handle): void => {
    const name = String(count++);
    handles.set(name, handle);
    sftp.handle(id, Buffer.from(name));
  };
  const done = (id: number) => sftp.status(id, STATUS_CODE.OK);

  sftp
    .on('STAT', (id, path) => {
      void meet(id, { kind: 'stat', path }, () => sftp.attrs(id, attributes(statSync(local(path)))));
    })
    .on('LSTAT', (id, path) => {
      void meet(id, { kind: 'lstat', path }, () => sftp.attrs(id, attributes(lstatSync(local(path)))));
    })
    .on('REALPATH', (id, path) => {
      void meet(id, { kind: 'realpath', path }, () => {
        const filename = realpathSync(local(path));
        sftp.name(id, [{ filename, longname: filename, attrs: attributes(statSync(filename)) }]);
      });
    })
    .on('OPEN', (id, path, flags, { mode }) => {
      const writes = (flags & OPEN_MODE.WRITE) !== 0;
      void meet(id, { kind: 'open', path, writes }, () => {
        hold(id, { fd: openSync(local(path), flagsOf(flags), mode ?? 0o644), path });
      });
    })
    .on('FSTAT', (id, handle) => {
      const { fd, path } = held(handle);
      void meet(id, { kind: 'fstat', path }, () => sftp.attrs(id, attributes(fstatSync(fd))));
    })
    .on('FSETSTAT', (id, handle, { mode }) => {
      const { fd, path } = held(handle);
      void meet(id, { kind: 'fsetstat', path }, () => {
        if (mode !== undefined) fchmodSync(fd, mode);
        done(id);
      });
    })
    .on('SETSTAT', (id, path, { atime, mtime }) => {
      void meet(id, { kind: 'setstat', path }, () => {
        if (atime !== undefined && mtime !== undefined) utimesSync(local(path), atime, mtime);
        done(id);
      });
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
    .on('WRITE', (id, handle, offset, data) => {
      const { fd, path } = held(handle);
      const bytes = Buffer.from(data);
      void meet(id, { kind: 'write', path, offset }, () => {
        writeSync(fd, bytes, 0, bytes.length, offset);
        done(id);
      });
    })
    .on('OPENDIR', (id, path) => {
      void meet(id, { kind: 'opendir', path }, () => {
        hold(id, { fd: -1, path, names: readdirSync(local(path), { withFileTypes: true }) });
      });
    })
    .on('READDIR', (id, handle) => {
      const { path, names = [] } = held(handle);
      void meet(id, { kind: 'readdir', path }, () => {
        const some = names.splice(0, NAMES_AT_ONCE);
        if (some.length === 0) sftp.status(id, STATUS_CODE.EOF);
        else {
          sftp.name(
            id,
            some.map(({ name, parentPath }) => {
              const attrs = attributes(lstatSync(join(parentPath, name)));
              return { filename: name, longname: name, attrs };
            }),
          );
        }
      });
    })
    .on('REMOVE', (id, path) => {
      void meet(id, { kind: 'remove', path }, () => {
        unlinkSync(local(path));
        done(id);
      });
    })
    .on('RENAME', (id, from, to) => {
      void meet(id, { kind: 'rename', path: to }, () => {
        if (existsSync(local(to))) sftp.status(id, STATUS_CODE.FAILURE);
        else {
          // As OpenSSH does it: of two that come at once, one fails.
          linkSync(local(from), local(to));
          rmSync(local(from));
          done(id);
        }
      });
    })
    .on('EXTENDED', (id, name, data) => {
      if (!(name in extensions)) return void sftp.status(id, STATUS_CODE.OP_UNSUPPORTED);
      const [first = Buffer.alloc(0), second = first] = stringsOf(data);
      if (name === 'posix-rename@openssh.com') {
        void meet(id, { kind: 'posix-rename', path: String(second) }, () => {
          renameSync(local(String(first)), local(String(second)));
          done(id);
        });
      } else if (name === 'fsync@openssh.com') {
        const { fd, path } = held(first);
        void meet(id, { kind: 'fsync', path }, () => {
          fsyncSync(fd);
          done(id);
        });
      } else {
        void meet(id, { kind: 'statvfs', path: String(first) }, () => free(sftp, id, self.freeBytes));
      }
    })
    .on('CLOSE', (id, handle) => {
      const { fd, path } = held(handle);
      void meet(id, { kind: 'close', path }, () => {
        handles.delete(handle.toString());
        if (fd >= 0) closeSync(fd);
        done(id);
      });
    })
    .on('close', () => {
      for (const { fd } of handles.values()) if (fd >= 0) closeSync(fd);
      handles.clear();
    });
}

/** ssh2's server has no way to say which extensions it has: its first message is replaced (draft-ietf-secsh-filexfer-02, section 4). */
function announce(sftp: SFTPWrapper, extensions: Readonly<Record<string, string>>): void {
  const strings = Object.entries(extensions).flatMap((pair) => pair.map((text) => sized(Buffer.from(text))));
  const version = sized(Buffer.concat([Buffer.from([2, 0, 0, 0, 3]), ...strings]));
  sendingOf(sftp, (send) => {
    let first = true;
    return (channel, bytes) => {
      send(channel, first ? version : bytes);
      first = false;
    };
  });
}

/** ssh2's server knows the status codes of SFTP's version 3 only (section 7 of the draft). */
function refuse(sftp: SFTPWrapper, id: number, code: number): void {
  const answer = Buffer.alloc(9);
  answer[0] = STATUS;
  answer.writeUInt32BE(id, 1);
  answer.writeUInt32BE(code, 5);
  raw(sftp, Buffer.concat([answer, sized(Buffer.from('refused')), sized(Buffer.alloc(0))]));
}

/** The answer to statvfs (PROTOCOL of OpenSSH, section 3.4): eleven numbers, of which the first two are sizes of blocks. */
function free(sftp: SFTPWrapper, id: number, bytes: number): void {
  const answer = Buffer.alloc(5 + 11 * 8);
  answer[0] = EXTENDED_REPLY;
  answer.writeUInt32BE(id, 1);
  for (const [i, number] of [1, 1, 1, bytes, bytes].entries())
    answer.writeBigUInt64BE(BigInt(number), 5 + i * 8);
  raw(sftp, answer);
}

function raw(sftp: SFTPWrapper, message: Buffer): void {
  senders.get(sftp)?.(Reflect.get(Reflect.get(sftp, 'outgoing'), 'id'), sized(message));
}

/** Its answers go nowhere from now on. */
function silenced(sftp: SFTPWrapper): void {
  sendingOf(sftp, () => () => {});
}

type Send = (channel: number, bytes: Buffer) => void;

const senders = new WeakMap<SFTPWrapper, Send>();

/** The protocol is shared by all channels of a connection: only this one's messages are changed. */
function sendingOf(sftp: SFTPWrapper, change: (send: Send) => Send): void {
  const protocol: { channelData: Send } = Reflect.get(sftp, '_protocol');
  if (!senders.has(sftp)) {
    const original = protocol.channelData.bind(protocol);
    senders.set(sftp, original);
    Reflect.set(sftp, '_protocol', {
      __proto__: protocol,
      channelData: (channel: number, bytes: Buffer) => senders.get(sftp)?.(channel, bytes),
    });
  }
  const before = senders.get(sftp);
  if (before !== undefined) senders.set(sftp, change(before));
}

function sized(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function stringsOf(data: Buffer): readonly Buffer[] {
  const strings: Buffer[] = [];
  for (let at = 0; at + 4 <= data.length; ) {
    const end = at + 4 + data.readUInt32BE(at);
    strings.push(data.subarray(at + 4, end));
    at = end;
  }
  return strings;
}

/** Section 6.3 of the draft: the flags of an open. */
function flagsOf(flags: number): number {
  const { READ, WRITE, CREAT, EXCL, TRUNC } = OPEN_MODE;
  const has = (flag: number) => (flags & flag) !== 0;
  const access =
    has(READ) && has(WRITE) ? constants.O_RDWR : has(WRITE) ? constants.O_WRONLY : constants.O_RDONLY;
  return (
    access |
    (has(CREAT) ? constants.O_CREAT : 0) |
    (has(EXCL) ? constants.O_EXCL : 0) |
    (has(TRUNC) ? constants.O_TRUNC : 0)
  );
}

const STATUSES: ReadonlyMap<string, number> = new Map([
  ['ENOENT', STATUS_CODE.NO_SUCH_FILE],
  ['ENOTDIR', STATUS_CODE.NO_SUCH_FILE],
  ['ELOOP', STATUS_CODE.NO_SUCH_FILE],
  ['EACCES', STATUS_CODE.PERMISSION_DENIED],
]);

function attributes({ mode, uid, gid, size, atimeMs, mtimeMs }: Stats): ssh2.Attributes {
  return { mode, uid, gid, size, atime: Math.floor(atimeMs / 1000), mtime: Math.floor(mtimeMs / 1000) };
}
