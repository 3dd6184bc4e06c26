// Knows: how a catalog becomes a GraphQL schema: root fields, rows, connections, relations, operations.
// Must not know: HTTP, sources. Everything is derived; nothing is configured here.

import {
  GraphQLBoolean,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  printSchema,
} from 'graphql';
import type { Catalog, CatalogCollection, Relation } from '../model/catalog.ts';
import { nameGiver } from '../model/naming.ts';
import { isScalar } from '../model/type.ts';
import { DEFAULT_POLICY, type Policy } from '../policy.ts';
import { requiredText } from '../query/literal.ts';
import type { Item } from '../query/request.ts';
import { changesFields } from './changes.ts';
import { READS } from './complete.ts';
import type { Connection, GraphqlContext } from './context.ts';
import type { InputTypes } from './input-values.ts';
import { keyArguments, type ListInputs, listInputs } from './inputs.ts';
import { operationField } from './operations.ts';
import { described, hasFields, isExact, outputTypes } from './output-types.ts';
import {
  itemFieldResolver,
  itemResolver,
  keyFieldResolver,
  listResolver,
  relationResolver,
  totalCountResolver,
} from './resolve.ts';
import { RESERVED_TYPE_NAMES } from './type-names.ts';
import { isCallable, valueInputs } from './value-inputs.ts';
import { writeFields } from './writes.ts';

type Fields<Source> = GraphQLFieldConfigMap<Source, GraphqlContext>;

/** The types of one collection. */
interface Shape {
  readonly row: GraphQLObjectType<Item, GraphqlContext>;
  readonly connection: GraphQLObjectType<Connection, GraphqlContext>;
  readonly list: ListInputs;
}

const PAGE_INFO = new GraphQLObjectType<Connection, GraphqlContext>({
  name: 'PageInfo',
  fields: {
    hasNextPage: { type: new GraphQLNonNull(GraphQLBoolean) },
    hasPreviousPage: { type: new GraphQLNonNull(GraphQLBoolean) },
    startCursor: { type: GraphQLString, resolve: ({ items }) => items[0]?.cursor ?? null },
    endCursor: {
      type: GraphQLString,
      description: 'Give it as `after` to get the next page.',
      resolve: ({ items }) => items.at(-1)?.cursor ?? null,
    },
  },
});

/**
 * Answers are nullable wherever a source can fail, so that one failure leaves the rest standing: a list, a row of it,
 * every field. Only key fields are not; a row whose key cannot be decoded is null as a whole.
 */
