// Knows: what has been found out about one version of a file: its keys in order, and where each record stands.
// Must not know: queries. A file that was replaced is another version; readers of the old one finish on it.

import type { Decode } from '#codec/compile/compile';
import { Fault, keyText, unlessAborted, type Value, valueAt } from '#spi';
import type { ByteFile, StoredFile } from './byte-store.ts';
import { compactNumbers } from './compact-numbers.ts';
import { fixedSpan, scanFile } from './fetch.ts';
import { collectKeys, isKeyIndex, type KeyIndex } from './key-index.ts';
import { perVersion } from './per-version.ts';
import { placeIn } from './place.ts';
import { type Rows, type Span, spansOf } from './rows.ts';
import { ownerOf } from './selection.ts';
import { slices } from './slices.ts';
import type { Table } from './table.ts';

export interface VersionIndex {
  readonly keys: KeyIndex;
  /** The records that a row is made of; rows count from 0 in the file's order. */
  spans(row: number): readonly Span[];
}

export interface Versions extends AsyncDisposable {
  /**
   * The index of the version that `file` has open: built when first asked for, by reading the keys of all records, and kept
   * as long as the version; of a version that nobody keeps, until another is asked for. Throws `corrupt` when two records have one key (`key-not-unique`,
   * misconfigured), or a key is null or cannot be decoded.
   */
  index(file: ByteFile, ask: { readonly signal: AbortSignal }): Promise<VersionIndex>;
}

export interface VersionsOf {
  readonly source: string;
  readonly table: Table;
  /** Of several files, the one that this is. */
  readonly file?: string;
  readonly stored: StoredFile;
  readonly sliceMs: number;
}

export function versionsOf(of: VersionsOf): Versions {
  const closing = new AbortController();
  const indexes = perVersion((file: ByteFile) => build(of, file, closing.signal));
  return {
    async index(file, { signal }) {
      signal.throwIfAborted();
      return unlessAborted(indexes.of(file.version, file, file.kept?.gone), signal);
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Fault('unavailable', 'The source is being closed', { code: 'closing' }));
      await indexes.settled();
    },
  };
}

async function build(of: VersionsOf, given: ByteFile, signal: AbortSignal): Promise<VersionIndex> {
  const { table, stored, sliceMs } = of;
  const { version, kept } = given;
  // Whoever asked first may leave before it is built.
  await using file = kept?.share() ?? (await stored.open({ signal }));
  if (file.version !== version) {
    throw new Fault('unavailable', `"${stored.path}" was replaced while it was opened`, {
      code: 'file-changed',
    });
  }
  const { key, framing } = table;
  const decode: Decode = table.codec.decoder(key.map(({ field }) => field));
  const collector = collectKeys(key.map(({ type }) => type));
  const slice = slices(sliceMs);
  const places = table.fixed === undefined ? placesOf() : undefined;
  const addKeys = async (rows: Rows): Promise<void> => {
    const place = placeIn(ownerOf(of), rows);
    try {
      for (; place.i < rows.length; place.i++) {
        const row = decode(rows.bytes, rows.start(place.i), rows.end(place.i), place.locate);
        const values = key.map(({ field }) => valueAt(row, field));
        if (values.includes(null)) {
          throw new Fault('corrupt', 'A record has no value in its key', {
            ...place.locate(0),
            code: 'key-is-null',
          });
        }
        collector.add(values);
        places?.add(spansOf(rows, place.i));
        if ((place.i & 0xff) === 0 && slice.over()) {
          await slice.next();
          signal.throwIfAborted();
        }
      }
    } catch (error) {
      throw place.settle(error);
    }
  };
  for await (const rows of table.rows(scanFile(file, framing, { signal }))) await addKeys(rows);
  const { fixed } = table;
  const spans = places?.spans ?? ((row) => (fixed === undefined ? [] : [fixedSpan(fixed, row)]));
  const keys = await collector.finish({ slice, signal });
  if (!isKeyIndex(keys)) {
    const [first, second] = [keys.first, keys.second].map((row) => (spans(row)[0]?.record ?? 0) + 1);
    throw notUnique(of, first ?? 0, second ?? 0, keys.key);
  }
  return { keys, spans };
}

function notUnique(of: VersionsOf, first: number, second: number, key: readonly Value[]): Fault {
  const { table, stored } = of;
  const names = table.key.map(({ field }) => field).join(', ');
  const shown = key.map((value, i) => keyText(table.key.slice(i, i + 1), [value])).join(', ');
  return new Fault(
    'corrupt',
    `The key (${names}) of "${table.collection.name}" is not unique: records ${first} and ${second} of "${stored.path}" both have ${shown.slice(0, 200)}`,
    {
      code: 'key-not-unique',
      ...ownerOf(of),
      record: second,
      misconfigured: true,
      hint: 'Add the field that tells them apart to "key", or leave "key" out.',
    },
  );
}

/** Where the records of rows stand, row by row in the order of the file. */
function placesOf() {
  const records = compactNumbers();
  const offsets = compactNumbers();
  const lengths = compactNumbers();
  /** For each row, how many records there are up to its end. */
  const ends = compactNumbers();
  return {
    add(spans: readonly Span[]): void {
      for (const { record, offset, length } of spans) {
        records.push(record);
        offsets.push(offset);
        lengths.push(length);
      }
      ends.push(records.length);
    },
    spans(row: number): readonly Span[] {
      const first = row === 0 ? 0 : ends.at(row - 1);
      return Array.from({ length: ends.at(row) - first }, (_, i) => ({
        record: records.at(first + i),
        offset: offsets.at(first + i),
        length: lengths.at(first + i),
      }));
    },
  };
}
