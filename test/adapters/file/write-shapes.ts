// The suite of writes on files of several record formats, in any place for files: all of its tables in one file, told apart by a letter.

import { after } from 'node:test';
import type { Source } from '#spi';
import { writeConformance, writesOf } from '../../conformance/writes.ts';
import { type Folder, folder } from './opening.ts';
import { RECORD_TABLES, RECORD_VALUES, writeCopybooks } from './write-records.ts';

export interface WritePlace {
  readonly name: string;
  readonly skip?: string | false;
  /** Makes a file in it. */
  put(path: string, content: string): void;
  /** Opens its files by options as in the YAML. `local`: where the copybooks are. */
  open(options: { readonly collections: Readonly<Record<string, object>> }, local: Folder): Promise<Source>;
  readonly shapes: readonly ShapeName[];
  /** Random requests for each shape, instead of its own number. */
  readonly requests?: number;
  /** Shapes that are run through the guards, too. */
  readonly guarded?: readonly ShapeName[];
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
  F: { binary: true, pad: 120, records: { format: 'F' }, requests: 24 },
  'F between margins': {
    binary: true,
    pad: 120,
    records: { format: 'F', header: 7, trailer: 5 },
    how: { insert: 'append' },
    content: 'HEADER.TRAIL',
    requests: 12,
  },
  V: { binary: true, records: { format: 'V' }, requests: 12 },
  VB: { binary: true, records: { format: 'VB' }, how: { blockSize: 300 }, requests: 12 },
  VBS: { binary: true, records: { format: 'VBS' }, how: { blockSize: 60 }, requests: 12 },
  lines: { binary: false, records: { format: 'text' }, requests: 12 },
} as const satisfies Record<string, Shape>;

export type ShapeName = keyof typeof SHAPES;

let files = 0;

export function writesIn(place: WritePlace): void {
  const local = folder();
  after(() => local[Symbol.dispose]());
  for (const name of place.shapes) {
    const { binary, pad, records, how, content = '', requests }: Shape = SHAPES[name];
    const copybooks = writeCopybooks({ binary, ...(pad === undefined ? {} : { pad }) });
    writeConformance({
      name: `file, ${name}, ${place.name}`,
      skip: place.skip ?? false,
      tables: RECORD_TABLES,
      values: RECORD_VALUES,
      emptyIsNull: true,
      requests: place.requests ?? requests,
      races: 2,
      guarded: place.guarded?.includes(name) ?? false,
      async open(tables, writes) {
        const path = `written${++files}.bin`;
        place.put(path, content);
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
        return place.open({ collections: Object.fromEntries(collections) }, local);
      },
    });
  }
}
