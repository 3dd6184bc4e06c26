// Knows: what changes make of rows: the reference for every source that can be written.
// Must not know: where the rows are kept.

import {
  type Change,
  type Collection,
  checkExpected,
  compareValues,
  Fault,
  fieldAt,
  isComparable,
  noRow,
  type Outcome,
  type Row,
  type Value,
  valueAt,
} from '#spi';

/** Rows by the name of their collection. */
export type Tables = Map<string, readonly Row[]>;

/** All of the changes, one after the other, on a copy. Throws the fault of the first that cannot be made. */
export function applyAll(
  changes: readonly Change[],
  before: ReadonlyMap<string, readonly Row[]>,
  collections: ReadonlyMap<string, Collection>,
): { readonly outcomes: readonly Outcome[]; readonly tables: Tables } {
  const tables: Tables = new Map(before);
  const outcomes = changes.map((change, i) => {
    const collection = collections.get(change.collection);
    if (collection === undefined)
      throw new Fault('not-found', `There is no collection "${change.collection}"`);
    try {
      const { rows, outcome } = apply(change, tables.get(collection.name) ?? [], collection);
      tables.set(collection.name, rows);
      return outcome;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      throw error.at({ collection: collection.name, ...(changes.length === 1 ? {} : { record: i + 1 }) });
    }
  });
  return { outcomes, tables };
}

interface Applied {
  readonly rows: readonly Row[];
  readonly outcome: Outcome;
}

function apply(change: Change, rows: readonly Row[], collection: Collection): Applied {
  const { verb, values, expected } = change;
  const { key: names } = collection;
  const key = change.key ?? names.map((name) => values[name] ?? null);
  const at = names.length === 0 ? -1 : rows.findIndex((row) => isRow(row, key, collection));
  const found = rows[at];
  if (found === undefined) {
    if (verb === 'update' || verb === 'delete' || expected !== undefined) throw noRow();
    const row = { ...emptyRow(collection), ...keyValues(names, key), ...values };
    return { rows: [...rows, row], outcome: { key, created: true } };
  }
  if (verb === 'insert') throw new Fault('conflict', 'There is such a row already', { code: 'duplicate' });
  if (expected !== undefined) checkExpected(found, expected, collection.fields);
  if (verb === 'delete') return { rows: rows.toSpliced(at, 1), outcome: { key, created: false } };
  return { rows: rows.with(at, { ...found, ...values }), outcome: { key, created: false } };
}

/** A new row before anything is written into it. */
function emptyRow({ fields }: Collection): Row {
  return Object.fromEntries(fields.map(({ name }) => [name, null]));
}

function keyValues(names: readonly string[], key: readonly Value[]): Row {
  return Object.fromEntries(names.map((name, i) => [name, key[i] ?? null]));
}

function isRow(row: Row, key: readonly Value[], { key: names, fields }: Collection): boolean {
  return names.every((name, i) => {
    const type = fieldAt(fields, name)?.type;
    const own = valueAt(row, name);
    const asked = key[i] ?? null;
    if (own === null || asked === null || type === undefined || !isComparable(type)) return false;
    return compareValues(type, own, asked) === 0;
  });
}
