// Knows: where the bytes of a conversion come from: a file, standard input, either of them packed by gzip.
// Must not know: records.

import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { ByteSource } from '../../codec/framing/block.ts';
import { Fault } from '../../fault.ts';

/** A regular file that is not packed can be read at any place, by several threads; all else comes once. */
export type Input = (FileInput | StreamInput) & {
  close(): void;
};

export interface FileInput {
  readonly kind: 'file';
  readonly fd: number;
  readonly size: number;
}

export interface StreamInput {
  readonly kind: 'stream';
  readonly source: ByteSource;
  /** Bytes on disk, where that is known: what the progress counts towards. */
  readonly size?: number;
  /** Bytes read so far, of those on disk. */
  consumed(): number;
}

/** `path`: a file, or `-` for standard input. Throws `invalid` for what cannot be opened, `corrupt` (while reading) for a damaged gzip. */
export async function openInput(path: string): Promise<Input> {
  const fd = path === '-' ? 0 : opened(path);
  const stat = fstatSync(fd);
  if (stat.isDirectory())
    throw new Fault('invalid', `${path} is a folder, not a file`, { code: 'bad-input' });
  if (path !== '-' && stat.isFile() && !isGzip(firstBytes(fd))) {
    return { kind: 'file', fd, size: stat.size, close: () => closeSync(fd) };
  }
  return streamInput(fd, path !== '-' && stat.isFile() ? stat.size : undefined);
}

function opened(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw fileFault('read', path, error);
  }
}

/** A file that cannot be opened, read or written, in a sentence. */
export function fileFault(verb: 'read' | 'write', path: string, error: unknown): Fault {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = REASONS[code] ?? (error instanceof Error ? error.message : String(error));
  return new Fault('invalid', `Cannot ${verb} ${path}: ${why}`, { code: `cannot-${verb}`, cause: error });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
};

function firstBytes(fd: number): Uint8Array {
  const bytes = new Uint8Array(2);
  return bytes.subarray(0, readSync(fd, bytes, 0, 2, 0));
}

/** RFC 1952, section 2.3.1: ID1 and ID2. In EBCDIC x'1F8B' begins no text, and as an RDW or a packed number it is a rare one. */
function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

const CHUNK = 262_144;

function streamInput(fd: number, size: number | undefined): Input {
  const raw = createReadStream('', { fd, autoClose: fd !== 0, highWaterMark: CHUNK });
  let consumed = 0;
  const chunks = counted(raw, (count) => {
    consumed += count;
  });
  return {
    kind: 'stream',
    ...(size === undefined ? {} : { size }),
    consumed: () => consumed,
    source: sourceOf(chunks),
    close: () => raw.destroy(),
  };
}

/** The chunks of a stream, unpacked if they are gzip. */
async function* counted(raw: Readable, count: (bytes: number) => void): AsyncGenerator<Uint8Array, void> {
  const chunks = raw[Symbol.asyncIterator]();
  let head = new Uint8Array(0);
  let ended = false;
  while (head.length < 2 && !ended) {
    const next = await chunks.next();
    if (next.done === true) ended = true;
    else head = head.length === 0 ? next.value : Uint8Array.from([...head, ...next.value]);
  }
  async function* all(): AsyncGenerator<Uint8Array, void> {
    if (head.length > 0) {
      count(head.length);
      yield head;
    }
    while (!ended) {
      const next = await chunks.next();
      if (next.done === true) return;
      count(next.value.length);
      yield next.value;
    }
  }
  yield* isGzip(head) ? unpacked(all()) : all();
}

async function* unpacked(packed: AsyncGenerator<Uint8Array, void>): AsyncGenerator<Uint8Array, void> {
  const { pipeline } = await import('node:stream');
  const { createGunzip } = await import('node:zlib');
  const gunzip = createGunzip({ chunkSize: CHUNK });
  pipeline(packed, gunzip, () => {});
  try {
    yield* gunzip;
  } catch (error) {
    const cut = error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR';
    throw new Fault('corrupt', cut ? 'The gzip file is cut off' : 'The gzip file is damaged', {
      code: cut ? 'gzip-cut' : 'gzip-damaged',
      cause: error,
      hint: 'Transfer the file again, in binary mode.',
    });
  }
}

/** Bytes that come once, for readers whose offsets never fall: what lies before an offset is forgotten. */
export function sourceOf(stream: AsyncIterable<Uint8Array>): ByteSource {
  const chunks = stream[Symbol.asyncIterator]();
  /** Chunks that are still of interest, and the offset of the first one. */
  const held: Uint8Array[] = [];
  let base = 0;
  let ended = false;
  return {
    async read(into, offset) {
      let filled = 0;
      let at = base;
      for (let i = 0; filled < into.length; ) {
        const chunk = held[i];
        if (chunk === undefined) {
          if (ended) break;
          const next = await chunks.next();
          if (next.done === true) ended = true;
          else held.push(next.value);
          continue;
        }
        if (at + chunk.length <= offset) {
          held.shift();
          base += chunk.length;
          at = base;
          continue;
        }
        const from = Math.max(0, offset - at);
        const part = chunk.subarray(from, from + into.length - filled);
        into.set(part, filled);
        filled += part.length;
        at += chunk.length;
        i++;
      }
      return filled;
    },
  };
}

/** The same bytes, and a line feed behind the last one where there is none. */
export function endingLines(source: ByteSource): ByteSource {
  let before: number | undefined;
  return {
    async read(into, offset, ask) {
      const count = await source.read(into, offset, ask);
      if (count > 0) before = into[count - 1];
      // A reader asks once more behind the end: only at the end itself is there something to add.
      if (count === into.length || before === undefined || before === LF) return count;
      before = LF;
      into[count] = LF;
      return count + 1;
    },
  };
}

const LF = 10;

/** A file as bytes that come one behind the other. */
export function fileSource({ fd }: FileInput): ByteSource {
  return sourceOf(createReadStream('', { fd, autoClose: false, start: 0, highWaterMark: CHUNK }));
}

/** Reads a stream to its end: its first `most` bytes, and how many there were in all. */
export async function readStream(
  { source }: StreamInput,
  most: number,
): Promise<{ readonly sample: Uint8Array; readonly fileSize: number }> {
  const { signal } = new AbortController();
  const first = new Uint8Array(most);
  let fileSize = await source.read(first, 0, { signal });
  const rest = new Uint8Array(CHUNK);
  for (let count = fileSize; count > 0; ) {
    count = await source.read(rest, fileSize, { signal });
    fileSize += count;
  }
  return { sample: first.subarray(0, Math.min(most, fileSize)), fileSize };
}
