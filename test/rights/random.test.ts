// Random roles and random questions: the answer is what is left of everybody's answer when it is filtered and masked by hand.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { Fault } from '../../src/fault.ts';
import type { Cell, Row, Value } from '../../src/model/value.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import { writtenFields } from '../../src/query/change.ts';
import { condition, type Filter } from '../../src/query/filter.ts';
import type { Order } from '../../src/query/order.ts';
import type { Item, Page } from '../../src/query/request.ts';
import { createExecute } from '../../src/run/run.ts';
import { createWrite } from '../../src/run/write.ts';
import { type Random, random } from '../random.ts';
import {
  BRANCHES,
  bank,
  caller,
  contextOf,
  gatewayOf,
  include,
  itemsIn,
  list,
  ROWS,
  sealing,
} from './bank.ts';

const BANK = bank();
const CLAIMS = { branch: 'N', branches: ['N', 'W'], max: 7 };

/** A rule beside what it means. */
const RULES: readonly (readonly [string, (row: Row) => boolean])[] = [
  ['branch eq @claims.branch', (row) => row['branch'] === 'N'],
  ['branch in @claims.branches', (row) => row['branch'] !== 'S'],
  ['not (id gt @claims.max)', (row) => Number(row['id']) <= 7],
  [
    "born gte '1955-01-01' and branch ne 'W'",
    (row) => String(row['born']) >= '1955' && row['branch'] !== 'W',
  ],
  [
    "address.city eq 'City1' or id in (2, 4)",
    (row) => leaf(row, 'address.city') === 'City1' || [2, 4].includes(Number(row['id'])),
  ],
];

/** Masks that each leaf takes; none for those that are left alone. */
const LEAVES: Readonly<Record<string, readonly string[]>> = {
  id: ['lastFour', 'hash'],
  branch: ['null', 'hash'],
  name: ['hash', 'lastFour'],
  ssn: ['lastFour', 'hash', 'null'],
  born: ['year', 'null'],
  'address.city': ['hash'],
  'address.zip': ['lastFour', 'null'],
  'phones.kind': [],
  'phones.number': ['lastFour'],
  ssnDigits: ['hash'],
};
const NAMES = Object.keys(LEAVES);

interface Granted {
  readonly fields?: readonly string[] | { readonly except: readonly string[] };
  readonly mask: Readonly<Record<string, string>>;
  readonly rows?: string;
}

function grantBy(dice: Random): Granted {
  const some = NAMES.filter(() => dice.chance(0.6));
  const fields = dice.chance(0.3)
    ? undefined
    : dice.chance(0.5)
      ? [...some, 'id'].filter((name, i, all) => all.indexOf(name) === i)
      : { except: NAMES.filter(() => dice.chance(0.25)) };
  const seen = NAMES.filter((name) =>
    isGranted({ ...(fields === undefined ? {} : { fields }), mask: {} }, name),
  );
  const mask = Object.fromEntries(
    seen.flatMap((name) => {
      const takes = LEAVES[name] ?? [];
      return takes.length > 0 && dice.chance(0.2) ? [[name, dice.pick(takes)]] : [];
    }),
  );
  return {
    ...(fields === undefined || ('except' in fields && fields.except.length === 0) ? {} : { fields }),
    mask,
    ...(dice.chance(0.6) ? { rows: dice.pick(RULES)[0] } : {}),
  };
}

function isGranted({ fields }: Granted, name: string): boolean {
  if (fields === undefined) return true;
  return 'except' in fields ? !fields.except.includes(name) : fields.includes(name);
}

/** By hand: other readings of the same bytes are seen only where nothing is hidden or masked, or by their own name. */
function isSeen(grant: Granted, name: string): boolean {
  if (!isGranted(grant, name)) return false;
  if (name !== 'ssnDigits') return true;
  const open = Object.keys(grant.mask).length === 0 && NAMES.every((other) => isGranted(grant, other));
  return open || (Array.isArray(grant.fields) && grant.fields.includes(name));
}

function hasRow(grant: Granted, row: Row): boolean {
  const rule = RULES.find(([text]) => text === grant.rows);
  return rule === undefined || rule[1](row);
}

