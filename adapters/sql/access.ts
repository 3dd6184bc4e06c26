// Knows: how a query is negotiated: what the database covers, in which order rows come, what it costs, and how
// many statements it takes.
// Must not know: any product.

import { type Access, type Conjunct, type Coverage, Fault, keyText, type Query } from '#spi';
import { countStatement, rowsStatement, type Sorted } from './compile.ts';
import { allOf, type ComparedColumns, conditionOf } from './condition.ts';
import type { Condition, Dialect } from './dialect.ts';
import type { Driver, Statement } from './driver.ts';
import { columnNamed, type Expression } from './expression.ts';
import { batchOf, type DecodedColumn } from './rows.ts';
import { BAD_VALUE, meant, NOT_COMPUTED } from './server-faults.ts';
import { shapesOfTable } from './statement-shapes.ts';
import type { Table } from './table.ts';

/** A table with what was worked out of it once, when the source was opened. */
export interface OpenTable {
  readonly table: Table;
  readonly compared: ComparedColumns;
  /** By API name. */
  readonly decoded: ReadonlyMap<string, DecodedColumn>;
}

export function offer(query: Query, open: OpenTable, dialect: Dialect, driver: Driver): Access {
  const { table, compared, decoded } = open;
  const { conditions, chunks } = negotiate(query, compared, dialect);
  const where = conditions.map(({ coverage }) => coverage);
  const order = orderOf(query, open);
  // The rows of several statements come one statement after the other.
  const ordered = order !== undefined && chunks.length === 1;
  const exact = where.every((coverage) => coverage === 'exact');
  const ofKeys = rowsOfKeys(query, table, where);
  const shapes = shapesOfTable(table);
  const orderText = ordered
    ? query.order.map(({ field, descending }) => (descending ? `-${field}` : field)).join()
    : '-';
  const statementFor = (
    names: readonly string[],
    chunk: readonly Expression[],
    limit?: number,
  ): Statement => {
    const atMost = limit ?? ofKeys;
    const statement = shapes(`${names.join()} ${orderText} ${limit}`, chunk, () =>
      rowsStatement(
        table,
        {
          columns: names.flatMap((name) => table.columns.get(name) ?? []),
          where: chunk,
          order: ordered ? order : [],
          ...(limit === undefined ? {} : { limit }),
        },
        dialect,
      ),
    );
    return atMost === undefined ? statement : { ...statement, atMost };
  };
  const cost = costOf(query, table, where);
  const refuseScan = (): void => {
    if (table.indexedOnly && cost === 'scan' && !isBeginning(query)) throw scanRefused(query, table);
  };
  return {
    where,
    ordered,
    limits: ordered && exact,
    cost,
    get explain() {
      const [first = []] = chunks;
      const { sql } = statementFor([...table.columns.keys()], first);
      return chunks.length === 1 ? sql : `${chunks.length} statements, each: ${sql}`;
    },
    async *read({ fields, limit, signal }) {
      refuseScan();
      const columns = fields.flatMap((name) => decoded.get(name) ?? []);
      const asOf = new Date().toISOString();
      for (const chunk of chunks) {
        const statement = statementFor(fields, chunk, limit);
        for await (const stored of guarded(driver, statement, signal)) {
          yield batchOf(stored, columns, table, asOf);
        }
      }
    },
    ...(exact
      ? {
          async count({ signal }: { readonly signal: AbortSignal }) {
            refuseScan();
            let total = 0;
            for (const chunk of chunks) {
              const statement = countStatement(table, chunk, dialect);
              for await (const [row] of guarded(driver, statement, signal)) total += Number(row?.[0]);
            }
            return total;
          },
        }
      : {}),
  };
}

/** The driver's rows, its errors as faults. An abort stays what it is. */
export async function* guarded(driver: Driver, statement: Statement, signal: AbortSignal) {
  try {
    yield* driver.stream(statement, signal);
  } catch (error) {
    signal.throwIfAborted();
    const fault = driver.fault(error);
    // A value that it could not work out (a division in a view) is none that the client has sent.
    throw fault.code === BAD_VALUE.code ? meant(NOT_COMPUTED, fault.cause) : fault;
  }
}

interface Negotiated {
  readonly conditions: readonly Condition[];
  /** The conditions of each statement; more than one only where batched keys exceed one statement's parameters. */
  readonly chunks: readonly (readonly Expression[])[];
}

function negotiate({ where }: Query, compared: ComparedColumns, dialect: Dialect): Negotiated {
  const batched = where.findIndex(({ op }) => op === 'keys');
  let room = dialect.maxParameters - 1;
  const conditions = where.map((conjunct, i): Condition => {
    if (i === batched) return { coverage: 'none' };
    const weight = weightOf(conjunct);
    if (weight > room) return { coverage: 'none' };
    room -= weight;
    return conditionOf(conjunct, compared, dialect);
  });
  const expressions = conditions.flatMap(({ expression }) => expression ?? []);
  const keys = where[batched];
  if (keys?.op !== 'keys') return { conditions, chunks: [expressions] };

  // A key twice in two statements would bring its rows twice.
  const distinct = [...new Map(keys.keys.map((key) => [keyText(keys.fields, key), key])).values()];
  const size = Math.max(1, Math.floor(room / weightOf({ ...keys, keys: distinct.slice(0, 1) })));
  const parts = Array.from({ length: Math.max(1, Math.ceil(distinct.length / size)) }, (_, i) =>
    conditionOf({ ...keys, keys: distinct.slice(i * size, (i + 1) * size) }, compared, dialect),
  );
  const covered = parts.flatMap(({ expression }) => expression ?? []);
  const coverage = allOf(parts).coverage;
  const all = conditions.map((condition, i) => (i === batched ? { coverage } : condition));
  return coverage === 'none'
    ? { conditions: all, chunks: [expressions] }
    : { conditions: all, chunks: covered.map((part) => [part, ...expressions]) };
}

