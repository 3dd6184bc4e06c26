// Knows: the options that say how a file is divided into records, and of which types they are, as they stand in the YAML; the
// descriptions become schema and documentation.
// Must not know: what is done with them.

import { z } from 'zod';
import { LINE_ENDS, RECORD_FORMATS } from '#codec/framing/framing-of';

const bytes = z.int().min(0).max(16_777_216);

export const records = z
  .strictObject({
    format: z
      .enum(RECORD_FORMATS)
      .describe(
        'Record format. F, FB: records of one length without anything between them (a block holds whole records, so FB reads the ' +
          'same). V: a record descriptor word (RDW) before each record; VB: in blocks with descriptor words of their own; VS, VBS: ' +
          'records may go on in further segments. U: blocks of `length` bytes, or the whole file, are records. text: lines. ' +
          'gnucobol, mf: variable sequential files of GnuCOBOL and of Micro Focus. length: records that say in a field how long they are',
      ),
    length: bytes
      .min(1)
      .optional()
      .describe(
        'F, FB: record length in bytes (LRECL), by default what the layout describes. U: length of the blocks',
      ),
    slack: z
      .boolean()
      .optional()
      .describe(
        'Records may be longer than the layout: the bytes behind it are not shown. By default that is a fault',
      ),
    tail: z
      .enum(['fail', 'ignore-tail'])
      .optional()
      .describe(
        'F, FB: what to do when the file ends within a record: fail (the default), or ignore the bytes behind the last whole record',
      ),
    rdw: z
      .enum(['big', 'little'])
      .optional()
      .describe('V, VB, VS, VBS: byte order of the descriptor words; big, as on the mainframe, by default'),
    inclusive: z
      .boolean()
      .optional()
      .describe(
        'V, VB, VS, VBS: the RDW counts its own four bytes; by default true for big, false for little',
      ),
    adjust: z
      .int()
      .min(-65_536)
      .max(65_536)
      .optional()
      .describe('V, VB, VS, VBS: added to the length in every RDW; 0 by default'),
    ends: z
      .array(z.enum(LINE_ENDS))
      .min(1)
      .optional()
      .describe('text: what ends a line; LF and CRLF by default, in EBCDIC NEL and CRNEL too'),
    variant: z
      .literal([0, 1, 2, 3])
      .optional()
      .describe('gnucobol: its run-time option COB_VARSEQ_FORMAT; 0 by default'),
    header: bytes.optional().describe('Bytes before the first record that are none'),
    trailer: bytes.optional().describe('Bytes behind the last record that are none'),
    lengthFrom: z
      .string()
      .optional()
      .describe(
        'length: the bytes of a record as an expression over its fields, numbers, + - * and parentheses: `REC-LEN + 4`',
      ),
  })
  .describe('How the file is divided into records');

const RULE =
  "in the filter language over the fields of the type (`recType eq 'D'`), a single level-88 name, or `otherwise`";

export const types = z
  .record(
    z.string(),
    z.union([
      z.string().describe(`When a record is of this type: a rule ${RULE}`),
      z.strictObject({
        when: z.string().describe(`When a record is of this type: a rule ${RULE}`),
        record: z
          .string()
          .optional()
          .describe('The 01 level of the copybook; by default the one with the type’s name, or the only one'),
        parent: z
          .string()
          .optional()
          .describe(
            'Type of the record before it to which a record of this type belongs: it is shown in a list there',
          ),
        as: z.string().optional().describe('Name of that list; by default the type’s name as a plural'),
        leaveOut: z.boolean().optional().describe('Records of this type (a header, a trailer) are not shown'),
      }),
    ]),
  )
  .describe(
    'Record types of the file: name → rule; the first rule that is true counts. The 01 level of a type is the one of its name. ' +
      'Rows show the field `record`, a union; or, where types have a `parent`, the type without one with its children as lists',
  );

export const redefines = z
  .record(
    z.string(),
    z.strictObject({
      name: z.string().optional().describe('API name of the union; by default that of the item'),
      when: z
        .record(z.string(), z.string())
        .describe(
          'Name of the item, and of each that redefines it → when it describes the bytes: a rule in the filter language, a single ' +
            'level-88 name, or `otherwise`',
        ),
    }),
  )
  .describe(
    'REDEFINES as unions, by the name of the item that is redefined. Without a rule a redefinition is another reading of the same ' +
      'bytes, shown when it is asked for',
  );

export type RecordOptions = z.infer<typeof records>;
export type TypesOptions = z.infer<typeof types>;
