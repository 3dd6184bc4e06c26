// Knows: the arguments of a collection's lists and items, and how their values become windows and keys.
// Must not know: resolvers, selections, HTTP.

import {
  type GraphQLFieldConfigArgumentMap,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLString,
} from 'graphql';
import type { CatalogCollection } from '../model/catalog.ts';
import { toJson, type Value } from '../model/value.ts';
import type { Policy } from '../policy.ts';
import { keyOperands } from '../query/filter.ts';
import type { Window } from '../query/request.ts';
import { type FilterEntries, filterType, readFilter } from './filter-input.ts';
import { type Arguments, type InputTypes, typedOperand } from './input-values.ts';
import { type OrderEntries, orderType, readOrder } from './order-input.ts';

/** Arguments of one collection's lists, and how to read them. */
export interface ListInputs {
  readonly args: GraphQLFieldConfigArgumentMap;
  /** Coerced arguments → window. Throws `invalid` or `too-costly`. */
  read(args: Arguments, count: boolean, policy: Policy): Window;
}

export function listInputs(collection: CatalogCollection, typeName: string, types: InputTypes): ListInputs {
  const filterEntries: FilterEntries = new Map();
  const orderEntries: OrderEntries = new Map();
  const filter = filterType(collection, typeName, types, filterEntries);
  const order = orderType(collection.fields, typeName, '', types, orderEntries);
  return {
    args: {
      filter: { type: filter, description: 'Rows for which every condition is true.' },
      ...(order === undefined
        ? {}
        : {
            orderBy: {
              type: new GraphQLList(new GraphQLNonNull(order)),
              description: 'The first entry decides, then the second, at last the key.',
            },
          }),
      first: { type: GraphQLInt, description: 'Rows wanted, at least 1.' },
      after: {
        type: GraphQLString,
        description: 'Cursor of an earlier page: the row behind which to begin.',
      },
    },
    read({ filter: where, orderBy, first, after }, count, policy) {
      return {
        where: where == null ? [] : readFilter(filterEntries, where, policy),
        order: orderBy == null ? [] : readOrder(orderEntries, orderBy),
        ...(typeof first === 'number' ? { first } : {}),
        ...(typeof after === 'string' ? { after } : {}),
        count,
      };
    },
  };
}

/** One argument for each key field. Key fields inside groups are named by their path: `id_branch`. */
export function keyArguments(
  collection: CatalogCollection,
  types: InputTypes,
): GraphQLFieldConfigArgumentMap {
  return Object.fromEntries(
    keyOperands(collection).map(({ field, type }) => [
      argumentName(field),
      { type: new GraphQLNonNull(types.leaf(type)) },
    ]),
  );
}

/** Coerced arguments → key in declared order. */
export function readKey(collection: CatalogCollection, args: Arguments): readonly Value[] {
  return keyOperands(collection).map((operand) => {
    const name = argumentName(operand.field);
    return typedOperand(operand, args[name], name, name);
  });
}

/** A row as a query asks for it: `account(acctId: 7)`. */
export function itemText(collection: CatalogCollection, key: readonly Value[]): string {
  const given = keyOperands(collection).map(
    ({ field, type }, i) => `${argumentName(field)}: ${JSON.stringify(toJson(type, key[i] ?? null))}`,
  );
  return `${collection.itemName}(${given.join(', ')})`;
}

/** Of a key field as an argument. */
export function argumentName(path: string): string {
  return path.replaceAll('.', '_');
}
