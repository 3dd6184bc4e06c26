// Knows: parse configs of the library fixed-width-parser, and the layout that says the same.
// Must not know: files and framing. Bytes are read by the codec.
//
// Where the two differ, on purpose (the library would answer a wrong value without saying so):
// - A number that is none (`12abc`, a blank field) is a fault, not 12 or 0; `falsyFallback` null or undefined makes a blank
//   number null, and leaves the number 0 alone, which the library turns into null.
// - `mend` is never needed: a fraction in an `int` is a fault. Decimals are exact, with the scale of `decimalCount`.
// - A value that does not fit is refused, whatever `truncate` says.
// - A text that is neither `trueValue` nor `falseValue`, and a day that does not exist, are faults, or null by `falsyFallback`.
// - README and code of the library name the padding differently (`padString`, `padChar`); both are taken.
// - On writing, `start` is obeyed: columns that no config names are blank.

import { type Charset, openCharset } from '#codec/charset';
import { typeOfNumber } from '#codec/cobol-layout/item-encoding';
import {
  type Encoding,
  type Layout,
  layoutFrom,
  type NumberEncoding,
  type ScalarNode,
  type TextEncoding,
} from '#codec/layout';
import { parseTemporalPattern } from '#codec/scalars/dates';
import {
  camelCase,
  distinct,
  Fault,
  type FaultDetail,
  fromJson,
  type Row,
  type Scalar,
  type Value,
} from '#spi';
import { detail, type ParseConfig, readConfigs, refused } from './parse-config.ts';

/** A column of a line, in characters, and the node that reads it. */
export interface Column {
  readonly node: ScalarNode;
  readonly start: number;
  readonly width: number;
}

export interface ParseMap {
  readonly layout: Layout;
  readonly columns: readonly Column[];
  /** Characters of a whole line. */
  readonly width: number;
  /** What a new record holds where nothing is said: the `default` of the configs. */
  readonly defaults: Row;
}

/**
 * Reads a parse map: JSON text of an array of parse configs. Where a character may take several bytes (UTF-8), columns are
 * counted in characters (UTF-16 units, as the library does) and the layout describes the record that `columns` makes of a line.
 *
 * Throws a misconfigured `invalid` Fault that lists every mistake with `file` and the config's index, the first is 0.
 */
export function readParseMap(
  text: string,
  options: { readonly file: string; readonly charset: string },
): ParseMap {
  const { file } = options;
  const charset = openCharset(options.charset);
  const configs = readConfigs(text, file);
  const shown = configs.flatMap((config, index) => (config.type === 'skip' ? [] : [{ config, index }]));
  const names = distinct(shown.map(({ config }) => camelCase(config.name ?? '')));

  const problems: FaultDetail[] = [];
  const columns: Column[] = [];
  const multibyte = charset.toUnicode === undefined;
  for (const [i, { config, index }] of shown.entries()) {
    try {
      columns.push(columnOf(config, names[i] ?? '', charset, columns.at(-1)));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      problems.push(detail(file, index, config.name, error.message, error.place.hint));
    }
  }
  if (problems.length > 0) throw refused(file, problems);
  const last = columns.at(-1);
  if (last === undefined) {
    throw refused(file, [{ message: `${file}: no field is left: every config is "skip"` }]);
  }
  const width = Math.max(...configs.map((config) => config.start + (config.width ?? 0)));
  const length = multibyte ? endOf(last) : width;
  const layout = layoutFrom({
    name: file,
    charset: charset.name,
    length,
    minLength: length,
    flexible: true,
    nodes: columns.map(({ node }) => node),
  });
  const defaults = defaultsOf(
    shown.map(({ config }) => config),
    columns,
  );
  return { layout, columns, width, defaults };
}

/** Bytes that a UTF-16 unit takes at most in UTF-8. */
const LONGEST_UNIT = 3;

/** The node of a column: at its own place where a character is a byte, otherwise behind the column before it. */
function columnOf(config: ParseConfig, name: string, charset: Charset, before: Column | undefined): Column {
  const { start, width = 0 } = config;
  const { type, encoding } = meaning(config, charset.name, charset.family);
  const multibyte = charset.toUnicode === undefined;
  const text = encoding.kind === 'text' || encoding.kind === 'boolean-text';
  return {
    start,
    width,
    node: {
      kind: 'scalar',
      name,
      legacyName: config.name ?? '',
      type,
      offset: multibyte ? endOf(before) : start,
      length: multibyte && text ? width * LONGEST_UNIT : width,
      encoding,
      ...irregular(config),
    },
  };
}

function endOf(column: Column | undefined): number {
  return column === undefined ? 0 : column.node.offset + column.node.length;
}

interface Meaning {
  readonly type: Scalar;
  readonly encoding: Encoding;
}

