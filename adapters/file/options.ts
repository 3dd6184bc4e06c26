// Knows: the options of a file source as they stand in the YAML; the descriptions become schema and documentation.
// Must not know: what is done with them.

import { z } from 'zod';

const records = z
  .strictObject({
    format: z
      .enum(['F', 'FB', 'text'])
      .describe(
        'Record format: F and FB are records of one length without anything between them (a block holds whole ' +
          'records, so FB reads the same); text is lines that end with LF or CRLF',
      ),
    length: z
      .int()
      .min(1)
      .max(16_777_216)
      .optional()
      .describe('Record length in bytes (LRECL). By default what the layout describes'),
    slack: z
      .boolean()
      .default(false)
      .describe(
        'Allow `length` to be more than the layout describes: the bytes behind the layout are not shown',
      ),
    tail: z
      .enum(['fail', 'ignore-tail'])
      .default('fail')
      .describe(
        'What to do when the file ends within a record of F or FB: fail, or ignore the bytes behind the last whole record',
      ),
  })
  .describe('How the file is divided into records');

const irregular = z.union([
  z.enum(['fail', 'null', 'raw']),
  z.strictObject({
    default: z.union([z.string(), z.number(), z.boolean()]).describe('What is shown instead'),
  }),
]);

const policy = {
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

const collection = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .describe('The file, below the root of the source; an absolute path is taken as it stands'),
    copybook: z
      .string()
      .optional()
      .describe('COBOL copybook of the record, relative to the configuration file'),
    parseMap: z
      .string()
      .optional()
      .describe(
        'Instead of a copybook: a JSON file with an array of parse configs of the library fixed-width-parser, ' +
          'relative to the configuration file',
      ),
    record: z.string().optional().describe('Which 01 level of the copybook, where it has several'),
    charset: z
      .string()
      .optional()
      .describe(
        'Character set of the file: cp037, cp1047, cp500, cp273, cp1140 to cp1149, ascii, latin1, utf-8 and what else ' +
          'iconv-lite knows. Required with a copybook; utf-8 by default with a parse map',
      ),
    records: records.optional().describe('By default F with a copybook, text with a parse map'),
    key: z
      .array(z.string())
      .default([])
      .describe(
        'Fields whose values identify a record, by copybook name (CUST-ID) or API name (custId). Without a key the ' +
          'collection can be listed and filtered, but has no single items',
      ),
    defaults: z.strictObject(policy).optional().describe('How every field is read'),
    fields: z
      .record(
        z.string(),
        z.strictObject({
          ...policy,
          charset: z.string().optional().describe('Character set of this field. Copybooks only'),
        }),
      )
      .optional()
      .describe('How single fields are read, by copybook name'),
    doc: z.string().optional().describe('What the collection is, for the API reference'),
  })
  .superRefine((given, context) => {
    if ((given.copybook === undefined) === (given.parseMap === undefined)) {
      context.addIssue({ code: 'custom', message: 'Give either "copybook" or "parseMap"' });
    }
    if (given.copybook === undefined && given.record !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['record'],
        message: 'Only a copybook has records to choose from',
      });
    }
    if (given.copybook !== undefined && given.charset === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['charset'],
        message: 'Say which character set the file has, for example cp037: a copybook does not tell',
      });
    }
  });

const root = z
  .string()
  .optional()
  .describe("Folder of the files, relative to the configuration file's folder, which is the default");

export const options = z
  .strictObject({
    root,
    store: z
      .strictObject({ disk: z.strictObject({ root }).describe('A folder of this machine') })
      .optional()
      .describe('Where the files are; by default on the local disk'),
    collections: z
      .record(z.string(), collection)
      .describe('Collection name (camelCase, plural) → its file and layout'),
  })
  .superRefine((given, context) => {
    if (given.root !== undefined && given.store !== undefined) {
      context.addIssue({ code: 'custom', path: ['root'], message: 'Give either "root" or "store"' });
    }
  });

export type FileOptions = z.infer<typeof options>;
export type CollectionOptions = z.infer<typeof collection>;
export type RecordOptions = z.infer<typeof records>;
export type PolicyOptions = z.infer<z.ZodObject<typeof policy>>;
