// A bank that can be written, for the tests of writes: a composite key, a field that the source makes, one that may be left out, a group,
// a list, a document; a collection that only takes new rows, one without a key, one that is read-only, and one of another source.

import { type MemoryCollection, memorySource } from '../../adapters/memory/memory.ts';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import type { Catalog } from '../../src/model/catalog.ts';
import type { Field, Scalar } from '../../src/model/type.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/policy.ts';
import type { Execute, Write } from '../../src/query/request.ts';
import { createExecute } from '../../src/run/run.ts';
import { createWrite } from '../../src/run/write.ts';
import type { Source } from '../../src/spi.ts';

const text: Scalar = { kind: 'string' };
const money: Scalar = { kind: 'decimal', precision: 11, scale: 2 };

function field(name: string, type: Field['type'], more: Partial<Field> = {}): Field {
  return { name, type, ...more };
}

const ACCOUNTS: MemoryCollection = {
  name: 'accounts',
  key: ['bank', 'number'],
  writes: ['insert', 'update', 'upsert', 'delete'],
  fields: [
    field('bank', text),
    field('number', { kind: 'int64' }),
    field('owner', { kind: 'string', length: 10 }),
    field('balance', money),
    field(
      'status',
      { kind: 'enum', name: 'Status', values: ['OPEN', 'CLOSED'] },
      { optional: true, nullable: true },
    ),
    field('opened', { kind: 'date' }, { nullable: true }),
    field('rate', { kind: 'float64' }, { nullable: true }),
    field('stamp', { kind: 'int32' }, { nullable: true, readOnly: true }),
    field('rawOwner', text, { nullable: true, alternate: true }),
  ],
  rows: [
    {
      bank: 'a,b',
      number: 1n,
      owner: 'Ann',
      balance: '10.00',
      status: 'OPEN',
      opened: '2024-02-29',
      rate: 0.5,
      stamp: 7,
      rawOwner: 'ANN',
    },
    {
      bank: 'x/y',
      number: 9007199254740993n,
      owner: 'Bob',
      balance: '-2.50',
      status: null,
      opened: null,
      rate: null,
      stamp: 8,
      rawOwner: 'BOB',
    },
  ],
};

const CONTACTS: MemoryCollection = {
  name: 'contacts',
  key: ['id'],
  writes: ['insert', 'update', 'delete'],
  fields: [
    field('id', { kind: 'int32' }),
    field(
      'address',
      {
        kind: 'object',
        name: 'Address',
        fields: [field('street', text), field('city', text, { nullable: true })],
      },
      { nullable: true },
    ),
    field('tags', { kind: 'list', of: text }, { nullable: true }),
    field(
      'lines',
      {
        kind: 'list',
        of: { kind: 'object', name: 'Line', fields: [field('text', text), field('size', { kind: 'int32' })] },
      },
      { nullable: true },
    ),
    field('note', { kind: 'json' }, { nullable: true }),
    field('photo', { kind: 'bytes' }, { nullable: true }),
  ],
  rows: [
    {
      id: 1,
      address: { street: 'Street 1', city: 'Bonn' },
      tags: ['a'],
      lines: [{ text: 'one', size: 1 }],
      note: { a: [1] },
      photo: new Uint8Array([1, 2, 3]),
    },
  ],
};

const POSTINGS: MemoryCollection = {
  name: 'postings',
  key: ['id'],
  writes: ['insert'],
  fields: [field('id', text), field('account', { kind: 'int64' }), field('amount', money)],
  rows: [{ id: 'P1', account: 1n, amount: '1.00' }],
};

const EVENTS: MemoryCollection = {
  name: 'events',
  key: [],
  writes: ['insert'],
  fields: [field('what', text)],
  rows: [{ what: 'began' }],
};

const BRANCHES: MemoryCollection = {
  name: 'branches',
  key: ['code'],
  fields: [field('code', text)],
  rows: [{ code: 'B1' }],
};

const ENTRIES: MemoryCollection = {
  name: 'entries',
  key: ['id'],
  writes: ['insert', 'update', 'upsert', 'delete'],
  fields: [field('id', text), field('amount', money)],
  rows: [{ id: 'E1', amount: '1.00' }],
};

export interface Writable {
  readonly catalog: Catalog;
  readonly policy: Policy;
  readonly execute: Execute;
  readonly write: Write;
  /** What the sources were asked to write, oldest first. */
  readonly written: readonly (readonly unknown[])[];
}

export interface WritableOptions {
  readonly policy?: (policy: Policy) => Policy;
  /** Stands in front of the source `memory`. */
  readonly around?: (source: Source) => Source;
}

export function writable({
  policy: change = (policy) => policy,
  around = (source) => source,
}: WritableOptions = {}): Writable {
  const memory = around(memorySource([ACCOUNTS, CONTACTS, POSTINGS, EVENTS, BRANCHES]));
  const ledger = memorySource([ENTRIES]);
  const { catalog, problems } = buildCatalog(
    [
      { source: 'memory', ...memory.model },
      { source: 'ledger', ...ledger.model },
    ],
    [{ from: 'accounts.postings', to: 'postings', on: { number: 'account' } }],
  );
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
  const policy = change(DEFAULT_POLICY);
  const source = (name: string): Source => (name === 'memory' ? memory : ledger);
  const written: (readonly unknown[])[] = [];
  const write = createWrite({ catalog, policy, source });
  return {
    catalog,
    policy,
    execute: createExecute({ catalog, policy, source }),
    written,
    write: (changes, context) => {
      written.push(changes);
      return write(changes, context);
    },
  };
}
