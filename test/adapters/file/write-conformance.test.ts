// The file adapter under the suite of writes of all adapters: all tables in one file, in several record formats.

import { after } from 'node:test';
import { fileSource } from '../../../adapters/file/file.ts';
import { options } from '../../../adapters/file/options.ts';
import { type WriteConformance, writeConformance, writesOf } from '../../conformance/writes.ts';
import { editedStore } from './edited-store.ts';
import { folder, hostAt } from './opening.ts';
import { RECORD_TABLES, RECORD_VALUES, writeCopybooks } from './write-records.ts';

const temporary = folder();
after(() => temporary[Symbol.dispose]());

interface Shape {
  readonly name: string;
  readonly binary: boolean;
  readonly pad?: number;
  readonly options: object;
  readonly patches?: boolean;
  readonly requests?: number;
}

const SHAPES: readonly Shape[] = [
  { name: 'F', binary: true, pad: 120, options: { records: { format: 'F' } }, requests: 100 },
  {
    name: 'F in a place without patches, between margins',
    binary: true,
    pad: 120,
    options: { records: { format: 'F', header: 7, trailer: 5 }, insert: 'append' },
    patches: false,
    requests: 40,
  },
  { name: 'V', binary: true, options: { records: { format: 'V' } }, requests: 60 },
  { name: 'VB', binary: true, options: { records: { format: 'VB' }, blockSize: 300 }, requests: 60 },
  { name: 'VBS', binary: true, options: { records: { format: 'VBS' }, blockSize: 60 }, requests: 40 },
  { name: 'lines', binary: false, options: { records: { format: 'text' } }, requests: 60 },
  { name: 'gnucobol', binary: true, options: { records: { format: 'gnucobol' } }, requests: 40 },
];

let files = 0;

for (const { name, binary, pad, options: shape, patches = true, requests } of SHAPES) {
  const copybooks = writeCopybooks({ binary, ...(pad === undefined ? {} : { pad }) });
  const subject: WriteConformance = {
    name: `file, ${name}`,
    tables: RECORD_TABLES,
    values: RECORD_VALUES,
    emptyIsNull: true,
    ...(requests === undefined ? {} : { requests }),
    async open(tables, writes) {
      const path = `written${++files}.bin`;
      temporary.write(path, name.includes('margins') ? 'HEADER.TRAIL' : '');
      for (const table of tables)
        temporary.write(`${table.name}.${name}.cpy`, copybooks[table.name]?.text ?? '');
      const given = options.parse({
        collections: Object.fromEntries(
          tables.map((table) => {
            const { type, fields } = copybooks[table.name] ?? {};
            return [
              table.name,
              {
                path,
                copybook: `${table.name}.${name}.cpy`,
                charset: 'cp037',
                key: table.key,
                when: type === 'P' ? 'IS-PART' : `recType eq '${type}'`,
                fields,
                ...(writes
                  ? { ...shape, writes: writesOf(table) }
                  : { ...shape, insert: undefined, blockSize: undefined }),
              },
            ];
          }),
        ),
      });
      return fileSource(given, editedStore(temporary.path, { patches }), hostAt(temporary.path));
    },
  };
  writeConformance(subject);
}
