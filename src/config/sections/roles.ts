// Knows: how the configuration says what roles may do.
// Must not know: what the rules mean for a catalog.

import { z } from 'zod';
import { name } from './name.ts';

const fieldNames = z.array(z.string().min(1)).min(1);

/** `collections: { customers: { … } }` of a role. */
const grant = z
  .strictObject({
    read: z
      .boolean()
      .default(true)
      .describe(
        'Whether rows may be read, counted and related to; false takes a collection out of what * grants',
      ),
    watch: z.boolean().exactOptional().describe('Whether changes may be watched; left out, as `read`'),
    write: z
      .array(z.enum(['insert', 'update', 'upsert', 'delete']))
      .default([])
      .describe('What may be written, where the source takes it'),
    fields: z
      .union([fieldNames, z.strictObject({ except: fieldNames.describe('All fields but these') })])
      .exactOptional()
      .describe(
        'Fields that exist for the role, dotted inside groups and lists of groups; left out, all. What shows bytes of something hidden or masked (REDEFINES, level 88) is hidden with it, unless it is named here',
      ),
    readOnly: fieldNames.exactOptional().describe('Fields that are read and not written'),
    mask: z
      .record(z.string(), z.enum(['null', 'lastFour', 'year', 'hash']))
      .default({})
      .describe('Field → what is shown of it: nothing, its last four characters, its year, a keyed hash'),
    rows: z
      .string()
      .min(1)
      .exactOptional()
      .describe(
        "Rows that exist for the role, in the filter language, where a claim of the caller may stand for a value, with `in` for the list: branch in @claims.branches and status ne 'X'",
      ),
  })
  .describe('What the role may do with one collection');

const role = z
  .strictObject({
    doc: z.string().exactOptional().describe('What the role is for'),
    collections: z
      .record(z.string(), z.union([grant, z.literal('read'), z.literal('all')]))
      .default({})
      .describe(
        'Collection, or * for those that are not named → what may be done; `read` and `all` are short for it',
      ),
    operations: z.array(z.string().min(1)).default([]).describe('Operations that may be called; * for all'),
  })
  .describe('What a role may do; what is not said here, it may not');

export const roles = z
  .record(name, role)
  .default({})
  .describe(
    'Role → what it may do. Who has several roles: where their rows are the same, what any of them may do; where they differ, the rows of all of them, but of each only what all of them may do. `overpunch rights` shows what it comes to',
  );

export type Roles = z.output<typeof roles>;
export type Role = z.output<typeof role>;
export type Grant = z.output<typeof grant>;
