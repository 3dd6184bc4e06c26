// Knows: which indexes there are of the versions of one file: found on disk or made when first needed, kept as long as somebody uses them.
// Must not know: queries, and what is inside an index. A file that was replaced is another version; readers of the old one finish on it.

import { Fault, unlessAborted } from '#spi';
import { buildIndexes } from '../indexes/build-indexes.ts';
import { isSettled } from '../indexes/index-folder.ts';
import type { IndexKeeper, Made, Subject } from '../indexes/index-keeper.ts';
import { type IndexOf, KEY_INDEX, keyBytesOf, PLACES } from '../indexes/index-of.ts';
import type { KeyBytes } from '../indexes/key-bytes.ts';
import { mended } from '../indexes/mended.ts';
import { type OrderedIndex, orderedIndex } from '../indexes/ordered-index.ts';
import type { Pages } from '../indexes/page-file.ts';
import { rowPlaces } from '../indexes/row-places.ts';
import type { ByteFile, StoredFile } from '../store/byte-store.ts';
import { fixedSpan } from '../tables/fetch.ts';
import { ownerOf } from '../tables/place.ts';
import type { Span } from '../tables/rows.ts';
import type { Table } from '../tables/table.ts';

/** Valid until it is disposed of. */
export interface VersionIndex extends AsyncDisposable {
  readonly keys: OrderedIndex;
  /** How values are written in its keys. */
  readonly bytes: KeyBytes;
  /** The records that a row is made of; rows count from 0 in the file's order. */
  spans(row: number): readonly Span[] | Promise<readonly Span[]>;
}

export interface Versions extends AsyncDisposable {
  /**
   * An index of the version that `file` has open, that of the key unless another is named: found on disk, or built by reading all records.
   * Throws `corrupt` when two records have one key (`key-not-unique`, misconfigured), or a key is null or cannot be decoded.
   */
  index(file: ByteFile, ask: { readonly signal: AbortSignal; readonly id?: string }): Promise<VersionIndex>;
  /** For people: why indexes are in memory that belong on disk. */
  trouble(): string | undefined;
  /** The version `from` has become `to`, with every record in its place: indexes of these ids that are known are those of `to`, too. */
  carry(from: string, to: string, ids: readonly string[]): void;
}

export interface VersionsOf {
  readonly source: string;
  readonly table: Table;
  /** Of several files, the one that this is. */
  readonly file?: string;
  readonly stored: StoredFile;
  readonly sliceMs: number;
  readonly indexes: IndexKeeper;
}

interface Known {
  readonly version: string;
  readonly parts: Map<string, Promise<Pages>>;
  /** What is at hand, by the ids of indexes. */
  readonly ready: Map<string, Lent>;
  uses: number;
  /** It can be opened again for a while. */
  kept: boolean;
}

type Lent = Omit<VersionIndex, typeof Symbol.asyncDispose>;

/** Versions whose indexes stay at hand while nobody uses them, beside those that are kept for readers of earlier pages. */
const KEPT_VERSIONS = 3;

export function versionsOf(of: VersionsOf): Versions {
  const closing = new AbortController();
  /** The most recently asked for last. */
  const known = new Map<string, Known>();
  let trouble: string | undefined;
  /** How many versions have pages, where they are several. */
  const owners = new WeakMap<Pages, number>();

  const free = async ({ parts }: Known): Promise<void> => {
    for (const part of parts.values()) {
      const pages = await part.catch(() => undefined);
      if (pages === undefined) continue;
      const others = (owners.get(pages) ?? 1) - 1;
      if (others > 0) owners.set(pages, others);
      else await pages[Symbol.asyncDispose]();
    }
  };
  const knownOf = (version: string): Known => {
    const found = known.get(version) ?? { version, parts: new Map(), ready: new Map(), uses: 0, kept: false };
    known.delete(version);
    known.set(version, found);
    return found;
  };
  const trim = async (most: number): Promise<void> => {
    for (const one of known.values()) {
      if (known.size <= most) return;
      if (one.uses > 0 || (one.kept && !closing.signal.aborted)) continue;
      known.delete(one.version);
      await free(one);
    }
  };

  return {
    async index(file, { signal, id = KEY_INDEX }) {
      signal.throwIfAborted();
      const version = knownOf(file.version);
      version.uses++;
      const leave = async (): Promise<void> => {
        version.uses--;
        await trim(closing.signal.aborted ? 0 : KEPT_VERSIONS);
      };
      if (file.kept !== undefined && !version.kept) {
        version.kept = true;
        void file.kept.gone.then(() => {
          version.kept = false;
          return trim(KEPT_VERSIONS);
        });
      }
      const ready = version.ready.get(id);
      if (ready !== undefined) return lease(ready, leave);
      try {
        obtain(of, version, file, closing.signal, (why) => {
          trouble = why;
        });
        const ids = of.table.fixed === undefined ? [id, PLACES] : [id];
        const [pages, places] = await unlessAborted(
          Promise.all(ids.map((one) => version.parts.get(one))),
          signal,
        );
        if (pages === undefined) throw new TypeError(`no index ${id}`);
        const made = lentIndex(of.table, { id, pages, places });
        version.ready.set(id, made);
        return lease(made, leave);
      } catch (error) {
        await leave();
        throw error;
      }
    },
    trouble: () => trouble,
    carry(from, to, ids) {
      const before = known.get(from);
      if (before === undefined || known.has(to)) return;
      const after = knownOf(to);
      for (const id of [...ids, PLACES]) {
        const part = before.parts.get(id);
        if (part === undefined) continue;
        after.parts.set(id, part);
        part.then(
          (pages) => owners.set(pages, (owners.get(pages) ?? 1) + 1),
          () => after.parts.delete(id),
        );
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Fault('unavailable', 'The source is being closed', { code: 'closing' }));
      // Whoever still reads frees what he has when he leaves.
      await trim(0);
      for (const { parts } of known.values()) await Promise.allSettled(parts.values());
    },
  };
}

