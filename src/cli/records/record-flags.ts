// Knows: the flags that say what the records of a file are, and how their words become options of the codec.
// Must not know: files, bytes.

import type { FieldPolicy, LayoutOptions } from '../../codec/layout.ts';
import { didYouMean } from '../../model/naming.ts';
import { type Flags, type Given, textOf, textsOf, UsageError } from '../command.ts';

/** The copybook and how it is read. */
export const COPYBOOK_FLAGS = {
  copybook: {
    type: 'string',
    value: 'FILE',
    doc: 'COBOL copybook (or program) that describes the record',
    required: true,
  },
  copy: {
    type: 'string',
    value: 'FOLDER',
    doc: 'Where COPY looks for its texts, beside the folder of the copybook; may be given several times',
    repeated: true,
  },
  source: {
    type: 'string',
    value: 'FORMAT',
    doc: 'Source format of the copybook: fixed, variable, free; detected by default',
  },
  replacing: {
    type: 'string',
    value: 'A=B',
    doc: 'As in COPY … REPLACING ==A== BY ==B==, for a copybook that is written to be copied: :TAG:=CUST. May be given several times',
    repeated: true,
  },
  define: {
    type: 'string',
    value: 'NAME=VALUE',
    doc: 'A constant of conditional compilation (>>IF, $IF). May be given several times',
    repeated: true,
  },
  currency: {
    type: 'string',
    value: 'SYMBOL=TEXT',
    doc: 'CURRENCY SIGN IS TEXT WITH PICTURE SYMBOL: what a symbol of the pictures stands for. May be given several times',
    repeated: true,
  },
  'decimal-comma': { type: 'boolean', doc: 'DECIMAL-POINT IS COMMA' },
  debugging: { type: 'boolean', doc: 'Debugging lines (D in column 7) count' },
  record: { type: 'string', value: 'NAME', doc: 'Which 01 level the records have, where there are several' },
  type: {
    type: 'string',
    value: 'NAME=RULE',
    doc: 'One of several record types: its 01 level and when a record has it, as in HEADER-REC="kind eq \'H\'"; RULE may be otherwise. May be given several times',
    repeated: true,
  },
  variant: {
    type: 'string',
    value: 'NAME=RULE',
    doc: 'When the bytes of a REDEFINES are to be read as the item NAME; the others that share its bytes need one too. May be given several times',
    repeated: true,
  },
  charset: {
    type: 'string',
    value: 'NAME',
    doc: 'Character set of the records; cp037 by default for mainframe files, utf-8 for text',
  },
  'charset-table': {
    type: 'string',
    value: 'NAME=FILE',
    doc: "A character set of your own: ICU's .ucm format, or a list of bytes and their characters. May be given several times",
    repeated: true,
  },
  dialect: {
    type: 'string',
    value: 'NAME',
    doc: 'Whose compiler the record was made for: ibm (the default), gnucobol, mf',
  },
  'byte-order': {
    type: 'string',
    value: 'ORDER',
    doc: 'Of COMP-5 and floats: big, little; by default as the dialect has it',
  },
  floats: {
    type: 'string',
    value: 'FORMAT',
    doc: 'COMP-1 and COMP-2: ibm, ieee; by default as the dialect has it',
  },
  odo: {
    type: 'string',
    value: 'HOW',
    doc: 'What follows an OCCURS DEPENDING ON: slide (moves up), maximum (stays); by default as the dialect has it',
  },
  'pointer-bytes': { type: 'string', value: 'N', doc: 'Bytes of a POINTER: 4, 8' },
  'on-bad': {
    type: 'string',
    value: 'POLICY',
    doc: 'What becomes of bytes that hold no value: fail (the default), null, raw',
  },
  blank: {
    type: 'string',
    value: 'POLICY',
    doc: 'What becomes of a field of blanks: fail, null, raw; like --on-bad by default, "" for text',
  },
  'low-values': {
    type: 'string',
    value: 'POLICY',
    doc: "A field of nothing but x'00': keep (the default), blank",
  },
  'high-values': {
    type: 'string',
    value: 'POLICY',
    doc: "A field of nothing but x'FF': keep (the default), blank",
  },
  zones: {
    type: 'string',
    value: 'POLICY',
    doc: 'Zone halves of unsigned digits: strict (the default), ignore',
  },
  trim: {
    type: 'string',
    value: 'SIDE',
    doc: 'Blanks that are no part of a text: right (the default), left, both, none',
  },
  conditions: { type: 'string', value: 'HOW', doc: 'Level 88: boolean (the default), enum' },
  trunc: { type: 'string', value: 'OPTION', doc: 'Compiler option TRUNC, for COMP: std (the default), bin' },
  field: {
    type: 'string',
    value: 'NAME:SETTING=VALUE',
    doc: 'A setting of one item: on-bad, blank, low-values, high-values, zones, trim, conditions, trunc, charset, date (a pattern such as yyyyMMdd), window (a year), no-date (zeros, nines). May be given several times',
    repeated: true,
  },
} as const satisfies Flags;

