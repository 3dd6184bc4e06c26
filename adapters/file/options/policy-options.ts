// Knows: the options that say how fields are read, as they stand in the YAML; the descriptions become schema and documentation.
// Must not know: what is done with them.

import { z } from 'zod';

const irregular = z.union([
  z.enum(['fail', 'null', 'raw']),
  z.strictObject({
    default: z.union([z.string(), z.number(), z.boolean()]).describe('What is shown instead'),
  }),
]);

export const policy = {
  onBad: irregular
    .optional()
    .describe(
      'What becomes of bytes that hold no value: fail (a fault that names the bytes, the default), null, raw (the field is ' +
        'shown as text; bad bytes as 0x and hexadecimal), or { default: value }',
    ),
  blank: irregular
    .optional()
    .describe('What becomes of a field of nothing but blanks; like onBad by default, and "" for text'),
  lowValues: z
    .enum(['keep', 'blank'])
    .optional()
    .describe("blank: a field of nothing but x'00' counts as blank; keep (the default): it is data"),
  highValues: z.enum(['keep', 'blank']).optional().describe("The same for x'FF'"),
  zones: z
    .enum(['strict', 'ignore'])
    .optional()
    .describe(
      'Zoned numbers: ignore takes any zone half of a digit without a sign (a blank counts as 0), as IBM’s programs move ' +
        'digits; strict is the default. Copybooks only',
    ),
  date: z
    .string()
    .optional()
    .describe(
      'The field holds a day or a time by this pattern of yyyy yy c MM dd DDD HH mm ss SSS and other characters: yyyyMMdd, ' +
        'yyMMdd, cyyMMdd (c: centuries since 1900), yyyyDDD. Copybooks only',
    ),
  window: z
    .int()
    .min(0)
    .max(9_900)
    .optional()
    .describe(
      'For yy in `date`: the first year of the hundred years that it stands for; 1950 by default. Copybooks only',
    ),
  noDate: z
    .array(z.enum(['zeros', 'nines']))
    .optional()
    .describe('Values of a `date` that mean that there is none: all digits 0, all digits 9. Copybooks only'),
  trim: z
    .enum(['right', 'left', 'both', 'none'])
    .optional()
    .describe('Blanks around a text that are no part of it; right by default. Copybooks only'),
  conditions: z
    .enum(['boolean', 'enum'])
    .optional()
    .describe('Level 88: booleans beside the field, or the field itself as an enum. Copybooks only'),
  trunc: z
    .enum(['std', 'bin'])
    .optional()
    .describe('Compiler option TRUNC of the program that writes the file, for COMP. Copybooks only'),
} as const;

export const defaults = z.strictObject(policy);

export const fields = z.record(
  z.string(),
  z.strictObject({
    ...policy,
    charset: z.string().optional().describe('Character set of this field. Copybooks only'),
  }),
);

export type PolicyOptions = z.infer<typeof defaults>;
