// Knows: the options of a file source as they stand in the YAML; the descriptions become schema and documentation.
// Must not know: what is done with them.

import { z } from 'zod';
import { cache } from './cache-options.ts';
import { keepVersions, watchEveryMs } from './keep-options.ts';
import { defaults, fields } from './policy-options.ts';
import { publish, refresh } from './publish-options.ts';
import { records, redefines, types } from './record-options.ts';
import { files } from './set-options.ts';
import { sftp } from './sftp-options.ts';
import { writing } from './write-options.ts';

const howCopybooksAreRead = {
  copy: z
    .array(z.string())
    .optional()
    .describe(
      'Folders in which COPY finds its texts, relative to the configuration file; first the folder of the copybook',
    ),
  source: z
    .enum(['fixed', 'variable', 'free'])
    .optional()
    .describe('Source format of the copybook; detected by default'),
  replacing: z
    .record(z.string(), z.string())
    .optional()
    .describe(
      'As in COPY … REPLACING ==A== BY ==B==, for a copybook that is written to be copied: { ":TAG:": CUST }',
    ),
  defines: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .describe('Constants of conditional compilation (>>IF, $IF), as a compiler is given them'),
  decimalComma: z
    .boolean()
    .optional()
    .describe('DECIMAL-POINT IS COMMA, where the program that says so is missing'),
  currency: z
    .record(z.string().length(1), z.string().min(1))
    .optional()
    .describe('CURRENCY SIGN clauses: picture symbol → the text that stands in the records'),
  debugging: z.boolean().optional().describe('Debugging lines (D in column 7) count'),
  dialect: z
    .enum(['ibm', 'gnucobol', 'mf'])
    .optional()
    .describe(
      'Whose compiler the record was written for: the defaults of the following options. ibm by default',
    ),
  byteOrder: z
    .enum(['big', 'little'])
    .optional()
    .describe('Of COMP-5, COMP-1, COMP-2 and BINARY-LONG and the like; COMP is big-endian everywhere'),
  floats: z
    .enum(['ibm', 'ieee'])
    .optional()
    .describe('COMP-1 and COMP-2: IBM’s hexadecimal floating point, or IEEE 754'),
  odo: z
    .enum(['slide', 'maximum'])
    .optional()
    .describe(
      'OCCURS DEPENDING ON: what follows a table moves up (slide), or the table always takes its maximum',
    ),
  pointerBytes: z.literal([4, 8]).optional().describe('Bytes of a POINTER'),
} as const;

const ofCopybook = {
  ...howCopybooksAreRead,
  record: z.string().optional().describe('Which 01 level of the copybook, where it has several'),
  redefines: redefines.optional(),
  types: types.optional(),
} as const;

