// Knows: the options that say when a version of a file is good to be shown, and when somebody looks for one, as they stand in the YAML; the
// descriptions become schema and documentation.
// Must not know: what is done with them.

import { z } from 'zod';

const typeNames = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
const ofTypes =
  'Types (under "types") whose records count, one or a list; by default all but header and trailer';

const count = z.union([
  z.string().min(1).describe('Field of this record with the number of records between header and trailer'),
  z.strictObject({
    field: z.string().min(1).describe('Field of this record with the number of records'),
    of: typeNames.optional().describe(ofTypes),
  }),
]);

const total = z.strictObject({
  sum: z.string().min(1).describe('Field of the records that is added up, exactly'),
  of: typeNames.optional().describe(ofTypes),
  hash: z
    .boolean()
    .optional()
    .describe(
      'A hash total, as of account numbers: high-order digits that the field has no room for are dropped',
    ),
});

const control = z.strictObject({
  record: z.string().min(1).describe('Its type under "types", or its 01 level in the copybook'),
  when: z
    .string()
    .optional()
    .describe('Without "types": when a record is this one, a rule over its fields or a single level-88 name'),
  count: count.optional().describe('How many records there are'),
  totals: z
    .record(z.string(), total)
    .optional()
    .describe('Control totals: field of this record → the sum that it holds'),
});

export const publish = z
  .strictObject({
    trigger: z
      .string()
      .min(1)
      .optional()
      .describe(
        'A version counts only when this file exists and is not older than it: a path as that of the file, in which {path} stands for ' +
          'the path of the file ("{path}.done")',
      ),
    header: control
      .optional()
      .describe('The first record of the file, with figures that have to agree with the rest'),
    trailer: control
      .optional()
      .describe(
        'The last record of the file, with figures that have to agree with the rest; a file without it is cut off',
      ),
    verify: z
      .literal('all')
      .optional()
      .describe('all: every record of a version is decoded before it is shown'),
  })
  .describe(
    'When a new version of the file is good to be shown. Until then, and when it is not good, the version before it is shown',
  );

export const refresh = z
  .strictObject({
    everyMs: z.int().min(100).optional().describe('Looks this often, in milliseconds'),
    cron: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Looks at the times of a cron expression of five fields, or six with seconds: "*/5 6-9 * * MON-FRI"',
      ),
    timeZone: z
      .string()
      .min(1)
      .optional()
      .describe('Time zone of the cron expression, such as Europe/Berlin; by default that of the machine'),
    watch: z
      .boolean()
      .optional()
      .describe(
        'Local disk: looks as soon as the operating system tells of a change in the folder of the file',
      ),
  })
  .superRefine((given, context) => {
    const refuse = (message: string, path: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (given.everyMs === undefined && given.cron === undefined && given.watch !== true) {
      refuse('Give one of "everyMs", "cron" and "watch: true"', 'everyMs');
    }
    if (given.timeZone !== undefined && given.cron === undefined) {
      refuse('Only a cron expression has a time zone', 'timeZone');
    }
  })
  .describe(
    'Looks for new versions in the background: requests then never wait for a look, and are served what was published last. By default ' +
      'requests look',
  );

export type PublishOptions = z.infer<typeof publish>;
export type ControlOptions = z.infer<typeof control>;
export type RefreshOptions = z.infer<typeof refresh>;
