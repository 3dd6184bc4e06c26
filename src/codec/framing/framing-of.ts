// Knows: record formats as people write them, and which of them fit a layout.
// Must not know: YAML, command lines, files.

import type { ByteOrder, Layout } from '../layout.ts';
import { binaryField } from './binary-field.ts';
import type { FixedFraming, Framing, LineFraming, Margins, RdwFraming } from './framing.ts';
import { LONGEST_RECORD } from './framing-faults.ts';
import { misconfigured } from './inner-writer.ts';
import { lengthFrom } from './length-expression.ts';
import { type LineEnd, lineEndsOf } from './line-ends.ts';

/** One word each for how a file is divided into records. V: records with RDWs; VB: in blocks with BDWs; VS, VBS: the same, spanned. */
export const RECORD_FORMATS = [
  'F',
  'FB',
  'V',
  'VB',
  'VS',
  'VBS',
  'U',
  'text',
  'gnucobol',
  'mf',
  'length',
] as const;

export type RecordFormat = (typeof RECORD_FORMATS)[number];

export { LINE_ENDS, type LineEnd } from './line-ends.ts';

export interface RecordFormatOptions {
  readonly format: RecordFormat;
  /** F, FB: bytes of a record (LRECL), those of the layout unless told otherwise. U: bytes of a block; the whole file is one record unless told otherwise. */
  readonly length?: number;
  /** F, FB, text: records may be longer than the layout; what is behind it is not looked at. */
  readonly slack?: boolean;
  /** F, FB: a rest behind the last whole record fails or is ignored; `fail` unless told otherwise. */
  readonly tail?: 'fail' | 'ignore-tail';
  /** V, VB, VS, VBS: byte order of the descriptor words; `big` unless told otherwise. */
  readonly rdw?: ByteOrder;
  /** V, VB, VS, VBS: the RDW's length counts its own four bytes. As z/OS has it (true) for `big`, false for `little` unless told otherwise. */
  readonly inclusive?: boolean;
  /** V, VB, VS, VBS: added to every RDW's length. */
  readonly adjust?: number;
  /** text: what ends a line. LF and CRLF unless told otherwise, in EBCDIC NEL and CRNEL too. */
  readonly ends?: readonly LineEnd[];
  /** gnucobol: its run-time option COB_VARSEQ_FORMAT, 0 unless told otherwise. */
  readonly variant?: 0 | 1 | 2 | 3;
  /** Bytes of the file before the first record and behind the last one. */
  readonly header?: number;
  readonly trailer?: number;
  /**
   * length: how many bytes a record has, as an expression over whole-number fields of the layout (by COBOL or API name, dotted in
   * groups), numbers, + - * and parentheses: `REC-LEN + 4`. A minus between names needs blanks around it.
   */
  readonly lengthFrom?: string;
}

export interface FramingContext {
  /** Columns of the layout count characters, not bytes: so `slack` of text is not for the framing to cut off. */
  readonly multibyte?: boolean;
}

/** `invalid` (misconfigured) Fault: the options contradict one another or the layout. */
export function framingOf(
  layout: Layout,
  options: RecordFormatOptions,
  context: FramingContext = {},
): Framing {
  checkOptions(options);
  const margins = marginsOf(options);
  const { format } = options;
  switch (format) {
    case 'F':
    case 'FB':
      return { ...fixedOf(layout, options), ...margins };
    case 'text':
      return { ...linesOf(layout, options, context), ...margins };
    case 'V':
    case 'VB':
    case 'VS':
    case 'VBS':
      return { ...rdwOf(format, options), ...margins };
    case 'U': {
      const { length } = options;
      return { kind: 'undefined', ...(length === undefined ? {} : { blockLength: length }), ...margins };
    }
    case 'gnucobol':
    case 'mf':
      return { kind: format, variant: options.variant ?? 0, ...margins };
    case 'length': {
      if (options.lengthFrom === undefined) {
        throw misconfigured(
          'length-from-missing',
          'Records of the format "length" say themselves how long they are: give the expression as "lengthFrom"',
          'For example lengthFrom: REC-LEN + 4',
        );
      }
      return { kind: 'measured', lengthOf: lengthFrom(options.lengthFrom, layout), ...margins };
    }
  }
}

const FIXED: readonly RecordFormat[] = ['F', 'FB'];
const VARIABLE: readonly RecordFormat[] = ['V', 'VB', 'VS', 'VBS'];

