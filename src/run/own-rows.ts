// Knows: how rows are written by somebody who sees only some of them: no change reaches another row, and none makes a row another's.
// Must not know: facades, adapters, where rules come from.
//
// What decides about a row is read before it is written, and handed to the source as what the row must still hold: the source compares it
// under its own lock, so a row that becomes another's in between is not written. Then it is looked at again.

import { Fault } from '../fault.ts';
import type { CatalogCollection } from '../model/catalog.ts';
import { fieldAt, type Type } from '../model/type.ts';
import { type Row, type Value, valueAt } from '../model/value.ts';
import type { Policy } from '../policy.ts';
import { type Change, noRow, type Outcome } from '../query/change.ts';
import { isSame } from '../query/expected.ts';
import { type Filter, fieldsOf, keyOperands, keyText, matches } from '../query/filter.ts';
import type { TraceContext } from '../query/trace.ts';
import type { Source } from '../spi.ts';
import { read } from './read.ts';

/** A change with the collection that it is of, as its source has it, and the rows of it that there are for who asks (none: all rows). */
export interface RuledChange {
  readonly change: Change;
  readonly whole: CatalogCollection;
  readonly rows: Filter;
}

export interface OwnRowsParts {
  readonly source: Source;
  readonly policy: Policy;
  readonly signal: AbortSignal;
  readonly trace: TraceContext;
  carryOut(changes: readonly Change[]): Promise<readonly Outcome[]>;
  /** The fault of a change with its number. */
  inPlace<T>(i: number, check: () => T): T;
}

/** A row that is changed by others all the time is not waited for. */
const ROUNDS = 4;

/** Throws `not-found` for a row that is not there for who asks, `forbidden` (`row-rule`) for one that would not be any more. */
export async function writeOwnRows(
  ruled: readonly RuledChange[],
  parts: OwnRowsParts,
): Promise<readonly Outcome[]> {
  if (ruled.every(({ rows }) => rows.length === 0)) {
    return await parts.carryOut(ruled.map(({ change }) => change));
  }
  for (let round = 1; ; round++) {
    const found = await rowsBefore(ruled, parts);
    const guarded = ruled.map((one, i) => parts.inPlace(i, () => guard(one, found)));
    try {
      return await parts.carryOut(guarded.map(({ change }) => change));
    } catch (error) {
      if (!hasMoved(error, guarded)) throw error;
      if (round === ROUNDS) throw restless();
    }
  }
}

/** What is there now, by collection and key; null: no row. Changes of one batch that come later find what the earlier ones leave. */
type Found = Map<string, Row | null>;

function placeOf({ name }: CatalogCollection, keyAsText: string): string {
  return `${name} ${keyAsText}`;
}

/** One read for all rows of a collection that are going to be changed. */
async function rowsBefore(
  ruled: readonly RuledChange[],
  { source, policy, signal, trace }: OwnRowsParts,
): Promise<Found> {
  const found: Found = new Map();
  const collections = new Map(ruled.map((one) => [one.whole, one.rows]));
  for (const [whole, rows] of collections) {
    if (rows.length === 0) continue;
    const operands = keyOperands(whole);
    const keys = ruled.flatMap(({ change, whole: of }): readonly (readonly Value[])[] =>
      of === whole && change.key !== undefined && !change.key.includes(null) ? [change.key] : [],
    );
    const fields = [...new Set([...whole.key, ...fieldsOf(rows)])];
    for (let from = 0; from < keys.length; from += policy.query.keysPerRead) {
      const some = keys.slice(from, from + policy.query.keysPerRead);
      const query = {
        collection: whole.name,
        where: [{ op: 'keys', fields: operands, keys: some } as const],
        order: [],
      };
      for await (const batch of read(source, query, { fields, signal, fresh: true, ...trace }, policy)) {
        for (let i = 0; i < batch.length; i++) {
          const row = batch.row(i);
          const key = whole.key.map((name) => valueAt(row, name));
          found.set(placeOf(whole, keyText(operands, key)), row);
        }
      }
    }
  }
  return found;
}

interface Guarded {
  readonly change: Change;
  /** Paths that the client does not expect anything of, and that the source compares all the same. */
  readonly added: ReadonlySet<string>;
}

const NOTHING_ADDED: ReadonlySet<string> = new Set();

function guard({ change, whole, rows }: RuledChange, found: Found): Guarded {
  if (rows.length === 0) return { change, added: NOTHING_ADDED };
  const { verb, values, key, expected } = change;
  const operands = keyOperands(whole);
  if (verb === 'insert') {
    checkNew(values, rows);
    const own = whole.key.map((name) => (Object.hasOwn(values, name) ? (values[name] ?? null) : null));
    if (!own.includes(null)) found.set(placeOf(whole, keyText(operands, own)), values);
    return { change, added: NOTHING_ADDED };
  }
  const place = placeOf(whole, keyText(operands, key ?? []));
  const row = found.get(place) ?? undefined;
  const isTheirs = row !== undefined && matches(rows, row);
  if (!isTheirs) {
    if (verb !== 'upsert' || expected !== undefined) throw noRow();
    // If the row is there and another's, the source refuses a second one of its key.
    const made: Change = {
      collection: change.collection,
      verb: 'insert',
      values: { ...keyValues(whole, key ?? []), ...values },
    };
    checkNew(made.values, rows);
    found.set(place, made.values);
    return { change: made, added: NOTHING_ADDED };
  }
  const judged = Object.fromEntries(fieldsOf(rows).map((path) => [path, valueAt(row, path)]));
  const known = { ...expected };
  for (const [path, value] of Object.entries(known)) {
    const type = fieldAt(whole.fields, path)?.type;
    if (Object.hasOwn(judged, path) && !isEqual(type, judged[path] ?? null, value)) throw moved(path);
  }
  if (verb === 'delete') found.set(place, null);
  else {
    const after = { ...row, ...values };
    if (!matches(rows, after)) throw notTheirs();
    found.set(place, after);
  }
  return {
    change: { ...change, expected: { ...judged, ...known } },
    added: new Set(Object.keys(judged).filter((path) => !Object.hasOwn(known, path))),
  };
}

function isEqual(type: Type | undefined, a: Value, b: Value): boolean {
  return type !== undefined && isSame(type, a, b);
}

function keyValues({ key }: CatalogCollection, values: readonly Value[]): Readonly<Record<string, Value>> {
  return Object.fromEntries(key.map((name, i) => [name, values[i] ?? null]));
}

/** What decides about a new row must be given: what the source would fill in nobody knows. */
function checkNew(values: Readonly<Record<string, Value>>, rows: Filter): void {
  const given = fieldsOf(rows).every((path) => Object.hasOwn(values, path.split('.')[0] ?? path));
  if (!given || !matches(rows, values)) throw notTheirs();
}

function notTheirs(): Fault {
  return new Fault('forbidden', 'The row would not be among those that you may see', { code: 'row-rule' });
}

function moved(field: string): Fault {
  return new Fault('stale', `"${field}" is no longer what was expected`, { code: 'changed-row', field });
}

/** Whether the source has found something else in the row than what was read to decide about it. */
function hasMoved(error: unknown, guarded: readonly Guarded[]): boolean {
  if (!(error instanceof Fault) || error.kind !== 'stale' || error.code !== 'changed-row') return false;
  const { field, record = 1 } = error.place;
  return field !== undefined && guarded[record - 1]?.added.has(field) === true;
}

function restless(): Fault {
  return new Fault('conflict', 'The row is being changed by others', {
    code: 'changed-row',
    hint: 'Try again.',
  });
}
