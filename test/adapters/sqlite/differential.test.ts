// Random questions to SQLite and to the reference semantics, over values that databases like to get wrong.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Collection,
  type Conjunct,
  compareRows,
  Fault,
  matches,
  type Order,
  type OrderKey,
  type Query,
  type Row,
  type Scalar,
  type Source,
  type Value,
  valueAt,
} from '#spi';
import { type Random, random } from '../../random.ts';
import { database, openSource } from './file.ts';

const TEXTS = [
  '',
  ' ',
  'a',
  'A',
  'a ',
  'a  ',
  'ab',
  'AB',
  'a%',
  'a_b',
  "O'Brien",
  '"quoted"',
  '`; drop table t; --',
  'nul\0inside',
  'nul\0',
  '\uffff',
  '\u{1f600}',
  '\u{1f600}z',
  'Ä',
  'ä',
  'A\u0308',
  'ß',
  '\ue000',
  '123',
  '0123',
  '1e3',
  'x'.repeat(300),
];
const AMOUNTS = [
  '0.00',
  '-0.01',
  '0.10',
  '0.30',
  '12.34',
  '12.35',
  '-12.34',
  '100.00',
  '9999999.99',
  '123456789012.25',
];
const DAYS = [
  '0001-01-01',
  '1582-10-15',
  '1999-12-31',
  '2024-02-28',
  '2024-02-29',
  '2024-03-01',
  '9999-12-31',
];
const MOMENTS = [
  '2024-02-29 10:00:00',
  '2024-02-29T10:00:00',
  '2024-02-29 10:00',
  '2024-02-29 10:00:00.000',
  '2024-02-29 10:00:00.5',
  '2024-02-29T10:00:00.50',
  '2024-02-29 10:00:00.45',
  '2024-02-29 09:59:59.999999',
  '2024-02-28T23:59',
  '2024-03-01 00:00:00',
];
const TIMES = ['00:00', '00:00:00', '00:00:00.0', '12:30:00', '12:30', '12:30:00.001', '23:59:59'];

const COLUMNS: readonly (readonly [
  declaration: string,
  values: readonly (string | number | bigint | Uint8Array)[],
])[] = [
  ['n INTEGER', [0n, 1n, -1n, 9223372036854775807n, -9223372036854775808n]],
  ['small INT', [0n, 1n, -1n, 2147483647n]],
  ['amount DECIMAL(14,2)', AMOUNTS],
  ['ratio REAL', [0, -0, 0.1, 0.30000000000000004, -1e300, Number.POSITIVE_INFINITY]],
  ['plain TEXT', TEXTS],
  ['folded TEXT COLLATE NOCASE', TEXTS],
  ['trimmed TEXT COLLATE RTRIM', TEXTS],
  ['code CHAR(4)', TEXTS],
  ['bare', TEXTS],
  ['uuid UUID', TEXTS.filter((text) => !/^\d|^1e/.test(text))],
  ['day DATE', DAYS],
  ['moment TIMESTAMP', MOMENTS],
  ['clock TIME', TIMES],
  ['flag BOOLEAN', [0n, 1n]],
  ['raw BLOB', [new Uint8Array(0), new Uint8Array([0]), new Uint8Array([0, 1]), new Uint8Array([255])]],
];

function fill(dirty: boolean) {
  return (db: import('node:sqlite').DatabaseSync) => {
    const dice = random(7);
    db.exec(`create table t (id INTEGER PRIMARY KEY, ${COLUMNS.map(([column]) => column).join(', ')})`);
    db.exec(
      'create index by_plain on t(plain); create index by_folded on t(folded); create index by_moment on t(moment)',
    );
    const insert = db.prepare(`insert into t values (?${', ?'.repeat(COLUMNS.length)})`);
    const strange = [
      'strange',
      '12/31/1999',
      5n,
      5.25,
      new Uint8Array([65]),
      '2024-02-30',
      '2024-02-29 25:00:00',
      '24:00',
    ];
    for (let id = 1; id <= 400; id++) {
      insert.run(
        id,
        ...COLUMNS.map(([, values]) =>
          dice.chance(0.1) ? null : dirty && dice.chance(0.02) ? dice.pick(strange) : dice.pick(values),
        ),
      );
    }
  };
}