/** The value at a leaf; of a list the values of its elements. */
function leaf(row: Cell | undefined, path: string): unknown {
  if (row === null || row === undefined) return null;
  const [step = '', ...rest] = path.split('.');
  assert.ok(typeof row === 'object' && !(row instanceof Fault) && !(row instanceof Uint8Array));
  const cell = Object.entries(row).find(([name]) => name === step)?.[1];
  if (rest.length === 0) return cell ?? null;
  if (Array.isArray(cell)) return cell.map((element) => leaf(element, rest.join('.')));
  return leaf(cell, rest.join('.'));
}

function maskedBy(mask: string | undefined, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((element) => maskedBy(mask, element));
  if (mask === undefined || value === null) return value;
  const text = String(value);
  switch (mask) {
    case 'lastFour':
      return text.length <= 4 ? '*'.repeat(text.length) : '*'.repeat(text.length - 4) + text.slice(-4);
    case 'year':
      return text.slice(0, 4);
    case 'hash':
      return sealing.hash(text);
    default:
      return null;
  }
}

const shownBy = (grant: Granted, row: Row, name: string): unknown =>
  maskedBy(grant.mask[name], leaf(row, name));

/** Whether the row of an answer has the leaf at all. */
function has(row: Row, path: string): boolean {
  const [step = '', next] = path.split('.');
  if (!Object.hasOwn(row, step)) return false;
  const cell = row[step];
  if (next === undefined || cell === null) return true;
  const group = Array.isArray(cell) ? cell[0] : cell;
  return typeof group === 'object' && group !== null && Object.hasOwn(group, next);
}

/** Top-level fields of which anything is seen. */
function selected(grant: (name: string) => boolean): readonly string[] {
  return [...new Set(NAMES.filter(grant).map((name) => name.split('.')[0] ?? name))];
}

const everybody = createExecute({
  catalog: BANK.catalog,
  policy: DEFAULT_POLICY,
  source: (name) => BANK.sources[name] ?? assert.fail(name),
});

const TYPES = {
  branch: { kind: 'string' },
  id: { kind: 'int32' },
  name: { kind: 'string' },
  born: { kind: 'date' },
} as const;

interface Question {
  readonly where: Filter;
  readonly order: Order;
}

/** Asks only by what may be asked by. */
function questionBy(dice: Random, isOpen: (name: string) => boolean): Question {
  const open = (['branch', 'id', 'name', 'born'] as const).filter(isOpen);
  const where: Filter[] = [
    [condition({ field: 'branch', type: TYPES.branch }, 'ne', ['S'])],
    [condition({ field: 'id', type: TYPES.id }, 'gt', [2])],
    [condition({ field: 'name', type: TYPES.name }, 'contains', ['1'])],
    [condition({ field: 'born', type: TYPES.born }, 'lt', ['1960-01-01'])],
  ];
  return {
    where: (['branch', 'id', 'name', 'born'] as const).flatMap((name, i) =>
      open.includes(name) && dice.chance(0.3) ? (where[i] ?? []) : [],
    ),
    order: open
      .filter(() => dice.chance(0.3))
      .map((field) => ({ field, type: TYPES[field], descending: dice.chance(0.5) })),
  };
}

async function answered(question: Question): Promise<readonly Row[]> {
  const request = list('customers', NAMES, { ...question, first: 'all' });
  return (await itemsIn(await everybody(request, contextOf(undefined)))).map(({ row }) => row);
}

