// Unions, lists, record types and families for the parity tests: once as rows in memory, once as a VB file.

import { z } from 'zod';
import { type MemoryCollection, memorySource } from '../../adapters/memory/memory.ts';
import { openCharset } from '../../src/codec/charset.ts';
import { recordWriter } from '../../src/codec/framing/enframe.ts';
import { ByteSink, defineAdapter, Fault, type Field, type Row } from '../../src/spi.ts';

const INT = { kind: 'int32' } as const;
const TEXT = { kind: 'string' } as const;

/** Two members have a `size`, of different types; one has nothing; one holds a union of its own. */
const body: Field['type'] = {
  kind: 'union',
  name: 'BODY',
  of: [
    {
      kind: 'object',
      name: 'CIRCLE',
      tag: 'Circle',
      fields: [
        { name: 'size', type: INT },
        { name: 'note', type: TEXT },
        { name: 'noteText', type: TEXT, alternate: true },
      ],
    },
    {
      kind: 'object',
      name: 'SQUARE',
      tag: 'Square',
      fields: [
        { name: 'size', type: TEXT },
        {
          name: 'inner',
          type: {
            kind: 'union',
            name: 'INNER',
            of: [
              { kind: 'object', name: 'N', tag: 'Number', fields: [{ name: 'n', type: INT }] },
              { kind: 'object', name: 'T', tag: 'Text', fields: [{ name: 't', type: TEXT }] },
            ],
          },
        },
      ],
    },
    { kind: 'object', name: 'BLANK', tag: 'Blank', fields: [] },
  ],
};

const undecided = new Fault('corrupt', 'No rule of "body" is true', {
  code: 'no-variant',
  source: 'drawings',
  collection: 'shapes',
  record: 5,
  field: 'body',
  byteOffset: 64,
  hex: 'E7',
});

const shapes: MemoryCollection = {
  name: 'shapes',
  key: ['id'],
  fields: [
    { name: 'body', type: body, nullable: true },
    { name: 'bodies', type: { kind: 'list', of: body } },
    {
      name: 'lines',
      type: {
        kind: 'list',
        of: {
          kind: 'object',
          name: 'LINE',
          fields: [
            { name: 'text', type: TEXT },
            { name: 'raw', type: TEXT, alternate: true },
            { name: 'marks', type: { kind: 'list', of: INT } },
          ],
        },
      },
    },
    { name: 'id', type: INT },
    { name: 'ownerId', type: INT, nullable: true },
  ],
  rows: [
    shape(1, { '@type': 'Circle', size: 1, note: 'one' }),
    shape(2, { '@type': 'Square', size: 'two', inner: { '@type': 'Text', t: 'in' } }),
    shape(3, { '@type': 'Blank' }),
    shape(4, null),
    shape(5, undecided),
    { ...shape(6, null), bodies: [{ '@type': 'Blank' }, undecided], lines: [] },
  ],
};

function shape(id: number, one: Row[string]): Row {
  return {
    id,
    ownerId: id % 2,
    body: one,
    bodies: [
      { '@type': 'Circle', size: id, note: 'of a list' },
      { '@type': 'Square', size: 's', inner: { '@type': 'Number', n: id } },
    ],
    lines: [
      { text: `a${id}`, raw: 'A', marks: [id, 2] },
      { text: `b${id}`, raw: 'B', marks: [] },
    ],
  };
}

const owners: MemoryCollection = {
  name: 'owners',
  key: ['ownerId'],
  fields: [
    { name: 'kind', type: body },
    { name: 'ownerId', type: INT },
  ],
  rows: [
    { ownerId: 0, kind: { '@type': 'Circle', size: 0, note: 'zero' } },
    { ownerId: 1, kind: { '@type': 'Blank' } },
  ],
};

export const drawings = defineAdapter({
  name: 'drawings',
  options: z.strictObject({}),
  open: async () => memorySource([shapes, owners]),
});

