// A small bank in memory for the tests of rights: two sources, relations both ways, groups, lists of groups, alternates, and things to write.

import assert from 'node:assert/strict';
import { memorySource } from '../../adapters/memory/memory.ts';
import { roles as rolesSection } from '../../src/config/sections/roles.ts';
import { Fault } from '../../src/fault.ts';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import type { Catalog } from '../../src/model/catalog.ts';
import type { Collection, Field } from '../../src/model/type.ts';
import type { Json, Row } from '../../src/model/value.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import type { Caller } from '../../src/query/caller.ts';
import type { Context, Include, Item, ListRequest, Request, Result } from '../../src/query/request.ts';
import { type CreatedRights, createRights } from '../../src/rights/create-rights.ts';
import { createExecute } from '../../src/run/run.ts';
import { createSealing } from '../../src/run/sealing.ts';
import type { Query, Source } from '../../src/spi.ts';

const string = { kind: 'string' } as const;
const int32 = { kind: 'int32' } as const;

export const customers: Collection = {
  name: 'customers',
  key: ['id'],
  writes: ['insert', 'update', 'upsert', 'delete'],
  watchable: true,
  fields: [
    { name: 'id', type: int32 },
    { name: 'branch', type: string },
    { name: 'name', type: string },
    { name: 'ssn', type: string, nullable: true },
    { name: 'born', type: { kind: 'date' }, nullable: true },
    {
      name: 'address',
      nullable: true,
      type: {
        kind: 'object',
        name: 'Address',
        fields: [
          { name: 'city', type: string, nullable: true },
          { name: 'zip', type: string, nullable: true },
        ],
      },
    },
    {
      name: 'phones',
      nullable: true,
      type: {
        kind: 'list',
        of: {
          kind: 'object',
          name: 'Phone',
          fields: [
            { name: 'kind', type: string },
            { name: 'number', type: string },
          ],
        },
      },
    },
    { name: 'ssnDigits', type: string, nullable: true, alternate: true },
  ],
};

export const accounts: Collection = {
  name: 'accounts',
  key: ['no'],
  writes: ['insert', 'update'],
  watchable: true,
  fields: [
    { name: 'no', type: { kind: 'int64' } },
    { name: 'custId', type: int32 },
    { name: 'branch', type: string },
    { name: 'balance', type: { kind: 'decimal', precision: 11, scale: 2 }, nullable: true },
    { name: 'state', type: { kind: 'enum', name: 'State', values: ['OPEN', 'SHUT'] } },
  ],
};

export const quotes: Collection = {
  name: 'quotes',
  key: [],
  required: [['custId']],
  fields: [
    { name: 'custId', type: int32 },
    { name: 'price', type: { kind: 'decimal', precision: 9, scale: 2 } },
  ],
};

export const notes: Collection = {
  name: 'notes',
  key: [],
  fields: [
    { name: 'custId', type: int32 },
    { name: 'text', type: string },
  ],
};

export const BRANCHES = ['N', 'S', 'W'] as const;

export function customer(id: number, more: Row = {}): Row {
  return {
    id,
    branch: BRANCHES[id % 3] ?? 'N',
    name: `C${id}`,
    ssn: `123-45-${String(6000 + id)}`,
    born: `19${50 + id}-02-0${(id % 9) + 1}`,
    address: id % 4 === 0 ? null : { city: `City${id % 2}`, zip: `0${id}` },
    phones: [
      { kind: 'home', number: `555-00${id}` },
      { kind: 'work', number: `555-10${id}` },
    ],
    ssnDigits: `12345${6000 + id}`,
    ...more,
  };
}

export const ROWS = {
  customers: Array.from({ length: 12 }, (_, i) => customer(i + 1)),
  accounts: Array.from(
    { length: 30 },
    (_, i): Row => ({
      no: BigInt(1000 + i),
      custId: (i % 12) + 1,
      branch: BRANCHES[i % 3] ?? 'N',
      balance: `${i}.50`,
      state: i % 5 === 0 ? 'SHUT' : 'OPEN',
    }),
  ),
  quotes: Array.from({ length: 12 }, (_, i): Row => ({ custId: i + 1, price: `${i}.00` })),
  notes: Array.from({ length: 24 }, (_, i): Row => ({ custId: (i % 12) + 1, text: `note ${i}` })),
} as const;

