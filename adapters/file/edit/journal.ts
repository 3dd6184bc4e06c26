// Knows: the format of a journal: what a file was before it was patched, so that the patches can be undone, and what it was to become,
// so that bytes of somebody else are told from a patch that was cut.
// Must not know: the disk.
//
// MAGIC · number of the file, instant of its birth or 0, size before, size after (8 bytes each) · number of changes (4) · for each its
// offset (8), how many bytes it had before (4), how many it was to have or NOT_KEPT (4) · their bytes, before and after in turn · SHA-256
// of it all. Numbers are big endian.

import { hash } from 'node:crypto';
import { Fault } from '#spi';

export interface Journal {
  readonly identity: Identity;
  /** Before and after, in bytes. */
  readonly size: number;
  readonly newSize: number;
  readonly changes: readonly Change[];
}

/** Which file: its number on the file system, and the instant of its birth in nanoseconds; 0 where the file system tells none. */
export interface Identity {
  readonly ino: bigint;
  readonly birth: bigint;
}

export interface Change {
  readonly offset: number;
  /** What lay there; nothing where the file ended. */
  readonly before: Uint8Array;
  /** Absent: bytes behind the end that are too many to be kept twice. */
  readonly after?: Uint8Array | undefined;
}

const MAGIC = new TextEncoder().encode('OVERPUNCH JOURNAL 1\n');
const HEAD_BYTES = MAGIC.length + 36;
const CHANGE_BYTES = 16;
const NOT_KEPT = 0xffff_ffff;
const SUM_BYTES = 32;

export function encodeJournal({ identity, size, newSize, changes }: Journal): Uint8Array {
  const images = changes.flatMap(({ before, after }) => (after === undefined ? [before] : [before, after]));
  const imagesAt = HEAD_BYTES + changes.length * CHANGE_BYTES;
  const end = images.reduce((sum, bytes) => sum + bytes.length, imagesAt);
  const out = new Uint8Array(end + SUM_BYTES);
  const view = new DataView(out.buffer);
  out.set(MAGIC);
  let at = MAGIC.length;
  for (const number of [identity.ino, identity.birth, BigInt(size), BigInt(newSize)]) {
    view.setBigUint64(at, number);
    at += 8;
  }
  view.setUint32(at, changes.length);
  at = HEAD_BYTES;
  for (const { offset, before, after } of changes) {
    view.setBigUint64(at, BigInt(offset));
    view.setUint32(at + 8, before.length);
    view.setUint32(at + 12, after?.length ?? NOT_KEPT);
    at += CHANGE_BYTES;
  }
  for (const bytes of images) {
    out.set(bytes, at);
    at += bytes.length;
  }
  out.set(sumOf(out.subarray(0, end)), end);
  return out;
}

/**
 * Nothing for a journal that was not written to its end: then the file had not been touched yet. Throws `unavailable`
 * (`journal-unknown`) for a whole one of another format.
 */
export function decodeJournal(bytes: Uint8Array): Journal | undefined {
  const end = bytes.length - SUM_BYTES;
  if (end < HEAD_BYTES || !isEqual(bytes.subarray(end), sumOf(bytes.subarray(0, end)))) return undefined;
  if (!isEqual(bytes.subarray(0, MAGIC.length), MAGIC)) {
    throw new Fault(
      'unavailable',
      'A change of the file was cut, and its journal is of another version of the gateway',
      {
        code: 'journal-unknown',
        hint: 'The version that was changing the file can undo the change: open the file with it once.',
      },
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, end);
  const [ino = 0n, birth = 0n, size, newSize] = [0, 8, 16, 24].map((at) =>
    view.getBigUint64(MAGIC.length + at),
  );
  const count = view.getUint32(HEAD_BYTES - 4);
  let imageAt = HEAD_BYTES + count * CHANGE_BYTES;
  const image = (length: number): Uint8Array => {
    imageAt += length;
    return bytes.subarray(imageAt - length, imageAt);
  };
  const changes = Array.from({ length: count }, (_, i): Change => {
    const at = HEAD_BYTES + i * CHANGE_BYTES;
    const before = image(view.getUint32(at + 8));
    const length = view.getUint32(at + 12);
    const after = length === NOT_KEPT ? undefined : image(length);
    return { offset: Number(view.getBigUint64(at)), before, after };
  });
  return { identity: { ino, birth }, size: Number(size), newSize: Number(newSize), changes };
}

function sumOf(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, { outputEncoding: 'buffer' });
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
