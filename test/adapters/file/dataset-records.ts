// The data of the conformance suite as records in EBCDIC, and the copybooks that describe them.

import { layoutOf } from '#codec/cobol-layout/copybook-layout';
import { compile } from '#codec/compile/compile';
import { parseCopybook } from '#codec/copybook/parse';
import type { Source } from '#spi';
import type { DataCollection } from '../../conformance/dataset.ts';

export const COPYBOOKS: Readonly<Record<string, string>> = {
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

/** Written by the codec; what matters here is the reading. */
export function recordsOf(collection: DataCollection, copybook: string): readonly Uint8Array[] {
  const [record] = parseCopybook(copybook).records;
  if (record === undefined) throw new Error('no record');
  const codec = compile(layoutOf(record, { charset: 'cp037' }));
  return collection.rows.map((row) => {
    const bytes = codec.encode(Object.fromEntries(Object.entries(row).filter(([, cell]) => cell !== null)));
    if (row['rating'] === null) bytes.fill(0x40, bytes.length - 2);
    return bytes;
  });
}

/** The model with the fields that the suite knows, in its order: the tables are there to move what follows them. */
export function asDeclared(source: Source, data: readonly DataCollection[]): Source {
  const collections = source.model.collections.map((collection) => ({
    ...collection,
    fields: (data.find(({ name }) => name === collection.name)?.fields ?? []).flatMap(({ name }) =>
      collection.fields.filter((field) => field.name === name),
    ),
  }));
  return { ...source, model: { ...source.model, collections } };
}
