// A small bank in three kinds of sources, in which every value is a word of its own: whoever finds one where it must not be knows which it is.

import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { type AdapterDefinition, defineAdapter, Fault } from '../../../src/spi.ts';

/** A row by the dotted paths of its plain fields, each in its JSON form. */
export type Row = Readonly<Record<string, string | number | null>>;

export interface Collection {
  readonly name: string;
  /** Of one row, as GraphQL asks for it. */
  readonly item: string;
  /** Dotted paths of all plain fields in their order. */
  readonly fields: readonly string[];
  readonly key: readonly string[];
  /** In the order of the key, or as they stand. */
  readonly rows: readonly Row[];
  /** Relation → where it leads, and the pair of fields that are equal. */
  readonly relations: Readonly<Record<string, Relation>>;
}

export interface Relation {
  readonly to: string;
  readonly on: readonly [local: string, remote: string];
  readonly one?: boolean;
}

const BRANCHES = ['br-A', 'br-A', 'br-A', 'br-B', 'br-B', 'br-C'];

const customers: Collection = {
  name: 'customers',
  item: 'customer',
  fields: ['custId', 'name', 'branch', 'ssnNo', 'birth', 'phone', 'address.street', 'address.zipNo', 'note'],
  key: ['custId'],
  rows: BRANCHES.map((branch, i) => ({
    custId: `cust0${i + 1}`,
    // Two of them have the same name: a hash of it is the same, too.
    name: `nina0${i === 4 ? 1 : i + 1}`,
    branch,
    ssnNo: `ssn-990${i + 1}`,
    birth: `196${i}-03-1${i}`,
    phone: `tel-550${i + 1}`,
    'address.street': `road0${i + 1}`,
    'address.zipNo': `zip-440${i + 1}`,
    note: `note-0${i + 1}`,
  })),
  relations: {
    accounts: { to: 'accounts', on: ['custId', 'custId'] },
    alerts: { to: 'alerts', on: ['custId', 'custId'] },
  },
};

/** Not every account is kept where its customer is. */
const accounts: Collection = {
  name: 'accounts',
  item: 'account',
  fields: ['number', 'custId', 'branch', 'balance', 'iban', 'pinNo'],
  key: ['number'],
  rows: [
    ['cust01', 'br-A'],
    ['cust01', 'br-B'],
    ['cust02', 'br-A'],
    ['cust03', 'br-A'],
    ['cust04', 'br-B'],
    ['cust04', 'br-A'],
    ['cust05', 'br-B'],
    ['cust06', 'br-C'],
  ].map(([custId = '', branch = ''], i) => ({
    number: `acct0${i + 1}`,
    custId,
    branch,
    balance: 810_140 + i,
    iban: `iban-770${i + 1}`,
    pinNo: `pin-660${i + 1}`,
  })),
  relations: {
    customer: { to: 'customers', on: ['custId', 'custId'], one: true },
    postings: { to: 'postings', on: ['number', 'account'] },
  },
};

const postings: Collection = {
  name: 'postings',
  item: 'posting',
  fields: ['id', 'account', 'amount', 'remark'],
  key: ['id'],
  rows: Array.from({ length: 9 }, (_, i) => ({
    id: `post0${i + 1}`,
    account: `acct0${(i % 4) + 1}`,
    amount: i % 3 === 0 ? 920_150 + i : 310 + i,
    remark: `rmk-230${i + 1}`,
  })),
  relations: { accountOf: { to: 'accounts', on: ['account', 'number'], one: true } },
};

const alerts: Collection = {
  name: 'alerts',
  item: 'alert',
  fields: ['id', 'custId', 'branch', 'text', 'secretNo'],
  key: ['id'],
  rows: [
    ['cust01', 'br-A'],
    ['cust04', 'br-B'],
    ['cust01', 'br-B'],
    ['cust06', 'br-C'],
  ].map(([custId = '', branch = ''], i) => ({
    id: `alrt0${i + 1}`,
    custId,
    branch,
    text: `text-330${i + 1}`,
    secretNo: `scrt-220${i + 1}`,
  })),
  relations: { customer: { to: 'customers', on: ['custId', 'custId'], one: true } },
};

