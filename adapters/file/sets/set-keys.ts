// Knows: whether a key is unique across the files of a set.
// Must not know: queries, and how the index of one file is built.

import { Fault, keyText, unlessAborted, type Value, valueAt } from '#spi';
import { keyAt } from '../indexes/build-indexes.ts';
import { compareKeys } from '../indexes/key-bytes.ts';
import type { OrderedIndex } from '../indexes/ordered-index.ts';
import { heapOf } from '../reads/merge.ts';
import { slices } from '../slices.ts';
import { ownerOf } from '../tables/place.ts';
import { perVersion } from '../versions/per-version.ts';
import type { VersionIndex } from '../versions/version.ts';
import { type FileSet, named } from './file-set.ts';
import type { Member, View } from './set-files.ts';

export interface SetKeys extends AsyncDisposable {
  /** Throws `corrupt` (`key-not-unique`, misconfigured) with both files and records for two that have one key. */
  check(view: View, ask: { readonly signal: AbortSignal }): Promise<void>;
}

export function setKeys(of: FileSet): SetKeys {
  const closing = new AbortController();
  const checks = perVersion((view: View) => checkAll(of, view.share(), closing.signal));
  return {
    async check(view, { signal }) {
      signal.throwIfAborted();
      await unlessAborted(checks.of(view.version, view, view.gone), signal);
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Fault('unavailable', 'The source is being closed', { code: 'closing' }));
      await checks.settled();
    },
  };
}

async function checkAll(of: FileSet, shared: View, signal: AbortSignal): Promise<void> {
  await using view = shared;
  const naming = of.key.filter(({ field }) => of.constants.has(field));
  const groups = Map.groupBy(view.members, ({ constants }) =>
    keyText(
      naming,
      naming.map(({ field }) => valueAt(constants, field)),
    ),
  );
  for (const members of groups.values()) await checkGroup(of, members, signal);
}

interface Walker {
  readonly member: Member;
  readonly index: VersionIndex;
  readonly keys: OrderedIndex;
  rank: number;
  key: Uint8Array;
}

/** Members whose names say the same of the key: their records have to tell one another apart. */
async function checkGroup(of: FileSet, members: readonly Member[], signal: AbortSignal): Promise<void> {
  const { sliceMs } = of;
  await using held = new AsyncDisposableStack();
  const heap = heapOf<Walker>((a, b) => compareKeys(a.key, b.key));
  for (const member of members) {
    const index = held.use(await named(member, () => member.versions.index(member.file, { signal })));
    const { keys } = index;
    if (members.length > 1 && keys.length > 0) {
      heap.push({ member, index, keys, rank: 0, key: await keys.key(0) });
    }
  }
  const slice = slices(sliceMs);
  let before: Place | undefined;
  for (let walker = heap.first(); walker !== undefined; walker = heap.first()) {
    const { member, index, keys, rank, key } = walker;
    const here = { member, index, rank, key };
    if (before !== undefined && compareKeys(before.key, key) === 0) {
      throw notUnique(of, await recordAt(of, before, signal), await recordAt(of, here, signal));
    }
    before = here;
    if (rank + 1 === keys.length) heap.pop();
    else {
      walker.rank++;
      walker.key = await keys.key(walker.rank);
      heap.settle();
    }
    if ((rank & 0xff) === 0 && slice.over()) {
      await slice.next();
      signal.throwIfAborted();
    }
  }
}

interface Place {
  readonly member: Member;
  readonly index: VersionIndex;
  readonly rank: number;
  readonly key: Uint8Array;
}

interface FoundRecord {
  readonly member: Member;
  /** From 1. */
  readonly record: number;
  readonly key: readonly Value[];
}

async function recordAt(
  { source, table }: FileSet,
  { member, index, rank }: Place,
  signal: AbortSignal,
): Promise<FoundRecord> {
  const { file, name } = member;
  const spans = await index.spans(await index.keys.row(rank));
  const key = await keyAt({ owner: ownerOf({ source, table, file: name }), table, file }, spans, signal);
  return { member, record: (spans[0]?.record ?? 0) + 1, key };
}

function notUnique(of: FileSet, one: FoundRecord, other: FoundRecord): Fault {
  const [a, b] = one.member.name <= other.member.name ? [one, other] : [other, one];
  const { key } = of.table;
  const names = key.map(({ field }) => field).join(', ');
  const shown = key.map((part, i) => keyText([part], [one.key[i] ?? null])).join(', ');
  return new Fault(
    'corrupt',
    `The key (${names}) of "${of.collection.name}" is not unique: record ${a.record} of "${a.member.name}" and record ${b.record} of "${b.member.name}" both have ${shown.slice(0, 200)}`,
    {
      code: 'key-not-unique',
      source: of.source,
      collection: of.collection.name,
      file: b.member.name,
      record: b.record,
      misconfigured: true,
      hint: `Add "${of.fileField}", the field with the name of the file, to "key", or leave "key" out.`,
    },
  );
}
