// The rows that every adapter serves in the conformance suite. A legacy shape that cannot hold a column as it stands
// here declares another type of the same family; the suite converts.

import type { Collection, Row } from '#spi';
import { random } from '../random.ts';

export interface DataCollection extends Collection {
  readonly rows: readonly Row[];
}

const NAMES = [
  'MUELLER',
  'Müller',
  "O'BRIEN",
  'de la Cruz',
  'ÅSTRÖM',
  '',
  'ALPHA',
  'ALPHA 2',
  'alpha',
  'Z"\\',
  '100%',
  '_A_',
];
const BRANCHES = ['B001', 'B002', 'B010', 'X'];

function cents(random: { int(below: number): number }): string {
  const value = BigInt(random.int(2_000_000)) - 1_000_000n;
  const digits = (value < 0n ? -value : value).toString().padStart(3, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Keyed by a number, by a pair, and without a key (with rows that are equal in every field). */
export function dataset(): readonly DataCollection[] {
  const dice = random(20_241);
  const accounts = Array.from(
    { length: 300 },
    (_, i): Row => ({
      acctId: (i * 7919) % 100_003,
      name: dice.pick(NAMES),
      branch: dice.pick(BRANCHES),
      balance: cents(dice),
      serial: BigInt(dice.int(1_000_000_000)) * 1_000_000_000n + BigInt(dice.int(1_000_000_000)),
      rating: dice.chance(0.2) ? null : dice.int(10),
    }),
  );
  const entries = BRANCHES.flatMap((branch) =>
    Array.from(
      { length: 40 },
      (_, seq): Row => ({ branch, seq, amount: cents(dice), text: dice.pick(NAMES) }),
    ),
  );
  const events = Array.from(
    { length: 120 },
    (_, i): Row => ({
      code: dice.pick(['A', 'B', 'C']),
      acctId: (dice.int(40) * 7919) % 100_003,
      weight: i % 3 === 0 ? 1 : dice.int(5),
    }),
  );
  return [
    {
      name: 'accounts',
      key: ['acctId'],
      fields: [
        { name: 'acctId', type: { kind: 'int32' } },
        { name: 'name', type: { kind: 'string', length: 12 } },
        { name: 'branch', type: { kind: 'string', length: 4 } },
        { name: 'balance', type: { kind: 'decimal', precision: 9, scale: 2 } },
        { name: 'serial', type: { kind: 'int64' } },
        { name: 'rating', type: { kind: 'int32' }, nullable: true },
      ],
      rows: accounts,
    },
    {
      name: 'entries',
      key: ['branch', 'seq'],
      fields: [
        { name: 'branch', type: { kind: 'string', length: 4 } },
        { name: 'seq', type: { kind: 'int32' } },
        { name: 'amount', type: { kind: 'decimal', precision: 9, scale: 2 } },
        { name: 'text', type: { kind: 'string', length: 12 } },
      ],
      rows: entries,
    },
    {
      name: 'events',
      key: [],
      fields: [
        { name: 'code', type: { kind: 'string', length: 1 } },
        { name: 'acctId', type: { kind: 'int32' } },
        { name: 'weight', type: { kind: 'int32' } },
      ],
      rows: events,
    },
  ];
}