/** Type and encoding of a column. Throws for what cannot be said in a layout. */
function meaning(config: ParseConfig, charset: string, family: 'ascii' | 'ebcdic'): Meaning {
  const { width = 0 } = config;
  switch (config.type) {
    case 'skip':
    case 'string':
      return { type: { kind: 'string', length: width }, encoding: textOf(config, charset) };
    case 'bool':
      return {
        type: { kind: 'boolean' },
        encoding: {
          kind: 'boolean-text',
          text: textOf(config, charset),
          whenTrue: config.trueValue ?? '',
          whenFalse: config.falseValue ?? '',
        },
      };
    case 'int':
      return integerMeaning(config, family);
    case 'float':
      return {
        type: { kind: 'decimal', precision: width, scale: config.decimalCount },
        encoding: {
          kind: 'number-text',
          digits: width,
          scale: config.decimalCount,
          signed: true,
          family,
          point: config.insertDecimal ? 'either' : 'implied',
          pad: numberPad(config),
        },
      };
    case 'date':
      return dateMeaning(config, charset);
  }
}

function textOf({ padPosition, ...config }: ParseConfig, charset: string): TextEncoding {
  return padPosition === 'start'
    ? { kind: 'text', charset, trim: 'left', pad: padOf(config), justify: 'right' }
    : { kind: 'text', charset, trim: 'right', pad: padOf(config), justify: 'left' };
}

function padOf({ padChar, padString }: Pick<ParseConfig, 'padChar' | 'padString'>): string {
  const pad = padChar ?? padString ?? ' ';
  if (/^[\x20-\x7e]$/.test(pad)) return pad;
  throw new Fault('invalid', `the padding ${JSON.stringify(pad)} is no single printable ASCII character`);
}

function numberPad(config: ParseConfig): ' ' | '0' {
  const pad = padOf(config);
  if (pad === ' ' || pad === '0') return pad;
  throw new Fault('invalid', 'a number is padded with blanks or zeros', {
    hint: 'Set "padChar" to " " or "0".',
  });
}

function integerMeaning(config: ParseConfig, family: 'ascii' | 'ebcdic'): Meaning {
  const { width = 0, radix = 10 } = config;
  const digits = (BigInt(radix) ** BigInt(width) - 1n).toString().length;
  const encoding: NumberEncoding = {
    kind: 'number-text',
    digits,
    scale: 0,
    signed: true,
    family,
    point: 'implied',
    pad: numberPad(config),
    ...(radix === 10 ? {} : { radix }),
  };
  return { type: typeOfNumber(encoding), encoding };
}

const KINDS = {
  'yyyy-MM-dd': 'date',
  'HH:mm:ss': 'time',
  'HH:mm:ss.SSS': 'time',
  "yyyy-MM-dd'T'HH:mm:ss": 'timestamp',
  "yyyy-MM-dd'T'HH:mm:ss.SSS": 'timestamp',
} as const;

function dateMeaning(config: ParseConfig, charset: string): Meaning {
  const { width = 0, fixedWidthFormat = '', jsonFormat = '' } = config;
  const wanted = Object.entries(KINDS).find(([format]) => format === jsonFormat)?.[1];
  if (wanted === undefined) {
    throw new Fault(
      'invalid',
      `jsonFormat ${JSON.stringify(jsonFormat)} is no ISO form, and the API shows days and times in ISO form`,
      {
        hint: `Use one of ${Object.keys(KINDS).join(', ')}.`,
      },
    );
  }
  const pattern = parseTemporalPattern(fixedWidthFormat);
  const parts = pattern.pieces.flatMap((piece) => (piece.kind === 'part' ? [piece.part] : []));
  if (parts.includes('yy') && !parts.includes('c')) {
    throw new Fault(
      'invalid',
      `fixedWidthFormat has a year of two digits, and nothing says of which century`,
      {
        hint: 'Read the column as a string, or the file by a copybook, whose "window" says it.',
      },
    );
  }
  if (pattern.kind !== wanted) {
    throw new Fault(
      'invalid',
      `fixedWidthFormat is a ${pattern.kind}, jsonFormat a ${wanted}: they must be the same`,
    );
  }
  if (pattern.length !== width) {
    throw new Fault(
      'invalid',
      `width is ${width}, but fixedWidthFormat writes ${pattern.length} characters`,
      {
        hint: 'Give the padding a config of its own, of the type "skip".',
      },
    );
  }
  return {
    type: { kind: wanted },
    encoding: {
      kind: 'temporal',
      subject: { kind: 'text', charset, trim: 'none' },
      pattern: fixedWidthFormat,
    },
  };
}

/** `falsyFallback`, as far as it tells a missing value: see the differences above. */
function irregular({ type, falsyFallback }: ParseConfig): Pick<ScalarNode, 'onBad' | 'blank'> {
  if (falsyFallback === undefined || falsyFallback === 'passthrough') return {};
  return type === 'bool' || type === 'date' ? { onBad: 'null' } : { blank: 'null' };
}

function defaultsOf(configs: readonly ParseConfig[], columns: readonly Column[]): Row {
  return Object.fromEntries(
    columns.flatMap(({ node }, i): readonly (readonly [string, Value])[] => {
      const given = configs[i]?.default;
      const value = given === undefined ? undefined : fromJson(node.type, String(given));
      return value === undefined ? [] : [[node.name, value]];
    }),
  );
}
