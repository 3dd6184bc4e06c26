// Knows: whether the writes that a configuration names can be carried out on a file, and the collection that claims them.
// Must not know: changes, how they are carried out.

import { openCharset } from '#codec/charset';
import type { Codec } from '#codec/compile/compile';
import type { Framing } from '#codec/framing/framing';
import type { Layout } from '#codec/layout';
import { type Collection, type Row, settled, type WriteVerb } from '#spi';
import type { IndexKeeper } from '../indexes/index-keeper.ts';
import { misconfigured } from '../misconfigured.ts';
import type { CollectionOptions } from '../options/options.ts';
import type { StoredFile } from '../store/byte-store.ts';
import { type ParseMap, readParseMap } from '../tables/parse-map.ts';
import type { LayoutTexts } from '../tables/reading.ts';
import type { Table } from '../tables/table.ts';
import type { SharedFile } from '../versions/shared-file.ts';
import type { Versions } from '../versions/version.ts';
import { claimedFields } from './claims.ts';
import { formOf, type RecordForm } from './form.ts';
import { mapFormOf } from './map-form.ts';
import { type Membership, membershipOf } from './membership.ts';
import { type Recorder, recorderOf, type Values } from './record.ts';

/** How records of a collection are written, wherever they stand. */
export interface Recording {
  /** What the model says of it. */
  readonly collection: Collection;
  readonly codec: Codec;
  readonly framing: Framing;
  readonly form: RecordForm;
  readonly records: Recorder;
  /** Present where the file may have other records too. */
  readonly member?: Membership;
  readonly blockSize?: number;
  readonly insert?: 'append' | 'in-order';
}

/** A collection that is written. */
export interface Writable extends Recording {
  readonly source: string;
  readonly table: Table;
  /** The file in its place, which is edited. */
  readonly stored: StoredFile;
  /** The same file as readers have it. */
  readonly shared: SharedFile;
  readonly versions: Versions;
  readonly indexes: IndexKeeper;
  readonly sliceMs: number;
}

/**
 * Undefined for a collection that is only read. `whole`: the collection with what names of files give, where there are several. Throws a
 * misconfigured Fault for writes that cannot be had.
 */
export function recordingOf(
  table: Table,
  options: CollectionOptions,
  texts: LayoutTexts,
  whole: Collection = table.collection,
): Recording | undefined {
  const { writes, replace = false, when, blockSize, insert, outbox } = options;
  if (writes.length === 0 && !replace) {
    const [idle] = Object.entries({ insert, blockSize, outbox }).flatMap(([word, value]) =>
      value === undefined ? [] : [word],
    );
    if (idle === undefined) return undefined;
    throw misconfigured('bad-writes', `"${idle}" says how records are written, and "writes" names nothing`);
  }
  const { codec, framing } = table;
  const refusal = whyNot(table, options);
  if (refusal !== undefined) throw refused(whole, refusal);
  const member = when === undefined ? undefined : membershipOf(when, codec.layout, whole.name);
  const map = mapOf(options, texts);
  const defaults = valuesIn(map?.defaults ?? {});
  const collection = claimed(whole, codec.layout, { member, defaults }, writes);
  const why = whyNotVerbs(collection, writes);
  if (why !== undefined) throw refused(whole, why);
  return {
    collection,
    codec,
    framing,
    form:
      map === undefined ? formOf(framing, codec.layout) : mapFormOf(map, framing, openCharset(texts.charset)),
    records: recorderOf(codec, defaults),
    ...(member === undefined ? {} : { member }),
    ...(blockSize === undefined ? {} : { blockSize }),
    ...(insert === undefined ? {} : { insert }),
  };
}

function mapOf({ parseMap }: CollectionOptions, { text, charset }: LayoutTexts): ParseMap | undefined {
  return parseMap === undefined ? undefined : readParseMap(text, { file: parseMap, charset });
}

/** The `default` of columns; they were read from the map, so none is a fault. */
function valuesIn(row: Row): Values {
  return Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, settled(cell)]));
}

export function notEditable(collection: Collection) {
  return refused(collection, 'the place of its file is only read');
}

