// Knows: how a request becomes a plan: names and types checked, the order made total, cursors read, cost bounded.
// Must not know: sources. It never awaits.

import { Fault } from '../fault.ts';
import type { Catalog, CatalogCollection, Relation } from '../model/catalog.ts';
import { didYouMean } from '../model/naming.ts';
import {
  elementOf,
  type Field,
  fieldAt,
  isComparable,
  isScalar,
  type Scalar,
  selectableAt,
  type Type,
  typeText,
} from '../model/type.ts';
import type { Value } from '../model/value.ts';
import type { Policy } from '../policy.ts';
import { condition, type Filter, fieldsOf } from '../query/filter.ts';
import { enclosedText, shown } from '../query/literal.ts';
import { isMasked, maskedField } from '../query/masked.ts';
import type { Order, OrderKey } from '../query/order.ts';
import { checkFirst, fingerprint, readCursor } from '../query/page.ts';
import type { Asked, Include, Request, Selection, Window } from '../query/request.ts';
import type { Sealing } from '../query/sealing.ts';
import type { WatchRequest } from '../query/watching.ts';
import type { IncludePlan, ReadPlan } from './plan.ts';

interface Surroundings {
  readonly catalog: Catalog;
  readonly policy: Policy;
  readonly sealing: Sealing | undefined;
  /** Nesting: the root list is 1. */
  readonly depth: number;
}

/** `catalog`: that of the client's view; `sealing`: for its cursors. Throws `not-found` for an unknown collection, `invalid` for unknown names, `too-costly` over a limit. */
export function plan(request: Request, catalog: Catalog, policy: Policy, sealing?: Sealing): ReadPlan {
  const collection = collectionOf(request.collection, catalog);
  const window = request.kind === 'list' ? request : itemWindow(collection, request.key);
  return level(collection, window, request.selection, [], { catalog, policy, sealing, depth: 1 });
}

/** What is told of one row that has changed. Throws as `plan` does, and `unsupported` where the collection cannot be watched. */
export function planWatch(
  { collection: name, selection }: WatchRequest,
  catalog: Catalog,
  policy: Policy,
  sealing?: Sealing,
): ReadPlan {
  const collection = collectionOf(name, catalog);
  if (collection.watchable !== true) {
    throw new Fault('unsupported', `Changes of "${name}" cannot be watched`, {
      code: 'not-watchable',
      source: collection.source,
      collection: name,
    });
  }
  const window: Window = { where: [], order: [], first: 1, count: false };
  return level(collection, window, selection, [], { catalog, policy, sealing, depth: 1 });
}

function collectionOf(name: string, { collections }: Catalog): CatalogCollection {
  const collection = collections.get(name);
  if (collection !== undefined) return collection;
  const hint = didYouMean(name, collections.keys());
  throw new Fault('not-found', `There is no collection ${shown(name)}.${hint}`);
}

/** One row by its key is a list of at most one. */
function itemWindow(collection: CatalogCollection, key: readonly Value[]): Window {
  if (collection.key.length === 0) {
    throw new Fault('unsupported', `"${collection.name}" has no key, so it has no single items`, {
      collection: collection.name,
    });
  }
  if (key.length !== collection.key.length) {
    throw new Fault('invalid', `The key of "${collection.name}" is ${collection.key.join(',')}`, {
      collection: collection.name,
    });
  }
  const where = collection.key.map((name, i) =>
    condition({ field: name, type: comparableAt(collection, name, 'key') }, 'eq', [key[i] ?? null]),
  );
  return { where, order: [], first: 1, count: false };
}

/** Plans one level and those below. `joined`: fields that the parents' keys restrict. */
function level(
  collection: CatalogCollection,
  window: Window,
  selection: Selection,
  joined: readonly string[],
  around: Surroundings,
): ReadPlan {
  for (const path of selection.fields) fieldOf(collection, path, 'select');
  for (const path of fieldsOf(window.where)) filterableAt(collection, path);
  checkRequired(collection, window.where, joined);
  const first = window.first ?? around.policy.page.defaultRows;
  if (first !== 'all') checkFirst(first, around.policy.page);

  const order = totalOrder(collection, window.order);
  const { hiddenKey } = collection;
  const keyless = collection.key.length === 0 && hiddenKey === undefined;
  const sealing = hiddenKey === undefined ? undefined : around.sealing;
  if (hiddenKey !== undefined && sealing === undefined) throw new Fault('internal', 'Nothing seals cursors');
  // A position among one parent's rows is none among all rows, so a relation's cursors are its own.
  const boundTo = fingerprint([collection.name, ...joined].join('/'), window.where, order);
  const position = window.after === undefined ? undefined : readCursor(boundTo, order, window.after, sealing);
  const where: Filter =
    position?.kind === 'values'
      ? [...window.where, { op: 'after', order, values: position.values }]
      : window.where;
  const includes = selection.include.map((include) => included(collection, include, around));
  const of = {
    collection: collection.name,
    ...(position?.version === undefined ? {} : { version: position.version }),
  };

  return {
    source: collection.source,
    query: { ...of, where, order },
    ...(window.count ? { counted: { ...of, where: window.where, order: [] } } : {}),
    fields: [
      ...new Set([
        ...selection.fields,
        ...order.map(({ field }) => field),
        ...includes.flatMap(({ relation }) => relation.pairs.map(({ local }) => local)),
        ...joined,
      ]),
    ],
    output: selection.fields,
    first,
    skip: position?.kind === 'offset' ? position.offset : 0,
    keyless,
    where: window.where,
    boundTo,
    sealed: sealing !== undefined,
    includes,
  };
}

