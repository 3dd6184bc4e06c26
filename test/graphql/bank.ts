// A small bank in memory with every shape that the GraphQL facade has to show, and a gateway over it.

import { memorySource } from '../../adapters/memory/memory.ts';
import { Fault } from '../../src/fault.ts';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import type { Catalog } from '../../src/model/catalog.ts';
import type { Collection, Field } from '../../src/model/type.ts';
import type { Row } from '../../src/model/value.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/policy.ts';
import type { Execute, Request } from '../../src/query/request.ts';
import { createExecute } from '../../src/run/run.ts';
import type { Source } from '../../src/spi.ts';

const DECIMAL = { kind: 'decimal', precision: 31, scale: 2 } as const;
const STATUS = { kind: 'enum', name: 'STATUS', values: ['ACTIVE', 'CLOSED'] } as const;

const address: readonly Field[] = [
  { name: 'street', type: { kind: 'string', length: 30 }, legacyName: 'ADDR-STREET' },
  { name: 'city', type: { kind: 'string', length: 20 }, legacyName: 'ADDR-CITY' },
  {
    name: 'geo',
    type: { kind: 'object', name: 'GEO', fields: [{ name: 'zone', type: { kind: 'int32' } }] },
  },
];

const customerFields: readonly Field[] = [
  { name: 'custId', type: { kind: 'int64' }, legacyName: 'CUST-ID', doc: 'Number of the customer.' },
  { name: 'name', type: { kind: 'string', length: 40 }, legacyName: 'CUST-NAME' },
  { name: 'status', type: STATUS, legacyName: 'CUST-STATUS' },
  { name: 'balance', type: DECIMAL, legacyName: 'CUST-BAL' },
  { name: 'rating', type: { kind: 'int32' } },
  { name: 'score', type: { kind: 'float64' } },
  { name: 'vip', type: { kind: 'boolean' } },
  { name: 'since', type: { kind: 'date' } },
  { name: 'opensAt', type: { kind: 'time' } },
  { name: 'changedAt', type: { kind: 'timestamp' } },
  { name: 'seenAt', type: { kind: 'instant' } },
  { name: 'photo', type: { kind: 'bytes' } },
  { name: 'extra', type: { kind: 'json' } },
  { name: 'phones', type: { kind: 'list', of: { kind: 'string' } } },
  {
    name: 'limits',
    type: {
      kind: 'list',
      of: { kind: 'object', name: 'LIMIT', fields: [{ name: 'amount', type: DECIMAL }] },
    },
  },
  { name: 'address', type: { kind: 'object', name: 'ADDRESS', fields: address }, legacyName: 'CUST-ADDR' },
  {
    name: 'grade',
    type: { kind: 'enum', name: 'GRADE', values: ['1-A', '2 B'] },
    doc: 'Values that GraphQL cannot name.',
  },
  { name: 'filler', type: { kind: 'object', name: 'FILLER', fields: [] } },
  { name: 'nameText', type: { kind: 'string' }, alternate: true },
  // Names that mean something to JavaScript or to the filter.
  { name: 'constructor', type: { kind: 'string' } },
  { name: 'hasOwnProperty', type: { kind: 'int32' } },
  { name: 'or', type: { kind: 'string' } },
];

function customer(n: number): Row {
  return {
    custId: 9_007_199_254_740_990n + BigInt(n),
    name: `Customer ${n}`,
    status: n % 3 === 0 ? 'CLOSED' : 'ACTIVE',
    balance: n === 1 ? '1234567890123456789012345678.90' : `${n}00.50`,
    rating: n,
    score: n === 4 ? Number.NaN : n / 4,
    vip: n % 2 === 0,
    since: `2020-01-${String(n).padStart(2, '0')}`,
    opensAt: '09:30:00',
    changedAt: '2024-02-29T23:59:59.5',
    seenAt: '2024-02-29T22:59:59Z',
    photo: new Uint8Array([n, 255]),
    extra: { deep: [n, null] },
    phones: [`+49 ${n}`, null],
    limits: [{ amount: `${n}.00` }],
    address: n === 3 ? null : { street: `${n} Main St`, city: n < 4 ? 'Berlin' : 'Bonn', geo: { zone: n } },
    grade: '1-A',
    nameText: `raw ${n}`,
    constructor: `built ${n}`,
    hasOwnProperty: n,
    or: n === 2 ? 'OR' : null,
  };
}