export function refused({ name }: Collection, why: string) {
  return misconfigured('bad-writes', `Collection "${name}" cannot have these writes: ${why}`);
}

function whyNot(table: Table, options: CollectionOptions): string | undefined {
  const { compression, types = {}, records, files, replace, when, outbox, insert } = options;
  if (compression === 'gzip') return 'a file that is packed by gzip is only read';
  if (files !== undefined && outbox === undefined) {
    return 'which of several files a new record goes to is not known: each request can make a new one ("outbox")';
  }
  if (outbox !== undefined) {
    const why = whyNoOutbox(options);
    if (why !== undefined) return why;
  }
  const several = Object.values(types).map((type) => (typeof type === 'string' ? { when: type } : type));
  if (several.some(({ leaveOut }) => leaveOut === true)) {
    return 'the file has records of types that are left out (a header, a trailer with totals), which would no longer be true';
  }
  if (several.some(({ parent }) => parent !== undefined)) {
    return 'its rows are made of several records each (types with a "parent"), and these are only read';
  }
  const format = whyNotFormat(table.framing, records?.tail);
  if (format !== undefined) return format;
  if (
    records?.length !== undefined &&
    table.framing.kind === 'fixed' &&
    records.length < table.layout.length
  ) {
    return 'records are shorter than what the layout describes';
  }
  if (insert === 'in-order' && table.key.length === 0) {
    return '"insert: in-order" keeps the order of the key, and there is none';
  }
  if (replace === true && when !== undefined) {
    return 'the file has records of other collections too ("when"), which "replace" would remove';
  }
  return undefined;
}

function whyNoOutbox({ files, writes, replace, insert, records }: CollectionOptions): string | undefined {
  if (files === undefined) return '"outbox" makes new files, which only "files" shows';
  if (writes.some((verb) => verb !== 'insert'))
    return 'a file of an outbox is made once: it takes only insert';
  if (replace === true || insert !== undefined) return 'the files of an outbox are new ones';
  if (files.generations !== undefined) return 'the next generation of a group is not made here';
  if ((records?.header ?? 0) + (records?.trailer ?? 0) > 0) {
    return 'what the header and the trailer of a new file hold is not known';
  }
  return undefined;
}

function whyNotFormat({ kind }: Framing, tail: string | undefined): string | undefined {
  if (tail === 'ignore-tail')
    return 'bytes behind the last whole record are ignored, and a new record would stand behind them';
  switch (kind) {
    case 'undefined':
      return 'in a file of format U nothing tells where a record ends';
    case 'mf':
      return 'files of Micro Focus are only read';
    case 'fixed':
    case 'lines':
    case 'rdw':
    case 'gnucobol':
    case 'measured':
      return undefined;
  }
}

function whyNotVerbs({ key, fields }: Collection, writes: readonly WriteVerb[]): string | undefined {
  const named = writes.filter((verb) => verb !== 'insert');
  if (key.length === 0) {
    return named.length === 0 ? undefined : `${named.join(', ')} name a row by its key, and there is none`;
  }
  const alternate = key.find((path) => fields.find(({ name }) => name === path.split('.')[0])?.alternate);
  if (alternate !== undefined) {
    return `the key field "${alternate}" is another reading of bytes that an earlier field has, which cannot be written`;
  }
  const others = fields.filter(
    ({ name, readOnly, alternate: other }) => readOnly !== true && other !== true && !key.includes(name),
  );
  return writes.includes('update') && others.length === 0
    ? 'beside its key it has no field that update could change'
    : undefined;
}

/** What is not of the records (the name of the file) is made by the source. */
function claimed(
  collection: Collection,
  layout: Layout,
  { member, defaults }: { readonly member: Membership | undefined; readonly defaults: Values },
  writes: readonly WriteVerb[],
): Collection {
  const own = claimedFields(layout, collection.key, Object.keys(member?.constants ?? {}));
  const fields = collection.fields.map((field) => {
    const claims = own.find(({ name }) => name === field.name) ?? { ...field, readOnly: true };
    return Object.hasOwn(defaults, field.name) ? { ...claims, optional: true } : claims;
  });
  return { ...collection, fields, ...(writes.length === 0 ? {} : { writes }) };
}
