// Knows: changes of rows as root fields of the mutation, and what they answer.
// Must not know: how sources write, how arguments become changes, several changes of different rows as one.

import {
  GraphQLBoolean,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldConfigMap,
  GraphQLNonNull,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
} from 'graphql';
import type { CatalogCollection } from '../model/catalog.ts';
import { type WriteKind, writeNames } from '../model/write-names.ts';
import { carryOut, readEach } from './carry-out.ts';
import { changeField } from './change-field.ts';
import type { GraphqlContext } from './context.ts';
import type { Arguments } from './input-values.ts';
import { listOf } from './output-types.ts';
import { prepareReadBack } from './read-back.ts';
import type { Surroundings } from './resolve.ts';
import { type ChangeInput, type ChangeTypes, changeInputs, type PlacedChange } from './write-inputs.ts';

type RootField = GraphQLFieldConfig<unknown, GraphqlContext>;
type RootFields = GraphQLFieldConfigMap<unknown, GraphqlContext>;

export interface WriteFields {
  /** Each under its name: `createAccount`. */
  readonly fields: RootFields;
  /** Several changes as one; absent where nothing can be changed. */
  readonly change?: RootField;
}

/**
 * `rows`: the type of a collection's rows. An answer is never null: where a change cannot be made no later one of the document is, the data
 * as a whole is null, and `GraphqlContext.changed` tells which were made before.
 */
export function writeFields(
  surroundings: Surroundings,
  collections: readonly CatalogCollection[],
  rows: (collection: CatalogCollection) => GraphQLObjectType | undefined,
  lent: ChangeTypes,
): WriteFields {
  const names = writeNames(surroundings.catalog.collections.values());
  const fields: RootFields = {};
  const changes = new Map<string, ChangeInput>();
  for (const collection of collections) {
    const own = names.get(collection.name);
    const row = rows(collection);
    if (own === undefined || row === undefined) continue;
    const inputs = changeInputs(collection, row.name, lent);
    for (const [kind, name] of own) {
      const input = inputs.get(kind === 'create' || kind === 'createMany' ? 'insert' : kind);
      if (input === undefined) continue;
      fields[name] = writeField(kind, collection, row, input, surroundings);
      if (kind !== 'createMany') changes.set(name, input);
    }
  }
  return changes.size === 0 ? { fields } : { fields, change: changeField(changes, surroundings, lent) };
}

function writeField(
  kind: WriteKind,
  collection: CatalogCollection,
  row: GraphQLObjectType,
  input: ChangeInput,
  surroundings: Surroundings,
): RootField {
  const { args, read } = asked(kind, input);
  const common = { description: TEXTS[kind](collection.name), args };
  // Without a key nobody could find the row again.
  if (kind === 'delete' || collection.key.length === 0) {
    return { ...common, type: new GraphQLNonNull(GraphQLBoolean), resolve: trueResolver(surroundings, read) };
  }
  const resolve = rowsResolver(surroundings, collection, read);
  if (kind === 'createMany') return { ...common, type: listOf(row), resolve };
  return {
    ...common,
    type: new GraphQLNonNull(row),
    resolve: async (...given) => (await resolve(...given))[0],
  };
}

type ReadChanges = (args: Arguments) => readonly PlacedChange[];

/** The arguments, and what they ask for. */
function asked(
  kind: WriteKind,
  input: ChangeInput,
): { readonly args: GraphQLFieldConfigArgumentMap; readonly read: ReadChanges } {
  switch (kind) {
    case 'create':
      return { args: input.args, read: ({ values }) => [input.read(values, 'values')] };
    case 'createMany':
      return {
        args: { values: { type: listOf(input.type) } },
        read: ({ values }) => readEach(values, 'row', 'values', input.read),
      };
    default:
      return { args: input.args, read: (args) => [input.read(args, '')] };
  }
}

const TEXTS: Readonly<Record<WriteKind, (name: string) => string>> = {
  create: (name) => `Makes a row of ${name}.`,
  createMany: (name) => `Makes rows of ${name}: all of them, or none.`,
  update: (name) => `Changes a row of ${name}.`,
  upsert: (name) => `Puts a row of ${name}: a new one, or all of the one that is there.`,
  delete: (name) => `Removes a row of ${name}.`,
};

function rowsResolver(surroundings: Surroundings, collection: CatalogCollection, read: ReadChanges) {
  return async (_source: unknown, args: Arguments, context: GraphqlContext, info: GraphQLResolveInfo) => {
    const changes = read(args);
    const readBack = await prepareReadBack(surroundings, collection, changes.length, context, info);
    const outcomes = await carryOut(changes, surroundings, context, info);
    return readBack(outcomes.map(({ key }) => key));
  };
}

function trueResolver(surroundings: Surroundings, read: ReadChanges) {
  return async (_source: unknown, args: Arguments, context: GraphqlContext, info: GraphQLResolveInfo) => {
    await carryOut(read(args), surroundings, context, info);
    return true;
  };
}
