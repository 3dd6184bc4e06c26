// Knows: the options that say what of a file may be written, as they stand in the YAML; the descriptions become schema and documentation.
// Must not know: what is done with them.

import { z } from 'zod';

export const writing = {
  writes: z
    .array(z.enum(['insert', 'update', 'upsert', 'delete']))
    .default([])
    .describe('What clients may do to its records; by default nothing: the file is only read'),
  insert: z
    .enum(['append', 'in-order'])
    .optional()
    .describe(
      'Where new records go: append (behind the last), or in-order (the file stays in key order, and is refused when it is not). By ' +
        'default in order if the file is in key order, else behind the last',
    ),
  blockSize: z
    .int()
    .min(9)
    .max(32_760)
    .optional()
    .describe(
      'VB, VBS: most bytes of a block that is written, its descriptor word included; by default those of the largest block of the file',
    ),
  replace: z
    .boolean()
    .optional()
    .describe(
      'An operation replaces the whole file by the rows that it is given: replaceCustomers for the collection customers',
    ),
  outbox: z
    .strictObject({
      path: z
        .string()
        .min(1)
        .describe(
          'Path of each new file: in braces a moment in UTC by yyyy yy MM dd DDD HH mm ss, and once a running number by n: ' +
            'OUT/ORD-{yyyyMMdd}-{nnn}.DAT. It must match "files"',
        ),
    })
    .optional()
    .describe('With "files": each request makes one new file of the set, with its records. Only inserts'),
} as const;
