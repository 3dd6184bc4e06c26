// Knows: how the rows of a change are read when it has been made, and what is told when they cannot be.
// Must not know: how the change is made.

import type { GraphQLResolveInfo } from 'graphql';
import { Fault, toFault } from '../fault.ts';
import type { CatalogCollection } from '../model/catalog.ts';
import { type Value, valueAt } from '../model/value.ts';
import { keyText } from '../query/filter.ts';
import type { Item, ListRequest } from '../query/request.ts';
import { contextOf, type GraphqlContext } from './context.ts';
import { itemText, keyOperands } from './inputs.ts';
import { lookAtRow } from './look-ahead.ts';
import { answerType, aroundOf, readPage, type Surroundings } from './resolve.ts';

type Key = readonly Value[];

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
  const operands = keyOperands(collection);
  const { page, query } = surroundings.policy;
  const most = Math.min(page.maxRows, query.keysPerRead);
  const request = (keys: readonly Key[], first: number): ListRequest => ({
    kind: 'list',
    collection: collection.name,
    where: [{ op: 'keys', fields: operands, keys }],
    order: [],
    first,
    count: false,
    selection,
  });
  for (let from = 0; from < rows; from += most) {
    // It is planned and not read.
    await context.execute(request([], Math.min(most, rows - from)), contextOf(context));
  }

  const read = async (keys: readonly Key[]): Promise<readonly Item[]> => {
    const { requestId, signal } = context;
    // Without `asked`: it has been counted.
    const result = await context.execute(request(keys, keys.length), { requestId, signal });
    const { items } = await readPage(result, 'none', context);
    const found = new Map(
      items.map((item) => [
        keyText(
          operands,
          operands.map(({ field }) => valueAt(item.row, field)),
        ),
        item,
      ]),
    );
    return keys.map((key) => found.get(keyText(operands, key)) ?? gone());
  };

  return async (keys) => {
    try {
      const items: Item[] = [];
      for (let from = 0; from < keys.length; from += most) {
        items.push(...(await read(keys.slice(from, from + most))));
      }
      return items;
    } catch (error) {
      if (context.signal.aborted) throw error;
      throw notRead(error, collection, keys);
    }
  };
}

function gone(): never {
  throw new Fault('not-found', 'The row is no longer there');
}

/** Never of a kind that invites to send the change once more. It names the rows, whose keys the source may have made. */
function notRead(error: unknown, collection: CatalogCollection, keys: readonly Key[]): Fault {
  const fault = toFault(error);
  const { name, source } = collection;
  const [first, ...others] = keys;
  return new Fault('upstream', `The change was made, but could not be read back: ${fault.told.message}`, {
    ...fault.told.place,
    code: 'written-not-read',
    source,
    collection: name,
    ...(first !== undefined && others.length === 0
      ? { hint: itemText(collection, first) }
      : {
          errors: keys.map((key, i) => ({
            message: 'This row was written',
            record: i + 1,
            hint: itemText(collection, key),
          })),
        }),
    cause: fault.cause ?? fault,
  });
}
