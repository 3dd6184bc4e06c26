// The suite of writes that every adapter passes that can be written, bare and through the guards. The memory adapter is the reference.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type Change, Fault, isComparable, type Outcome, type Row, type Source, type Value } from '#spi';
import { memorySource } from '../../adapters/memory/memory.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import { read } from '../../src/run/read.ts';
import { type Random, random } from '../random.ts';
import { guarded } from './guarded.ts';
import { collectionOf, TABLES, type WriteTable } from './write-tables.ts';

export interface WriteConformance {
  readonly name: string;
  /** Makes empty tables and opens them: everything may be written, or nothing. */
  open(tables: readonly WriteTable[], writes: boolean): Promise<Source>;
  /** Keys, defaults and generated columns are made by the source, and constraints are kept. */
  readonly database?: boolean;
  /** Kind and code of foreign keys and checks, where the source has one code for both. */
  readonly constraint?: readonly [kind: string, code: string];
  /** An empty text is a null to the source, and so are no bytes. */
  readonly emptyIsNull?: boolean;
  /** The tables as the product can have them, where a record holds less than a row of a database: without a column that it has no type for. */
  readonly tables?: readonly WriteTable[];
  /** By column: values that it can hold, instead of those that databases hold. */
  readonly values?: Values;
  /** Random requests. */
  readonly requests?: number;
  /** How often several clients race for one row. */
  readonly races?: number;
  /** Is the suite run through the guards, too? By default it is; they are the same for all places of one adapter. */
  readonly guarded?: boolean;
  readonly skip?: string | false;
}

export function writeConformance(subject: WriteConformance): void {
  suite(subject);
  if (subject.guarded === false) return;
  suite({
    ...subject,
    name: `${subject.name}, guarded`,
    requests: Math.ceil((subject.requests ?? 150) / 3),
    open: async (tables, writes) => guarded(await subject.open(tables, writes)),
  });
}

const never = new AbortController().signal;

type Answer =
  | { readonly outcomes: readonly Outcome[] }
  | { readonly kind: string; readonly code: string; readonly record: number | undefined };

async function write(
  source: Source,
  changes: readonly Change[],
  signal = never,
): Promise<readonly Outcome[]> {
  assert.ok(source.write, 'the source can be written');
  return await source.write(changes, { signal });
}

