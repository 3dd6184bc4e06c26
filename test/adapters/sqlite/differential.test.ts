// Random questions to SQLite and to the reference semantics, over values that databases like to get wrong.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault, matches, type Query } from '#spi';
import { random } from '../../random.ts';
import {
  byId,
  compareWithReference,
  conjunctOf,
  idsOf,
  readAll,
  subjectsOf,
  text,
} from '../sql/differential.ts';
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
  for (const trusted of [false, true]) {
    it(`600 random filters and orders have its answer (columns ${trusted ? '' : 'not '}trusted)`, async () => {
      const columns = Object.fromEntries(
        COLUMNS.map(([column]) => [column.split(' ')[0] ?? '', { trusted }]),
      );
      const { source, all, subjects } = await open(false, columns);
      assert.equal(all.length, 400);
      assert.equal(
        all.some((row) => Object.values(row).some((cell) => cell instanceof Fault)),
        false,
      );
      const dice = random(trusted ? 11 : 12);
      const covered = await compareWithReference(dice, 600, source, all, subjects);
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
