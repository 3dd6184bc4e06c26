// Knows: how a configuration makes a collection of operations.
// Must not know: operations, how they are called.

import { z } from 'zod';

const path = z.string().min(1);
const constants = z.record(z.string(), z.unknown()).default({}).describe('Argument → value for all calls');
const rows = path
  .exactOptional()
  .describe('Where the list of rows sits in the answer, dotted; by default the answer is the list');
const pageSize = z.int().min(1).default(100).describe('Rows of a page');
const size = path.exactOptional().describe('Argument that takes the number of rows of a page');

const get = z
  .strictObject({
    operation: path.describe('Operation that gives one row by its key'),
    arguments: z
      .record(z.string(), path)
      .describe('Key field → argument that takes it, dotted into groups: { custId: request.customerId }'),
    row: path
      .exactOptional()
      .describe('Where the row sits in the answer, dotted; by default the answer is the row'),
    constants,
  })
  .describe('One row by its key');

const getMany = z
  .strictObject({
    operation: path.describe('Operation that gives many rows by their keys'),
    arguments: z
      .record(z.string(), path)
      .describe(
        'Key field → argument that takes a list of it; for a key of several fields, the field in a list of groups: keys.bank',
      ),
    rows,
    max: z.int().min(1).default(100).describe('Most keys in one call'),
    constants,
  })
  .describe('Many rows by their keys, in one call');

const takes = (what: string) => path.exactOptional().describe(`Argument that takes ${what}`);

const operators = z
  .strictObject({
    eq: takes('the value that the field must have'),
    in: takes('a list of the values that the field may have'),
    gt: takes('what the field must be above'),
    gte: takes('the least that the field may be'),
    lt: takes('what the field must be below'),
    lte: takes('the most that the field may be'),
    startsWith: takes('the beginning of the text'),
    endsWith: takes('the end of the text'),
    contains: takes('a part of the text'),
  })
  .describe('Operator → argument that takes its value');

const paging = z
  .union([
    z.strictObject({
      offset: path.describe('Argument that takes the number of rows to pass over'),
      limit: path.exactOptional().describe('Argument that takes the number of rows wanted'),
      pageSize,
    }),
    z.strictObject({
      page: path.describe('Argument that takes the number of the page'),
      size,
      first: z.int().min(0).default(1).describe('Number of the first page'),
      pageSize,
    }),
    z.strictObject({
      cursor: path.describe('Argument that takes the token of the next page'),
      next: path.describe('Where the token of the next page sits in the answer'),
      size,
      pageSize,
    }),
  ])
  .describe('How the service gives its rows in pages');

const search = z
  .strictObject({
    operation: path.describe('Operation that gives the rows that fit its arguments'),
    where: z
      .record(z.string(), operators)
      .default({})
      .describe('Field → operators that the service can evaluate: { grade: { eq: grade } }'),
    exact: z
      .array(z.string())
      .default([])
      .describe(
        'Conditions that the service evaluates just as the gateway would: grade.eq. Others are checked again',
      ),
    required: z
      .array(z.string())
      .default([])
      .describe('Fields without whose equality the service cannot be asked'),
    rows,
    constants,
    paging: paging.exactOptional(),
  })
  .describe('Rows by conditions, or all rows');

export const collectionsOptions = z
  .record(
    z.string(),
    z
      .strictObject({
        doc: z.string().exactOptional().describe('What the collection is, for the API reference'),
        key: z.array(z.string()).default([]).describe('Fields that tell rows apart'),
        get: get.exactOptional(),
        getMany: getMany.exactOptional(),
        search: z
          .union([search, z.array(search)])
          .exactOptional()
          .describe('One search or several'),
        concurrency: z.int().min(1).max(100).default(8).describe('Calls at the same time for one question'),
        hidden: z.array(z.string()).default([]).describe('Fields to leave out of the API'),
      })
      .refine(({ get: one, getMany: many, search: some }) => (one ?? many ?? some) !== undefined, {
        message: 'expected get, getMany or search',
      }),
  )
  .default({})
  .describe('Collection name → the operations behind it');

export type CollectionOptions = z.infer<typeof collectionsOptions>[string];
export type GetOptions = z.infer<typeof get>;
export type GetManyOptions = z.infer<typeof getMany>;
export type SearchOptions = z.infer<typeof search>;
export type PagingOptions = z.infer<typeof paging>;