async function answerOf(source: Source, changes: readonly Change[]): Promise<Answer> {
  try {
    return { outcomes: await write(source, changes) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { kind: error.kind, code: error.code, record: error.place.record };
  }
}

/** All rows of a table in the order of its key. */
async function rowsOf(source: Source, { name, columns, key }: WriteTable): Promise<readonly Row[]> {
  const fields = columns.map((column) => column.name);
  const order = key.map((field) => {
    const type = columns.find((column) => column.name === field)?.type;
    assert.ok(type !== undefined && isComparable(type));
    return { field, type, descending: false };
  });
  const rows: Row[] = [];
  const batches = read(
    source,
    { collection: name, where: [], order },
    { fields, signal: never },
    DEFAULT_POLICY,
  );
  for await (const batch of batches) {
    for (let i = 0; i < batch.length; i++) {
      const row = batch.row(i);
      rows.push(Object.fromEntries(fields.map((field) => [field, row[field] ?? null])));
    }
  }
  return rows;
}

function tableNamed(name: string, tables: readonly WriteTable[] = TABLES): WriteTable {
  const found = tables.find((table) => table.name === name);
  assert.ok(found);
  return found;
}

const VALUES: Values = {
  id: [1, 2, 3, 4, 5, 6],
  label: ['', 'alpha', 'ALPHA', "O'BRIEN", 'Z"\\', '100%_', '  x', 'Müller'],
  amount: ['0.00', '-0.01', '12.50', '9999999.99', '-9999999.99'],
  big: [0n, -1n, 9_007_199_254_740_993n, 9_223_372_036_854_775_807n, -9_223_372_036_854_775_808n],
  ratio: [0, -1.5, 0.1, 123_456.789, 1e100],
  flag: [true, false],
  born: ['2024-02-29', '1970-01-01', '1900-12-31', '9999-12-31'],
  seen: ['2024-02-29T10:00:00', '1999-12-31T23:59:59.5', '2024-01-01T00:00:00.000001'],
  raw: [Uint8Array.of(), Uint8Array.of(0, 255, 39), new TextEncoder().encode("'; --")],
  code: ['A', 'a', 'B'],
  seq: [1, 2],
  qty: [0, -7, 2_147_483_647],
  remark: ['', 'none', 'None'],
  tag: ['red', 'RED', 'blue', 'ä'],
};

type Values = Readonly<Record<string, readonly Value[]>>;

/** Without what is empty. */
function filled(values: Values): Values {
  const isEmpty = (value: Value): boolean =>
    value === '' || (value instanceof Uint8Array && value.length === 0);
  return Object.fromEntries(
    Object.entries(values).map(([name, some]) => [name, some.filter((value) => !isEmpty(value))]),
  );
}

function randomValue(dice: Random, values: Values, name: string, nullable: boolean): Value {
  return nullable && dice.chance(0.2) ? null : dice.pick(values[name] ?? []);
}

function changeOf(dice: Random, pool: Values, table: WriteTable, rows: readonly Row[]): Change {
  const { name: collection, key: names, columns } = table;
  const others = columns.filter(({ name }) => !names.includes(name));
  const verb = dice.pick(writesOf(table));
  const key = names.map((name) => randomValue(dice, pool, name, false));
  const all = Object.fromEntries(
    others.map(({ name, nullable }) => [name, randomValue(dice, pool, name, nullable === true)]),
  );
  const some = Object.fromEntries(Object.entries(all).filter(() => dice.chance(0.5)));
  const known = rows.find((row) => names.every((name, i) => row[name] === key[i]));
  const expected =
    verb === 'insert' || dice.chance(0.6) ? {} : { expected: expectationOf(dice, pool, columns, known) };
  switch (verb) {
    case 'insert': {
      const left = columns
        .filter(({ nullable }) => nullable === true && dice.chance(0.3))
        .map(({ name }) => name);
      const values = { ...Object.fromEntries(names.map((name, i) => [name, key[i] ?? null])), ...all };
      return {
        collection,
        verb,
        values: Object.fromEntries(Object.entries(values).filter(([name]) => !left.includes(name))),
      };
    }
    case 'update': {
      const [first] = others;
      const values =
        Object.keys(some).length > 0 || first === undefined
          ? some
          : { [first.name]: all[first.name] ?? null };
      return { collection, verb, key, values, ...expected };
    }
    case 'upsert':
      return { collection, verb, key, values: all, ...expected };
    case 'delete':
      return { collection, verb, key, values: {}, ...expected };
  }
}

/** What can be done to the rows of a table: one that has only a key has nothing to update. */
export function writesOf({ columns, key }: WriteTable): readonly Change['verb'][] {
  return columns.length === key.length
    ? ['insert', 'upsert', 'delete']
    : ['insert', 'update', 'upsert', 'delete'];
}

/** Mostly what the row holds, sometimes another value. */
function expectationOf(
  dice: Random,
  pool: Values,
  columns: WriteTable['columns'],
  row: Row | undefined,
): Readonly<Record<string, Value>> {
  const { name, nullable } = dice.pick(columns);
  const held = row?.[name];
  const known = held !== undefined && !(held instanceof Fault) && dice.chance(0.7);
  if (!known) return { [name]: randomValue(dice, pool, name, nullable === true) };
  return { [name]: held === null || typeof held !== 'object' || held instanceof Uint8Array ? held : null };
}

function suite({
  name,
  open,
  database = false,
  constraint,
  emptyIsNull = false,
  tables = TABLES,
  values = {},
  requests = 150,
  races = 10,
  skip = false,
}: WriteConformance): void {
  describe(`conformance of writes: ${name}`, { skip }, () => {
    const opened = open(tables, true);
    opened.catch(() => {});
    const things = tableNamed('things', tables);
    const parts = tableNamed('parts', tables);

    const clear = async (...some: readonly WriteTable[]): Promise<Source> => {
      const source = await opened;
      for (const table of some) {
        const rows = await rowsOf(source, table);
        const changes = rows.map((row): Change => {
          const key = table.key.map((field): Value => {
            const cell = row[field] ?? null;
            return typeof cell === 'object' ? null : cell;
          });
          return { collection: table.name, verb: 'delete', key, values: {} };
        });
        if (changes.length > 0) await write(source, changes);
        assert.deepEqual(await rowsOf(source, table), []);
      }
      return source;
    };

    it('the model claims what may be written', async () => {
      const source = await opened;
      await source.check(never);
      for (const table of tables) {
        const model = source.model.collections.find((collection) => collection.name === table.name);
        assert.deepEqual(model?.writes, writesOf(table));
      }
    });

    it('without claims there is no write', async () => {
      const source = await open(tables, false);
      assert.equal(source.write, undefined);
      for (const collection of source.model.collections) assert.equal(collection.writes, undefined);
      await source[Symbol.asyncDispose]();
    });

    it(`${requests} random requests leave the rows and give the outcomes of the memory adapter`, async () => {
      const compared = [things, parts, tableNamed('tags', tables)];
      const source = await clear(...compared);
      const reference = memorySource(compared.map((table) => ({ ...collectionOf(table), rows: [] })));
      const dice = random(4_242 + requests);
      const all = { ...VALUES, ...values };
      const pool = emptyIsNull ? filled(all) : all;
      for (let i = 0; i < requests; i++) {
        const before = new Map<WriteTable, readonly Row[]>();
        for (const table of compared) before.set(table, await rowsOf(reference, table));
        const changes = Array.from({ length: dice.chance(0.5) ? 1 : 2 + dice.int(3) }, () => {
          const table = dice.pick(compared);
          return changeOf(dice, pool, table, before.get(table) ?? []);
        });
        const wanted = await answerOf(reference, changes);
        assert.deepEqual(await answerOf(source, changes), wanted, `request ${i}: ${shown(changes)}`);
        for (const table of new Set(changes.map((change) => tableNamed(change.collection, tables)))) {
          const rows = await rowsOf(source, table);
          assert.deepEqual(rows, await rowsOf(reference, table), `after request ${i}: ${shown(changes)}`);
        }
      }
    });

    it('a list with one change that fails changes nothing, and the fault says which it is', async () => {
      const source = await clear(parts);
      const part = (seq: number): Change => ({
        collection: 'parts',
        verb: 'insert',
        values: { code: 'L', seq, qty: seq },
      });
      await write(source, [part(1)]);
      const before = await rowsOf(source, parts);
      const lists: readonly (readonly [Answer, readonly Change[]])[] = [
        [{ kind: 'conflict', code: 'duplicate', record: 3 }, [part(2), part(3), part(1), part(4)]],
        [{ kind: 'conflict', code: 'duplicate', record: 2 }, [part(2), part(2)]],
        [
          { kind: 'not-found', code: 'no-row', record: 2 },
          [part(2), { collection: 'parts', verb: 'update', key: ['L', 9], values: { qty: 1 } }],
        ],
        [
          { kind: 'stale', code: 'changed-row', record: 2 },
          [part(2), { collection: 'parts', verb: 'delete', key: ['L', 1], values: {}, expected: { qty: 2 } }],
        ],
      ];
      for (const [wanted, changes] of lists) {
        assert.deepEqual(await answerOf(source, changes), wanted);
        assert.deepEqual(await rowsOf(source, parts), before);
      }
    });

    it('a thousand inserts are one request, and one of them that fails is named', async () => {
      const source = await clear(parts);
      const many = Array.from(
        { length: 1_000 },
        (_, i): Change => ({
          collection: 'parts',
          verb: 'insert',
          values: { code: `C${i % 7}`, seq: i, qty: i, remark: i % 3 === 0 ? null : `row ${i}` },
        }),
      );
      const twice = many.with(700, {
        collection: 'parts',
        verb: 'insert',
        values: { code: 'C0', seq: 7, qty: 1 },
      });
      assert.deepEqual(await answerOf(source, twice), { kind: 'conflict', code: 'duplicate', record: 701 });
      assert.deepEqual(await rowsOf(source, parts), []);
      const outcomes = await write(source, many);
      assert.deepEqual(
        outcomes,
        many.map((_, i) => ({ key: [`C${i % 7}`, i], created: true })),
      );
      assert.equal((await rowsOf(source, parts)).length, 1_000);
    });

    it('of those that expect the same, at the same time, one wins', async () => {
      const source = await clear(parts);
      await write(source, [{ collection: 'parts', verb: 'insert', values: { code: 'E', seq: 1, qty: 0 } }]);
      for (let round = 0; round < races; round++) {
        const qty = (await rowsOf(source, parts))[0]?.['qty'];
        assert.ok(typeof qty === 'number');
        const answers = await Promise.all(
          Array.from({ length: 8 }, (_, i) => {
            const values = { qty: round * 10 + i + 1 };
            return answerOf(source, [
              { collection: 'parts', verb: 'update', key: ['E', 1], values, expected: { qty } },
            ]);
          }),
        );
        const winners = answers.flatMap((answer, i) => ('outcomes' in answer ? [round * 10 + i + 1] : []));
        assert.equal(winners.length, 1, shown(answers));
        for (const answer of answers) {
          if (!('outcomes' in answer)) assert.ok(['stale', 'conflict'].includes(answer.kind), answer.kind);
        }
        assert.equal((await rowsOf(source, parts))[0]?.['qty'], winners[0]);
      }
    });

    it('of those that insert the same key at the same time one wins; of upserts one creates', async () => {
      const source = await clear(parts);
      const inserts = await Promise.all(
        Array.from({ length: 6 }, (_, qty) =>
          answerOf(source, [{ collection: 'parts', verb: 'insert', values: { code: 'I', seq: 1, qty } }]),
        ),
      );
      assert.equal(inserts.filter((answer) => 'outcomes' in answer).length, 1, shown(inserts));
      for (const answer of inserts) if (!('outcomes' in answer)) assert.equal(answer.kind, 'conflict');
      const upserts = await Promise.all(
        Array.from({ length: 6 }, (_, qty) =>
          answerOf(source, [
            { collection: 'parts', verb: 'upsert', key: ['U', 1], values: { qty, remark: null } },
          ]),
        ),
      );
      const created = upserts.filter(
        (answer) => 'outcomes' in answer && answer.outcomes[0]?.created === true,
      );
      assert.equal(created.length, 1, shown(upserts));
      for (const answer of upserts) if (!('outcomes' in answer)) assert.equal(answer.kind, 'conflict');
      assert.equal((await rowsOf(source, parts)).length, 2);
    });

    it('an abort leaves all of a request or nothing, and the source usable', async () => {
      const source = await clear(parts);
      for (let i = 0; i < 12; i++) {
        const leaving = new AbortController();
        const changes = Array.from(
          { length: 40 },
          (_, seq): Change => ({
            collection: 'parts',
            verb: seq % 2 === 0 ? 'insert' : 'upsert',
            ...(seq % 2 === 0 ? {} : { key: [`X${i}`, seq] }),
            values: seq % 2 === 0 ? { code: `X${i}`, seq, qty: 1, remark: null } : { qty: 1, remark: null },
          }),
        );
        const reason = new Error('the client left');
        const writing = write(source, changes, leaving.signal).then(
          () => true,
          (error: unknown) => {
            assert.equal(error, reason);
            return false;
          },
        );
        if (i > 0) await setTimeout(i);
        leaving.abort(reason);
        const done = await writing;
        // Who was told nothing may still find it done, when the abort came while it was.
        await setTimeout(20);
        const rows = (await rowsOf(source, parts)).filter((row) => row['code'] === `X${i}`);
        assert.ok(rows.length === 40 || (!done && rows.length === 0), `${rows.length} rows, done ${done}`);
      }
    });

    it('a value that its column does not keep as it is, is refused with the name of the field', async () => {
      if (!database) return;
      const source = await clear(things);
      const misfits: readonly (readonly [string, Value])[] = [
        ['amount', '1.005'],
        ['amount', '10000000.00'],
        ['label', 'longer than twelve'],
        ['label', '\ud800'],
        ['ratio', Number.NaN],
        ['born', '+012024-01-01'],
        ['seen', '2024-01-01T00:00:00.0000000001'],
      ];
      for (const [field, value] of misfits) {
        const refused = await write(source, [
          { collection: 'things', verb: 'insert', values: { id: 1, [field]: value } },
        ]).then(
          () => undefined,
          (error: unknown) => error,
        );
        // Some databases have what others have not.
        if (refused === undefined) {
          const [row] = await rowsOf(source, things);
          assert.deepEqual(row?.[field], value);
          await clear(things);
          continue;
        }
        assert.ok(refused instanceof Fault, String(refused));
        assert.deepEqual([refused.kind, refused.code, refused.place.field], ['invalid', 'bad-value', field]);
        assert.deepEqual(await rowsOf(source, things), []);
      }
    });

    it('a new row has the key, the defaults and the computed values of the database', async () => {
      if (!database) return;
      const pets = tableNamed('pets');
      const source = await clear(pets);
      const model = source.model.collections.find((collection) => collection.name === 'pets');
      const flags = model?.fields.map((field) => [
        field.name,
        field.readOnly === true,
        field.optional === true,
      ]);
      assert.deepEqual(flags, [
        ['id', false, true],
        ['owner', false, false],
        ['status', false, true],
        ['legs', false, false],
        ['twice', true, false],
      ]);
      const legs = [4, 2, 0, 8, 6];
      const outcomes = await write(
        source,
        legs.map((count): Change => ({ collection: 'pets', verb: 'insert', values: { legs: count } })),
      );
      const rows = await rowsOf(source, pets);
      for (const [i, { key, created }] of outcomes.entries()) {
        assert.equal(created, true);
        assert.equal(typeof key[0], 'bigint');
        const row = rows.find((candidate) => candidate['id'] === key[0]);
        const count = legs[i] ?? 0;
        assert.deepEqual(row, { id: key[0], owner: null, status: 'NEW', legs: count, twice: count * 2 });
      }
      const [empty] = await write(source, [{ collection: 'pets', verb: 'insert', values: {} }]);
      assert.equal(
        (await rowsOf(source, pets)).some((row) => row['id'] === empty?.key[0]),
        true,
      );
      const given = await write(source, [{ collection: 'pets', verb: 'insert', values: { id: 1_000n } }]);
      assert.deepEqual(given, [{ key: [1_000n], created: true }]);
      const refused = await answerOf(source, [{ collection: 'pets', verb: 'insert', values: { twice: 1 } }]);
      assert.deepEqual(refused, { kind: 'invalid', code: 'read-only-field', record: undefined });
    });

    it('what a constraint forbids is a fault of its own, and changes nothing', async () => {
      if (!database) return;
      const owners = tableNamed('owners');
      const pets = tableNamed('pets');
      const source = await clear(pets, owners);
      await write(source, [
        { collection: 'owners', verb: 'insert', values: { id: 1, email: 'a@x', age: 30 } },
        { collection: 'owners', verb: 'insert', values: { id: 2, email: 'b@x' } },
        { collection: 'pets', verb: 'insert', values: { owner: 1 } },
      ]);
      const before = [await rowsOf(source, owners), await rowsOf(source, pets)];
      const refusals: readonly (readonly [string, string, Change])[] = [
        ['conflict', 'duplicate', { collection: 'owners', verb: 'insert', values: { id: 3, email: 'a@x' } }],
        [
          'conflict',
          'duplicate',
          { collection: 'owners', verb: 'update', key: [2], values: { email: 'a@x' } },
        ],
        [
          'conflict',
          'duplicate',
          { collection: 'owners', verb: 'upsert', key: [3], values: { email: 'a@x', age: null } },
        ],
        [
          'conflict',
          'duplicate',
          { collection: 'owners', verb: 'upsert', key: [2], values: { email: 'a@x', age: null } },
        ],
        [
          'rejected',
          'check-constraint',
          { collection: 'owners', verb: 'update', key: [1], values: { age: 3 } },
        ],
        ['conflict', 'foreign-key', { collection: 'pets', verb: 'insert', values: { owner: 77 } }],
        ['conflict', 'foreign-key', { collection: 'owners', verb: 'delete', key: [1], values: {} }],
        ['invalid', 'bad-value', { collection: 'owners', verb: 'update', key: [1], values: { email: null } }],
        ['rejected', 'not-null', { collection: 'owners', verb: 'insert', values: { id: 4 } }],
      ];
      for (const [own, meant, change] of refusals) {
        const both = constraint !== undefined && ['check-constraint', 'foreign-key'].includes(meant);
        const [kind, code] = both ? constraint : [own, meant];
        assert.deepEqual(await answerOf(source, [change]), { kind, code, record: undefined }, shown(change));
      }
      assert.deepEqual([await rowsOf(source, owners), await rowsOf(source, pets)], before);
    });

    it('a collection takes no other change than those it claims', async () => {
      if (!database) return;
      const source = await opened;
      assert.deepEqual(
        await answerOf(source, [{ collection: 'tags', verb: 'update', key: ['a'], values: {} }]),
        {
          kind: 'unsupported',
          code: 'not-writable',
          record: undefined,
        },
      );
    });

    it('the source can be disposed of', async () => {
      await (await opened)[Symbol.asyncDispose]();
    });
  });
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner));
}