function included(collection: CatalogCollection, include: Include, around: Surroundings): IncludePlan {
  const relation = collection.relations.get(include.relation);
  const target = relation === undefined ? undefined : around.catalog.collections.get(relation.to);
  if (relation === undefined || target === undefined) {
    const hint = didYouMean(include.relation, collection.relations.keys());
    throw new Fault('invalid', `"${collection.name}" has no relation ${shown(include.relation)}.${hint}`, {
      code: 'unknown-relation',
      parameter: 'include',
    });
  }
  const depth = around.depth + 1;
  if (depth > around.policy.query.maxDepth) {
    throw new Fault('too-costly', `Relations are nested deeper than ${around.policy.query.maxDepth} levels`, {
      code: 'depth-limit',
      parameter: 'include',
    });
  }
  const window = relation.cardinality === 'one' ? { ...include, first: 1 } : include;
  return {
    as: include.as,
    relation,
    read: level(target, window, include.selection, remoteFields(relation), { ...around, depth }),
  };
}

function remoteFields(relation: Relation): readonly string[] {
  return relation.pairs.map(({ remote }) => remote);
}

/** A keyed collection's order ends with its key; a keyless one's is completed by the source's own order. */
function totalOrder(collection: CatalogCollection, wanted: Order): Order {
  const seen = new Set<string>();
  const order: OrderKey[] = [];
  for (const { field, descending } of wanted) {
    const type = comparableAt(collection, field, 'orderby');
    // A field named twice decides nothing the second time.
    if (!seen.has(field)) order.push({ field, type, descending });
    seen.add(field);
  }
  const { key, hiddenKey } = collection;
  const last = hiddenKey ?? key.map((field) => ({ field, type: comparableAt(collection, field, 'key') }));
  for (const { field, type } of last) if (!seen.has(field)) order.push({ field, type, descending: false });
  return order;
}

function fieldOf({ name, fields, relations }: CatalogCollection, path: string, parameter: string): Field {
  const found = parameter === 'select' ? selectableAt(fields, path) : fieldAt(fields, path);
  if (found !== undefined) return found;
  const enclosed = parameter === 'select' ? undefined : enclosedText(fields, path);
  if (enclosed !== undefined) {
    throw new Fault('invalid', enclosed, { code: 'not-comparable', collection: name, parameter });
  }
  const steps = path.split('.');
  const parent = steps.length > 1 ? selectableAt(fields, steps.slice(0, -1).join('.')) : undefined;
  const group = parent === undefined ? undefined : elementOf(parent.type);
  const siblings = group?.kind === 'object' ? group.fields : fields;
  const hint = didYouMean(steps.at(-1) ?? path, [
    ...siblings.map((sibling) => sibling.name),
    ...relations.keys(),
  ]);
  throw new Fault('invalid', `"${name}" has no field ${shown(path)}.${hint}`, {
    code: 'unknown-field',
    collection: name,
    parameter,
  });
}

/** What may be asked by. */
function openAt(collection: CatalogCollection, path: string, parameter: string): Field {
  const field = fieldOf(collection, path, parameter);
  const { name, fields } = collection;
  if (isMasked(fields, path)) throw maskedField(path, { parameter, collection: name });
  return field;
}

function comparableAt(collection: CatalogCollection, path: string, parameter: string): Scalar {
  const { type } = openAt(collection, path, parameter);
  if (isComparable(type)) return type;
  throw notComparable(collection, path, type, parameter);
}

/** Which operators a scalar takes is the facades' business; a document, for one, can only be asked whether it is null. */
function filterableAt(collection: CatalogCollection, path: string): void {
  const { type } = openAt(collection, path, 'filter');
  if (!isScalar(type)) throw notComparable(collection, path, type, 'filter');
}

function notComparable(collection: CatalogCollection, path: string, type: Type, parameter: string): Fault {
  return new Fault('invalid', `${shown(path)} is ${typeText(type)} and cannot be compared`, {
    code: 'not-comparable',
    collection: collection.name,
    parameter,
  });
}

/** One of the sets of fields that the source insists on must be given by equality, by the client or by the parents' keys. */
function checkRequired(collection: CatalogCollection, where: Filter, joined: readonly string[]): void {
  const given = new Set(joined);
  for (const conjunct of where) {
    if (conjunct.op === 'eq' || conjunct.op === 'in') given.add(conjunct.field);
  }
  const { required = [] } = collection;
  if (required.length > 0 && !required.some((fields) => fields.every((field) => given.has(field)))) {
    const ways = required.map((fields) => fields.join(' and ')).join(', or for ');
    throw new Fault('invalid', `"${collection.name}" can only be asked with a value for ${ways}`, {
      code: 'required-filter',
      collection: collection.name,
      parameter: 'filter',
    });
  }
}

/**
 * Adds what the plan may answer to what its client has asked for already: the parts of one GraphQL document are bounded
 * together. Throws `too-costly`.
 */
export function checkCost(read: ReadPlan, policy: Policy, asked: Asked = { rows: 0 }): void {
  asked.rows += rowsOf(read, 1, policy);
  if (asked.rows <= policy.query.maxCost) return;
  throw new Fault(
    'too-costly',
    `The request may answer ${asked.rows} rows; the limit is ${policy.query.maxCost}`,
    {
      code: 'cost-limit',
      hint: 'Ask for fewer rows with "first" on the outer lists.',
    },
  );
}

/** Rows that a level and those below may answer, were every page full. */
function rowsOf(read: ReadPlan, parents: number, policy: Policy): number {
  const own = parents * (read.first === 'all' ? policy.page.maxRows : read.first);
  return read.includes.reduce((sum, include) => sum + rowsOf(include.read, own, policy), own);
}