interface Parts {
  readonly id: string;
  readonly pages: Pages;
  readonly places: Pages | undefined;
}

function lentIndex({ fixed, indexes }: Table, { id, pages, places }: Parts): Lent {
  const standing = places === undefined ? undefined : rowPlaces(places);
  return {
    keys: orderedIndex(pages),
    bytes: keyBytesOf(indexNamed(indexes, id)),
    spans: (row) => standing?.spans(row) ?? (fixed === undefined ? [] : [fixedSpan(fixed, row)]),
  };
}

function lease(index: Lent, leave: () => Promise<void>): VersionIndex {
  let held = true;
  return {
    ...index,
    async [Symbol.asyncDispose]() {
      if (!held) return;
      held = false;
      await leave();
    },
  };
}

function indexNamed(indexes: readonly IndexOf[], id: string): IndexOf {
  const index = indexes.find((one) => one.id === id);
  if (index === undefined) throw new TypeError(`no index ${id}`);
  return index;
}

/** Is told why what was made is in memory, or that it is where it belongs. */
type Tell = (trouble: string | undefined) => void;

/** All indexes of the version: what is not on disk is made in one pass, for reading the file costs more than what is made of it. */
function obtain(of: VersionsOf, known: Known, file: ByteFile, signal: AbortSignal, tell: Tell): void {
  const all = [...of.table.indexes.map(({ id }) => id), ...(of.table.fixed === undefined ? [PLACES] : [])];
  const missing = all.filter((id) => !known.parts.has(id));
  if (missing.length === 0) return;
  const making = findOrBuild(of, file, missing, { signal, tell });
  for (const id of missing) {
    const part = making.then((made) => pagesIn(made, id));
    known.parts.set(id, part);
    part.catch((error: unknown) => {
      // Bad data stays bad as long as the version is the same; anything else is worth another attempt.
      const lasting = error instanceof Fault && error.kind === 'corrupt';
      if (!lasting && known.parts.get(id) === part) known.parts.delete(id);
    });
  }
}

function pagesIn(made: Made, id: string): Pages {
  const pages = made.get(id);
  if (pages instanceof Fault) throw pages;
  if (pages === undefined) throw new TypeError(`no index ${id}`);
  return pages;
}

interface How {
  readonly signal: AbortSignal;
  readonly tell: Tell;
}

async function findOrBuild(of: VersionsOf, file: ByteFile, ids: readonly string[], how: How): Promise<Made> {
  const subject = subjectOf(of, file);
  const made = new Map<string, Pages | Fault>();
  for (const id of ids) {
    const found = await of.indexes.find(subject, id);
    if (found !== undefined) made.set(id, found);
  }
  const rest = ids.filter((id) => !made.has(id));
  try {
    if (rest.length > 0) for (const [id, one] of await build(of, file, rest, how)) made.set(id, one);
  } catch (error) {
    for (const one of made.values()) if (!(one instanceof Fault)) await one[Symbol.asyncDispose]();
    throw error;
  }
  for (const [id, one] of made) {
    if (one instanceof Fault) continue;
    made.set(
      id,
      mended(one, async () => pagesIn(await build(of, file, [id], how), id)),
    );
  }
  return made;
}

function subjectOf({ table, stored }: VersionsOf, file: ByteFile): Subject {
  const { size, version } = file;
  return {
    size,
    settled: isSettled(file),
    name: (id) => ({ file: stored.path, version, definition: table.definition(id) }),
  };
}

async function build(
  of: VersionsOf,
  given: ByteFile,
  ids: readonly string[],
  { signal, tell }: How,
): Promise<Made> {
  const { table, stored, sliceMs } = of;
  // Whoever asked first may leave before it is done, and his file goes with him; only of an older version that is not kept there is no other.
  await using opened = given.kept?.share() ?? (await stored.open({ signal }));
  const file = opened.version === given.version ? opened : given;
  const ordered = ids.flatMap((id) => (id === PLACES ? [] : [indexNamed(table.indexes, id)]));
  const { made, trouble } = await of.indexes.make(subjectOf(of, file), (drafts) =>
    buildIndexes(
      { owner: ownerOf(of), table, path: stored.path, file, sliceMs },
      { ...drafts, ordered, places: ids.includes(PLACES) },
      signal,
    ),
  );
  tell(trouble);
  return made;
}
