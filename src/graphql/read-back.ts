// Knows: how the rows of a change are read when it has been made.
// Must not know: how the change is made.

import type { GraphQLResolveInfo } from 'graphql';
import type { CatalogCollection } from '../model/catalog.ts';
import { inOrderOf, type Key, readBack, rowsAtOnce, rowsRequest } from '../query/read-back.ts';
import type { Item } from '../query/request.ts';
import { contextOf, type GraphqlContext } from './context.ts';
import { itemText } from './inputs.ts';
import { lookAtRow } from './look-ahead.ts';
import { answerType, aroundOf, readPage, type Surroundings } from './resolve.ts';

/** Rows by their keys, each where its key stands. Throws `written-not-read`. */
export type ReadBack = (keys: readonly Key[]) => Promise<readonly Item[]>;

/**
 * Looks at what is selected of `rows` rows that are going to be written: whatever there is to refuse about it is refused now, before
 * anything is changed, and what it may cost is counted.
 */
export async function prepareReadBack(
  surroundings: Surroundings,
  collection: CatalogCollection,
  rows: number,
  context: GraphqlContext,
  info: GraphQLResolveInfo,
): Promise<ReadBack> {
  const around = aroundOf(surroundings, context, info);
  const selection = lookAtRow(around, collection, answerType(info), [info.fieldNodes]);
  const most = rowsAtOnce(surroundings.policy);
  for (let from = 0; from < rows; from += most) {
    // It is planned and not read.
    const request = rowsRequest(collection, selection, [], Math.min(most, rows - from));
    await context.execute(request, contextOf(context));
  }

  const read = async (keys: readonly Key[]): Promise<readonly Item[]> => {
    const items: Item[] = [];
    for (let from = 0; from < keys.length; from += most) {
      const request = rowsRequest(collection, selection, keys.slice(from, from + most));
      // Without `asked`: it has been counted.
      const page = await readPage(await context.execute(request, context.exchange), 'none', context);
      items.push(...page.items);
    }
    return inOrderOf(keys, collection, items, ({ row }) => row);
  };
  return (keys) =>
    readBack(collection, keys, {
      read: () => read(keys),
      textOf: (key) => itemText(collection, key),
      signal: context.exchange.signal,
    });
}
