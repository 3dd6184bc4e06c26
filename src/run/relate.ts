// Knows: how relations are followed: one batched key read for all parents of a level, whatever their number.
// Must not know: facades, and how a single query is read.

import { Fault } from '../fault.ts';
import type { Relation } from '../model/catalog.ts';
import { convert } from '../model/comparison.ts';
import { type Cell, cellAt, type Row, type Value, valueAt } from '../model/value.ts';
import type { IncludePlan, ReadPlan } from '../plan/plan.ts';
import { condition, keyText, type Operand } from '../query/filter.ts';
import { fingerprint } from '../query/page.ts';
import type { Item, Related } from '../query/request.ts';
import { traceOf } from '../query/trace.ts';
import type { Batch, Query } from '../spi.ts';
import { read } from './read.ts';
import { cursorOf, onVersion, type Placed, type Running } from './running.ts';
import { faultFor } from './seen.ts';
import { isOverTally } from './tally.ts';

/** What each of the rows includes, by `Include.as`. A relation that fails is a Fault for every row; the others stand. */
export async function relate(
  rows: readonly Row[],
  includes: readonly IncludePlan[],
  running: Running,
): Promise<readonly ReadonlyMap<string, Related>[]> {
  const answers = rows.map(() => new Map<string, Related>());
  await Promise.all(
    includes.map(async (include) => {
      const related = await follow(rows, include, running).catch((error: unknown) => {
        if (running.context.signal.aborted || isOverTally(error)) throw error;
        const fault = faultFor(running.seen.showing(include.read.query.collection), error);
        return rows.map((): Related => fault);
      });
      for (const [i, answer] of answers.entries()) answer.set(include.as, related[i] ?? null);
    }),
  );
  return answers;
}

/** The parent's values as the remote side's types; null where nothing can match; a fault where they did not decode. */
function parentKey(row: Row, { pairs }: Relation): readonly Value[] | null | Fault {
  const key: Value[] = [];
  for (const { local, localType, remoteType } of pairs) {
    const cell: Cell = cellAt(row, local);
    if (cell instanceof Fault) return cell;
    const value = convert(localType, remoteType, valueAt(row, local));
    if (value === null || value === undefined) return null;
    key.push(value);
  }
  return key;
}

/** Rows found for one parent key. */
interface Group {
  readonly key: readonly Value[];
  readonly rows: Row[];
  /** Rows found in all: those before the page, on it, and behind it. */
  found: number;
  total?: number;
  /** Of the data that the rows are of. */
  version?: string | undefined;
}

async function follow(
  rows: readonly Row[],
  include: IncludePlan,
  running: Running,
): Promise<readonly Related[]> {
  const { relation, read: plan } = include;
  const operands = relation.pairs.map(({ remote, remoteType }) => ({ field: remote, type: remoteType }));
  const keys = rows.map((row) => parentKey(row, relation));
  const groups = new Map<string, Group>();
  const groupOfParent = keys.map((key) => {
    if (key === null || key instanceof Fault) return undefined;
    const text = keyText(operands, key);
    const known = groups.get(text);
    if (known !== undefined) return known;
    const group: Group = { key, rows: [], found: 0 };
    groups.set(text, group);
    return group;
  });

  const page = plan.first === 'all' ? Number.POSITIVE_INFINITY : plan.first;
  const wanted = [...groups.values()];
  for (let from = 0; from < wanted.length; from += running.policy.query.keysPerRead) {
    const chunk = wanted.slice(from, from + running.policy.query.keysPerRead);
    const keyed = withKeys(plan.query, operands, chunk);
    // Only one parent's rows can be cut at the source; with several, each parent has a page of its own.
    const counted = plan.counted !== undefined && plan.counted.where.length === plan.query.where.length;
    const single = chunk.length === 1 && !counted && Number.isFinite(page);
    for await (const batch of batchesOf(keyed, plan, running, single ? plan.skip + page + 1 : undefined)) {
      for (let i = 0; i < batch.length; i++) {
        const row = batch.row(i);
        const group = groups.get(rowKeyText(operands, row));
        if (group === undefined) continue;
        // A page of a keyless collection begins behind so many rows of its own parent.
        if (group.found >= plan.skip && group.rows.length < page) group.rows.push(row);
        group.version = batch.version;
        group.found++;
      }
    }
    if (counted) for (const group of chunk) group.total = group.found;
    else if (plan.counted !== undefined) {
      const version = chunk.find((group) => group.version !== undefined)?.version;
      const query = onVersion(withKeys(plan.counted, operands, chunk), version);
      await countGroups(query, plan, groups, operands, running);
    }
  }

  const items = await itemsOf(wanted, plan, running);
  return keys.map((key, i): Related => {
    if (key instanceof Fault) return key;
    const group = groupOfParent[i];
    const own = (group === undefined ? undefined : items.get(group)) ?? [];
    if (relation.cardinality === 'one') return own[0] ?? null;
    const hasNextPage = (group?.found ?? 0) > plan.skip + own.length;
    const last = own.at(-1);
    return {
      items: own,
      hasNextPage,
      ...(hasNextPage && key !== null && last !== undefined
        ? {
            nextCursor: rootCursor(
              include,
              key,
              { row: last.found, offset: plan.skip + own.length, version: group?.version },
              running,
            ),
          }
        : {}),
      ...(plan.counted === undefined ? {} : { totalCount: group?.total ?? 0 }),
    };
  });
}