/** A field that can be asked about: its collection's own, with values that occur and some that do not. */
interface Subject {
  readonly field: string;
  readonly type: Scalar;
  readonly values: readonly Value[];
}

function subjectsOf(collection: Collection, rows: readonly Row[]): readonly Subject[] {
  return collection.fields.map(({ name, type }) => {
    assert.ok(type.kind !== 'object' && type.kind !== 'list' && type.kind !== 'union');
    const known = rows.flatMap((row): Value[] => {
      const cell = row[name] ?? null;
      return cell === null || cell instanceof Fault ? [] : [valueAt(row, name)];
    });
    const others: readonly Value[] =
      type.kind === 'string'
        ? ['\ud83d', 'zz', '5']
        : type.kind === 'decimal'
          ? ['12.345', '7', '99999999999999999999.5', ...known.map((value) => `${value}00000000000000000001`)]
          : [];
    return { field: name, type, values: [...known, ...others] };
  });
}

function conjunctOf(dice: Random, subjects: readonly Subject[], depth: number): Conjunct {
  const { field, type, values } = dice.pick(subjects);
  const value = dice.pick(values);
  if (depth > 0 && dice.chance(0.3)) {
    const inner = () => Array.from({ length: 1 + dice.int(2) }, () => conjunctOf(dice, subjects, depth - 1));
    return dice.chance(0.5) ? { op: 'not', of: inner() } : { op: 'any', of: [inner(), inner()] };
  }
  if (dice.chance(0.05)) return { op: 'null', field, type, is: dice.chance(0.5) };
  if (dice.chance(0.15)) {
    return { op: 'in', field, type, values: Array.from({ length: dice.int(4) }, () => dice.pick(values)) };
  }
  if (dice.chance(0.1)) {
    const other = dice.pick(subjects);
    const pair =
      other.field === field
        ? [{ field, type }]
        : [
            { field, type },
            { field: other.field, type: other.type },
          ];
    const keys = Array.from({ length: 1 + dice.int(4) }, () =>
      [dice.pick(values), dice.pick(other.values)].slice(0, pair.length),
    );
    return { op: 'keys', fields: pair, keys };
  }
  if (type.kind === 'string' && typeof value === 'string' && dice.chance(0.5)) {
    const start = dice.int(value.length + 1);
    const part = value.slice(start, start + dice.int(3));
    return {
      op: dice.pick(['startsWith', 'endsWith', 'contains']),
      field,
      type,
      value: dice.chance(0.2) ? value : part,
    };
  }
  const ordered = type.kind !== 'boolean' && type.kind !== 'bytes';
  return { op: dice.pick(ordered ? ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] : ['eq', 'ne']), field, type, value };
}

async function readAll(source: Source, query: Query, fields: readonly string[]): Promise<Row[]> {
  const rows: Row[] = [];
  const { signal } = new AbortController();
  for await (const batch of source.access(query).read({ fields, signal })) {
    for (let i = 0; i < batch.length; i++) rows.push(batch.row(i));
  }
  return rows;
}

const idsOf = (rows: readonly Row[]) => rows.map((row) => row['id']);
const byId: OrderKey = { field: 'id', type: { kind: 'int64' }, descending: false };

