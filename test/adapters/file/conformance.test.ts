// The file adapter under the suite of all adapters: EBCDIC records by copybooks in several record formats, one of several record
// types in a file, and lines of text by parse maps.

import { after } from 'node:test';
import { gzipSync } from 'node:zlib';
import { recordWriter, type WriterOptions } from '#codec/framing/enframe';
import type { Framing } from '#codec/framing/framing';
import { ByteSink, type Row } from '#spi';
import { processThreads } from '../../../adapters/file/scans/scan-threads.ts';
import { conformance } from '../../conformance/conformance.ts';
import type { DataCollection } from '../../conformance/dataset.ts';
import { random } from '../../random.ts';
import { asDeclared, COPYBOOKS, recordsOf } from './dataset-records.ts';
import { folder, hostAt, openFarFiles, openFiles } from './opening.ts';

/** Tables of varying length, of which nothing is shown, before most of the fields. */
const SLIDING: Readonly<Record<string, string>> = {
  ...COPYBOOKS,
  entries: `
       01  ENTRY-RECORD.
           05  BRANCH    PIC X(4).
           05  SEQ       PIC 9(4).
           05  FILLER OCCURS 0 TO 40 DEPENDING ON SEQ PIC X(2).
           05  AMOUNT    PIC S9(7)V99.
           05  TEXT      PIC X(12).
`,
  events: `
       01  EVENT.
           05  WEIGHT    PIC 9(4) COMP.
           05  FILLER OCCURS 0 TO 9 DEPENDING ON WEIGHT PIC X(3).
           05  CODE      PIC X.
           05  ACCT-ID   PIC S9(7) COMP-3.
`,
};

/** What can stand in lines. */
const DISPLAY: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(COPYBOOKS).map(([name, text]) => [name, text.replaceAll(/ COMP(?:-3)?\./g, '.')]),
);

const temporary = folder();
/** Threads that scan start once for all. */
const threads = processThreads.join();
after(async () => {
  await threads[Symbol.asyncDispose]();
  temporary[Symbol.dispose]();
});

function framed(records: readonly Uint8Array[], framing: Framing, options: WriterOptions = {}): Uint8Array {
  const writer = recordWriter(framing, options);
  const out = new ByteSink();
  for (const record of records) writer.write(record, out);
  writer.finish(out);
  return out.take();
}

const V = { kind: 'rdw', order: 'big', inclusive: true, adjust: 0, blocks: false, spanned: false } as const;

interface Shape {
  readonly name: string;
  readonly copybooks: Readonly<Record<string, string>>;
  /** Options of every collection. */
  readonly options: object;
  /** Of each collection. */
  readonly indexes?: Readonly<Record<string, readonly (readonly string[])[]>>;
  /** Options of the source. */
  readonly source?: object;
  fileOf(records: readonly Uint8Array[]): Uint8Array;
  readonly queries?: number;
  /** `openFiles` unless told otherwise. */
  readonly open?: typeof openFiles;
}

/** Every index lies on the disk. */
const KEPT = { cache: { indexFromBytes: 0 } } as const;

/** Of one field and of several, with nulls, with a part of the key, of a collection without a key. */
const INDEXES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  accounts: [['BRANCH'], ['rating', 'balance'], ['NAME', 'branch'], ['SERIAL']],
  entries: [['SEQ'], ['TEXT', 'AMOUNT'], ['BRANCH', 'AMOUNT']],
  events: [['CODE'], ['WEIGHT', 'acctId'], ['acctId', 'CODE', 'WEIGHT']],
};