const vault: Collection = {
  name: 'vault',
  item: 'vaultItem',
  fields: ['code', 'what'],
  key: [],
  rows: [1, 2, 3].map((i) => ({ code: `code-110${i}`, what: `what-120${i}` })),
  relations: {},
};

export const COLLECTIONS: readonly Collection[] = [customers, accounts, postings, alerts, vault];
export const OPERATIONS = ['closeDay', 'rateOf'] as const;

/** The files of the bank, but for its configuration. */
export function bankFiles(): Readonly<Record<string, string>> {
  const widths = [8, 8, 4, 8, 8, 8, 8, 8, 8];
  const lines = customers.rows.map((row) =>
    customers.fields
      .map((field, i) =>
        String(row[field])
          .replaceAll('-', field === 'birth' ? '' : '-')
          .padEnd(widths[i] ?? 0),
      )
      .join(''),
  );
  return {
    'customers.txt': lines.map((line) => `${line}\n`).join(''),
    'customers.cpy': `
       01  CUSTOMER.
           05  CUST-ID        PIC X(8).
           05  NAME           PIC X(8).
           05  BRANCH         PIC X(4).
           05  SSN-NO         PIC X(8).
           05  BIRTH          PIC 9(8).
           05  PHONE          PIC X(8).
           05  ADDRESS.
               10  STREET     PIC X(8).
               10  ZIP-NO     PIC X(8).
           05  NOTE           PIC X(8).
`,
  };
}

/** The tables of the bank, as they are at first. */
export function fillDatabase(file: string): void {
  const db = new DatabaseSync(file);
  db.exec(`
    create table if not exists accounts (number text not null primary key, custId text not null, branch text not null, balance integer not null, iban text, pinNo text);
    create table if not exists postings (id text not null primary key, account text not null, amount integer not null, remark text);
  `);
  for (const { name, fields, rows } of [accounts, postings]) {
    db.exec(`delete from ${name}`);
    const insert = db.prepare(`insert into ${name} values (${fields.map(() => '?').join(', ')})`);
    for (const row of rows) insert.run(...fields.map((field) => row[field] ?? null));
  }
  db.close();
}

function memoryRows({ fields, rows, key }: Collection, writes: string): string {
  return JSON.stringify({
    key,
    ...(writes === '' ? {} : { writes: writes.split(' ') }),
    fields: Object.fromEntries(fields.map((field) => [field, 'string'])),
    rows,
  });
}

/** The sources and relations of the bank as YAML; roles and access stand behind them. */
export const SOURCES = `
sources:
  files:
    adapter: file
    collections:
      customers:
        path: customers.txt
        copybook: customers.cpy
        charset: utf-8
        records: { format: text }
        fields: { BIRTH: { date: yyyyMMdd } }
        key: [CUST-ID]
  tables:
    adapter: sqlite
    file: bank.db
    readOnly: false
    collections:
      accounts: { table: accounts, writes: [insert, update, upsert, delete] }
      postings: { table: postings, writes: [insert] }
  notices:
    adapter: memory
    collections:
      alerts: ${memoryRows(alerts, 'insert update upsert delete')}
      vault: ${memoryRows(vault, '')}
  desk: { adapter: desk }
relations:
  customers.accounts: { to: accounts, on: { custId: custId }, inverse: customer }
  customers.alerts: { to: alerts, on: { custId: custId }, inverse: customer }
  accounts.postings: { to: postings, on: { number: account }, inverse: accountOf }
`;

/** Operations that say what they were asked. */
export const desk: AdapterDefinition = defineAdapter({
  name: 'desk',
  options: z.strictObject({}),
  async open() {
    const text = { kind: 'string' } as const;
    return {
      model: {
        collections: [],
        operations: [
          {
            name: 'rateOf',
            effect: 'read',
            idempotent: true,
            input: [{ name: 'grade', type: text }],
            output: { kind: 'object', name: 'Rate', fields: [{ name: 'percent', type: text }] },
          },
          { name: 'closeDay', effect: 'write', idempotent: false, input: [], output: text },
        ],
      },
      access: () => {
        throw new Fault('not-found', 'no collections');
      },
      check: async () => {},
      invoke: async (name, input) =>
        name === 'rateOf' ? { percent: `rate of ${String(input['grade'])}` } : 'the day is closed',
      async [Symbol.asyncDispose]() {},
    };
  },
});
