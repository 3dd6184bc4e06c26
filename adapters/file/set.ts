// Knows: what several files offer as one collection: which of them a query concerns, what each has to answer, and how the answers
// come together.
// Must not know: what is inside a record, how one file is read.

import {
  type Access,
  type Ask,
  type Batch,
  type Collection,
  compareRows,
  Fault,
  type Filter,
  fieldAt,
  fieldsOf,
  isComparable,
  type Operand,
  type Order,
  type Query,
  type Row,
  toJson,
  valueAt,
} from '#spi';
import { isSettled, remaining } from './member-filter.ts';
import { merged } from './merge.ts';
import { costOf, countingJourney, routed, type Served } from './offer.ts';
import { countRecords, readBatches } from './read.ts';
import { explain, routeOf } from './route.ts';
import { checkSample } from './sample.ts';
import type { Journey, OpenTable } from './selection.ts';
import type { Member, SetFiles, View } from './set-files.ts';
import { setKeys } from './set-keys.ts';
import type { Table } from './table.ts';

/** Several files of one layout as one collection. */
export interface FileSet {
  readonly source: string;
  /** Of each file; it knows nothing of the fields that names give. */
  readonly table: Table;
  readonly collection: Collection;
  /** Of the collection, in declared order. */
  readonly key: readonly Operand[];
  /** Fields that names give. */
  readonly constants: ReadonlySet<string>;
  /** The one that names the file. */
  readonly fileField: string;
  readonly files: SetFiles;
  readonly sliceMs: number;
}

export function servedSet(of: FileSet): Served {
  const keys = setKeys(of);
  const check = (view: View, signal: AbortSignal) => keys.check(view, { signal });
  return {
    collection: of.collection,
    offer: (query) => offer(of, query, check),
    async check(signal) {
      await using view = await of.files.open({ signal });
      for (const member of view.members) {
        await named(member, () => checkSample(tableOf(of, view, member), member.file, signal));
      }
      if (of.key.length > 0) await check(view, signal);
    },
    async [Symbol.asyncDispose]() {
      await keys[Symbol.asyncDispose]();
      await of.files[Symbol.asyncDispose]();
    },
  };
}

type CheckKeys = (view: View, signal: AbortSignal) => Promise<void>;

/** What of a query concerns a member. */
interface Part {
  readonly member: Member;
  readonly where: Filter;
  readonly journey: Journey;
}

function offer(of: FileSet, query: Query, checkKeys: CheckKeys): Access {
  const { table, constants } = of;
  const exact = query.where.map((conjunct) => isExact(of, conjunct));
  const where = query.where.filter((_, i) => exact[i]);
  const order = query.order.filter(({ field }) => !constants.has(field));
  /** Where the key is not known to give this order, no member comes in order. */
  const ordered = order.length === 0 || routeOf([], order, table.key).way === 'walk';
  const typical: Journey = routed(table, { where: typicalFilter(where, constants), order });
  const journeyOf = journeys(of, where, order);
  const partsOf = (view: View): readonly Part[] =>
    view.members.flatMap((member) => {
      const rest = remaining(where, member.constants);
      return rest === undefined ? [] : [{ member, where: rest, journey: journeyOf(rest) }];
    });
  const checked = async (
    view: View,
    parts: readonly { readonly journey: Journey }[],
    signal: AbortSignal,
  ) => {
    if (of.key.length > 0 && parts.some(({ journey }) => journey.route.way !== 'scan')) {
      await checkKeys(view, signal);
    }
  };
  return {
    where: exact.map((one) => (one ? 'exact' : 'none')),
    ordered,
    limits: true,
    cost: costOf(typical),
    explain: `each file of ${explain(typical.route, table.codec.layout, table.path, table.key, table.note)}`,
    async *read(ask) {
      await using view = await of.files.open(ask);
      const parts = partsOf(view);
      await checked(view, parts, ask.signal);
      yield* readParts(of, { view, parts, order: ordered ? query.order : [] }, ask);
    },
    ...(exact.every((one) => one)
      ? {
          async count(ask) {
            await using view = await of.files.open(ask);
            const parts = partsOf(view).map((part) => ({
              ...part,
              journey: countingJourney(table, part.where, part.journey),
            }));
            await checked(view, parts, ask.signal);
            let count = 0;
            for (const { member, journey } of parts) {
              count += await named(member, () => countRecords(tableOf(of, view, member), journey, ask));
            }
            return count;
          },
        }
      : {}),
  };
}

/** A condition on what names give is decided by the name; what it says of the records has to be decided by the records. */
function isExact({ table, constants }: FileSet, conjunct: Filter[number]): boolean {
  const own = fieldsOf([conjunct]).filter((field) => !constants.has(field));
  if (own.length === 0) return true;
  if (!isSettled(conjunct, constants)) return false;
  const asked = own.map((field): Filter[number] | undefined => {
    const type = fieldAt(table.collection.fields, field)?.type;
    return type !== undefined && isComparable(type) ? { op: 'null', field, type, is: true } : undefined;
  });
  const known = asked.filter((one) => one !== undefined);
  return (
    known.length === own.length &&
    table.codec.predicate(known).coverage.every((covered) => covered === 'exact')
  );
}

/** For people and for the cost: the filter as it reaches a member, as far as that does not depend on the member. */
function typicalFilter(where: Filter, constants: ReadonlySet<string>): Filter {
  return where.flatMap((conjunct): Filter => {
    const fields = fieldsOf([conjunct]);
    if (!fields.some((field) => constants.has(field))) return [conjunct];
    if (conjunct.op !== 'keys') return [];
    const own = conjunct.fields.map(({ field }) => !constants.has(field));
    if (!own.includes(true)) return [];
    const keys = conjunct.keys.map((key) => key.filter((_, i) => own[i]));
    return [{ op: 'keys', fields: conjunct.fields.filter((_, i) => own[i]), keys }];
  });
}