const SHAPES: readonly Shape[] = [
  { name: 'EBCDIC', copybooks: COPYBOOKS, options: {}, fileOf: (records) => Buffer.concat(records) },
  {
    name: 'gzip',
    copybooks: COPYBOOKS,
    options: { compression: 'gzip' },
    fileOf: (records) => gzipSync(Buffer.concat(records)),
    queries: 100,
  },
  {
    name: 'VB with OCCURS DEPENDING ON',
    copybooks: SLIDING,
    options: { records: { format: 'VB' } },
    fileOf: (records) => framed(records, { ...V, blocks: true }, { blockSize: 700 }),
    queries: 150,
  },
  {
    name: 'EBCDIC with indexes on disk',
    copybooks: COPYBOOKS,
    options: {},
    source: KEPT,
    fileOf: (records) => Buffer.concat(records),
    queries: 100,
  },
  {
    name: 'VB with indexes on disk',
    copybooks: SLIDING,
    options: { records: { format: 'VB' } },
    source: KEPT,
    fileOf: (records) => framed(records, { ...V, blocks: true }, { blockSize: 700 }),
    queries: 100,
  },
  {
    name: 'EBCDIC with declared indexes',
    copybooks: COPYBOOKS,
    options: {},
    indexes: INDEXES,
    fileOf: (records) => Buffer.concat(records),
  },
  {
    name: 'VB with declared indexes on disk',
    copybooks: SLIDING,
    options: { records: { format: 'VB' } },
    indexes: INDEXES,
    source: KEPT,
    fileOf: (records) => framed(records, { ...V, blocks: true }, { blockSize: 700 }),
    queries: 150,
  },
  {
    name: 'VBS',
    copybooks: SLIDING,
    options: { records: { format: 'VBS', header: 10, trailer: 3 } },
    fileOf: (records) =>
      framed(records, { ...V, blocks: true, spanned: true, header: 10, trailer: 3 }, { blockSize: 60 }),
    queries: 150,
  },
  {
    name: 'lines of EBCDIC',
    copybooks: DISPLAY,
    options: { records: { format: 'text' } },
    fileOf: (records) => framed(records, { kind: 'lines', ends: [Uint8Array.of(0x15)], mark: false }),
    queries: 100,
  },
  {
    name: 'EBCDIC, scanned by threads',
    copybooks: COPYBOOKS,
    options: {},
    fileOf: (records) => Buffer.concat(records),
    queries: 50,
    open: openFarFiles,
  },
  {
    name: 'EBCDIC, scanned by threads behind the first bytes',
    copybooks: COPYBOOKS,
    options: {},
    fileOf: (records) => Buffer.concat(records),
    queries: 40,
    open: (host, options) => openFarFiles(host, options, { firstBytes: 700 }),
  },
  {
    name: 'VBS, scanned by threads',
    copybooks: SLIDING,
    options: { records: { format: 'VBS', header: 10, trailer: 3 } },
    fileOf: (records) =>
      framed(records, { ...V, blocks: true, spanned: true, header: 10, trailer: 3 }, { blockSize: 60 }),
    queries: 40,
    open: openFarFiles,
  },
];

for (const [n, shape] of SHAPES.entries()) {
  const { copybooks, options, source: more, indexes, fileOf, queries, open = openFiles } = shape;
  conformance({
    name: `file, ${shape.name}`,
    ...(queries === undefined ? {} : { queries }),
    async open(data) {
      for (const collection of data) {
        const copybook = copybooks[collection.name] ?? '';
        temporary.write(`${collection.name}${n}.bin`, fileOf(recordsOf(collection, copybook)));
        temporary.write(`${collection.name}${n}.cpy`, copybook);
      }
      const source = await open(hostAt(temporary.path), {
        ...more,
        collections: Object.fromEntries(
          data.map(({ name, key }) => [
            name,
            {
              path: `${name}${n}.bin`,
              copybook: `${name}${n}.cpy`,
              charset: 'cp037',
              key,
              ...(name === 'accounts' ? { fields: { RATING: { blank: 'null' } } } : {}),
              ...(indexes === undefined ? {} : { indexes: indexes[name] }),
              ...options,
            },
          ]),
        ),
      });
      return asDeclared(source, data);
    },
  });
}

/** All collections in one file, told apart by a letter; records of other types are shorter, longer, or have no letter at all. */
for (const { by, open, queries } of [
  { by: '', open: openFiles, queries: 100 },
  { by: ', scanned by threads', open: openFarFiles, queries: 40 },
])
  conformance({
    name: `file, one of several record types${by}`,
    queries,
    async open(data) {
      const files = data.map(({ name }) =>
        (SLIDING[name] ?? '').replace(
          /(01 .*\n)/,
          `$1           05  REC-TYPE  PIC X.\n              88 MINE VALUE '${name[1]}'.\n`,
        ),
      );
      const queues = data.map((collection, i) => {
        const rows = collection.rows.map((row) => ({ ...row, recType: collection.name[1] ?? '' }));
        return [...recordsOf({ ...collection, rows }, files[i] ?? '')];
      });
      const dice = random(8);
      const records: Uint8Array[] = [Uint8Array.of(0xc8), new Uint8Array(0)];
      while (queues.some((queue) => queue.length > 0))
        records.push(dice.pick(queues).shift() ?? Uint8Array.of(0x40));
      temporary.write('all.bin', framed(records, V));
      for (const [i, { name }] of data.entries()) temporary.write(`${name}.cpy`, files[i] ?? '');
      const source = await open(hostAt(temporary.path), {
        collections: Object.fromEntries(
          data.map(({ name, key }) => [
            name,
            {
              path: 'all.bin',
              copybook: `${name}.cpy`,
              charset: 'cp037',
              records: { format: 'V' },
              when: name === 'events' ? 'MINE' : `recType eq '${name[1]}'`,
              key,
              ...(name === 'accounts' ? { fields: { RATING: { blank: 'null' } } } : {}),
            },
          ]),
        ),
      });
      return asDeclared(source, data);
    },
  });

