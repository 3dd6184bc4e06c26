// Knows: changes of collections as root fields of the subscription, and what they answer.
// Must not know: HTTP, how a watch is carried out.

import {
  GraphQLEnumType,
  type GraphQLFieldConfigMap,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLResolveInfo,
  GraphQLString,
  isObjectType,
} from 'graphql';
import { Fault, toFault } from '../fault.ts';
import type { CatalogCollection } from '../model/catalog.ts';
import { nameGiver } from '../model/naming.ts';
import type { Value } from '../model/value.ts';
import { hasLeft } from '../query/context.ts';
import { keyOperands } from '../query/filter.ts';
import type { Item, Selection } from '../query/request.ts';
import { CHANGE_KINDS, type Happening, isPosition, type WatchEvent } from '../query/watching.ts';
import { contextOf, type GraphqlContext } from './context.ts';
import type { Arguments, InputTypes } from './input-values.ts';
import { argumentName } from './inputs.ts';
import { wrapped } from './limits.ts';
import { fieldsOf, lookAtRow } from './look-ahead.ts';
import { answerType, aroundOf, type Surroundings } from './resolve.ts';
import { GRAPHQL_SCALARS } from './scalars.ts';

type Key = readonly Value[];
type Row = GraphQLObjectType<Item, GraphqlContext>;

/**
 * Root fields of the subscription, each under its name: `customersChanges`; none where nothing can be watched. `rows`: the type of a
 * collection's rows.
 */
export function changesFields(
  surroundings: Surroundings,
  collections: readonly CatalogCollection[],
  rows: (collection: CatalogCollection) => Row | undefined,
  types: InputTypes,
): GraphQLFieldConfigMap<unknown, GraphqlContext> {
  const free = nameGiver();
  const fields: GraphQLFieldConfigMap<unknown, GraphqlContext> = {};
  let kinds: GraphQLEnumType | undefined;
  for (const collection of collections) {
    const row = rows(collection);
    if (collection.watchable !== true || row === undefined) continue;
    kinds ??= kindType(types);
    fields[free(`${collection.name}Changes`)] = {
      type: new GraphQLNonNull(changeType(collection, row, kinds, types)),
      description: `What happens to rows of ${collection.name}, as it happens.`,
      args: {
        after: {
          type: GraphQLString,
          description: 'Position of the last change that was told: begins behind it. Left out: from now on.',
        },
      },
      subscribe: subscriber(surroundings, collection),
      resolve: (happening) => happening,
    };
  }
  return fields;
}

function kindType(types: InputTypes): GraphQLEnumType {
  const words: Readonly<Record<Happening['kind'], string>> = {
    insert: 'A row is new.',
    update: 'A row has other values.',
    delete: 'A row is gone.',
    reset: 'Anything may have happened to any row: read the collection again.',
    position: 'Nothing has happened; it tells where to resume.',
  };
  return new GraphQLEnumType({
    name: types.name('ChangeKind'),
    values: Object.fromEntries(
      CHANGE_KINDS.map((kind) => [kind.toUpperCase(), { value: kind, description: words[kind] }]),
    ),
  });
}

function changeType(
  collection: CatalogCollection,
  row: Row,
  kinds: GraphQLEnumType,
  types: InputTypes,
): GraphQLObjectType<Happening, GraphqlContext> {
  const keyed: GraphQLFieldConfigMap<Happening, GraphqlContext> =
    collection.key.length === 0
      ? {}
      : {
          key: {
            type: keyType(collection, row.name, types),
            description: 'Which row it is; null of RESET and POSITION.',
          },
          node: {
            type: row,
            description: 'The row as it is now: of INSERT and UPDATE.',
            resolve: ({ item }) => item ?? null,
          },
          changed: {
            type: new GraphQLList(new GraphQLNonNull(GraphQLString)),
            description: 'Of UPDATE: the fields that have other values than before.',
          },
        };
  return new GraphQLObjectType<Happening, GraphqlContext>({
    name: types.name(`${row.name}Change`),
    description: `Something that happened to ${collection.name}.`,
    fields: {
      kind: { type: new GraphQLNonNull(kinds) },
      ...keyed,
      asOf: { type: GRAPHQL_SCALARS.instant, description: 'When the data was current.' },
      position: {
        type: new GraphQLNonNull(GraphQLString),
        description: 'Give it as `after` to go on behind this.',
      },
    },
  });
}

/** Key fields inside groups are named by their path, as arguments are: `id_branch`. */
function keyType(
  collection: CatalogCollection,
  row: string,
  types: InputTypes,
): GraphQLObjectType<Key, GraphqlContext> {
  return new GraphQLObjectType<Key, GraphqlContext>({
    name: types.name(`${row}Key`),
    fields: Object.fromEntries(
      keyOperands(collection).map(({ field, type }, i) => [
        argumentName(field),
        { type: new GraphQLNonNull(types.leaf(type)), resolve: (key: Key) => key[i] ?? null },
      ]),
    ),
  });
}

function subscriber(surroundings: Surroundings, collection: CatalogCollection) {
  return async (
    _source: unknown,
    args: Arguments,
    context: GraphqlContext,
    info: GraphQLResolveInfo,
  ): Promise<AsyncGenerator<Happening>> => {
    const { watch } = context;
    if (watch === undefined) {
      throw new Fault('unsupported', `Changes of "${collection.name}" cannot be watched here`, {
        code: 'not-watchable',
        collection: collection.name,
      });
    }
    const { after } = args;
    if (typeof after === 'string' && !isPosition(after)) {
      throw new Fault('invalid', 'This is no position', { code: 'bad-position', parameter: 'after' });
    }
    const request = {
      collection: collection.name,
      selection: selectionOf(surroundings, collection, context, info),
      live: true,
      ...(typeof after === 'string' ? { after } : {}),
    };
    const { events } = await watch(request, contextOf(context));
    return happenings(events, context.exchange.signal);
  };
}

async function* happenings(
  events: AsyncIterable<WatchEvent>,
  signal: AbortSignal,
): AsyncGenerator<Happening> {
  try {
    // Signs of life are the server's own here.
    for await (const event of events) if (event.kind !== 'idle') yield event;
  } catch (error) {
    // Nobody is left to be told.
    if (!hasLeft(signal)) throw wrapped(toFault(error));
  }
}

/** What is asked of the row that has changed. */
function selectionOf(
  surroundings: Surroundings,
  collection: CatalogCollection,
  context: GraphqlContext,
  info: GraphQLResolveInfo,
): Selection {
  const around = aroundOf(surroundings, context, info);
  const type = answerType(info);
  const row = type.getFields()['node']?.type;
  if (!isObjectType(row)) return { fields: [], include: [] };
  const places = [...fieldsOf(around, type, info.fieldNodes).values()].filter(
    ([node]) => node?.name.value === 'node',
  );
  return lookAtRow(around, collection, row, places);
}