/** Members of which the same is asked share one generated predicate. */
function journeys({ table }: FileSet, where: Filter, order: Order): (rest: Filter) => Journey {
  const known = new Map<string, Journey>();
  return (rest) => {
    const places = rest.map((conjunct) => where.indexOf(conjunct));
    if (places.includes(-1)) return routed(table, { where: rest, order });
    const id = places.join();
    const journey = known.get(id) ?? routed(table, { where: rest, order });
    known.set(id, journey);
    return journey;
  };
}

interface Reading {
  readonly view: View;
  readonly parts: readonly Part[];
  /** In which the rows are to come; empty: file by file. */
  readonly order: Order;
}

async function* readParts(
  of: FileSet,
  { view, parts, order }: Reading,
  ask: Ask,
): AsyncGenerator<Batch, void> {
  const ahead = order.findIndex(({ field }) => !of.constants.has(field));
  // What the names alone decide comes first; only members that are equal in it have to be merged.
  const leading = ahead < 0 ? order : order.slice(0, ahead);
  const compare = (a: Part, b: Part) =>
    compareRows(
      leading,
      ({ field }) => valueAt(a.member.constants, field),
      leading.map(({ field }) => valueAt(b.member.constants, field)),
    );
  const inOrder = parts.toSorted(compare);
  const rest = order.slice(leading.length);
  let left = ask.limit ?? Number.POSITIVE_INFINITY;
  for (let from = 0; from < inOrder.length && left > 0; ) {
    const first = inOrder[from];
    const behind = inOrder.findIndex(
      (part, i) => i > from && first !== undefined && (rest.length === 0 || compare(first, part) !== 0),
    );
    const end = behind < 0 ? inOrder.length : behind;
    const limited: Ask = { ...ask, ...(ask.limit === undefined ? {} : { limit: left }) };
    const group = inOrder.slice(from, end);
    const readings = group.map((part) => readPart(of, view, part, limited, group.length > 1 ? rest : []));
    for await (const batch of readings.length === 1 ? (readings[0] ?? []) : merged(readings, rest, left)) {
      left -= batch.length;
      yield batch;
    }
    from = end;
  }
}

/** `order`: the rows hold its fields, too. */
async function* readPart(
  of: FileSet,
  view: View,
  { member, journey }: Part,
  ask: Ask,
  order: Order,
): AsyncGenerator<Batch, void> {
  const own = (fields: readonly string[]) => fields.filter((field) => !of.constants.has(field));
  const fields = own([...new Set([...ask.fields, ...order.map(({ field }) => field)])]);
  const json = ask.json === undefined ? undefined : own(ask.json);
  const tail = ask.json === undefined ? undefined : jsonTail(of, member, ask.json);
  const { json: _, ...rest } = ask;
  const memberAsk: Ask = { ...rest, fields, ...(json === undefined || tail === undefined ? {} : { json }) };
  try {
    for await (const batch of readBatches(tableOf(of, view, member), journey, memberAsk)) {
      yield withConstants(batch, member.constants, tail);
    }
  } catch (error) {
    throw inMember(member, error);
  }
}

function withConstants({ length, row, json, asOf }: Batch, constants: Row, tail: string | undefined): Batch {
  return {
    length,
    ...(asOf === undefined ? {} : { asOf }),
    row: (i) => ({ ...row(i), ...constants }),
    ...(json === undefined || tail === undefined
      ? {}
      : {
          json(i, out) {
            const start = out.length;
            json(i, out);
            if (tail === '') return;
            // Behind the object's last member, instead of its closing brace.
            out.length--;
            out.text(out.length - start > 1 ? `,${tail}}` : `${tail}}`);
          },
        }),
  };
}

/** What the name adds to the JSON of each row; undefined: it is not asked for behind all of the others. */
function jsonTail(of: FileSet, { constants }: Member, json: readonly string[]): string | undefined {
  const first = json.findIndex((field) => of.constants.has(field));
  if (first < 0) return '';
  const asked = json.slice(first);
  if (asked.some((field) => !of.constants.has(field))) return undefined;
  const members = asked.map((name) => {
    const type = fieldAt(of.collection.fields, name)?.type ?? { kind: 'string' };
    return `${JSON.stringify(name)}:${JSON.stringify(toJson(type, constants[name] ?? null))}`;
  });
  return members.join();
}

/** The member as a file of its own, in the version that the view has. */
function tableOf({ source, table, sliceMs }: FileSet, view: View, member: Member): OpenTable {
  const { name, file, versions } = member;
  const { size, version } = file;
  // One age for all: the oldest tells the least.
  const modifiedAt = oldest(view);
  const stored = {
    path: name,
    open: async () => ({
      size,
      version,
      modifiedAt,
      read: file.read,
      // The view closes it.
      async [Symbol.asyncDispose]() {},
    }),
  };
  return { source, table, file: name, stored, versions, sliceMs };
}

const oldests = new WeakMap<readonly Member[], string>();

function oldest({ members }: View): string {
  const known = oldests.get(members);
  if (known !== undefined) return known;
  const ages = members.map(({ file }) => file.modifiedAt);
  const first = ages.toSorted((a, b) => Date.parse(a) - Date.parse(b))[0] ?? '';
  oldests.set(members, first);
  return first;
}

async function named<Result>(member: Member, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    throw inMember(member, error);
  }
}

function inMember({ name }: Member, error: unknown): unknown {
  return error instanceof Fault ? error.at({ file: name }) : error;
}
