// A small bank in memory whose rows can be written, and a gateway over it.

import { type MemoryCollection, memorySource } from '../../adapters/memory/memory.ts';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import type { Catalog } from '../../src/model/catalog.ts';
import type { Collection, Field, Operation } from '../../src/model/type.ts';
import type { Row } from '../../src/model/value.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/policy.ts';
import type { Change } from '../../src/query/change.ts';
import type { Execute, Write } from '../../src/query/request.ts';
import { createExecute } from '../../src/run/run.ts';
import { createWrite } from '../../src/run/write.ts';
import type { Source } from '../../src/spi.ts';

const INT = { kind: 'int32' } as const;
const TEXT = { kind: 'string' } as const;
const MONEY = { kind: 'decimal', precision: 31, scale: 2 } as const;
const ALL = ['insert', 'update', 'upsert', 'delete'] as const;

const accounts: Collection = {
  name: 'accounts',
  key: ['acctId'],
  writes: ALL,
  fields: [
    { name: 'acctId', type: INT },
    { name: 'owner', type: { kind: 'string', length: 12 }, doc: 'Who it belongs to.' },
    { name: 'balance', type: MONEY, nullable: true, legacyName: 'ACCT_BAL' },
    { name: 'status', type: { kind: 'enum', name: 'STATUS', values: ['OPEN', 'CLOSED'] }, optional: true },
    { name: 'note', type: TEXT, nullable: true, optional: false },
    { name: 'version', type: { kind: 'int64' }, readOnly: true },
  ],
};

const place: Field['type'] = {
  kind: 'object',
  name: 'PLACE',
  fields: [
    { name: 'city', type: TEXT },
    { name: 'zip', type: TEXT, optional: true },
    { name: 'street', type: TEXT, nullable: true },
  ],
};

/** A value of every kind, groups and lists, under a key of two fields. */
const cells: Collection = {
  name: 'cells',
  key: ['branch', 'number'],
  writes: ALL,
  fields: [
    { name: 'branch', type: TEXT },
    { name: 'number', type: { kind: 'decimal', precision: 9, scale: 1 } },
    ...(
      [
        ['flag', { kind: 'boolean' }],
        ['long', { kind: 'int64' }],
        ['float', { kind: 'float64' }],
        ['money', MONEY],
        ['day', { kind: 'date' }],
        ['time', { kind: 'time' }],
        ['local', { kind: 'timestamp' }],
        ['instant', { kind: 'instant' }],
        ['bytes', { kind: 'bytes' }],
        ['json', { kind: 'json' }],
        ['phones', { kind: 'list', of: TEXT }],
        ['place', place],
        ['places', { kind: 'list', of: place }],
      ] as const
    ).map(([name, type]) => ({ name, type, nullable: true })),
  ],
};

/** Names that mean something to JavaScript, or are those of the arguments. */
const words: Collection = {
  name: 'words',
  key: ['values', 'ifMatch'],
  writes: ALL,
  fields: [
    { name: 'values', type: TEXT },
    { name: 'ifMatch', type: INT },
    ...['constructor', 'hasOwnProperty', 'toString', 'valueOf'].map((name) => ({
      name,
      type: TEXT,
      nullable: true,
    })),
  ],
};

const tickets: Collection = {
  name: 'tickets',
  doc: 'The source gives them their numbers.',
  key: ['ticketNo'],
  writes: ['insert'],
  fields: [
    { name: 'ticketNo', type: { kind: 'int64' }, optional: true },
    { name: 'text', type: TEXT, nullable: true },
    { name: 'acctId', type: INT, nullable: true },
  ],
};

/** Nothing but a key. */
const links: Collection = {
  name: 'links',
  key: ['from', 'to'],
  writes: ALL,
  fields: [
    { name: 'from', type: INT },
    { name: 'to', type: INT },
  ],
};

const entries: Collection = {
  name: 'entries',
  key: [],
  writes: ['insert', 'update', 'delete'],
  fields: [{ name: 'text', type: TEXT }],
};

const rates: Collection = { name: 'rates', key: ['code'], fields: [{ name: 'code', type: TEXT }] };

const memos: Collection = {
  name: 'memos',
  key: ['memoId'],
  writes: ['insert'],
  fields: [{ name: 'memoId', type: INT }],
};

export const close: Operation = {
  name: 'closeDay',
  effect: 'write',
  idempotent: false,
  input: [],
  output: { kind: 'boolean' },
};

const LEDGER = [accounts, cells, words, tickets, links, entries, rates];

const { catalog, problems } = buildCatalog(
  [
    { source: 'ledger', collections: LEDGER, operations: [close] },
    { source: 'desk', collections: [memos], operations: [] },
  ],
  [{ from: 'accounts.tickets', to: 'tickets', on: { acctId: 'acctId' } }],
);
if (problems.length > 0) throw new Error(JSON.stringify(problems));
export const WRITABLE: Catalog = catalog;

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  accounts: [
    { acctId: 1, owner: 'Ada', balance: '10.50', status: 'OPEN', note: 'first', version: 1n },
    { acctId: 2, owner: 'Bob', balance: null, status: 'CLOSED', note: null, version: 1n },
  ],
  tickets: [{ ticketNo: 1n, text: 'old', acctId: 1 }],
  rates: [{ code: 'CHF' }],
};

export interface Writable {
  readonly execute: Execute;
  readonly write: Write;
  readonly catalog: Catalog;
  readonly policy: Policy;
  /** What the ledger was given to write, call by call. */
  readonly written: (readonly Change[])[];
  /** Throws in the next reads of the ledger. */
  breakReads(error: Error): void;
}

export function writable(policy: Policy = DEFAULT_POLICY): Writable {
  const written: (readonly Change[])[] = [];
  let failure: Error | undefined;
  const sources = new Map<string, Source>([
    ['ledger', ledger(written, () => failure)],
    ['desk', desk()],
  ]);
  const parts = {
    catalog,
    policy,
    source(name: string) {
      const source = sources.get(name);
      if (source === undefined) throw new Error(`no source ${name}`);
      return source;
    },
  };
  return {
    execute: createExecute(parts),
    write: createWrite(parts),
    catalog,
    policy,
    written,
    breakReads(error) {
      failure = error;
    },
  };
}

export function ledger(
  written: (readonly Change[])[] = [],
  failure: () => Error | undefined = () => undefined,
): Source {
  return generating(memorySource(LEDGER.map(withRows)), written, failure);
}

export function desk(): Source {
  return memorySource([withRows(memos)]);
}

function withRows(collection: Collection): MemoryCollection {
  return { ...collection, rows: ROWS[collection.name] ?? [] };
}

/** Gives what a database gives by itself: numbers, defaults, versions. */
function generating(
  source: Source,
  written: (readonly Change[])[],
  failure: () => Error | undefined,
): Source {
  let next = 2n;
  let version = 1n;
  const completed = (change: Change): Change => {
    const { collection, verb, values } = change;
    if (collection === 'tickets') return { ...change, values: { ticketNo: next++, ...values } };
    if (collection !== 'accounts' || verb === 'delete') return change;
    const status = verb === 'insert' ? { status: 'OPEN' } : {};
    return { ...change, values: { ...status, ...values, version: ++version } };
  };
  return {
    ...source,
    access(query) {
      const access = source.access(query);
      return {
        ...access,
        read(ask) {
          const error = failure();
          if (error !== undefined) throw error;
          return access.read(ask);
        },
      };
    },
    async write(changes, how) {
      written.push(changes);
      return (await source.write?.(changes.map(completed), how)) ?? [];
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