/** At least as many parameters as the conjunct can take, narrowing included. */
function weightOf(conjunct: Conjunct): number {
  switch (conjunct.op) {
    case 'keys':
      return conjunct.keys.length * Math.max(3, conjunct.fields.length);
    case 'in':
      return conjunct.values.length * 3;
    case 'after':
      return (conjunct.order.length + 1) * (conjunct.order.length + 1);
    case 'any':
      return conjunct.of.flat().reduce((sum, inner) => sum + weightOf(inner), 0);
    case 'not':
      return conjunct.of.reduce((sum, inner) => sum + weightOf(inner), 0);
    default:
      return 4;
  }
}

/** Undefined where the database cannot give the order of the query. */
function orderOf({ order }: Query, { table, compared }: OpenTable): readonly Sorted[] | undefined {
  const sorted: Sorted[] = [];
  for (const { field, descending } of order) {
    const known = compared.get(field);
    if (known?.comparison.order !== 'exact') return undefined;
    sorted.push({ operand: known.comparison.operand, descending, nullable: known.column.nullable });
  }
  if (table.key.length > 0) return sorted;
  return [...sorted, ...ownOrder(table, compared, new Set(order.map(({ field }) => field)))];
}

/**
 * The order that rows without a key have of their own: the product's row position, else all columns that can be
 * ordered and are not `sorted` by already, which leaves together only rows that nothing tells apart.
 */
function ownOrder(table: Table, compared: ComparedColumns, sorted: ReadonlySet<string>): readonly Sorted[] {
  if (table.position !== undefined) {
    return [{ operand: columnNamed(table.position), descending: false, nullable: false }];
  }
  return [...compared].flatMap(([field, { column, comparison }]) =>
    comparison.order === 'exact' && !sorted.has(field)
      ? [{ operand: comparison.operand, descending: false, nullable: column.nullable }]
      : [],
  );
}

function costOf({ where, order }: Query, table: Table, coverage: readonly Coverage[]): Access['cost'] {
  const covered = where.filter((_, i) => coverage[i] !== 'none');
  const fixed = new Set(covered.flatMap(fixedFields));
  const { key } = table.collection;
  if (key.length > 0 && key.every((field) => fixed.has(field))) return 'keys';
  const started = new Set([...fixed, ...covered.flatMap(boundedFields)]);
  const paths = table.indexes.flatMap(([first]) => first ?? []);
  // Without a condition a page is the beginning of an index, and reads no more than what is asked for.
  const walks = where.length === 0 && order[0] !== undefined && paths.includes(order[0].field);
  return walks || paths.some((first) => started.has(first)) ? 'index' : 'scan';
}

/** A page of it is where the table begins, which takes no looking. */
function isBeginning({ where, order }: Query): boolean {
  return where.length === 0 && order.length === 0;
}

function scanRefused({ collection }: Query, { indexes }: Table): Fault {
  const first = [
    ...new Set(indexes.flatMap(([field]) => (field === undefined || field === '' ? [] : [field]))),
  ];
  return new Fault('too-costly', `No index of "${collection}" serves these conditions and this order`, {
    code: 'no-index',
    collection,
    hint: first.length === 0 ? 'It has no index' : `Add a condition on one of: ${first.join(', ')}`,
  });
}

/** How many rows have the keys asked for, where the database itself lets no two rows have the same key. */
function rowsOfKeys({ where }: Query, table: Table, coverage: readonly Coverage[]): number | undefined {
  const { key } = table.collection;
  if (table.enforced.length === 0 || table.key.some(({ nullable }) => nullable)) return undefined;
  const exact = where.filter((_, i) => coverage[i] === 'exact');
  const keys = exact.find(
    (conjunct) =>
      conjunct.op === 'keys' && key.every((name) => conjunct.fields.some(({ field }) => field === name)),
  );
  if (keys?.op === 'keys') return keys.keys.length;
  const single = new Set(exact.flatMap((conjunct) => (conjunct.op === 'eq' ? [conjunct.field] : [])));
  return key.every((name) => single.has(name)) ? 1 : undefined;
}

/** Fields that the conjunct holds to single values. */
function fixedFields(conjunct: Conjunct): readonly string[] {
  if (conjunct.op === 'eq' || conjunct.op === 'in') return [conjunct.field];
  return conjunct.op === 'keys' ? conjunct.fields.map(({ field }) => field) : [];
}

/** Fields that the conjunct bounds on one side. */
function boundedFields(conjunct: Conjunct): readonly string[] {
  switch (conjunct.op) {
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
    case 'startsWith':
      return [conjunct.field];
    case 'after':
      return conjunct.order.slice(0, 1).map(({ field }) => field);
    default:
      return [];
  }
}
