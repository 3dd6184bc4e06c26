// Knows: how a root field becomes one request of the gateway, and how fields are answered from its rows.
// Must not know: HTTP, how types are named.

import { type GraphQLFieldResolver, type GraphQLResolveInfo, getNamedType, isObjectType } from 'graphql';
import { Fault } from '../fault.ts';
import type { Catalog, CatalogCollection, Relation } from '../model/catalog.ts';
import { type Cell, isList, memberOf, type Row } from '../model/value.ts';
import type { Policy } from '../policy.ts';
import type { Item, Page, Related, Result } from '../query/request.ts';
import { type Connection, contextOf, type GraphqlContext, type Root } from './context.ts';
import type { Arguments } from './input-values.ts';
import { type ListInputs, readKey } from './inputs.ts';
import { type Around, type ListLook, lookAtList, lookAtRow } from './look-ahead.ts';

type Resolver<Source> = GraphQLFieldResolver<Source, GraphqlContext>;

/** What the resolvers of one schema share. */
export interface Surroundings {
  readonly catalog: Catalog;
  readonly policy: Policy;
  /** Collection → its list arguments. */
  readonly inputs: ReadonlyMap<string, ListInputs>;
}

/** A root field is read once for a request, whoever completes it. */
function once(
  { roots }: GraphqlContext,
  { path }: GraphQLResolveInfo,
  read: () => Promise<Root>,
): Promise<Root> {
  const known = roots.get(path.key) ?? read();
  roots.set(path.key, known);
  return known;
}

/** `customers(filter, orderBy, first, after)`: one request for everything below it. */
export function listResolver(surroundings: Surroundings, collection: CatalogCollection): Resolver<unknown> {
  const read = async (args: Arguments, context: GraphqlContext, info: GraphQLResolveInfo) => {
    const { request, ...look } = context.looks.at(info.path.key, () => {
      const around = aroundOf(surroundings, context, info);
      const { selection, count, rows, cursors } = lookAtList(around, collection, answerType(info), [
        info.fieldNodes,
      ]);
      const window = around.window(collection, args, count);
      return { request: { kind: 'list', collection: collection.name, ...window, selection }, rows, cursors };
    });
    const result = await context.execute(request, contextOf(context));
    const { totalCount } = result;
    // Only the count is wanted: then no row is read.
    const page = look.rows ? await readPage(result, look.cursors, context) : EMPTY;
    return {
      ...page,
      hasPreviousPage: request.kind === 'list' && request.after !== undefined,
      ...(totalCount === undefined ? {} : { totalCount: counted(totalCount, result, context) }),
    } satisfies Connection;
  };
  return (_source, args, context, info) => once(context, info, () => read(args, context, info));
}

/** `customer(custId: …)`: the row, or null where there is none. */
export function itemResolver(surroundings: Surroundings, collection: CatalogCollection): Resolver<unknown> {
  const read = async (args: Arguments, context: GraphqlContext, info: GraphQLResolveInfo) => {
    const { request, cursors } = context.looks.at(info.path.key, () => {
      const around = aroundOf(surroundings, context, info);
      const selection = lookAtRow(around, collection, answerType(info), [info.fieldNodes]);
      const key = readKey(collection, args);
      return {
        request: { kind: 'item', collection: collection.name, key, selection },
        rows: true,
        cursors: 'none',
      };
    });
    const result = await context.execute(request, contextOf(context));
    const { items } = await readPage(result, cursors, context);
    return items[0] ?? null;
  };
  return (_source, args, context, info) => once(context, info, () => read(args, context, info));
}

export function aroundOf(
  surroundings: Surroundings,
  context: GraphqlContext,
  info: GraphQLResolveInfo,
): Around {
  const { catalog, policy, inputs } = surroundings;
  return {
    catalog,
    policy,
    info,
    names: context.looks.includeNames,
    met: 0,
    window: ({ name }, args, count) => {
      const reader = inputs.get(name);
      if (reader === undefined)
        throw new Fault('internal', 'A collection has no arguments', { collection: name });
      return reader.read(args, count, policy);
    },
  };
}

