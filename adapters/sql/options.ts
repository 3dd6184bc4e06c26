// Knows: how a configuration picks tables and columns; the same for every SQL product.
// Must not know: any product.

import { z } from 'zod';

const columnOptions = z.union([
  z.string().describe('API name of the column'),
  z.strictObject({
    name: z.string().optional().describe('API name of the column'),
    type: z
      .string()
      .optional()
      .describe('The type that the database should have declared, in its own words: DECIMAL(11,2)'),
    doc: z.string().optional().describe('What the column means, for the API reference'),
    trusted: z
      .boolean()
      .optional()
      .describe(
        'Every stored value fits the declared type: conditions can then use an index alone. Without it, products that do not enforce types also look for values that do not fit',
      ),
    hidden: z.boolean().default(false).describe('Leave the column out of the API'),
  }),
]);

export const tableOptions = z.strictObject({
  table: z.string().min(1).describe('Table or view; with its schema in front where there are schemas'),
  key: z
    .array(z.string())
    .optional()
    .describe('Columns that tell rows apart; by default the primary key. Needed for views that have one'),
  doc: z.string().optional().describe('What the collection is, for the API reference'),
  writes: z
    .array(z.enum(['insert', 'update', 'upsert', 'delete']))
    .default([])
    .describe('What clients may do to its rows; the source must say `readOnly: false` too'),
  scans: z
    .enum(['allow', 'refuse'])
    .default('allow')
    .describe(
      'What becomes of conditions and orders that no index of the model serves: "refuse" answers too-costly before the database is asked',
    ),
  maxValueBytes: z
    .int()
    .min(1)
    .default(16_777_216)
    .describe(
      'Bytes of a single value (texts in UTF-8): a larger one is a fault of its field, and is never cut',
    ),
  columns: z
    .record(z.string(), columnOptions)
    .default({})
    .describe('By column: another API name, or { name, type, doc, trusted, hidden }'),
});

export const collectionsOptions = z
  .record(z.string(), tableOptions)
  .describe('Collection name → the table or view behind it');

export type TableOptions = z.infer<typeof tableOptions>;
