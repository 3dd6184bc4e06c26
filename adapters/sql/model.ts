// Knows: the saved model of a database: what its catalog says, as reviewable JSON in `schemas/`.
// Must not know: files, connections, any product, and what the configuration picks from it.

import { z } from 'zod';

export const MODEL_FORMAT = 'overpunch-database/1';

const names = z.array(z.string()).readonly();

const column = z
  .strictObject({
    name: z.string().describe('Name in the database, as it stands there'),
    type: z.string().describe('Declared type in the words of the product: DECIMAL(11,2)'),
    nullable: z.boolean().describe('May hold nulls'),
    values: names.optional().describe('Values of an enumerated type, in the order of the catalog'),
    collation: z.string().optional().describe('How the product compares its texts'),
    comment: z.string().optional().describe('The comment of the catalog'),
    default: z.boolean().optional().describe('The database gives it a value when none is written'),
    generated: z
      .enum(['identity', 'always', 'version'])
      .optional()
      .describe(
        'The database makes its values: "identity" numbers new rows (with a default: unless a number is given), "always" is worked out and cannot be written, "version" changes with every update of its row',
      ),
    trusted: z.boolean().optional().describe('The product enforces the declared type on every stored value'),
  })
  .readonly();

const parameter = z
  .strictObject({
    name: z.string().describe('Name in the database; empty where it has none'),
    type: z.string().describe('Declared type in the words of the product'),
    values: names.optional().describe('Values of an enumerated type, in the order of the catalog'),
    mode: z.enum(['in', 'out', 'inout']),
    cursor: z.boolean().optional().describe('It brings a cursor, whose rows are a result set'),
    optional: z.boolean().optional().describe('It has a default and may be left out'),
  })
  .readonly();

const resultColumn = z
  .strictObject({
    name: z.string(),
    type: z.string(),
    values: names.optional().describe('Values of an enumerated type, in the order of the catalog'),
    nullable: z.boolean().optional(),
  })
  .readonly();

const routine = z
  .strictObject({
    schema: z.string().optional(),
    package: z.string().optional().describe('The package that it stands in (Oracle)'),
    name: z.string(),
    kind: z.enum(['procedure', 'function', 'table function']),
    comment: z.string().optional(),
    parameters: z.array(parameter).readonly(),
    returns: z.string().optional().describe('Declared type of the value that it returns'),
    returnValues: names.optional().describe('Values of the enumerated type that it returns'),
    returnsCursor: z
      .boolean()
      .optional()
      .describe('What it returns is a cursor, of a table function any number of them: each is a result set'),
    results: z
      .array(z.array(resultColumn).readonly())
      .readonly()
      .optional()
      .describe('Columns of each of its result sets, as far as the catalog knows them'),
  })
  .readonly();

const table = z
  .strictObject({
    schema: z.string().optional().describe('Schema that it stands in, where the product has schemas'),
    name: z.string().describe('Name in the database, as it stands there'),
    kind: z.enum(['table', 'view']),
    comment: z.string().optional().describe('The comment of the catalog'),
    columns: z.array(column).readonly(),
    key: names.describe('Columns of the primary key in its order; empty without one'),
    unique: z.array(names).readonly().describe('Columns of each unique constraint or index'),
    indexes: z.array(names).readonly().describe('Columns of each index that covers all rows'),
    foreignKeys: z
      .array(z.strictObject({ columns: names, table: z.string(), references: names }).readonly())
      .readonly()
      .describe('What refers to other tables: proposals for relations'),
    transactional: z
      .literal(false)
      .optional()
      .describe('What was written into it cannot be taken back: it is only read'),
    position: z
      .string()
      .optional()
      .describe('Column that the product adds and that gives rows without a key their order'),
  })
  .readonly();

const omitted = z.strictObject({ name: z.string(), reason: z.string() }).readonly();

export const databaseModel = z
  .strictObject({
    $schema: z.string().optional(),
    format: z.literal(MODEL_FORMAT),
    product: z.string().describe('Name of the adapter that wrote it'),
    encoding: z.string().optional().describe('Encoding of texts, where the product has one for the database'),
    server: z.string().optional().describe('Version of the server, where what it can do depends on it'),
    tables: z.array(table).readonly(),
    routines: z.array(routine).readonly().optional().describe('Stored procedures and functions'),
    omitted: z.array(omitted).readonly().describe('What cannot be exposed, and why'),
  })
  .readonly();

export type SavedColumn = z.infer<typeof column>;
export type SavedTable = z.infer<typeof table>;
export type SavedParameter = z.infer<typeof parameter>;
export type SavedRoutine = z.infer<typeof routine>;
export type Omitted = z.infer<typeof omitted>;
export type DatabaseModel = z.infer<typeof databaseModel>;

/** Text of the saved model: the same catalog always gives the same text, so that changes can be reviewed. */
export function modelText(model: DatabaseModel): string {
  return `${JSON.stringify(model, null, 2)}\n`;
}
