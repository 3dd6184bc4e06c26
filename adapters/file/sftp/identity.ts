// Knows: what tells one version of a remote file from another: size, time of change, and the bytes at both ends.
// Must not know: where the bytes come from.

import { createHash } from 'node:crypto';

export interface Identity {
  /** In bytes. */
  readonly size: number;
  /** Seconds since 1970, as the server's clock says: SFTP's version 3 has no finer time; of a local file with milliseconds. */
  readonly changedAt: number;
  /** Of head and tail, 32 hexadecimal digits: a time of whole seconds does not tell two changes in one second apart. */
  readonly ends: string;
}

/** Bytes of each end that are looked at. */
const END = 4_096;

/** Reads `length` bytes from `offset`, all of them. */
export type ReadBytes = (offset: number, length: number) => Promise<Uint8Array>;

export async function endsOf(size: number, read: ReadBytes): Promise<string> {
  const head = Math.min(size, END);
  const tail = Math.min(size - head, END);
  const hash = createHash('sha256');
  if (head > 0) hash.update(await read(0, head));
  if (tail > 0) hash.update(await read(size - tail, tail));
  return hash.digest('hex').slice(0, 32);
}

export function isSame(a: Identity | undefined, b: Identity): boolean {
  return a?.size === b.size && a.changedAt === b.changedAt && a.ends === b.ends;
}

export function identityText({ size, changedAt, ends }: Identity): string {
  const at = Number.isInteger(changedAt) ? changedAt : `${Math.round(changedAt * 1_000)}ms`;
  return `${size}-${at}-${ends}`;
}

export function identityOf(text: string): Identity | undefined {
  const [, size, changedAt, ms, ends] =
    /^(\d{1,16})-(?:(\d{1,12})|(\d{1,15})ms)-([0-9a-f]{32})$/.exec(text) ?? [];
  if (size === undefined || ends === undefined) return undefined;
  return { size: Number(size), changedAt: ms === undefined ? Number(changedAt) : Number(ms) / 1_000, ends };
}
