// Knows: where audit records are put: a file that may be moved away, or standard output.
// Must not know: what they say, when they are written.

import { hash } from 'node:crypto';
import { constants, type FileHandle, open, stat } from 'node:fs/promises';

export interface AuditPlace {
  /** Hash of the last line that stood there when it was opened. */
  readonly last: string | undefined;
  /** Appends, perhaps less than all; how many bytes. Rejects with the error of the operating system. */
  write(bytes: Uint8Array): Promise<number>;
  /** What was written is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Readable for its owner alone: who did what is nobody else's affair. */
const MODE = 0o600;
/** The last line of a file is looked for in so many bytes at its end. */
const TAIL_BYTES = 1_048_576;
const NEWLINE = 10;

export function hashOf(line: string | Uint8Array): string {
  return hash('sha256', line, 'base64url');
}

/** Creates the file if it is not there. Before each write it is looked whether somebody has moved it away: then a new one is begun. */
export async function filePlace(path: string): Promise<AuditPlace> {
  let opened = await openAt(path);
  const { last } = opened;
  const follow = async (): Promise<void> => {
    const there = await stat(path).catch(() => undefined);
    if (there !== undefined && there.ino === opened.ino && there.dev === opened.dev) return;
    const next = await openAt(path);
    await opened.handle.close().catch(() => {});
    opened = next;
  };
  return {
    last,
    async write(bytes) {
      await follow();
      return (await opened.handle.write(bytes)).bytesWritten;
    },
    sync: () => opened.handle.datasync(),
    close: () => opened.handle.close(),
  };
}

/** Whoever reads it stores it; here it only leaves in order. */
export function stdoutPlace(): AuditPlace {
  return {
    last: undefined,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        process.stdout.write(bytes, (error) => (error == null ? resolve(bytes.length) : reject(error)));
      }),
    sync: async () => {},
    close: async () => {},
  };
}

interface OpenedFile {
  readonly handle: FileHandle;
  readonly ino: number;
  readonly dev: number;
  readonly last: string | undefined;
}

async function openAt(path: string): Promise<OpenedFile> {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
  // A link at its place could lead the records, or us, anywhere.
  const handle = await open(path, O_APPEND | O_CREAT | O_RDWR | O_NOFOLLOW, MODE);
  try {
    const { ino, dev, size } = await handle.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    const whole = length === 0 || buffer[length - 1] === NEWLINE;
    // A line that a crash has cut short stays a line of its own.
    if (!whole) await handle.write('\n');
    const text = whole ? buffer.subarray(0, Math.max(0, length - 1)) : buffer;
    const line = text.subarray(text.lastIndexOf(NEWLINE) + 1);
    return { handle, ino, dev, last: length === 0 ? undefined : hashOf(line) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
