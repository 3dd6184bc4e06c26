// The file adapter under the suite of all adapters: EBCDIC records by copybooks, and lines of text by parse maps.

import { after } from 'node:test';
import { compile } from '#codec/compile/compile';
import { parseCopybook } from '#codec/copybook/parse';
import { layoutOf } from '#codec/copybook-layout';
import type { Row } from '#spi';
import { conformance } from '../../conformance/conformance.ts';
import type { DataCollection } from '../../conformance/dataset.ts';
import { folder, hostAt, openFiles } from './opening.ts';

const COPYBOOKS: Readonly<Record<string, string>> = {
  accounts: `
       01  ACCOUNT.
           05  ACCT-ID   PIC 9(9) COMP.
           05  NAME      PIC X(12).
           05  BRANCH    PIC X(4).
           05  BALANCE   PIC S9(7)V99 COMP-3.
           05  SERIAL    PIC 9(18).
           05  FILLER    PIC X(3).
           05  RATING    PIC 9(2).
`,
  entries: `
       01  ENTRY-RECORD.
           05  BRANCH    PIC X(4).
           05  SEQ       PIC 9(4).
           05  AMOUNT    PIC S9(7)V99.
           05  TEXT      PIC X(12).
`,
  events: `
       01  EVENT.
           05  CODE      PIC X.
           05  ACCT-ID   PIC S9(7) COMP-3.
           05  WEIGHT    PIC 9(4) COMP.
`,
};

const temporary = folder();
after(() => temporary[Symbol.dispose]());

/** Written by the codec; what matters here is the reading. */
function ebcdic(collection: DataCollection): Uint8Array {
  const [record] = parseCopybook(COPYBOOKS[collection.name] ?? '').records;
  if (record === undefined) throw new Error('no record');
  const codec = compile(layoutOf(record, { charset: 'cp037' }));
  return Buffer.concat(
    collection.rows.map((row) => {
      const bytes = codec.encode(Object.fromEntries(Object.entries(row).filter(([, cell]) => cell !== null)));
      if (row['rating'] === null) bytes.fill(0x40, bytes.length - 2);
      return bytes;
    }),
  );
}

conformance({
  name: 'file, EBCDIC',
  async open(data) {
    for (const collection of data) {
      temporary.write(`${collection.name}.bin`, ebcdic(collection));
      temporary.write(`${collection.name}.cpy`, COPYBOOKS[collection.name] ?? '');
    }
    return openFiles(hostAt(temporary.path), {
      collections: Object.fromEntries(
        data.map(({ name, key }) => [
          name,
          {
            path: `${name}.bin`,
            copybook: `${name}.cpy`,
            charset: 'cp037',
            key,
            ...(name === 'accounts' ? { fields: { RATING: { blank: 'null' } } } : {}),
          },
        ]),
      ),
    });
  },
});

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

conformance({
  name: 'file, text in UTF-8',
  queries: 300,
  async open(data) {
    for (const collection of data) {
      temporary.write(
        `${collection.name}.txt`,
        collection.rows.map((row) => `${line(collection, row)}\r\n`).join(''),
      );
      temporary.write(`${collection.name}.json`, parseMap(collection));
    }
    return openFiles(hostAt(temporary.path), {
      collections: Object.fromEntries(
        data.map(({ name, key }) => [name, { path: `${name}.txt`, parseMap: `${name}.json`, key }]),
      ),
    });
  },
});
