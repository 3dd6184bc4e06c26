// Knows: the format of a journal: what a file was before it was patched, so that the patches can be undone, and what it was to become,
// so that bytes of somebody else are told from a patch that was cut.
// Must not know: the disk.
//
// MAGIC · length of the head (4 bytes, big endian) · head (JSON) · images, before and after of each change in turn · SHA-256 of it all.

import { hash } from 'node:crypto';
import { z } from 'zod';
import { Fault } from '#spi';

export interface Journal {
  /** Which file: its number on the file system, and the instant of its birth where the file system tells one. */
  readonly identity: Identity;
  /** Before and after, in bytes. */
  readonly size: number;
  readonly newSize: number;
  readonly changes: readonly Change[];
}

export interface Identity {
  readonly ino: string;
  readonly birth?: string | undefined;
}

export interface Change {
  readonly offset: number;
  /** What lay there; nothing where the file ended. */
  readonly before: Uint8Array;
  /** Absent: bytes behind the end that are too many to be kept twice. */
  readonly after?: Uint8Array | undefined;
}

const MAGIC = new TextEncoder().encode('OVERPUNCH JOURNAL 1\n');
const SUM_BYTES = 32;

const head = z.strictObject({
  ino: z.string(),
  birth: z.string().optional(),
  size: z.int().min(0),
  newSize: z.int().min(0),
  changes: z.array(
    z.strictObject({ offset: z.int().min(0), before: z.int().min(0), after: z.int().min(0).optional() }),
  ),
});

export function encodeJournal({ identity, size, newSize, changes }: Journal): Uint8Array {
  const text: z.infer<typeof head> = {
    ...identity,
    size,
    newSize,
    changes: changes.map(({ offset, before, after }) => ({
      offset,
      before: before.length,
      ...(after === undefined ? {} : { after: after.length }),
    })),
  };
  const json = new TextEncoder().encode(JSON.stringify(text));
  const images = changes.flatMap(({ before, after }) => (after === undefined ? [before] : [before, after]));
  const length = MAGIC.length + 4 + json.length + images.reduce((sum, bytes) => sum + bytes.length, 0);
  const out = new Uint8Array(length + SUM_BYTES);
  out.set(MAGIC);
  new DataView(out.buffer).setUint32(MAGIC.length, json.length);
  let at = MAGIC.length + 4;
  for (const bytes of [json, ...images]) {
    out.set(bytes, at);
    at += bytes.length;
  }
  out.set(sumOf(out.subarray(0, length)), length);
  return out;
}

/**
 * Nothing for a journal that was not written to its end: then the file had not been touched yet. Throws `unavailable`
 * (`journal-unknown`) for a whole one of another format.
 */
export function decodeJournal(bytes: Uint8Array): Journal | undefined {
  const end = bytes.length - SUM_BYTES;
  if (end < MAGIC.length + 4) return undefined;
  if (!isEqual(bytes.subarray(end), sumOf(bytes.subarray(0, end)))) return undefined;
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
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = MAGIC.length + 4;
  const take = (length: number): Uint8Array => {
    const taken = bytes.subarray(at, at + length);
    at += length;
    return taken;
  };
  const json = new TextDecoder().decode(take(view.getUint32(MAGIC.length)));
  const { ino, birth, size, newSize, changes } = head.parse(JSON.parse(json));
  return {
    identity: { ino, birth },
    size,
    newSize,
    changes: changes.map(({ offset, before, after }) => ({
      offset,
      before: take(before),
      after: after === undefined ? undefined : take(after),
    })),
  };
}

function sumOf(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, { outputEncoding: 'buffer' });
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