const customers: Collection = {
  name: 'customers',
  doc: 'Everyone who has an account.',
  fields: customerFields,
  key: ['custId'],
};
const accounts: Collection = {
  name: 'accounts',
  fields: [
    { name: 'branch', type: { kind: 'string', length: 4 } },
    { name: 'number', type: { kind: 'decimal', precision: 9, scale: 0 } },
    { name: 'custId', type: { kind: 'int64' }, nullable: true },
    { name: 'balance', type: DECIMAL },
  ],
  key: ['branch', 'number'],
};
const postings: Collection = {
  name: 'postings',
  fields: [
    { name: 'branch', type: { kind: 'string' } },
    { name: 'number', type: { kind: 'decimal', precision: 9, scale: 0 } },
    { name: 'text', type: { kind: 'string' } },
  ],
  key: [],
};
/** Would take the scalar's name `Date`, were names not given out once. */
const dates: Collection = {
  name: 'dates',
  fields: [
    { name: 'day', type: { kind: 'date' } },
    { name: 'name', type: { kind: 'string' } },
  ],
  key: ['day'],
};

export const BAD_DIGIT = new Fault('corrupt', 'The sign of the packed number is no sign', {
  code: 'bad-packed-digit',
  source: 'mainframe',
  collection: 'customers',
  record: 5,
  field: 'balance',
  byteOffset: 4_711,
  hex: '12345A',
});

const customerRows = [1, 2, 3, 4, 5, 6, 7].map((n) =>
  n === 5 ? { ...customer(n), balance: BAD_DIGIT } : customer(n),
);
const accountRows: readonly Row[] = customerRows.flatMap(({ custId }, i) =>
  [1, 2, 3].map((k) => ({
    branch: `B${k}`,
    number: String(100 + i * 10 + k),
    custId: typeof custId === 'bigint' ? custId : null,
    balance: `${i}${k}.00`,
  })),
);
const postingRows: readonly Row[] = accountRows.flatMap(({ branch, number }) => [
  { branch: branch ?? null, number: number ?? null, text: `first of ${number}` },
  { branch: branch ?? null, number: number ?? null, text: `second of ${number}` },
]);

const contributions = [
  { source: 'mainframe', collections: [customers], operations: [] },
  { source: 'ledger', collections: [accounts, dates], operations: [] },
  { source: 'journal', collections: [postings], operations: [] },
];

const { catalog, problems } = buildCatalog(contributions, [
  { from: 'customers.accounts', to: 'accounts', on: { custId: 'custId' } },
  { from: 'accounts.postings', to: 'postings', on: { branch: 'branch', number: 'number' } },
]);
if (problems.length > 0) throw new Error(JSON.stringify(problems));
export const CATALOG: Catalog = catalog;

export const EMPTY_CATALOG: Catalog = buildCatalog([], []).catalog;

/** What a source was asked to read. */
export interface Asked {
  readonly collection: string;
  readonly where: string;
  readonly fields: readonly string[];
}

export interface Bank {
  readonly execute: Execute;
  readonly requests: Request[];
  readonly asked: Asked[];
}

/** `broken`: sources that throw this on every read. */
export function bank(broken: Readonly<Record<string, Error>> = {}, policy: Policy = DEFAULT_POLICY): Bank {
  const sources = new Map<string, Source>([
    ['mainframe', memorySource([{ ...customers, rows: customerRows }], () => '2024-03-01T04:00:00Z')],
    [
      'ledger',
      memorySource(
        [
          { ...accounts, rows: accountRows },
          { ...dates, rows: [{ day: '2024-02-29', name: 'leap day' }] },
        ],
        () => '2024-03-01T05:00:00Z',
      ),
    ],
    ['journal', memorySource([{ ...postings, rows: postingRows }], () => '2024-03-01T06:00:00Z')],
  ]);
  const asked: Asked[] = [];
  const requests: Request[] = [];
  const execute = createExecute({
    catalog: CATALOG,
    policy,
    source(name) {
      const source = sources.get(name);
      if (source === undefined) throw new Error(`no source ${name}`);
      return watched(source, asked, broken[name]);
    },
  });
  return {
    asked,
    requests,
    execute: (request, context) => {
      requests.push(request);
      return execute(request, context);
    },
  };
}

function watched(source: Source, asked: Asked[], failure: Error | undefined): Source {
  return {
    ...source,
    access(query) {
      const access = source.access(query);
      return {
        ...access,
        read(ask) {
          asked.push({
            collection: query.collection,
            where: query.where.map(({ op }) => op).join(),
            fields: ask.fields,
          });
          if (failure !== undefined) throw failure;
          return access.read(ask);
        },
      };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
