// Knows: what a folder on the server had in it at the last look, also after a restart; files that may still be written to and of
// which there is no version yet are not in it.
// Must not know: how the server is asked, which names anybody wants.

import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Fault } from '#spi';
import type { Entry } from '../store/byte-store.ts';
import { PART } from './draft.ts';
import { looksOf } from './looks.ts';
import { OWN } from './owner.ts';
import type { Listed } from './remote-folder.ts';
import { isUnchanged, type Settling, type Stamp, settlingFor } from './settled.ts';

export interface Listing {
  entries(ask: { readonly signal: AbortSignal }): Promise<readonly Entry[]>;
  /** What the last look told of a file that it found settled, or of which there was a copy. */
  stamp(name: string): Stamp | undefined;
  /** Is the last look too short ago for another one? */
  isFresh(): boolean;
  /** Not listed before the next look: it turned out to be still written to. */
  withhold(name: string): void;
  /** Was it there at the last look? */
  has(name: string): boolean;
  /** The next request looks. */
  expire(): void;
  /** Nothing newer of any file in it can be had just now. */
  outOfReach(): boolean;
  fault(): Fault | undefined;
  ended(): Promise<void>;
}

export interface ListingOf {
  readonly maxAgeMs: number;
  readonly waitMs: number;
  readonly settleMs: number;
  /** File of the cache in which the last listing is kept. */
  readonly record: string;
  look(): Promise<readonly Listed[]>;
  /** Is there a version of the file to serve? */
  isCopied(name: string): boolean;
  /** A file that was there is gone. */
  gone(name: string): void;
}

export function listingOf(of: ListingOf): Listing {
  const { maxAgeMs, settleMs, record } = of;
  let listed: readonly Listed[] | undefined;
  let entries: readonly Entry[] = [];
  let names: ReadonlySet<string> = new Set();
  let stamps: ReadonlyMap<string, Stamp> = new Map();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let saved = '';
  let young = new Map<string, Settling>();

  /** A file that changed long ago needs no memory of how it looked. */
  const isShown = (name: string, stamp: Stamp, before: ReadonlyMap<string, Settling>): boolean => {
    if (Date.now() - stamp.changedAt * 1000 >= settleMs) return true;
    const settling = before.get(name) ?? settlingFor(settleMs);
    young.set(name, settling);
    return settling.settled(stamp) || of.isCopied(name);
  };

  const take = (found: readonly Listed[]): void => {
    const before = young;
    young = new Map();
    listed = found.filter(({ name, stamp }) => stamp === undefined || isShown(name, stamp, before));
    const gone = entries.filter(({ kind }) => kind === 'file').map(({ name }) => name);
    entries = listed.map(({ name, kind }) => ({ name, kind }));
    names = new Set(entries.map(({ name }) => name));
    for (const name of gone) if (!names.has(name)) of.gone(name);
    stamps = new Map(listed.flatMap(({ name, stamp }) => (stamp === undefined ? [] : [[name, stamp]])));
  };

  const looks = looksOf({
    ...of,
    known: () => listed !== undefined,
    async look() {
      take(await of.look());
      lookedAt = Date.now();
      const text = JSON.stringify(entries);
      // Without it the next start has to ask the server first; nothing else depends on it.
      if (text !== saved && (await save(record, text))) saved = text;
    },
  });

  let loading: Promise<void> | undefined;
  const load = async (): Promise<void> => {
    const kept = await recorded(record);
    if (kept === undefined) return;
    saved = JSON.stringify(kept);
    listed ??= kept;
    entries = listed;
  };

  return {
    async entries(ask) {
      loading ??= load();
      await loading;
      await looks.freshen(ask);
      return entries;
    },
    stamp: (name) => stamps.get(name),
    isFresh() {
      const age = Date.now() - lookedAt;
      return age >= 0 && age < maxAgeMs;
    },
    withhold(name) {
      if (listed !== undefined) entries = entries.filter((entry) => entry.name !== name);
    },
    has: (name) => names.has(name),
    expire: looks.expire,
    outOfReach: looks.outOfReach,
    fault: looks.fault,
    ended: looks.ended,
  };
}

/** Is what the listing tells of the file what there is a copy of? */
export function tellsSame(stamp: Stamp | undefined, copy: Stamp | undefined): boolean {
  return stamp !== undefined && isUnchanged(copy, stamp);
}

const kept = z.array(
  z.strictObject({ name: z.string(), kind: z.enum(['file', 'folder', 'outside', 'other']) }),
);

async function recorded(path: string): Promise<readonly Entry[] | undefined> {
  try {
    return kept.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    // There is none, or it is damaged: the server is asked.
    return undefined;
  }
}

async function save(path: string, text: string): Promise<boolean> {
  const part = `${path}.${OWN}.${randomUUID()}${PART}`;
  try {
    await writeFile(part, text, { mode: 0o600 });
    await rename(part, path);
    return true;
  } catch {
    await rm(part, { force: true }).catch(() => {});
    return false;
  }
}