describe('SQLite against the reference semantics', () => {
  const open = async (
    dirty: boolean,
    columns: Readonly<Record<string, { readonly trusted: boolean }>> = {},
  ) => {
    const source = await openSource({
      file: database(fill(dirty)),
      collections: { rows: { table: 't', columns } },
    });
    const [collection] = source.model.collections;
    assert.ok(collection);
    const fields = collection.fields.map(({ name }) => name);
    const all = await readAll(source, { collection: 'rows', where: [], order: [byId] }, fields);
    return { source, fields, all, subjects: subjectsOf(collection, all) };
  };
  const text = (query: Query) =>
    JSON.stringify(query, (_name, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));

  for (const trusted of [false, true]) {
    it(`600 random filters and orders have its answer (columns ${trusted ? '' : 'not '}trusted)`, async () => {
      const columns = Object.fromEntries(
        COLUMNS.map(([column]) => [column.split(' ')[0] ?? '', { trusted }]),
      );
      const { source, fields, all, subjects } = await open(false, columns);
      assert.equal(all.length, 400);
      assert.equal(
        all.some((row) => Object.values(row).some((cell) => cell instanceof Fault)),
        false,
      );
      const dice = random(trusted ? 11 : 12);
      let covered = 0;
      for (let i = 0; i < 600; i++) {
        const sorted = dice.pick(subjects);
        const order: Order = [
          ...(sorted.field === 'id'
            ? []
            : [{ field: sorted.field, type: sorted.type, descending: dice.chance(0.5) }]),
          { ...byId, descending: dice.chance(0.5) },
        ];
        const cursor = dice.pick(all);
        const where: readonly Conjunct[] = [
          conjunctOf(dice, subjects, 2),
          ...(dice.chance(0.4)
            ? [{ op: 'after' as const, order, values: order.map(({ field }) => valueAt(cursor, field)) }]
            : []),
        ];
        const query: Query = { collection: 'rows', where, order };
        const access = source.access(query);
        const rows = await readAll(source, query, fields);
        const exact = where.filter((_, at) => access.where[at] === 'exact');
        covered += access.where.filter((coverage) => coverage !== 'none').length / where.length;
        const sort = (some: readonly Row[]): readonly Row[] =>
          [...some].sort((a, b) =>
            compareRows(
              order,
              ({ field }) => valueAt(a, field),
              order.map(({ field }) => valueAt(b, field)),
            ),
          );
        for (const row of rows) assert.equal(matches(exact, row), true, `too much: ${text(query)}`);
        const wanted = sort(all.filter((row) => matches(where, row)));
        const kept = rows.filter((row) => matches(where, row));
        assert.deepEqual(idsOf(access.ordered ? kept : sort(kept)), idsOf(wanted), text(query));
        if (access.count !== undefined) {
          assert.equal(
            await access.count({ signal: new AbortController().signal }),
            wanted.length,
            text(query),
          );
        }
      }
      assert.ok(covered > 600 * 0.85, `most conditions are pushed down: ${covered}`);
    });
  }

  it('a row whose value does not fit is never dropped by a condition on a range or a part of a text', async () => {
    const { source, fields, all, subjects } = await open(true);
    const faulty = all.filter((row) => Object.values(row).some((cell) => cell instanceof Fault));
    assert.ok(faulty.length > 40);
    const dice = random(13);
    let kept = 0;
    for (let i = 0; i < 600; i++) {
      const conjunct = conjunctOf(dice, subjects, 0);
      if (['eq', 'ne', 'in', 'keys', 'null', 'after'].includes(conjunct.op)) continue;
      const query: Query = { collection: 'rows', where: [conjunct], order: [byId] };
      const ids = new Set(idsOf(await readAll(source, query, fields)));
      for (const row of all) {
        let truth: boolean | Fault;
        try {
          truth = matches([conjunct], row);
        } catch (error) {
          assert.ok(error instanceof Fault);
          truth = error;
        }
        // A number that its column's type cannot hold is still compared as the number that it is.
        if (truth === false || (truth instanceof Fault && /floating-point number/.test(truth.message)))
          continue;
        if (truth instanceof Fault) kept++;
        // A file of bytes that are no UTF-8 cannot be told from SQL; every other misfit can.
        assert.ok(ids.has(row['id']), `${text(query)} drops ${String(row['id'])}`);
      }
    }
    assert.ok(kept > 150, `misfits were met: ${kept}`);
  });
});