/** How the file is divided into records. */
export const FORMAT_FLAGS = {
  format: {
    type: 'string',
    value: 'FORMAT',
    doc: 'Record format: F (the default), FB, V, VB, VBS, VS, U, text, gnucobol, mf, length',
  },
  length: {
    type: 'string',
    value: 'N',
    doc: 'Record length in bytes; by default what the copybook describes',
  },
  slack: { type: 'boolean', doc: 'A record may be longer than the copybook describes' },
  tail: {
    type: 'string',
    value: 'POLICY',
    doc: 'The file ends within a record of F or FB: fail (the default), ignore-tail',
  },
  rdw: {
    type: 'string',
    value: 'ORDER',
    doc: 'Byte order of record descriptor words: big (the default), little',
  },
  'rdw-exclusive': { type: 'boolean', doc: 'The length in a descriptor word does not count the word itself' },
  'rdw-adjust': { type: 'string', value: 'N', doc: 'Bytes to add to the length in a descriptor word' },
  ends: {
    type: 'string',
    value: 'WORDS',
    doc: 'What ends a line of text: LF, CRLF, NEL; several with commas',
  },
  varseq: {
    type: 'string',
    value: 'N',
    doc: 'Format gnucobol: the run-time option COB_VARSEQ_FORMAT, 0 (the default) to 3',
  },
  header: { type: 'string', value: 'N', doc: 'Bytes before the first record' },
  trailer: { type: 'string', value: 'N', doc: 'Bytes behind the last record' },
  'length-from': {
    type: 'string',
    value: 'EXPRESSION',
    doc: 'Format length: the length of a record from its own fields, as in "REC-LEN + 4"',
  },
} as const satisfies Flags;

type PolicyWord = keyof FieldPolicy;

/** Settings of fields: flag, member of the policy, words that it takes (absent: anything). */
const POLICIES: Readonly<Record<string, readonly [PolicyWord, (readonly string[])?]>> = {
  'on-bad': ['onBad', ['fail', 'null', 'raw']],
  blank: ['blank', ['fail', 'null', 'raw']],
  'low-values': ['lowValues', ['keep', 'blank']],
  'high-values': ['highValues', ['keep', 'blank']],
  zones: ['zones', ['strict', 'ignore']],
  trim: ['trim', ['right', 'left', 'both', 'none']],
  conditions: ['conditions', ['boolean', 'enum']],
  trunc: ['trunc', ['std', 'bin']],
};

const FIELD_SETTINGS: typeof POLICIES = {
  ...POLICIES,
  charset: ['charset'],
  date: ['date'],
  window: ['window'],
  'no-date': ['noDate', ['zeros', 'nines']],
};

const DIALECT = {
  dialect: ['dialect', ['ibm', 'gnucobol', 'mf']],
  'byte-order': ['byteOrder', ['big', 'little']],
  floats: ['floats', ['ibm', 'ieee']],
  odo: ['odo', ['slide', 'maximum']],
} as const;

