// Knows: the GraphQL types of one row alone, as SDL: for who wants them without a gateway.
// Must not know: collections, requests.

import { GraphQLObjectType, GraphQLSchema, printSchema } from 'graphql';
import { answerable } from '../model/answerable.ts';
import { nameGiver } from '../model/naming.ts';
import type { ObjectType } from '../model/type.ts';
import { outputTypes } from './output-types.ts';

/** The row's type with all types below it. They are those that the gateway shows for the same layout. */
export function rowTypesText(row: ObjectType): string {
  const type = outputTypes(nameGiver()).output({ ...row, fields: answerable(row.fields) });
  if (!(type instanceof GraphQLObjectType)) throw new TypeError('a row is an object');
  return `${printSchema(new GraphQLSchema({ types: [type] }))}\n`;
}
