// Knows: how the options of a set become the set: the fields that names give, its key, its files.
// Must not know: the data.

import { type Field, fieldAt, type Host, isApiName, isComparable, type Operand, type Row } from '#spi';
import type { IndexKeeper } from '../indexes/index-keeper.ts';
import { misconfigured } from '../misconfigured.ts';
import type { CollectionOptions } from '../options/options.ts';
import type { SetOptions } from '../options/set-options.ts';
import type { ByteFile, ByteStore, StoredFile } from '../store/byte-store.ts';
import { parseGlob } from '../store/glob.ts';
import { unpackedFile } from '../store/gzip.ts';
import { handlesWithin } from '../store/handles.ts';
import type { LayoutTexts } from '../tables/reading.ts';
import { tableOf } from '../tables/table.ts';
import { gatesOf } from '../versions/gates.ts';
import type { Keepers } from '../versions/keepers.ts';
import { versionsOf } from '../versions/version.ts';
import type { FileSet } from './file-set.ts';
import { chosenNames, datePattern, generationOf } from './member-names.ts';
import { setFiles } from './set-files.ts';

/** Files of one set that are open at once; up to so many, a reader finishes on the versions that it began with. */
const HANDLES = 64;
/** Unpacked members of one set that are held in memory at once. */
const UNPACKED_BYTES = 268_435_456;

/** What names give beside the path. */
interface NameField {
  readonly field: Field;
  read(name: string): Row[string];
}

/** Throws a misconfigured Fault for whatever cannot be a set of files. */
export function openSet(
  name: string,
  options: CollectionOptions & { readonly files: SetOptions },
  texts: LayoutTexts,
  {
    store,
    indexes,
    keepers,
  }: { readonly store: ByteStore; readonly indexes: IndexKeeper; readonly keepers: Keepers | undefined },
  { source, sliceMs }: Pick<Host, 'source' | 'sliceMs'>,
): FileSet {
  const { files, compression } = options;
  const glob = parseGlob(files.glob);
  // A store refuses what leads out of its root.
  store.file(files.glob);
  const given = nameFields(files);
  const constants = new Set(given.map(({ field }) => field.name));
  const own = options.key.filter((field) => !constants.has(field));
  const table = tableOf({ source, collection: name }, { ...options, path: files.glob, key: own }, texts);
  for (const [i, { field }] of given.entries()) {
    checkFree(field.name, [...table.collection.fields, ...given.slice(0, i).map((one) => one.field)]);
  }
  if (options.key.length > 0 && own.length === 0) {
    throw misconfigured('bad-key', 'The key has no field of the records: a file has many of them');
  }
  const packed = compression === 'gzip';
  const handles = handlesWithin({ handles: HANDLES, ...(packed ? { bytes: UNPACKED_BYTES } : {}) });
  const fields = [...table.collection.fields, ...given.map(({ field }) => field)];
  const key = keyOf(options.key, table.key, given);
  const constantsOf = (member: string): Row =>
    Object.fromEntries(given.map(({ field, read }) => [field.name, read(member)]));
  const twice = key.find(({ field }, i) => key.findIndex((other) => other.field === field) !== i);
  if (twice !== undefined) throw misconfigured('bad-key', `The key names "${twice.field}" twice`);
  return {
    source,
    table,
    collection: { ...table.collection, fields, key: key.map(({ field }) => field) },
    key,
    constants,
    constantsOf,
    fileField: files.fileField ?? 'file',
    sliceMs,
    files: setFiles({
      store,
      glob,
      handles,
      keeper: packed ? keepers?.unpacked : keepers?.open,
      choose: (names) => chosenNames(names, files.generations),
      constants: constantsOf,
      stored: (member) => (packed ? unpacked(store.file(member)) : store.file(member)),
      versions: (member, stored) => versionsOf({ source, table, file: member, stored, sliceMs, indexes }),
      gates: gatesOf({ source, path: files.glob, table, options, texts, store, sliceMs }),
    }),
  };
}

/** Unpacked anew each time: what is held at once is for `handles` to bound. */
function unpacked(stored: StoredFile): StoredFile {
  return {
    path: stored.path,
    open: (ask): Promise<ByteFile> => unpackedFile(stored, UNPACKED_BYTES).open(ask),
  };
}

function nameFields(files: SetOptions): readonly NameField[] {
  const { fileField = 'file', dateField = 'date', generationField = 'generation', date, generations } = files;
  const fields: NameField[] = [
    {
      field: { name: fileField, type: { kind: 'string' }, doc: 'Path of the file that the record is in' },
      read: (name) => name,
    },
  ];
  if (date !== undefined) {
    const pattern = datePattern(date);
    fields.push({
      field: { name: dateField, type: { kind: 'date' }, doc: 'Date in the name of the file' },
      read: (name) => pattern.dateOf(name),
    });
  }
  if (generations === 'all') {
    fields.push({
      field: { name: generationField, type: { kind: 'int32' }, doc: 'Number of the generation' },
      read: (name) => generationOf(name)?.number ?? null,
    });
  }
  return fields;
}

function checkFree(name: string, fields: readonly Field[]): void {
  if (!isApiName(name)) throw misconfigured('bad-field-name', `"${name}" cannot be the name of a field`);
  if (fieldAt(fields, name) === undefined) return;
  throw misconfigured(
    'field-taken',
    `There is a field "${name}" already`,
    'Give the field that the name of the file gives another name: fileField, dateField, generationField.',
  );
}

/** In declared order; `own`: the fields of the records among them. */
function keyOf(
  wanted: readonly string[],
  own: readonly Operand[],
  given: readonly NameField[],
): readonly Operand[] {
  const left = own.values();
  return wanted.flatMap((name): readonly Operand[] => {
    const type = given.find(({ field }) => field.name === name)?.field.type;
    if (type !== undefined) return isComparable(type) ? [{ field: name, type }] : [];
    const { value } = left.next();
    return value === undefined ? [] : [value];
  });
}
