// Knows: a collection as it was at one moment: the versions of its files, open, and the rows in them by their numbers.
// Must not know: what is different between two moments, who watches.

import { type Collection, type Operand, type Row, valueAt } from '#spi';
import { settledRow } from '../reads/read.ts';
import type { OpenTable } from '../reads/selection.ts';
import { type FileSet, memberTable } from '../sets/file-set.ts';
import type { View } from '../sets/set-files.ts';
import type { ByteFile } from '../store/byte-store.ts';
import { fetchBlock } from '../tables/fetch.ts';
import { ownerOf, placeIn } from '../tables/place.ts';
import type { Rows, Span } from '../tables/rows.ts';
import { nameOf } from '../versions/kept-file.ts';

/** A collection that can be opened as it is now, or as it was. */
export interface Watched {
  readonly collection: Collection;
  /** Of the collection, in declared order. */
  readonly key: readonly Operand[];
  readonly sliceMs: number;
  /** `version`: the name of a moment; where it is not kept any more, the newest is opened. */
  open(ask: { readonly signal: AbortSignal; readonly version?: string | undefined }): Promise<Moment>;
}

/** May be disposed of twice. */
export interface Moment extends AsyncDisposable {
  /** Equal for the same versions of the same files. */
  readonly name: string;
  readonly asOf: string;
  readonly parts: readonly Part[];
  /** Are the bytes still those of that moment? */
  unchanged(ask: { readonly signal: AbortSignal }): Promise<boolean>;
}

/** One file of the collection. */
export interface Part {
  /** Equal for the same version of the same file. */
  readonly id: string;
  readonly of: OpenTable;
  readonly file: ByteFile;
  /** What its name says of each row. */
  readonly constants: Row;
}

export function watchedFile(of: OpenTable): Watched {
  const { table, sliceMs, stored } = of;
  return {
    collection: table.collection,
    key: table.key,
    sliceMs,
    async open(ask) {
      const file = await stored.open(ask);
      const name = file.kept?.name ?? nameOf(file.version);
      let held = true;
      return {
        name,
        asOf: file.modifiedAt,
        parts: [{ id: name, of, file, constants: {} }],
        unchanged: async (how) => (await file.unchanged?.(how)) ?? true,
        async [Symbol.asyncDispose]() {
          if (held) await file[Symbol.asyncDispose]();
          held = false;
        },
      };
    },
  };
}

export function watchedSet(set: FileSet): Watched {
  const { collection, key, sliceMs, files } = set;
  const momentOf = async (view: View): Promise<Moment> => ({
    name: view.name ?? nameOf(view.version),
    asOf:
      view.members
        .map(({ file }) => file.modifiedAt)
        .toSorted(byTime)
        .at(-1) ?? '',
    parts: view.members.map((member) => ({
      id: nameOf(JSON.stringify([member.name, member.file.version])),
      of: memberTable(set, view, member),
      file: member.file,
      constants: member.constants,
    })),
    unchanged: (how) => view.unchanged(how),
    [Symbol.asyncDispose]: () => view[Symbol.asyncDispose](),
  });
  return { collection, key, sliceMs, open: async (ask) => momentOf(await files.open(ask)) };
}

function byTime(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b);
}

/** Numbers of the rows of a part in the order of their keys, in portions. */
export async function* rowsByKey(part: Part, signal: AbortSignal): AsyncGenerator<readonly number[], void> {
  await using index = await part.of.versions.index(part.file, { signal });
  const { keys } = index;
  for await (const rows of keys.rows(0, keys.length, false)) yield [...rows];
}

/** The rows of these numbers, as the codec takes them; each is good until the next one is asked for. */
export async function* fetchRows(
  { of, file }: Part,
  numbers: readonly number[],
  signal: AbortSignal,
): AsyncGenerator<readonly [rows: Rows, i: number], void> {
  if (numbers.length === 0) return;
  const { table, versions } = of;
  await using index = await versions.index(file, { signal });
  const spans: Span[] = [];
  for (const number of numbers) spans.push(...(await index.spans(number)));
  const block = await fetchBlock(file, table.framing, spans, { signal });
  const blocks = (async function* () {
    yield block;
  })();
  for await (const rows of table.rows(blocks)) for (let i = 0; i < rows.length; i++) yield [rows, i];
}

/** The same rows with all of their fields, as a read gives them: a field that cannot be decoded holds its fault. */
export async function decodedRows(
  part: Part,
  numbers: readonly number[],
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const { of, constants } = part;
  const { codec, collection } = of.table;
  const decode = codec.decoder(collection.fields.map(({ name }) => name));
  const found: Row[] = [];
  for await (const [rows, i] of fetchRows(part, numbers, signal)) {
    const place = placeIn(ownerOf(of), rows);
    place.i = i;
    const row = decode(rows.bytes, rows.start(i), rows.end(i), place.locate);
    found.push({ ...(rows.origin === undefined ? row : settledRow(row, place)), ...constants });
  }
  return found;
}

/** Of a record's bytes: the values of the whole key. */
export function keyReader({ key }: Pick<Watched, 'key'>, part: Part) {
  const { of, constants } = part;
  const decode = of.table.codec.decoder(of.table.key.map(({ field }) => field));
  // The index has read every key already: there is nothing that could not be decoded.
  const locate = () => ownerOf(of);
  return (bytes: Uint8Array) => {
    const row = { ...decode(bytes, 0, bytes.length, locate), ...constants };
    return key.map(({ field }) => valueAt(row, field));
  };
}
