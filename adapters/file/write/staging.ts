// Knows: what the changes of a request make of the records of one file, one change after the other.
// Must not know: where records stand in the file's bytes, how the file is written.

import {
  type Change,
  checkExpected,
  compareValues,
  Fault,
  keyText,
  noRow,
  type Operand,
  type Outcome,
  type Value,
  valueAt,
} from '#spi';
import type { ByteFile } from '../store/byte-store.ts';
import type { Span } from '../tables/rows.ts';
import { type HeldRecord, holdRecord } from './held-record.ts';
import { keyValue, withKey } from './key-values.ts';
import type { Lookup } from './lookup.ts';
import { checkMember, isMember } from './membership.ts';
import type { Placing } from './placement.ts';
import { badValue, type Values } from './record.ts';
import type { Writable } from './writable.ts';

/** A record of the request: as it was, and as it is to be. */
interface Staged {
  readonly writable: Writable;
  readonly key: readonly Value[];
  /** Absent: it is new. */
  readonly held?: HeldRecord;
  /** As the codec reads it; absent: there is none. */
  now: Uint8Array | undefined;
}

export interface Staging {
  /** Throws what keeps the change from being made. */
  apply(writable: Writable, change: Change): Promise<Outcome>;
  /** What has become of the records; nothing where all are as they were. `behind`: collections with new ones behind the last of the file. */
  placing(): Promise<Placing & { readonly behind: readonly Writable[] }>;
  /** No record came or went. */
  readonly keepsRecords: boolean;
  /** Have all records of the collection that changed the same values in these fields as before? */
  keeps(writable: Writable, fields: readonly Operand[]): boolean;
}

export interface StagingOf {
  readonly file: ByteFile;
  /** All collections of the file that are written. */
  readonly writables: readonly Writable[];
  lookup(writable: Writable): Promise<Lookup>;
  readonly signal: AbortSignal;
}

export function stagingOf({ file, writables, lookup, signal }: StagingOf): Staging {
  const all: Staged[] = [];
  const known = new Map<Writable, { readonly found: Lookup; readonly byKey: Map<string, Staged> }>();
  const knownOf = async (writable: Writable) => {
    const before = known.get(writable);
    if (before !== undefined) return before;
    const fresh = { found: await lookup(writable), byKey: new Map<string, Staged>() };
    known.set(writable, fresh);
    return fresh;
  };

  const find = async (
    writable: Writable,
    key: readonly Value[],
    text: string,
  ): Promise<Staged | undefined> => {
    const { found: records, byKey } = await knownOf(writable);
    const staged = byKey.get(text);
    if (staged !== undefined) return staged;
    const span = await records.find(key);
    if (span === undefined) return undefined;
    const { source, table, framing, form } = writable;
    const held = await holdRecord(
      file,
      framing,
      span,
      { source, collection: table.collection.name },
      { signal },
    );
    const found: Staged = { writable, key, held, now: form.read(held.record) };
    byKey.set(text, found);
    all.push(found);
    return found;
  };

  /** The record as it would be; throws where it would be of another collection, or have another key. */
  const checked = (writable: Writable, record: Uint8Array, key: readonly Value[]): Uint8Array => {
    const { table, member, records, form } = writable;
    const { name } = table.collection;
    if (member !== undefined) checkMember(member, record, name);
    for (const other of writables) {
      if (other === writable || other.member === undefined) continue;
      const { collection } = other.table;
      const seen = other.form.read(form.write(record));
      if (isMember(other.member, seen, collection.name)) throw ofBoth(name, collection.name);
    }
    const row = records.read(
      record,
      table.key.map(({ field }) => field),
    );
    for (const [i, { field, type }] of table.key.entries()) {
      const own = valueAt(row, field);
      const asked = key[i] ?? null;
      if (own === null || asked === null) throw badValue(field, 'is part of the key and needs a value');
      if (compareValues(type, own, asked) !== 0) throw keyChanged(field);
    }
    return record;
  };

  const create = (writable: Writable, values: Values, key: readonly Value[]): Uint8Array => {
    const { records, table, member } = writable;
    const whole = { ...member?.constants, ...withKey(values, table.key, key) };
    return checked(writable, records.create(whole), key);
  };

  return {
    async apply(writable, { verb, values, key: named, expected }) {
      const { table, records } = writable;
      if (table.key.length === 0) {
        all.push({ writable, key: [], now: create(writable, values, []) });
        return { key: [], created: true };
      }
      const key = named ?? table.key.map(({ field }) => keyValue(values, field));
      const text = key.includes(null) ? undefined : keyText(table.key, key);
      const staged = text === undefined ? undefined : await find(writable, key, text);
      const now = staged?.now;
      if (now === undefined) {
        if (verb === 'update' || verb === 'delete' || expected !== undefined) throw noRow();
        const record = create(writable, values, key);
        if (staged !== undefined) staged.now = record;
        else {
          const fresh: Staged = { writable, key, now: record };
          all.push(fresh);
          (await knownOf(writable)).byKey.set(text ?? '', fresh);
        }
        return { key, created: true };
      }
      if (verb === 'insert') throw duplicate();
      const locate = staged?.held?.locate;
      if (expected !== undefined) {
        const row = records.read(now, Object.keys(expected), locate);
        checkExpected(row, expected, table.collection.fields);
      }
      if (staged === undefined) return { key, created: false };
      staged.now =
        verb === 'delete'
          ? undefined
          : checked(writable, records.change(now, values, locate ?? (() => ({}))), key);
      return { key, created: false };
    },
    placing: () => placingOf(all, (writable) => known.get(writable)?.found),
    get keepsRecords() {
      return all.every(({ held, now }) => (held === undefined) === (now === undefined));
    },
    keeps: (writable, fields) =>
      all.every(({ writable: own, held, now }) => {
        if (own !== writable || held === undefined || now === undefined) return true;
        const paths = fields.map(({ field }) => field);
        const [before, after] = [writable.form.read(held.record), now].map((record) =>
          writable.records.read(record, paths),
        );
        return fields.every(({ field, type }) => {
          const [one, other] = [before, after].map((row) => (row === undefined ? null : valueAt(row, field)));
          return compareValues(type, one ?? null, other ?? null) === 0;
        });
      }),
  };
}