/** Which formats an option says something about. */
const MEANT_FOR = {
  rdw: VARIABLE,
  inclusive: VARIABLE,
  adjust: VARIABLE,
  ends: ['text'],
  variant: ['gnucobol'],
  lengthFrom: ['length'],
} satisfies Partial<Record<keyof RecordFormatOptions, readonly RecordFormat[]>>;

function checkOptions(options: RecordFormatOptions): void {
  const { format, length, tail } = options;
  for (const [name, formats] of Object.entries<readonly RecordFormat[]>(MEANT_FOR)) {
    if (
      formats.includes(format) ||
      !Object.entries(options).some(([key, value]) => key === name && value !== undefined)
    )
      continue;
    throw misconfigured(
      'option-of-format',
      `"${name}" says nothing about records of the format ${format}: it is an option of ${formats.join(', ')}`,
      `Leave "${name}" out, or check the format.`,
    );
  }
  if (length !== undefined && !FIXED.includes(format) && format !== 'U') {
    throw misconfigured(
      format === 'text' ? 'length-of-text' : 'length-of-variable',
      format === 'text'
        ? 'Lines of text have no record length'
        : `Records of the format ${format} have no one length: each says its own`,
      'Leave "length" out.',
    );
  }
  if (length !== undefined && (!Number.isInteger(length) || length < 1 || length > LONGEST_RECORD)) {
    throw misconfigured(
      'record-length',
      `A record length of ${length} bytes cannot be: it is 1 to ${LONGEST_RECORD}`,
    );
  }
  if (tail === 'ignore-tail' && !FIXED.includes(format)) {
    throw misconfigured(
      format === 'text' ? 'tail-of-text' : 'tail-of-variable',
      format === 'text'
        ? 'Every line of text is a whole record'
        : 'Only records of one length (F, FB) can leave a tail',
      'Leave "tail" out.',
    );
  }
}

function marginsOf({ header = 0, trailer = 0 }: RecordFormatOptions): Margins {
  for (const [name, bytes] of Object.entries({ header, trailer })) {
    if (Number.isSafeInteger(bytes) && bytes >= 0) continue;
    throw misconfigured('margin', `"${name}" is a number of bytes, and ${bytes} is none`);
  }
  return { ...(header === 0 ? {} : { header }), ...(trailer === 0 ? {} : { trailer }) };
}

function fixedOf(
  layout: Layout,
  { length, slack = false, tail = 'fail' }: RecordFormatOptions,
): FixedFraming {
  const recordLength = length ?? layout.length;
  if (recordLength < layout.minLength || (recordLength > layout.length && !slack)) {
    throw misconfigured(
      'record-length',
      `The layout describes ${layout.length} bytes, but the record length is ${recordLength}`,
      recordLength < layout.length
        ? 'Check the copybook and the record length.'
        : 'Check the copybook, or set "slack" under "records" if there is more in a record than it shows.',
    );
  }
  return { kind: 'fixed', length: recordLength, shown: Math.min(layout.length, recordLength), tail };
}

function rdwOf(
  format: 'V' | 'VB' | 'VS' | 'VBS',
  { rdw: order = 'big', inclusive = order === 'big', adjust = 0 }: RecordFormatOptions,
): RdwFraming {
  const spanned = format === 'VS' || format === 'VBS';
  if (spanned && order === 'little') {
    throw misconfigured(
      'little-endian-segments',
      'Spanned records have big-endian descriptor words: no little-endian form of their control codes is known',
    );
  }
  if (!Number.isInteger(adjust) || Math.abs(adjust) > 0xffff) {
    throw misconfigured('adjust', `"adjust" is a small number of bytes, and ${adjust} is none`);
  }
  return { kind: 'rdw', order, inclusive, adjust, blocks: format === 'VB' || format === 'VBS', spanned };
}

function linesOf(
  layout: Layout,
  { slack = false, ends }: RecordFormatOptions,
  { multibyte = false }: FramingContext,
): LineFraming {
  const binary = binaryField(layout.nodes);
  if (binary !== undefined) {
    throw misconfigured(
      'binary-in-text',
      `${binary.legacyName ?? binary.name} is a binary or packed number: in lines of text, a byte of it could be a line end`,
      'Check the copybook; files with such numbers have records of one length, format F.',
    );
  }
  return {
    kind: 'lines',
    ends: lineEndsOf(layout.charset, ends),
    mark: /^utf-8(,|$)/.test(layout.charset),
    ...(slack && !multibyte ? { shown: layout.length } : {}),
  };
}
