// Knows: the options of a set of files as they stand in the YAML.
// Must not know: what is done with them.

import { z } from 'zod';

const glob = z
  .string()
  .min(1)
  .describe(
    'Pattern of the paths, below the root of the source: * ? [a-z] {a,b} within each step (CUST*.DAT, */ACCT.TXT); a backslash ' +
      'takes the next character as it stands. A leading dot has to be written',
  );

const fieldName = z.string().min(1);

const set = z.strictObject({
  glob,
  generations: z
    .union([z.enum(['latest', 'all']), z.int().min(-9_999).max(9_999)])
    .optional()
    .describe(
      'Of names that end in a generation (PROD.CUST.G0042V00): the latest, all of them, the one of a number, or as in JCL the one before ' +
        'the latest (-1) and so on. Other names then are no members. Left out: the latest of each group, and every other name',
    ),
  date: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Form of the date that each path holds: yyyyMMdd, 'D'yyMMdd, yyyy-MM-dd, yyDDD (DDD: day of the year, yy: 2000 to 2099; letters " +
        'of the name in quotes)',
    ),
  fileField: fieldName
    .optional()
    .describe('API name of the field with the path of the file; file by default'),
  dateField: fieldName.optional().describe('API name of the field with that date; date by default'),
  generationField: fieldName
    .optional()
    .describe(
      'API name of the field with the number of the generation, where there are all; generation by default',
    ),
});

export const files = z
  .union([glob.transform((text): z.output<typeof set> => ({ glob: text })), set])
  .describe('Instead of "path": several files of one layout as one collection, in the order of their paths');

export type SetOptions = z.infer<typeof set>;
