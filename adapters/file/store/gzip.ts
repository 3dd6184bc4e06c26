// Knows: files that are packed by gzip: a version is unpacked into memory once, so that every byte of it can be reached.
// Must not know: records, layouts, queries.

import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Fault, unlessAborted } from '#spi';
import type { ByteFile, StoredFile } from './byte-store.ts';

/** Bytes that an unpacked file may have: it is held in memory whole. */
const UNPACKED_BYTES = 268_435_456;

/** RFC 1952, section 2.3.1: ID1, ID2, and CM = 8 for deflate. */
const MAGIC = [0x1f, 0x8b, 0x08] as const;

export function isGzip(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

interface Unpacked {
  readonly version: string;
  readonly content: Promise<Content>;
}

/** The unpacked bytes in pieces of one length, the last of which may be shorter. */
interface Content {
  readonly size: number;
  readonly pieces: readonly Uint8Array[];
}

export interface UnpackedFile extends StoredFile, AsyncDisposable {}

/**
 * The file as it was before gzip packed it; several members behind one another are one file. Opening it throws `corrupt` for
 * bytes that are not packed by gzip (`not-gzip`), cut off (`gzip-cut-off`) or damaged (`gzip-damaged`), and `too-costly`
 * (`unpacked-too-large`) for more than `most` bytes.
 */
export function unpackedFile(stored: StoredFile, most = UNPACKED_BYTES): UnpackedFile {
  const closing = new AbortController();
  let known: Unpacked | undefined;

  const unpackedOf = (version: string): Unpacked => {
    if (known?.version === version) return known;
    const fresh: Unpacked = { version, content: unpack(stored, version, most, closing.signal) };
    known = fresh;
    fresh.content.catch((error: unknown) => {
      // What is damaged stays so as long as the version is the same; anything else is worth another attempt.
      const lasting = error instanceof Fault && error.kind !== 'unavailable';
      if (!lasting && known === fresh) known = undefined;
    });
    return fresh;
  };

  return {
    path: stored.path,
    async open(ask) {
      await using packed = await stored.open(ask);
      const { version, modifiedAt } = packed;
      return opened(version, modifiedAt, await unlessAborted(unpackedOf(version).content, ask.signal));
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Fault('unavailable', 'The source is being closed', { code: 'closing' }));
      await known?.content.catch(() => {});
    },
  };
}

function opened(version: string, modifiedAt: string, { size, pieces }: Content): ByteFile {
  return {
    size,
    version,
    modifiedAt,
    async read(into, offset, { signal }) {
      signal.throwIfAborted();
      for (let filled = 0; filled < into.length; ) {
        const at = offset + filled;
        const piece = pieces[Math.floor(at / PIECE)]?.subarray(at % PIECE);
        if (piece === undefined || piece.length === 0) throw new RangeError(`no byte at ${at}`);
        const part = piece.subarray(0, into.length - filled);
        into.set(part, filled);
        filled += part.length;
      }
    },
    async [Symbol.asyncDispose]() {},
  };
}

const PIECE = 1_048_576;

async function unpack(
  stored: StoredFile,
  version: string,
  most: number,
  signal: AbortSignal,
): Promise<Content> {
  await using packed = await stored.open({ signal });
  if (packed.version !== version) {
    throw new Fault('unavailable', `"${stored.path}" was replaced while it was opened`, {
      code: 'file-changed',
    });
  }
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    await pipeline(
      packedPieces(packed, stored.path, signal),
      createGunzip({ chunkSize: 262_144 }),
      async (unpacked: AsyncIterable<Uint8Array>) => {
        for await (const bytes of unpacked) {
          if (size + bytes.length > most) throw tooLarge(stored.path, most);
          size = append(pieces, size, bytes);
        }
      },
      { signal },
    );
  } catch (error) {
    signal.throwIfAborted();
    throw gzipFault(stored.path, size, error);
  }
  return { size, pieces: pieces.map((piece, i) => piece.subarray(0, size - i * PIECE)) };
}

/** Into pieces of one length, whatever comes. The new size. */
function append(pieces: Uint8Array[], size: number, bytes: Uint8Array): number {
  for (let taken = 0; taken < bytes.length; ) {
    const at = (size + taken) % PIECE;
    let piece = pieces.at(-1);
    if (at === 0 || piece === undefined) {
      piece = new Uint8Array(PIECE);
      pieces.push(piece);
    }
    const part = bytes.subarray(taken, taken + PIECE - at);
    piece.set(part, at);
    taken += part.length;
  }
  return size + bytes.length;
}

async function* packedPieces(
  packed: ByteFile,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < packed.size || at === 0; at += PIECE) {
    const piece = new Uint8Array(Math.min(PIECE, packed.size - at));
    await packed.read(piece, at, { signal });
    if (at === 0 && !isGzip(piece)) throw notGzip(path, piece);
    yield piece;
  }
}

function notGzip(path: string, bytes: Uint8Array): Fault {
  const hex = bytes.subarray(0, MAGIC.length).toHex().toUpperCase();
  return new Fault('corrupt', `"${path}" is not packed by gzip: it does not begin with 1F 8B 08`, {
    code: 'not-gzip',
    byteOffset: 0,
    hex,
    hint: 'If the file is not packed, leave "compression" out.',
  });
}

function tooLarge(path: string, most: number): Fault {
  return new Fault(
    'too-costly',
    `Unpacked, "${path}" has more than ${most} bytes, which are held in memory`,
    {
      code: 'unpacked-too-large',
      hint: 'Unpack the file beside the gateway, and leave "compression" out: files that are not packed may have any size.',
    },
  );
}

/** The one mapping from errors of zlib to faults, by their codes. */
function gzipFault(path: string, size: number, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const cutOff = code === 'Z_BUF_ERROR';
  if (!cutOff && (typeof code !== 'string' || !code.startsWith('Z_'))) return error;
  const what = cutOff ? 'ends in the middle of what gzip packed' : 'is damaged: gzip cannot unpack it';
  return new Fault('corrupt', `"${path}" ${what}; ${size} bytes could be unpacked`, {
    code: cutOff ? 'gzip-cut-off' : 'gzip-damaged',
    hint: 'Was it transferred completely, and as binary?',
    cause: error,
  });
}