const collection = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .optional()
      .describe('The file, below the root of the source; an absolute path is taken as it stands'),
    files: files.optional(),
    compression: z
      .enum(['none', 'gzip'])
      .optional()
      .describe(
        'gzip: the file is unpacked into memory, 256 MiB at most. It is never guessed: bytes of a record may look like gzip',
      ),
    copybook: z
      .string()
      .optional()
      .describe('COBOL copybook of the record, or a whole program, relative to the configuration file'),
    ...ofCopybook,
    parseMap: z
      .string()
      .optional()
      .describe(
        'Instead of a copybook: a JSON file with an array of parse configs of the library fixed-width-parser, ' +
          'relative to the configuration file',
      ),
    charset: z
      .union([
        z.string(),
        z.strictObject({
          table: z
            .string()
            .describe(
              'File with a table of a character set, relative to the configuration file: .ucm as of ICU, or lines of a byte and ' +
                'its character, `C1 U+0041`',
            ),
        }),
      ])
      .optional()
      .describe(
        'Character set of the file: cp037, cp1047, cp500, cp273, cp1140 to cp1149, cp930, cp1390, ascii, latin1, utf-8 and so on, or ' +
          'a table of your own. Required with a copybook; utf-8 by default with a parse map',
      ),
    records: records.optional().describe('By default F with a copybook, text with a parse map'),
    when: z
      .string()
      .optional()
      .describe(
        "Only records for which this is true belong to the collection: a rule in the filter language over its fields (`recType eq 'D'`), " +
          'or a single level-88 name. Other records may have other lengths',
      ),
    key: z
      .array(z.string())
      .default([])
      .describe(
        'Fields whose values identify a record, by copybook name (CUST-ID) or API name (custId). Without a key the ' +
          'collection can be listed and filtered, but has no single items',
      ),
    indexes: z
      .array(z.array(z.string()).min(1))
      .optional()
      .describe(
        'Fields by which records are found beside the key, by copybook name or API name: [[BRANCH], [STATUS, OPENED-ON]]. An index answers ' +
          'conditions on its first fields, and gives the order of its fields followed by the key',
      ),
    publish: publish.optional(),
    refresh: refresh.optional(),
    defaults: defaults.optional().describe('How every field is read; laid over the defaults of the source'),
    fields: fields.optional().describe('How single fields are read, by copybook name'),
    ...writing,
    doc: z.string().optional().describe('What the collection is, for the API reference'),
  })
  .superRefine((given, context) => {
    const refuse = (message: string, ...path: string[]) =>
      context.addIssue({ code: 'custom', path, message });
    if ((given.path === undefined) === (given.files === undefined)) refuse('Give either "path" or "files"');
    if ((given.copybook === undefined) === (given.parseMap === undefined)) {
      refuse('Give either "copybook" or "parseMap"');
    }
    for (const side of ['header', 'trailer'] as const) {
      const control = given.publish?.[side];
      if (control === undefined) continue;
      if (given.copybook === undefined) refuse('Only a copybook has records to choose from', 'publish', side);
      if (given.types !== undefined && control.when !== undefined)
        refuse('The rule of the type stands under "types"', 'publish', side, 'when');
      if (given.types === undefined && control.when === undefined)
        refuse(`Say with "when" which record is the ${side}`, 'publish', side, 'when');
    }
    if (given.copybook === undefined) {
      if (given.record !== undefined) refuse('Only a copybook has records to choose from', 'record');
      if (given.redefines !== undefined) refuse('Only a copybook has redefinitions', 'redefines');
      if (given.types !== undefined) refuse('Only a copybook has records of several types', 'types');
      for (const word of Object.keys(howCopybooksAreRead)) {
        if (word in given) refuse(`"${word}" says how a copybook is read`, word);
      }
    } else if (given.charset === undefined) {
      refuse('Say which character set the file has, for example cp037: a copybook does not tell', 'charset');
    }
    if (given.types === undefined) return;
    if (given.record !== undefined) refuse('Give either "record" or "types"', 'record');
    if (given.when !== undefined) {
      refuse('Say with "leaveOut: true" under "types" which records are not shown', 'when');
    }
  });

const root = z
  .string()
  .optional()
  .describe("Folder of the files, relative to the configuration file's folder, which is the default");

const disk = z.strictObject({
  root,
  settleMs: z
    .int()
    .min(0)
    .default(0)
    .describe('A file that changed more recently may still be written to, and is not shown yet'),
  copies: z
    .boolean()
    .default(false)
    .describe(
      'Versions are copied to the cache, and the copies are read: for files that programs overwrite in place instead of renaming a new one over it',
    ),
});

export const options = z
  .strictObject({
    root,
    store: z
      .union([
        z.strictObject({ disk: disk.describe('A folder of this machine') }),
        z.strictObject({ sftp: sftp.describe('A folder of another host, by SFTP') }),
      ])
      .optional()
      .describe('Where the files are; by default on the local disk'),
    cache,
    keepVersions,
    watchEveryMs,
    defaults: defaults.optional().describe('How every field of every collection is read'),
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
export type DiskOptions = z.infer<typeof disk>;