describe('random roles and random questions', () => {
  it("of one role the answer is everybody's, filtered and masked by hand, page by page and counted", async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const dice = random(seed);
      const grant = grantBy(dice);
      if (!NAMES.some((name) => isSeen(grant, name))) continue;
      const { ask } = gatewayOf(BANK, { r: { collections: { customers: grant } } });
      const who = caller(['r'], CLAIMS);
      const question = questionBy(dice, (name) => isSeen(grant, name) && grant.mask[name] === undefined);
      const expected = (await answered(question)).filter((row) => hasRow(grant, row));
      const first = dice.int(4) + 1;
      const items: Item[] = [];
      for (let after: string | undefined; ; ) {
        const request = list(
          'customers',
          selected((name) => isSeen(grant, name)),
          {
            ...question,
            first,
            count: true,
            ...(after === undefined ? {} : { after }),
          },
        );
        const { items: some, result } = await ask(request, who);
        items.push(...some);
        assert.equal(await result.totalCount?.(), expected.length, `seed ${seed}`);
        if (!result.hasNextPage()) break;
        after = some.at(-1)?.cursor;
      }
      assert.equal(items.length, expected.length, `seed ${seed}`);
      for (const [i, { row }] of items.entries()) {
        const own = expected[i] ?? assert.fail();
        for (const name of NAMES) {
          const hasGroup = !name.startsWith('address.') || own['address'] !== null;
          if (hasGroup) assert.equal(has(row, name), isSeen(grant, name), `seed ${seed}: ${name}`);
          if (isSeen(grant, name))
            assert.deepEqual(leaf(row, name), shownBy(grant, own, name), `seed ${seed}: ${name}`);
        }
      }
    }
  });

  it('of several roles every row is granted by one of them, and shows no more than one that grants it shows', async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const dice = random(10_000 + seed);
      const grants = Array.from({ length: 2 + dice.int(2) }, () => grantBy(dice));
      const names = grants.map((_, i) => `r${i}`);
      const { ask, rights } = gatewayOf(
        BANK,
        Object.fromEntries(grants.map((grant, i) => [`r${i}`, { collections: { customers: grant } }])),
      );
      const who = caller(names, CLAIMS);
      const view = rights.viewOf(who).catalog.collections.get('customers');
      if (view === undefined) continue;
      const request = list(
        'customers',
        view.fields.map(({ name }) => name),
        { first: 'all' },
      );
      const { items } = await ask(request, who);
      const order = [{ field: 'id', type: TYPES.id, descending: false }];
      const expected = (await answered({ where: [], order })).filter((row) =>
        grants.some((grant) => hasRow(grant, row)),
      );
      assert.equal(items.length, expected.length, `seed ${seed}`);
      for (const [i, { row }] of items.entries()) {
        const own = expected[i] ?? assert.fail();
        const granting = grants.filter((grant) => hasRow(grant, own));
        for (const name of NAMES.filter((each) => has(row, each))) {
          // In a group that is not there, nothing is.
          if (name.startsWith('address.') && own['address'] === null) continue;
          const value = leaf(row, name);
          // Whoever may see a value may see what a mask leaves of it.
          const isAllowed = granting.some(
            (grant) =>
              isSeen(grant, name) &&
              (value === null ||
                isDeepStrictEqual(value, shownBy(grant, own, name)) ||
                (grant.mask[name] === undefined &&
                  ['lastFour', 'year', 'hash', 'null'].some((mask) =>
                    isDeepStrictEqual(value, maskedBy(mask, leaf(own, name))),
                  ))),
          );
          assert.ok(isAllowed, `seed ${seed}: ${name} is ${JSON.stringify(value)}`);
        }
      }
    }
  });

  it('through a relation nothing more is seen than in the list of its collection', async () => {
    for (let seed = 1; seed <= 100; seed++) {
      const dice = random(20_000 + seed);
      const grant = grantBy(dice);
      const { ask, rights } = gatewayOf(BANK, {
        r: { collections: { customers: grant, accounts: { rows: "branch in ('N', 'S')" } } },
      });
      const who = caller(['r'], CLAIMS);
      const view = rights.viewOf(who).catalog;
      const isJoined = isSeen(grant, 'id') && grant.mask['id'] === undefined;
      assert.equal(
        view.collections.get('accounts')?.relations.has('owner') ?? false,
        isJoined,
        `seed ${seed}`,
      );
      if (!isJoined) continue;
      const fields = selected((name) => isSeen(grant, name));
      const alone = new Map(
        (await ask(list('customers', fields), who)).items.map(({ row }) => [row['id'], row]),
      );
      const { items } = await ask(
        list('accounts', ['custId'], {
          selection: { fields: ['custId'], include: [include('owner', fields)] },
        }),
        who,
      );
      for (const { row, related } of items) {
        assert.notEqual(row['branch'], 'W');
        const owner = related.get('owner');
        const known = alone.get(row['custId']);
        assert.deepEqual(
          owner !== null && owner !== undefined && 'row' in owner ? owner.row : null,
          known ?? null,
        );
      }
      const back = await ask(
        list('customers', ['id'], {
          selection: { fields: ['id'], include: [include('accounts', ['no'], { count: true })] },
        }),
        who,
      );
      for (const { row, related } of back.items) {
        // cast: the relation is to many, and nothing fails here.
        const page = related.get('accounts') as Page;
        const theirs = ROWS.accounts.filter(({ custId, branch }) => custId === row['id'] && branch !== 'W');
        assert.equal(page.totalCount, theirs.length);
        assert.deepEqual(
          page.items.map((item) => item.row['no']),
          theirs.map(({ no }) => no),
        );
      }
    }
  });

  it("whatever is written, rows of others stay as they are, rows of one's own stay one's own, and no other field changes", async () => {
    let written = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const dice = random(30_000 + seed);
      const grant = grantBy(dice);
      const fresh = bank();
      const core = fresh.sources['core'] ?? assert.fail();
      const rights = gatewayOf(fresh, {
        r: { collections: { customers: { ...grant, write: ['insert', 'update', 'upsert', 'delete'] } } },
      }).rights;
      const who = caller(['r'], CLAIMS);
      const view = rights.viewOf(who).catalog.collections.get('customers');
      const verbs = view?.writes ?? [];
      if (view === undefined || verbs.length === 0) continue;
      const write = createWrite({
        catalog: fresh.catalog,
        policy: DEFAULT_POLICY,
        rights,
        source: () => core,
      });
      const tables = createExecute({ catalog: fresh.catalog, policy: DEFAULT_POLICY, source: () => core });
      const rows = async (): Promise<ReadonlyMap<Row[string] | undefined, Row>> => {
        const found = await itemsIn(
          await tables(list('customers', NAMES, { first: 'all' }), contextOf(undefined)),
        );
        return new Map(found.map(({ row }) => [row['id'], row]));
      };
      const before = await rows();
      const verb = dice.pick(verbs);
      const id = 1 + dice.int(16);
      const given = writtenFields(view, verb).filter(
        ({ name }) => verb !== 'update' || dice.chance(0.4) || name === 'x',
      );
      const values = Object.fromEntries(given.map(({ name }) => [name, valueFor(name, id, dice)]));
      const fault = await write(
        [{ collection: 'customers', verb, values, ...(verb === 'insert' ? {} : { key: [id] }) }],
        contextOf(who),
      ).then(
        () => undefined,
        (error: unknown) => error,
      );
      const now = await rows();
      if (fault !== undefined) {
        assert.ok(fault instanceof Fault && fault.kind !== 'internal', `seed ${seed}: ${fault}`);
        assert.deepEqual(now, before, `seed ${seed}`);
        continue;
      }
      written++;
      for (const [key, row] of before) {
        const after = now.get(key);
        if (isDeepStrictEqual(row, after)) continue;
        assert.ok(hasRow(grant, row), `seed ${seed}: a row of others was written`);
        if (after === undefined) continue;
        assert.ok(hasRow(grant, after), `seed ${seed}: a row was moved out of sight`);
        for (const name of Object.keys(row)) {
          if (!isDeepStrictEqual(row[name], after[name]))
            assert.ok(Object.hasOwn(values, name), `seed ${seed}: ${name}`);
        }
      }
      for (const [key, row] of now) {
        if (!before.has(key)) assert.ok(hasRow(grant, row), `seed ${seed}: a row was made out of sight`);
      }
    }
    assert.ok(written > 30, `${written} of 300 were written`);
  });
});

function valueFor(name: string, id: number, dice: Random): Value {
  switch (name) {
    case 'id':
      return id;
    case 'branch':
      return dice.pick(BRANCHES);
    case 'born':
      return dice.pick(['1950-01-01', '1960-01-01']);
    case 'address':
      return dice.chance(0.3) ? null : { city: dice.pick(['City0', 'City1']), zip: 'z' };
    case 'phones':
      return [{ kind: 'home', number: '1' }];
    default:
      return `${name} ${dice.int(9)}`;
  }
}
