// Knows: how pages of bytes are kept, in memory or in a file that tells when it was damaged.
// Must not know: what is in the pages.

import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/** Written once, read at any place. Disposing of it frees the handle; whoever made it deletes the file. */
export interface Pages extends AsyncDisposable {
  /** How many. */
  readonly length: number;
  /** What the pages are, and the keys by which one of them is found: held in memory. */
  readonly about: About;
  /** Of the file; in memory, of the pages together. */
  readonly bytes: number;
  /** Throws `DamagedPages` for a page that is not what was written. It belongs to all: nobody changes it. */
  read(page: number): Promise<Uint8Array>;
}

export interface About {
  /** Plain data. */
  readonly facts: unknown;
  readonly summary: Uint8Array;
}

/** Disposing of it before `finish` forgets what was written. */
export interface PageWriter extends AsyncDisposable {
  /** The page is copied. */
  append(page: Uint8Array): Promise<void>;
  finish(about: About): Promise<Pages>;
}

/** The file is not what was written, or cannot be read: it is of no use any more. */
export class DamagedPages extends Error {}

export function pagesInMemory(): PageWriter {
  const pages: Uint8Array[] = [];
  let bytes = 0;
  return {
    async append(page) {
      pages.push(page.slice());
      bytes += page.length;
    },
    async finish(about) {
      return {
        length: pages.length,
        about,
        bytes,
        async read(page) {
          const found = pages[page];
          if (found === undefined) throw new RangeError(`no page ${page}`);
          return found;
        },
        async [Symbol.asyncDispose]() {},
      };
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** At either end of a file of pages; the figure counts changes of this format and of how values are written in keys. */
const MAGIC = new TextEncoder().encode('OVPPAGE1');
/** Length of the foot, its CRC-32, and the magic bytes. */
const TAIL_BYTES = 8 + MAGIC.length;
const WRITE_BYTES = 1_048_576;

/**
 * Pages one behind the other, then a foot with their lengths and CRC-32s, the facts and the summary, then a tail with the length
 * and CRC-32 of the foot. Without its tail a file is none: it was not finished, or it was cut.
 */
export async function pageFileWriter(handle: FileHandle): Promise<PageWriter> {
  const waiting = new Uint8Array(WRITE_BYTES);
  let filled = 0;
  let written = 0;
  const lengths = growing();
  const sums = growing();
  const flush = async (): Promise<void> => {
    await writeAll(handle, waiting.subarray(0, filled), written);
    written += filled;
    filled = 0;
  };
  const put = async (bytes: Uint8Array): Promise<void> => {
    for (let from = 0; from < bytes.length; ) {
      const part = bytes.subarray(from, from + WRITE_BYTES - filled);
      waiting.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled === WRITE_BYTES) await flush();
    }
  };
  await put(MAGIC);
  return {
    async append(page) {
      lengths.push(page.length);
      sums.push(crc32(page));
      await put(page);
    },
    async finish(about) {
      const facts = new TextEncoder().encode(JSON.stringify(about.facts));
      const foot = new Uint8Array(12 + 8 * lengths.length + facts.length + about.summary.length);
      const view = new DataView(foot.buffer);
      view.setUint32(0, lengths.length);
      view.setUint32(4, facts.length);
      view.setUint32(8, about.summary.length);
      const [sizes, crcs] = [lengths.numbers(), sums.numbers()];
      for (const [i, size] of sizes.entries()) {
        view.setUint32(12 + 8 * i, size);
        view.setUint32(16 + 8 * i, crcs[i] ?? 0);
      }
      foot.set(facts, 12 + 8 * lengths.length);
      foot.set(about.summary, 12 + 8 * lengths.length + facts.length);
      const tail = new Uint8Array(TAIL_BYTES);
      new DataView(tail.buffer).setUint32(0, foot.length);
      new DataView(tail.buffer).setUint32(4, crc32(foot));
      tail.set(MAGIC, 8);
      await put(foot);
      await put(tail);
      await flush();
      return pagesOf(handle, { sizes, sums: crcs, about, bytes: written });
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

/** Throws `DamagedPages` for a file that is no whole one. The handle is the caller's until this has succeeded. */
export async function openPageFile(handle: FileHandle): Promise<Pages> {
  const { size } = await handle.stat();
  if (size < MAGIC.length + TAIL_BYTES) throw new DamagedPages('too short');
  const tail = await readAll(handle, size - TAIL_BYTES, TAIL_BYTES);
  if (!tail.subarray(8).every((byte, i) => byte === MAGIC[i])) throw new DamagedPages('no tail');
  const tailView = new DataView(tail.buffer);
  const length = tailView.getUint32(0);
  if (length < 12 || length > size - TAIL_BYTES - MAGIC.length) throw new DamagedPages('bad tail');
  const foot = await readAll(handle, size - TAIL_BYTES - length, length);
  if (crc32(foot) !== tailView.getUint32(4)) throw new DamagedPages('bad foot');
  const view = new DataView(foot.buffer);
  const pages = view.getUint32(0);
  const factsEnd = 12 + 8 * pages + view.getUint32(4);
  if (factsEnd + view.getUint32(8) !== length) throw new DamagedPages('bad foot');
  const sizes = Uint32Array.from({ length: pages }, (_, i) => view.getUint32(12 + 8 * i));
  const sums = Uint32Array.from({ length: pages }, (_, i) => view.getUint32(16 + 8 * i));
  const content = sizes.reduce((sum, one) => sum + one, 0);
  if (MAGIC.length + content + length + TAIL_BYTES !== size) throw new DamagedPages('bad length');
  const facts: unknown = JSON.parse(new TextDecoder().decode(foot.subarray(12 + 8 * pages, factsEnd)));
  return pagesOf(handle, { sizes, sums, about: { facts, summary: foot.slice(factsEnd) }, bytes: size });
}

interface Known {
  readonly sizes: Uint32Array;
  readonly sums: Uint32Array;
  readonly about: About;
  readonly bytes: number;
}

function pagesOf(handle: FileHandle, { sizes, sums, about, bytes }: Known): Pages {
  const offsets = new Float64Array(sizes.length);
  let offset = MAGIC.length;
  for (const [i, size] of sizes.entries()) {
    offsets[i] = offset;
    offset += size;
  }
  return {
    length: sizes.length,
    about,
    bytes,
    async read(page) {
      const found = readPage(handle, offsets[page] ?? 0, sizes[page] ?? 0);
      if (crc32(found) !== sums[page]) throw new DamagedPages(`page ${page}`);
      return found;
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}

/**
 * At once: a page of some kilobytes of a local file mostly lies in the memory of the system, and to have another thread read it takes many
 * times as long.
 */
function readPage({ fd }: FileHandle, at: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  try {
    for (let done = 0; done < length; ) {
      const read = readSync(fd, bytes, done, length - done, at + done);
      if (read === 0) throw new DamagedPages('cut');
      done += read;
    }
    return bytes;
  } catch (cause) {
    throw cause instanceof DamagedPages ? cause : new DamagedPages('unreadable', { cause });
  }
}

async function readAll(handle: FileHandle, at: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(bytes, done, length - done, at + done).catch((cause: unknown) => {
      throw new DamagedPages('unreadable', { cause });
    });
    if (bytesRead === 0) throw new DamagedPages('cut');
    done += bytesRead;
  }
  return bytes;
}

/** Whole numbers below 2^32, appended. */
function growing() {
  let numbers = new Uint32Array(1_024);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(number: number): void {
      if (length === numbers.length) {
        const more = new Uint32Array(2 * length);
        more.set(numbers);
        numbers = more;
      }
      numbers[length++] = number;
    },
    numbers: (): Uint32Array => numbers.slice(0, length),
  };
}
