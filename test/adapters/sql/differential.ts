// Random questions to a database and to the reference semantics: the same for every SQL product.

import assert from 'node:assert/strict';
import {
  type Collection,
  type Conjunct,
  compareRows,
  Fault,
  isComparable,
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
import type { Random } from '../../random.ts';

/** A field that can be asked about: its collection's own, with values that occur and some that do not. */
export interface Subject {
  readonly field: string;
  readonly type: Scalar;
  readonly values: readonly Value[];
}

/** Values that are near those that occur, `known`, and mostly do not occur themselves. */
type Others = (type: Scalar, known: readonly Value[]) => readonly Value[];

const othersOf: Others = (type, known) => {
  switch (type.kind) {
    case 'string':
      return ['\ud83d', 'zz', '5'];
    case 'decimal':
      return ['12.345', '7', '99999999999999999999.5', ...known.map((value) => finer(String(value)))];
    default:
      return [];
  }
};

/** Larger by less than any column can hold. */
function finer(value: string): string {
  return `${value}${value.includes('.') ? '' : '.'}00000000000000000000000000000000001`;
}

export function subjectsOf(
  collection: Collection,
  rows: readonly Row[],
  more: Others = () => [],
): readonly Subject[] {
  return collection.fields.flatMap(({ name, type }): readonly Subject[] => {
    if (!isComparable(type)) return [];
    const known = rows.flatMap((row): Value[] => {
      const cell = row[name] ?? null;
      return cell === null || cell instanceof Fault ? [] : [valueAt(row, name)];
    });
    return [{ field: name, type, values: [...known, ...othersOf(type, known), ...more(type, known)] }];
  });
}

export function conjunctOf(dice: Random, subjects: readonly Subject[], depth: number): Conjunct {
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

export async function readAll(source: Source, query: Query, fields: readonly string[]): Promise<Row[]> {
  const rows: Row[] = [];
  const { signal } = new AbortController();
  for await (const batch of source.access(query).read({ fields, signal })) {
    for (let i = 0; i < batch.length; i++) rows.push(batch.row(i));
  }
  return rows;
}

export const idsOf = (rows: readonly Row[]) => rows.map((row) => row['id']);
export const byId: OrderKey = { field: 'id', type: { kind: 'int64' }, descending: false };

export const text = (query: Query) =>
  JSON.stringify(query, (_name, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));

/** Asks `times` questions of a keyed collection; answers with the number of conditions that were pushed down. */
export async function compareWithReference(
  dice: Random,
  times: number,
  source: Source,
  all: readonly Row[],
  subjects: readonly Subject[],
): Promise<number> {
  const fields = source.model.collections[0]?.fields.map(({ name }) => name) ?? [];
  const id = { ...byId, type: subjects.find(({ field }) => field === 'id')?.type ?? byId.type };
  let covered = 0;
  for (let i = 0; i < times; i++) {
    const sorted = dice.pick(subjects);
    const order: Order = [
      ...(sorted.field === 'id'
        ? []
        : [{ field: sorted.field, type: sorted.type, descending: dice.chance(0.5) }]),
      { ...id, descending: dice.chance(0.5) },
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
      assert.equal(await access.count({ signal: new AbortController().signal }), wanted.length, text(query));
    }
  }
  return covered;
}