export function createSchema(catalog: Catalog, policy: Policy): GraphQLSchema {
  const typeName = nameGiver(RESERVED_TYPE_NAMES);
  const rootName = nameGiver();
  const outputs = outputTypes(typeName);
  const inputs: InputTypes = { name: typeName, leaf: outputs.leaf, operators: new Map() };
  const shown = [...catalog.collections.values()].filter(({ fields }) => fields.some(hasFields));
  const shapes = new Map<string, Shape>();
  const listsOf = new Map<string, ListInputs>();
  const surroundings = { catalog, policy, inputs: listsOf };

  // Rows take their names before anything that is derived from them does.
  const rowNames = new Map(shown.map(({ name, typeName: wanted }) => [name, typeName(wanted)]));
  for (const collection of shown) {
    const name = rowNames.get(collection.name) ?? collection.typeName;
    const list = listInputs(collection, name, inputs);
    listsOf.set(collection.name, list);
    const row = rowType(collection, name);
    shapes.set(collection.name, { row, connection: connectionType(collection, name, row), list });
  }

  function rowType(collection: CatalogCollection, name: string): Shape['row'] {
    return new GraphQLObjectType<Item, GraphqlContext>({
      name,
      description: collection.doc ?? `One row of ${collection.name}, from ${collection.source}.`,
      fields: () => ({ ...ownFields(collection), ...relationFields(collection) }),
    });
  }

  function ownFields({ fields, key }: CatalogCollection): Fields<Item> {
    return Object.fromEntries(
      fields.filter(hasFields).map((field) => {
        const { name, type } = field;
        const config: GraphQLFieldConfig<Item, GraphqlContext> =
          key.includes(name) && isScalar(type)
            ? { type: new GraphQLNonNull(outputs.leaf(type)), resolve: keyFieldResolver(name) }
            : { type: outputs.output(type), resolve: itemFieldResolver(name, isExact(type)) };
        return [name, { ...config, ...described(field) }];
      }),
    );
  }

  function relationFields({ relations }: CatalogCollection): Fields<Item> {
    const fields: [string, GraphQLFieldConfig<Item, GraphqlContext>][] = [];
    for (const relation of relations.values()) {
      const shape = shapes.get(relation.to);
      if (shape !== undefined) fields.push([relation.name, relationField(relation, shape)]);
    }
    return Object.fromEntries(fields);
  }

  function connectionType(
    collection: CatalogCollection,
    name: string,
    row: Shape['row'],
  ): Shape['connection'] {
    const edge = new GraphQLObjectType<Item, GraphqlContext>({
      name: typeName(`${name}Edge`),
      fields: {
        cursor: { type: new GraphQLNonNull(GraphQLString) },
        node: { type: row, resolve: (item) => item },
      },
    });
    return new GraphQLObjectType<Connection, GraphqlContext>({
      name: typeName(`${name}Connection`),
      description: `A page of ${collection.name}.`,
      fields: {
        items: { type: new GraphQLNonNull(new GraphQLList(row)) },
        edges: { type: new GraphQLNonNull(new GraphQLList(edge)), resolve: ({ items }) => items },
        pageInfo: { type: new GraphQLNonNull(PAGE_INFO), resolve: (connection) => connection },
        totalCount: {
          type: GraphQLInt,
          description: 'Rows of the whole list; only counted when asked for.',
          resolve: totalCountResolver,
        },
      },
    });
  }

  function rootFields(): Fields<unknown> {
    const fields: Fields<unknown> = {};
    for (const collection of shown) {
      const shape = shapes.get(collection.name);
      if (shape === undefined) continue;
      fields[rootName(collection.name)] = {
        type: shape.connection,
        description: listText(collection),
        args: shape.list.args,
        resolve: listResolver(surroundings, collection),
        extensions: READS,
      };
    }
    for (const collection of shown) {
      const shape = shapes.get(collection.name);
      if (shape === undefined || collection.key.length === 0) continue;
      fields[rootName(collection.itemName)] = {
        type: shape.row,
        description: `One row of ${collection.name} by its key; null where there is none.`,
        args: keyArguments(collection, inputs),
        resolve: itemResolver(surroundings, collection),
        extensions: READS,
      };
    }
    return fields;
  }

  const query = rootFields();
  const values = valueInputs(inputs);
  const called: Fields<unknown> = {};
  for (const operation of catalog.operations.values()) {
    if (!isCallable(operation.input) || !hasFields({ type: operation.output })) continue;
    const fields = operation.effect === 'read' ? query : called;
    fields[rootName(operation.name)] = operationField(operation, values, outputs);
  }
  const rows = ({ name }: CatalogCollection) => shapes.get(name)?.row;
  const { fields: written, change } = writeFields(surroundings, shown, rows, { types: inputs, values });
  const free = nameGiver([...Object.keys(called), ...Object.keys(written)]);
  const mutation = { ...written, ...(change === undefined ? {} : { [free('change')]: change }), ...called };
  const subscription = changesFields(surroundings, shown, rows, inputs);
  if (Object.keys(query).length === 0) {
    // GraphQL has no schema without a query field.
    query['_empty'] = {
      type: GraphQLBoolean,
      description: 'No collection is configured. Always null.',
      resolve: () => null,
    };
  }
  return new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: query }),
    mutation: rootType('Mutation', mutation),
    subscription: rootType('Subscription', subscription),
  });
}

/** GraphQL has no object without fields. */
function rootType(name: string, fields: Fields<unknown>): GraphQLObjectType | null {
  return Object.keys(fields).length === 0 ? null : new GraphQLObjectType({ name, fields });
}

function listText(collection: CatalogCollection): string | undefined {
  const lines = [collection.doc, requiredText(collection)].filter((line) => line !== undefined);
  return lines.length === 0 ? undefined : lines.join('\n');
}

function relationField(
  relation: Relation,
  { row, connection, list }: Shape,
): GraphQLFieldConfig<Item, GraphqlContext> {
  const joined = relation.pairs.map(({ local, remote }) => `${local} = ${relation.to}.${remote}`).join(', ');
  const description = relation.doc ?? `Rows of ${relation.to} where ${joined}.`;
  const resolve = relationResolver(relation);
  return relation.cardinality === 'one'
    ? { type: row, description, resolve }
    : { type: connection, description, args: list.args, resolve };
}

/** The schema as text, for clients and for `schemas/schema.graphql`. */
export function printSchemaText(catalog: Catalog): string {
  return `${printSchema(createSchema(catalog, DEFAULT_POLICY))}\n`;
}