/** The records of each collection spread over several files, so many in each that some have one and some none. */
for (const { name, copybooks, format, fileOf, options, indexes, queries, open = openFiles } of [
  {
    name: 'F',
    copybooks: COPYBOOKS,
    format: 'F',
    fileOf: (records: readonly Uint8Array[]) => Buffer.concat(records),
    options: {},
    queries: 60,
  },
  {
    name: 'VB',
    copybooks: SLIDING,
    format: 'VB',
    fileOf: (records: readonly Uint8Array[]) => framed(records, { ...V, blocks: true }, { blockSize: 700 }),
    options: {},
    queries: 60,
  },
  {
    name: 'F with declared indexes',
    copybooks: COPYBOOKS,
    format: 'F',
    fileOf: (records: readonly Uint8Array[]) => Buffer.concat(records),
    options: {},
    indexes: INDEXES,
    queries: 150,
  },
  {
    name: 'F packed by gzip',
    copybooks: COPYBOOKS,
    format: 'F',
    fileOf: (records: readonly Uint8Array[]) => gzipSync(Buffer.concat(records)),
    options: { compression: 'gzip' },
    queries: 40,
  },
  {
    name: 'VB, scanned by threads',
    copybooks: SLIDING,
    format: 'VB',
    fileOf: (records: readonly Uint8Array[]) => framed(records, { ...V, blocks: true }, { blockSize: 700 }),
    options: {},
    queries: 24,
    open: openFarFiles,
  },
]) {
  conformance({
    name: `file, a set of ${name}`,
    queries,
    async open(data) {
      for (const collection of data) {
        const copybook = copybooks[collection.name] ?? '';
        const records = recordsOf(collection, copybook);
        const cuts = [0, 0, 1, 40, 41, 100, records.length];
        for (const [i, cut] of cuts.slice(1).entries()) {
          const part = records.slice(cuts[i] ?? 0, cut);
          temporary.write(`set ${name} ${collection.name} ${i}.bin`, fileOf(part));
        }
        temporary.write(`${collection.name} ${name}.cpy`, copybook);
      }
      const source = await open(hostAt(temporary.path), {
        collections: Object.fromEntries(
          data.map((collection) => [
            collection.name,
            {
              files: `set ${name} ${collection.name} [0-9].bin`,
              copybook: `${collection.name} ${name}.cpy`,
              charset: 'cp037',
              records: { format },
              key: collection.key,
              ...(collection.name === 'accounts' ? { fields: { RATING: { blank: 'null' } } } : {}),
              ...(indexes === undefined ? {} : { indexes: indexes[collection.name] }),
              ...options,
            },
          ]),
        ),
      });
      return asDeclared(source, data);
    },
  });
}

const WIDTHS: Readonly<Record<string, number>> = {
  acctId: 9,
  name: 12,
  branch: 4,
  balance: 11,
  serial: 18,
  rating: 2,
  seq: 4,
  amount: 11,
  text: 12,
  code: 1,
  weight: 3,
};

function line(collection: DataCollection, row: Row): string {
  return collection.fields
    .map(({ name, type }) => {
      const cell = row[name] ?? null;
      const width = WIDTHS[name] ?? 0;
      if (cell === null) return ' '.repeat(width);
      if (typeof cell === 'object' || type.kind === 'object' || type.kind === 'list' || type.kind === 'union')
        return '';
      return type.kind === 'string' ? String(cell).padEnd(width) : String(cell).padStart(width);
    })
    .join('');
}

function parseMap(collection: DataCollection): string {
  let start = 0;
  return JSON.stringify(
    collection.fields.map(({ name, type, nullable }) => {
      const width = WIDTHS[name] ?? 0;
      start += width;
      return {
        name,
        start: start - width,
        width,
        type: type.kind === 'string' ? 'string' : type.kind === 'decimal' ? 'float' : 'int',
        ...(type.kind === 'string' ? { padPosition: 'end' } : {}),
        ...(nullable === true ? { falsyFallback: 'null' } : {}),
      };
    }),
  );
}

for (const { by, open, queries } of [
  { by: '', open: openFiles, queries: 150 },
  { by: ', scanned by threads', open: openFarFiles, queries: 40 },
])
  conformance({
    name: `file, text in UTF-8${by}`,
    queries,
    async open(data) {
      for (const collection of data) {
        temporary.write(
          `${collection.name}.txt`,
          collection.rows.map((row) => `${line(collection, row)}\r\n`).join(''),
        );
        temporary.write(`${collection.name}.json`, parseMap(collection));
      }
      return open(hostAt(temporary.path), {
        collections: Object.fromEntries(
          data.map(({ name, key }) => [name, { path: `${name}.txt`, parseMap: `${name}.json`, key }]),
        ),
      });
    },
  });