const OPERATION = {
  effect: 'read',
  idempotent: true,
  input: [] satisfies readonly Field[],
  output: string,
} as const;

export interface Bank {
  readonly catalog: Catalog;
  readonly sources: Readonly<Record<string, Source>>;
}

/** `rows`: in place of those above. */
export function bank(rows: Partial<Record<keyof typeof ROWS, readonly Row[]>> = {}): Bank {
  const own = { ...ROWS, ...rows };
  const core = memorySource([
    { ...customers, rows: own.customers },
    { ...notes, rows: own.notes },
  ]);
  const ledger = memorySource([
    { ...accounts, rows: own.accounts },
    { ...quotes, rows: own.quotes },
  ]);
  const { catalog, problems } = buildCatalog(
    [
      { source: 'core', ...core.model, operations: [{ name: 'score', ...OPERATION }] },
      { source: 'ledger', ...ledger.model, operations: [{ name: 'rate', ...OPERATION }] },
    ],
    [
      { from: 'customers.accounts', to: 'accounts', on: { id: 'custId' }, inverse: 'owner' },
      { from: 'customers.notes', to: 'notes', on: { id: 'custId' }, inverse: 'subject' },
      { from: 'customers.quotes', to: 'quotes', on: { id: 'custId' }, inverse: 'asker' },
    ],
  );
  assert.deepEqual(problems, []);
  return { catalog, sources: { core, ledger } };
}

/** Roles as they stand in the YAML, with the defaults of the schema. */
export function rolesOf(roles: Readonly<Record<string, unknown>>) {
  return rolesSection.parse(roles);
}

export const sealing = createSealing('a key that is long enough for a test');

export function rightsOver(catalog: Catalog, roles: Readonly<Record<string, unknown>>): CreatedRights {
  const { rights, problems } = createRights(catalog, rolesOf(roles), { sealing });
  assert.deepEqual(problems, []);
  return rights;
}

export function caller(roles: readonly string[], claims: Readonly<Record<string, Json>> = {}): Caller {
  return { client: 'web', roles, claims: { client: 'web', sub: 'web', ...claims }, by: 'key' };
}

export function contextOf(who: Caller | undefined): Context {
  return {
    requestId: 'r',
    signal: new AbortController().signal,
    ...(who === undefined ? {} : { caller: who }),
  };
}

/** A gateway over the bank in which the roles count; `reads` notes every query that reached a source. */
export function gatewayOf({ catalog, sources }: Bank, roles: Readonly<Record<string, unknown>>) {
  const reads: Query[] = [];
  const rights = rightsOver(catalog, roles);
  const execute = createExecute({
    catalog,
    policy: DEFAULT_POLICY,
    rights,
    source: (name) => {
      const source = sources[name] ?? assert.fail(name);
      return {
        ...source,
        access: (query) => {
          reads.push(query);
          return source.access(query);
        },
      };
    },
  });
  const ask = async (request: Request, who: Caller | undefined) => {
    const result = await execute(request, contextOf(who));
    return { result, items: await itemsIn(result) };
  };
  return { ask, reads, rights, execute };
}

export async function itemsIn(result: Result): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const batch of result.batches) {
    for (let i = 0; i < batch.length; i++) {
      items.push({ row: batch.row(i), related: batch.related?.(i) ?? new Map(), cursor: batch.cursor(i) });
    }
  }
  return items;
}

export function list(
  collection: string,
  fields: readonly string[],
  more: Partial<ListRequest> = {},
): ListRequest {
  return {
    kind: 'list',
    collection,
    selection: { fields, include: [] },
    where: [],
    order: [],
    count: false,
    ...more,
  };
}

export function include(relation: string, fields: readonly string[], more: Partial<Include> = {}): Include {
  return {
    as: relation,
    relation,
    where: [],
    order: [],
    count: false,
    selection: { fields, include: [] },
    ...more,
  };
}

export async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  const error = await promise.then(
    () => assert.fail('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Fault, String(error));
  return error;
}

/** All that a client is told. */
export function toldText({ told: { message, code, place, errors, sourceFault } }: Fault): string {
  return JSON.stringify({ message, code, place, errors, sourceFault });
}
