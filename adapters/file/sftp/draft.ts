// Knows: a copy that is not complete yet: bytes come in order, also after a break; it is published as a whole or not at all.
// Must not know: the server.

import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { contentHash, hashOf } from './content-hash.ts';
import { endsOf, type Identity, type ReadBytes } from './identity.ts';
import { OWN } from './owner.ts';

/** How names of copies end that are not complete. */
export const PART = '.part';

export interface Draft extends AsyncDisposable {
  /** Bytes that are there. */
  length(): number;
  append(bytes: Uint8Array): Promise<void>;
  /** Reads what was written. */
  readonly read: ReadBytes;
  /** SHA-256 of what was appended. */
  hash(): string;
  /** On the disk, and under its name. */
  publish(path: string): Promise<void>;
}

/** Disposing it deletes what was not published. Errors are those of the operating system. */
export async function draft(folder: string): Promise<Draft> {
  const part = join(folder, `${OWN}.${randomUUID()}${PART}`);
  const handle = await open(part, 'wx+', 0o600);
  const hash = contentHash();
  let length = 0;
  let done = false;
  const read: ReadBytes = async (offset, wanted) => {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(wanted), 0, wanted, offset);
    return buffer.subarray(0, bytesRead);
  };
  return {
    length: () => length,
    read,
    hash: hash.text,
    async append(bytes) {
      for (let written = 0; written < bytes.length; ) {
        const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, length);
        written += bytesWritten;
        length += bytesWritten;
      }
      hash.add(bytes);
    },
    async publish(path) {
      await handle.sync();
      await handle.close();
      done = true;
      await rename(part, path).catch(async (error: unknown) => {
        await rm(part, { force: true });
        throw error;
      });
      await syncFolder(folder);
    },
    async [Symbol.asyncDispose]() {
      if (done) return;
      done = true;
      await handle.close();
      await rm(part, { force: true });
    },
  };
}

/** Are the ends of what was copied those that were seen before, and lies on the disk what came, also after a break? */
export async function isWhole({ length, read, hash }: Draft, { size, ends }: Identity): Promise<boolean> {
  return length() === size && (await endsOf(size, read)) === ends && (await hashOf(size, read)) === hash();
}

/** Else the new name may be lost when the power fails. */
export async function syncFolder(folder: string): Promise<void> {
  const handle: FileHandle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