function withKeys(query: Query, fields: readonly Operand[], groups: readonly Group[]): Query {
  return { ...query, where: [{ op: 'keys', fields, keys: groups.map(({ key }) => key) }, ...query.where] };
}

function rowKeyText(operands: readonly Operand[], row: Row): string {
  return keyText(
    operands,
    operands.map(({ field }) => valueAt(row, field)),
  );
}

async function* batchesOf(
  query: Query,
  plan: ReadPlan,
  running: Running,
  rows: number | undefined,
): AsyncGenerator<Batch> {
  const limit = running.policy.query.maxRelationRows;
  let seen = 0;
  const wanted = {
    fields: plan.fields,
    signal: running.context.signal,
    ...traceOf(running.context),
    // The rows that they belong to may still be on their way.
    within: true,
    ...(rows === undefined ? {} : { rows }),
  } as const;
  for await (const batch of read(running.source(plan.source), query, wanted, running.policy)) {
    running.saw(plan.source, batch.asOf, batch.cache);
    seen += batch.length;
    if (seen > limit) {
      throw new Fault(
        'too-costly',
        `A relation to "${query.collection}" would read more than ${limit} rows`,
        {
          code: 'relation-limit',
          collection: query.collection,
          hint: 'Ask for fewer parent rows with "first", or filter the relation.',
        },
      );
    }
    yield batch;
    if (rows !== undefined && seen >= rows) return;
  }
}

/** Counts without the cursor: needed only where a relation is both paged and counted. */
async function countGroups(
  query: Query,
  plan: ReadPlan,
  groups: ReadonlyMap<string, Group>,
  operands: readonly Operand[],
  running: Running,
): Promise<void> {
  const fields = operands.map(({ field }) => field);
  for await (const batch of batchesOf(query, { ...plan, fields }, running, undefined)) {
    for (let i = 0; i < batch.length; i++) {
      const group = groups.get(rowKeyText(operands, batch.row(i)));
      if (group !== undefined) group.total = (group.total ?? 0) + 1;
    }
  }
}

/** The kept rows as items; what they include is read for all of them together. */
async function itemsOf(
  groups: readonly Group[],
  plan: ReadPlan,
  running: Running,
): Promise<ReadonlyMap<Group, readonly RelatedItem[]>> {
  const rows = groups.flatMap((group) => group.rows);
  running.tally(rows.length);
  const showing = running.seen.showing(plan.query.collection);
  const related = plan.includes.length === 0 ? [] : await relate(rows, plan.includes, running);
  const none: ReadonlyMap<string, Related> = new Map();
  let next = 0;
  return new Map(
    groups.map((group) => [
      group,
      group.rows.map(
        (row, i) =>
          new RelatedItem(
            showing === undefined ? row : showing.row(row),
            related[next++] ?? none,
            plan,
            { row, offset: plan.skip + i + 1, version: group.version },
            running,
          ),
      ),
    ]),
  );
}

/** Makes its cursor when it is read, which is seldom. A class because an object with a getter of its own is slow to make. */
class RelatedItem implements Item {
  readonly row: Row;
  readonly related: ReadonlyMap<string, Related>;
  readonly #plan: ReadPlan;
  readonly #placed: Placed;
  readonly #running: Running;

  constructor(
    row: Row,
    related: ReadonlyMap<string, Related>,
    plan: ReadPlan,
    placed: Placed,
    running: Running,
  ) {
    this.row = row;
    this.related = related;
    this.#plan = plan;
    this.#placed = placed;
    this.#running = running;
  }

  get cursor(): string {
    return cursorOf(this.#plan, this.#plan.boundTo, this.#placed, this.#running);
  }

  /** The row as it was found, of which not everything may be shown. */
  get found(): Row {
    return this.#placed.row;
  }
}

/** A cursor of the related collection's own list, filtered by equality to one parent: where a client reads on. */
function rootCursor(
  { relation, read: plan }: IncludePlan,
  key: readonly Value[],
  last: Placed,
  running: Running,
): string {
  const equalities = relation.pairs.map(({ remote, remoteType }, i) =>
    condition({ field: remote, type: remoteType }, 'eq', [key[i] ?? null]),
  );
  const boundTo = fingerprint(relation.to, [...equalities, ...plan.where], plan.query.order);
  return cursorOf(plan, boundTo, last, running);
}
