// Knows: how a writer finds records of the version that it holds by their keys.
// Must not know: changes, how the index of a version is built.

import type { Value } from '#spi';
import { above } from '../indexes/key-bytes.ts';
import type { ByteFile } from '../store/byte-store.ts';
import type { Span } from '../tables/rows.ts';
import { type VersionIndex, versionsOf } from '../versions/version.ts';
import type { Writable } from './writable.ts';

export interface Lookup {
  /** The records stand in the order of their keys. */
  readonly ascending: boolean;
  find(key: readonly Value[]): Promise<Span | undefined>;
  /** The first record with a greater key. */
  above(key: readonly Value[]): Promise<Span | undefined>;
}

interface Ask {
  readonly signal: AbortSignal;
}

/** By the readers' index where they see this version, or else by one of its own, which `held` disposes of. */
export async function lookupIn(
  { source, table, shared, versions, indexes, sliceMs }: Writable,
  file: ByteFile,
  held: AsyncDisposableStack,
  { signal }: Ask,
): Promise<Lookup> {
  for (let attempt = 0; attempt < 2; attempt++) {
    const seen = held.use(await shared.open({ signal }));
    if (seen.version === file.version) return lookupOf(held.use(await versions.index(seen, { signal })));
    await shared.forget();
  }
  const stored = { path: shared.path, open: async () => borrowed(file) };
  const own = held.use(versionsOf({ source, table, stored, sliceMs, indexes }));
  return lookupOf(held.use(await own.index(file, { signal })));
}

/** The edit closes it. */
function borrowed(file: ByteFile): ByteFile {
  return {
    size: file.size,
    version: file.version,
    modifiedAt: file.modifiedAt,
    read: (into, offset, ask) => file.read(into, offset, ask),
    async [Symbol.asyncDispose]() {},
  };
}

function lookupOf({ keys, bytes, spans }: VersionIndex): Lookup {
  const spanAt = async (rank: number): Promise<Span | undefined> => {
    if (rank < 0 || rank >= keys.length) return undefined;
    const [span] = await spans(await keys.row(rank));
    return span;
  };
  return {
    ascending: keys.ascending,
    find: async (key) => spanAt(await keys.find(bytes.of(key))),
    async above(key) {
      const bound = above(bytes.of(key));
      return bound === undefined ? undefined : spanAt(await keys.from(bound));
    },
  };
}
