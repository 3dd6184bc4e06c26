// The suite of writes on files of several record formats, in any place for files: all of its tables in one file, told apart by a letter.

import { after } from 'node:test';
import type { ByteStore } from '../../../adapters/file/byte-store.ts';
import { fileSource } from '../../../adapters/file/file.ts';
import { options } from '../../../adapters/file/options.ts';
import { writeConformance, writesOf } from '../../conformance/writes.ts';
import { folder, hostAt } from './opening.ts';
import { RECORD_TABLES, RECORD_VALUES, writeCopybooks } from './write-records.ts';

export interface WritePlace {
  readonly name: string;
  /** Makes a file in it. */
  put(path: string, content: string): void;
  store(): Promise<ByteStore>;
  readonly shapes: readonly ShapeName[];
}

interface Shape {
  readonly binary: boolean;
  /** Bytes of each record. */
  readonly pad?: number;
  readonly records: object;
  readonly how?: object;
  /** What is there before the first record is written. */
  readonly content?: string;
  readonly requests: number;
}

const SHAPES = {
  F: { binary: true, pad: 120, records: { format: 'F' }, requests: 80 },
  'F between margins': {
    binary: true,
    pad: 120,
    records: { format: 'F', header: 7, trailer: 5 },
    how: { insert: 'append' },
    content: 'HEADER.TRAIL',
    requests: 30,
  },
  V: { binary: true, records: { format: 'V' }, requests: 50 },
  VB: { binary: true, records: { format: 'VB' }, how: { blockSize: 300 }, requests: 50 },
  VBS: { binary: true, records: { format: 'VBS' }, how: { blockSize: 60 }, requests: 40 },
  lines: { binary: false, records: { format: 'text' }, requests: 50 },
} as const satisfies Record<string, Shape>;

export type ShapeName = keyof typeof SHAPES;

let files = 0;

export function writesIn({ name: place, put, store, shapes }: WritePlace): void {
  const local = folder();
  after(() => local[Symbol.dispose]());
  for (const name of shapes) {
    const { binary, pad, records, how, content = '', requests }: Shape = SHAPES[name];
    const copybooks = writeCopybooks({ binary, ...(pad === undefined ? {} : { pad }) });
    writeConformance({
      name: `file, ${name}, in ${place}`,
      tables: RECORD_TABLES,
      values: RECORD_VALUES,
      emptyIsNull: true,
      requests,
      async open(tables, writes) {
        const path = `written${++files}.bin`;
        put(path, content);
        const collections = tables.map((table): [string, object] => {
          const { type, text = '', fields } = copybooks[table.name] ?? {};
          const copybook = `${name}.${table.name}.cpy`;
          local.write(copybook, text);
          // Both forms of a rule.
          const when = type === 'P' ? 'IS-PART' : `recType eq '${type}'`;
          const written = writes ? { ...how, writes: writesOf(table) } : {};
          return [
            table.name,
            { path, copybook, charset: 'cp037', key: table.key, when, fields, records, ...written },
          ];
        });
        const given = options.parse({ collections: Object.fromEntries(collections) });
        return fileSource(given, await store(), hostAt(local.path));
      },
    });
  }
}
