// A file each of whose versions says what it is: the last record has the number of the version and the sum of all bytes before it, so
// that no mixture of two versions, and no part of one, passes for a version.

import { createHash } from 'node:crypto';
import type { Patch } from '../../../../adapters/file/store/byte-store.ts';

export const RECORD_BYTES = 64;
const RECORDS = 1_500;
const UPDATED = 40;
const APPENDED = 60;

/** A version: its number and its bytes. */
export interface Generation {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** Throws for bytes that are no version. */
export function generationOf(bytes: Uint8Array): Generation {
  const sealed = bytes.subarray(0, -RECORD_BYTES);
  const last = new TextDecoder('latin1').decode(bytes.subarray(-RECORD_BYTES));
  const [, number, sum] = /^seal (\d{10}) ([0-9a-f]{40}) {7}\n$/.exec(last) ?? [];
  if (bytes.length % RECORD_BYTES !== 0 || sum !== sumOf(sealed)) {
    throw new Error(`no version: ${bytes.length} bytes, ending in ${JSON.stringify(last)}`);
  }
  return { number: Number(number), bytes };
}

export function firstGeneration(): Generation {
  return replaced({ number: 0, bytes: new Uint8Array() });
}

/** Records all over the file, and the seal. */
export function updated({ number, bytes }: Generation): readonly Patch[] {
  const next = Uint8Array.from(bytes);
  const records = bytes.length / RECORD_BYTES - 1;
  const patches: Patch[] = Array.from({ length: UPDATED }, (_, i) => ({
    // Not the whole record, as of fields in its middle.
    offset: Math.floor((i * records) / UPDATED) * RECORD_BYTES + 10,
    bytes: textOf(number + 1, i).subarray(10, 50),
  }));
  for (const patch of patches) next.set(patch.bytes, patch.offset);
  return [...patches, { offset: records * RECORD_BYTES, bytes: seal(number + 1, next) }];
}

/** Records behind the last one, which stays where it is. */
export function appended({ number, bytes }: Generation): Patch {
  const next = new Uint8Array(bytes.length + (APPENDED + 1) * RECORD_BYTES);
  next.set(bytes);
  for (let i = 0; i < APPENDED; i++) next.set(textOf(number + 1, i), bytes.length + i * RECORD_BYTES);
  next.set(seal(number + 1, next), next.length - RECORD_BYTES);
  return { offset: bytes.length, bytes: next.subarray(bytes.length) };
}

/** All records anew. */
export function replaced({ number }: Generation): Generation {
  const bytes = new Uint8Array((RECORDS + (number % 7) + 1) * RECORD_BYTES);
  for (let at = 0; at < bytes.length; at += RECORD_BYTES) bytes.set(textOf(number + 1, at), at);
  bytes.set(seal(number + 1, bytes), bytes.length - RECORD_BYTES);
  return { number: number + 1, bytes };
}

function textOf(number: number, i: number): Uint8Array {
  return new TextEncoder().encode(
    `record ${i} of version ${number} `.padEnd(RECORD_BYTES - 1, '.').concat('\n'),
  );
}

function seal(number: number, whole: Uint8Array): Uint8Array {
  const sum = sumOf(whole.subarray(0, -RECORD_BYTES));
  return new TextEncoder().encode(`seal ${String(number).padStart(10, '0')} ${sum}       \n`);
}

function sumOf(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}