export function answerType({ returnType }: GraphQLResolveInfo): Parameters<typeof lookAtRow>[2] {
  const named = getNamedType(returnType);
  if (isObjectType(named)) return named;
  throw new Fault('internal', 'A list answers no objects');
}

const EMPTY: Page = { items: [], hasNextPage: false };
const NOTHING: ReadonlyMap<string, Related> = new Map();

export async function readPage(
  result: Result,
  cursors: ListLook['cursors'],
  context: GraphqlContext,
): Promise<Page> {
  const items: Item[] = [];
  for await (const batch of result.batches) {
    const last = batch.length - 1;
    for (let i = 0; i <= last; i++) {
      const wanted = cursors === 'each' || (cursors === 'ends' && (i === last || items.length === 0));
      items.push({
        row: batch.row(i),
        related: batch.related?.(i) ?? NOTHING,
        cursor: wanted ? batch.cursor(i) : '',
      });
    }
  }
  noteAges(result, context);
  return { items, hasNextPage: result.hasNextPage() };
}

/** A count, too, says how old it is. */
function counted(totalCount: () => Promise<number>, result: Result, context: GraphqlContext) {
  return async () => {
    const count = await totalCount();
    noteAges(result, context);
    return count;
  };
}

function noteAges(result: Result, { ages }: GraphqlContext): void {
  for (const { source, asOf, cache } of result.freshness()) ages.note(source, asOf, cache);
}

/** A relation's field: read with its parents' page, so it is only looked up. */
export function relationResolver({ name, cardinality }: Relation): Resolver<Item> {
  return ({ related }, args: Arguments, context, { fieldNodes: [node], path }) => {
    const as = (node === undefined ? undefined : context.looks.includeNames.of(node)) ?? String(path.key);
    const found = related.get(as);
    if (found === undefined) return new Fault('internal', 'A relation was not read', { field: name });
    if (found === null || found instanceof Fault) return found;
    const isPage = 'items' in found;
    if (isPage !== (cardinality === 'many')) {
      return new Fault('internal', 'A relation was not read as declared', { field: name });
    }
    return isPage ? ({ ...found, hasPreviousPage: args['after'] != null } satisfies Connection) : found;
  };
}

/** A field of a row. A cell that could not be decoded is its fault: the executor answers null and tells where. */
export function itemFieldResolver(name: string, exact: boolean): Resolver<Item> {
  return exact ? ({ row }) => memberOf(row, name) ?? null : ({ row }) => finite(memberOf(row, name) ?? null);
}

/** A key field: the schema promises that it is there. */
export function keyFieldResolver(name: string): Resolver<Item> {
  return ({ row }) =>
    memberOf(row, name) ??
    new Fault('corrupt', 'The key of the row is null', { code: 'null-key', field: name });
}

/** A field inside a group. */
export function groupFieldResolver(name: string, exact: boolean): Resolver<Row> {
  return exact ? (group) => memberOf(group, name) ?? null : (group) => finite(memberOf(group, name) ?? null);
}

/** GraphQL's Float has neither NaN nor infinity (October 2021, section 3.5.2): that field fails by name. */
function finite(cell: Cell): Cell {
  if (isList(cell)) return cell.map(finite);
  if (typeof cell !== 'number' || Number.isFinite(cell)) return cell;
  return new Fault('unsupported', `The field holds ${cell}, which a GraphQL Float cannot carry`, {
    code: 'not-finite',
    hint: 'Read it over REST, where it is text.',
  });
}

const MAX_INT = 2_147_483_647;

/** Int, because a count is for reading and REST answers a JSON number too; what Int cannot hold is refused. */
export const totalCountResolver: Resolver<Connection> = async ({ totalCount }) => {
  const count = typeof totalCount === 'function' ? await totalCount() : totalCount;
  if (count === undefined || count <= MAX_INT) return count ?? null;
  return new Fault('unsupported', `There are ${count} rows, more than a GraphQL Int can tell`, {
    code: 'count-beyond-int',
  });
};
