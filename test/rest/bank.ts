// A small bank for the tests of the REST surface: every scalar, a group, a list, an alternate reading, a composite
// key, a keyless collection, relations in both directions.

import { memorySource } from '../../adapters/memory/memory.ts';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import type { Catalog } from '../../src/model/catalog.ts';
import type { Collection, Field, Scalar } from '../../src/model/type.ts';
import type { Row } from '../../src/model/value.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/policy.ts';
import type { Execute } from '../../src/query/request.ts';
import { createExecute } from '../../src/run/run.ts';

const text: Scalar = { kind: 'string' };
const money: Scalar = { kind: 'decimal', precision: 11, scale: 2 };

function field(name: string, type: Field['type'], more: Partial<Field> = {}): Field {
  return { name, type, ...more };
}

const customers: Collection = {
  name: 'customers',
  doc: 'Everyone with an account',
  key: ['custId'],
  fields: [
    field('custId', { kind: 'string', length: 6 }, { legacyName: 'CUST-ID' }),
    field('name', text, { nullable: true }),
    field('status', { kind: 'enum', name: 'Status', values: ['OPEN', 'CLOSED'] }),
    field('balance', money),
    field('points', { kind: 'int32' }),
    field('visits', { kind: 'int64' }),
    field('active', { kind: 'boolean' }),
    field('opened', { kind: 'date' }),
    field('photo', { kind: 'bytes' }, { nullable: true }),
    field('address', {
      kind: 'object',
      name: 'Address',
      fields: [field('street', text), field('city', text), field('zip', text)],
    }),
    field('tags', { kind: 'list', of: text }),
    field('openedRaw', text, { alternate: true }),
  ],
};

const accounts: Collection = {
  name: 'accounts',
  key: ['bank', 'number'],
  fields: [
    field('bank', text),
    field('number', { kind: 'int64' }),
    field('custId', text),
    field('balance', money),
  ],
};

const events: Collection = {
  name: 'events',
  key: [],
  fields: [field('line', { kind: 'int32' }), field('what', text)],
};

export const CUSTOMERS: readonly Row[] = Array.from({ length: 12 }, (_, i) => ({
  custId: `C${String(i + 1).padStart(5, '0')}`,
  name: i === 2 ? null : i === 3 ? '' : i === 4 ? '=1+1, "quoted"\nline' : `Name ${i + 1}`,
  status: i % 3 === 0 ? 'CLOSED' : 'OPEN',
  balance: `${i - 3}.50`,
  points: i,
  visits: 9007199254740993n + BigInt(i),
  active: i % 2 === 0,
  opened: `2024-01-${String(i + 1).padStart(2, '0')}`,
  photo: i === 0 ? new Uint8Array([1, 2, 3]) : null,
  address: { street: `Street ${i}`, city: i % 2 === 0 ? 'Bonn' : 'Köln', zip: `5311${i}` },
  tags: ['a', 'b,c'],
  openedRaw: 'raw',
}));

const ACCOUNTS: readonly Row[] = [
  ...Array.from({ length: 5 }, (_, i) => ({
    bank: 'a,b',
    number: BigInt(i + 1),
    custId: 'C00001',
    balance: '1.00',
  })),
  { bank: 'x/y', number: 7n, custId: 'C00002', balance: '-2.00' },
];

const EVENTS: readonly Row[] = Array.from({ length: 5 }, (_, i) => ({ line: i + 1, what: `event ${i + 1}` }));

export interface Bank {
  readonly catalog: Catalog;
  readonly policy: Policy;
  readonly execute: Execute;
}

export function bank(change: (policy: Policy) => Policy = (policy) => policy): Bank {
  const source = memorySource([
    { ...customers, rows: CUSTOMERS },
    { ...accounts, rows: ACCOUNTS },
    { ...events, rows: EVENTS },
  ]);
  const { catalog, problems } = buildCatalog(
    [{ source: 'memory', ...source.model }],
    [{ from: 'customers.accounts', to: 'accounts', on: { custId: 'custId' } }],
  );
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
  const policy = change(DEFAULT_POLICY);
  return { catalog, policy, execute: createExecute({ catalog, policy, source: () => source }) };
}