type LookupOf = (writable: Writable) => Lookup | undefined;

async function placingOf(all: readonly Staged[], lookupOf: LookupOf): ReturnType<Staging['placing']> {
  const changed = all.flatMap(({ writable, held, now }) => {
    if (held === undefined) return [];
    const record = now === undefined ? undefined : writable.form.write(now, held.record);
    return record !== undefined && isSame(record, held.record) ? [] : [{ held, record }];
  });
  const fresh = all.filter(({ held, now }) => held === undefined && now !== undefined);
  const inserted: { readonly record: Uint8Array; readonly before?: Span }[] = [];
  const behind = new Set<Writable>();
  for (const { writable, key, now = new Uint8Array(0) } of inOrder(fresh, lookupOf)) {
    const lookup = lookupOf(writable);
    const before = isOrdered(writable, lookup) ? await lookup?.above(key) : undefined;
    if (before === undefined) behind.add(writable);
    inserted.push({ record: writable.form.write(now), ...(before === undefined ? {} : { before }) });
  }
  return { changed, inserted, behind: [...behind] };
}

/** Those of a collection that is kept in key order change their places among one another. */
function inOrder(fresh: readonly Staged[], lookupOf: LookupOf): readonly Staged[] {
  const sorted = new Map<Writable, Iterator<Staged>>();
  for (const [writable, own] of Map.groupBy(fresh, (staged) => staged.writable)) {
    if (!isOrdered(writable, lookupOf(writable))) continue;
    const { key } = writable.table;
    sorted.set(writable, own.toSorted((a, b) => compareKeys(key, a.key, b.key)).values());
  }
  return fresh.map((staged) => sorted.get(staged.writable)?.next().value ?? staged);
}

function isOrdered({ insert, table, shared }: Writable, lookup: Lookup | undefined): boolean {
  if (lookup === undefined || insert === 'append') return false;
  if (lookup.ascending) return true;
  if (insert === undefined) return false;
  throw new Fault(
    'rejected',
    `"${shared.path}" is not in the order of its keys, so no record can be put in its place`,
    {
      code: 'not-in-order',
      collection: table.collection.name,
      hint: 'Sort the file, or let new records be appended (insert: append).',
    },
  );
}

function compareKeys(key: Writable['table']['key'], a: readonly Value[], b: readonly Value[]): number {
  for (const [i, { type }] of key.entries()) {
    const result = compareValues(type, a[i] ?? null, b[i] ?? null);
    if (result !== 0) return result;
  }
  return 0;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => b[i] === byte);
}

export function duplicate(): Fault {
  return new Fault('conflict', 'There is such a row already', { code: 'duplicate' });
}

function keyChanged(field: string): Fault {
  return new Fault('invalid', `"${field}" is part of the key, which names the row and does not change`, {
    code: 'read-only-field',
    field,
  });
}

function ofBoth(name: string, other: string): Fault {
  return new Fault('invalid', `By its values the record would belong to "${name}" and to "${other}"`, {
    code: 'bad-value',
  });
}