/** What the flags say of fields and compilers, for `layoutOf`; `charset` is there if it was given. */
export function layoutFlags(given: Given): Omit<LayoutOptions, 'charset'> & { readonly charset?: string } {
  const options: Record<string, unknown> = {};
  for (const [flag, [member, words]] of [...Object.entries(POLICIES), ...Object.entries(DIALECT)]) {
    const value = oneOf(given, flag, words);
    if (value !== undefined) options[member] = value;
  }
  const charset = textOf(given, 'charset');
  const pointerBytes = oneOf(given, 'pointer-bytes', ['4', '8']);
  const fields: Record<string, Record<string, unknown>> = {};
  for (const text of textsOf(given, 'field')) {
    const { name, member, value } = fieldSetting(text);
    fields[name] ??= {};
    const noDate = member === 'noDate' ? [...listed(fields[name]['noDate']), value] : value;
    fields[name][member] = member === 'window' ? wholeNumber('window', value) : noDate;
  }
  return {
    ...options,
    ...(charset === undefined ? {} : { charset }),
    ...(pointerBytes === undefined ? {} : { pointerBytes: pointerBytes === '4' ? 4 : 8 }),
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
  };
}

function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** `CUST-DOB:date=yyyyMMdd`. */
function fieldSetting(text: string): { name: string; member: PolicyWord; value: string } {
  const [, name = '', setting = '', value = ''] = /^([^:=]+):([^:=]+)=(.+)$/.exec(text) ?? [];
  if (value === '') throw new UsageError(`--field "${text}" is not written as NAME:SETTING=VALUE`);
  const known = Object.hasOwn(FIELD_SETTINGS, setting) ? FIELD_SETTINGS[setting] : undefined;
  if (known === undefined) {
    throw new UsageError(
      `--field has no setting "${setting}".${didYouMean(setting, Object.keys(FIELD_SETTINGS))}`,
    );
  }
  const [member, words] = known;
  return { name, member, value: words === undefined ? value : wordOf(`${setting} of --field`, value, words) };
}

/** `HEADER-REC=kind eq 'H'` → its two parts. */
export function namedRules(
  given: Given,
  flag: 'type' | 'variant' | 'replacing' | 'define' | 'currency' | 'charset-table',
): readonly { name: string; rule: string }[] {
  return textsOf(given, flag).map((text) => {
    const [, name = '', rule = ''] = /^\s*([^=\s]+)\s*=\s*(.+)$/s.exec(text) ?? [];
    if (rule === '')
      throw new UsageError(`--${flag} "${text}" is not written as ${COPYBOOK_FLAGS[flag].value}`);
    return { name, rule };
  });
}

/** The value of a flag that takes one of some words. */
export function oneOf<Word extends string>(
  given: Given,
  flag: string,
  words: readonly Word[] | undefined,
): Word | undefined {
  const value = textOf(given, flag);
  if (value === undefined || words === undefined) return undefined;
  return wordOf(`--${flag}`, value, words);
}

function wordOf<Word extends string>(what: string, value: string, words: readonly Word[]): Word {
  const known =
    words.find((word) => word === value) ?? words.find((word) => word.toLowerCase() === value.toLowerCase());
  if (known !== undefined) return known;
  throw new UsageError(`${what} takes ${words.join(', ')}, not "${value}".${didYouMean(value, words)}`);
}

/** The value of a flag that takes a whole number. */
export function numberOf(given: Given, flag: string): number | undefined {
  const value = textOf(given, flag);
  return value === undefined ? undefined : wholeNumber(`--${flag}`, value);
}

function wholeNumber(what: string, value: string): number {
  const number = Number(value);
  if (/^[+-]?\d+$/.test(value) && Number.isSafeInteger(number)) return number;
  throw new UsageError(`${what} must be a whole number, not "${value}"`);
}