const COPYBOOK = `
       01  HEADER-REC.
           05  REC-TYPE    PIC X.
           05  RUN-DATE    PIC 9(8).
       01  ORDER-REC.
           05  REC-TYPE    PIC X.
           05  ORDER-ID    PIC 9(3).
           05  OWNER-ID    PIC 9.
           05  ORDER-KIND  PIC X.
           05  DETAILS.
               10  PRICE   PIC 9(3)V99.
               10  PRICE-TEXT REDEFINES PRICE PIC X(5).
           05  NOTES REDEFINES DETAILS.
               10  NOTE    PIC X(4).
           05  URGENT      PIC X.
       01  LINE-REC.
           05  REC-TYPE    PIC X.
           05  ITEM        PIC X(4).
           05  ITEM-NO REDEFINES ITEM PIC 9(4).
           05  TAG-COUNT   PIC 9.
           05  TAGS OCCURS 0 TO 3 DEPENDING ON TAG-COUNT.
               10  TAG-TEXT PIC X(2).
               10  TAG-NO REDEFINES TAG-TEXT PIC 99.
       01  TRAILER-REC.
           05  REC-TYPE    PIC X.
           05  FILLER      PIC X(5).
`;

const GOOD = [
  'H20240229',
  'O0011P01050Y',
  'L001221234',
  'LINK 0',
  'O0020NHUH? N',
  'O0031P00999N',
  'L00031ZZ',
  'T00009',
];
const BAD = ['O0011P01050Y', 'L00121AB', 'O0020XHUH? N', 'O0031P00999N'];

/** The second record is of no type. */
const UNTYPED = ['O0011P01050Y', 'X00000', 'O0031P00999N'];

const RULES = `
        records: { format: VB }
        copybook: orders.cpy
        charset: cp037`;
const WHAT = `
        redefines: { DETAILS: { name: what, when: { DETAILS: "orderKind eq 'P'", NOTES: "orderKind eq 'N'" } } }`;
const FAMILY = `
        types:
          HEADER-REC: { when: "recType eq 'H'", leaveOut: true }
          ORDER-REC: { when: "recType eq 'O'" }
          LINE-REC: { when: "recType eq 'L'", parent: ORDER-REC, as: lines }
          TRAILER-REC: { when: otherwise, leaveOut: true }
        key: [ORDER-ID]`;

export const CONFIG = `
sources:
  drawings:
    adapter: drawings
  mainframe:
    adapter: file
    collections:
      records:
        path: GOOD${RULES}${WHAT}
        types:
          HEADER-REC: "recType eq 'H'"
          ORDER-REC: "recType eq 'O'"
          LINE-REC: "recType eq 'L'"
          TRAILER-REC: otherwise
      orders:
        path: GOOD${RULES}${WHAT}${FAMILY}
      plainOrders:
        path: GOOD${RULES}${WHAT}
        record: ORDER-REC
        when: "recType eq 'O'"
        key: [ORDER-ID]
      badRecords:
        path: UNTYPED${RULES}${WHAT}
        types:
          ORDER-REC: "recType eq 'O'"
          LINE-REC: "recType eq 'L'"
      untypedOrders:
        path: UNTYPED${RULES}${WHAT}
        types:
          ORDER-REC: "recType eq 'O'"
          LINE-REC: { when: "recType eq 'L'", parent: ORDER-REC }
        key: [ORDER-ID]
      badOrders:
        path: BAD${RULES}${WHAT}${FAMILY}
relations:
  owners.shapes: { to: shapes, on: { ownerId: ownerId } }
  owners.orders: { to: orders, on: { ownerId: ownerId } }
`;

/** Name in the folder → content. */
export function files(): Readonly<Record<string, string | Uint8Array>> {
  return {
    'overpunch.yaml': CONFIG,
    'orders.cpy': COPYBOOK,
    GOOD: framed(GOOD),
    BAD: framed(BAD),
    UNTYPED: framed(UNTYPED),
  };
}

function framed(texts: readonly string[]): Uint8Array {
  const framing = {
    kind: 'rdw',
    order: 'big',
    inclusive: true,
    adjust: 0,
    blocks: true,
    spanned: false,
  } as const;
  const writer = recordWriter(framing, { blockSize: 64 });
  const charset = openCharset('cp037');
  const out = new ByteSink();
  for (const text of texts) writer.write(charset.encode(text), out);
  writer.finish(out);
  return out.take();
}
