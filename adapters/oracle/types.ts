// Knows: what Oracle's declared types say: how the database keeps and compares them, and which of our types they mean.
// Must not know: stored values, SQL text. Declared types are written as in CREATE TABLE: VARCHAR2(40 CHAR), NUMBER(9,2).

import type { Scalar } from '#spi';
import type { DeclaredType } from '../sql/dialect.ts';

/** How the database keeps a value, as far as comparisons, reading and binding differ by it. */
export type Storage =
  | 'number'
  | 'binary_float'
  | 'binary_double'
  | 'boolean'
  | 'varchar'
  | 'nvarchar'
  | 'char'
  | 'nchar'
  | 'long'
  | 'clob'
  | 'nclob'
  | 'blob'
  | 'raw'
  | 'long_raw'
  | 'date'
  | 'timestamp'
  | 'timestamptz'
  | 'timestampltz'
  | 'interval'
  | 'rowid'
  | 'urowid'
  | 'xml'
  | 'json'
  | 'other';

export interface KnownType extends DeclaredType {
  readonly storage: Storage;
  /** Most characters or bytes of a value, where the type says so. */
  readonly longest?: number;
}

const PLAIN: Readonly<Record<string, readonly [Storage, Scalar, note?: string]>> = {
  INTEGER: ['number', { kind: 'decimal', precision: 38, scale: 0 }],
  INT: ['number', { kind: 'decimal', precision: 38, scale: 0 }],
  SMALLINT: ['number', { kind: 'decimal', precision: 38, scale: 0 }],
  // Kept as a decimal number of as many digits as the binary precision takes.
  FLOAT: ['number', { kind: 'decimal' }],
  REAL: ['number', { kind: 'decimal' }],
  'DOUBLE PRECISION': ['number', { kind: 'decimal' }],
  BINARY_FLOAT: ['binary_float', { kind: 'float64' }],
  BINARY_DOUBLE: ['binary_double', { kind: 'float64' }],
  BOOLEAN: ['boolean', { kind: 'boolean' }],
  LONG: ['long', { kind: 'string' }],
  CLOB: ['clob', { kind: 'string' }],
  NCLOB: ['nclob', { kind: 'string' }],
  BLOB: ['blob', { kind: 'bytes' }],
  'LONG RAW': ['long_raw', { kind: 'bytes' }],
  DATE: ['date', { kind: 'timestamp' }],
  TIMESTAMP: ['timestamp', { kind: 'timestamp' }],
  'TIMESTAMP WITH TIME ZONE': ['timestamptz', { kind: 'instant' }],
  'TIMESTAMP WITH LOCAL TIME ZONE': ['timestampltz', { kind: 'instant' }],
  // As the dictionary writes them for parameters and members of types.
  'TIMESTAMP WITH TZ': ['timestamptz', { kind: 'instant' }],
  'TIMESTAMP WITH LOCAL TZ': ['timestampltz', { kind: 'instant' }],
  ROWID: ['rowid', { kind: 'string' }],
  UROWID: ['urowid', { kind: 'string' }],
  XMLTYPE: ['xml', { kind: 'string' }, 'An XML document, as its text'],
  JSON: ['json', { kind: 'json' }],
  'INTERVAL YEAR TO MONTH': ['interval', { kind: 'string' }, 'Years and months: +01-06'],
  'INTERVAL DAY TO SECOND': [
    'interval',
    { kind: 'string' },
    'Days, hours, minutes, seconds: +01 06:00:00.000000',
  ],
};

/** Type → how it is kept, and the length it has when none is written. */
const TEXTS: ReadonlyMap<string, readonly [Storage, number | undefined]> = new Map([
  ['VARCHAR2', ['varchar', undefined]],
  ['VARCHAR', ['varchar', undefined]],
  ['NVARCHAR2', ['nvarchar', undefined]],
  ['CHAR', ['char', 1]],
  ['CHARACTER', ['char', 1]],
  ['NCHAR', ['nchar', 1]],
]);
const NUMBERS = new Set(['NUMBER', 'DECIMAL', 'NUMERIC', 'DEC']);

/** What has no values that the API could show. */
const UNSHOWN = new Set([
  'BFILE',
  'VECTOR',
  'ANYDATA',
  'ANYTYPE',
  'ANYDATASET',
  'REF',
  'UNDEFINED',
  'MLSLABEL',
]);

export function isShown(declared: string): boolean {
  return !UNSHOWN.has(partsOf(declared).word);
}

export function knownType(declared: string): KnownType {
  const { word, first, second } = partsOf(declared);
  if (NUMBERS.has(word)) return known('number', numberOf(word, first, second));
  const text = TEXTS.get(word);
  if (text !== undefined) {
    const [storage, standard] = text;
    const longest = /^\d+$/.test(first) ? Number(first) : standard;
    const type: Scalar = longest === undefined ? { kind: 'string' } : { kind: 'string', length: longest };
    const padded = storage === 'char' || storage === 'nchar';
    return { storage, type, padded, ...(longest === undefined ? {} : { longest }) };
  }
  if (word === 'RAW') {
    const longest = /^\d+$/.test(first) ? { longest: Number(first) } : {};
    return { ...known('raw', { kind: 'bytes' }), ...longest };
  }
  const [storage, type, note] = (Object.hasOwn(PLAIN, word) ? PLAIN[word] : undefined) ?? [];
  if (storage !== undefined && type !== undefined) {
    return { ...known(storage, type), ...(note === undefined ? {} : { note }) };
  }
  return {
    ...known('other', { kind: 'string' }),
    note: `Declared "${declared}": shown as the text that the driver gives for it`,
  };
}

interface Parts {
  /** Without what stands in parentheses: TIMESTAMP WITH TIME ZONE. */
  readonly word: string;
  readonly first: string;
  readonly second: string;
}

function partsOf(declared: string): Parts {
  const [, first = '', second = ''] =
    /\(\s*(\d+|\*)\s*(?:BYTE|CHAR)?\s*(?:,\s*(-?\d+)\s*)?\)/i.exec(declared) ?? [];
  const word = declared
    .replace(/\([^)]*\)/g, ' ')
    .trim()
    .replace(/\s+/g, ' ')
    .toUpperCase();
  return { word, first, second };
}

/** NUMBER alone holds any number with its own scale; DECIMAL alone is NUMBER(38,0). A negative scale rounds before the point. */
function numberOf(word: string, first: string, second: string): Scalar {
  if (first === '') {
    return word === 'NUMBER' ? { kind: 'decimal' } : { kind: 'decimal', precision: 38, scale: 0 };
  }
  const precision = first === '*' ? 38 : Number(first);
  const scale = second === '' ? 0 : Number(second);
  const whole = precision - Math.min(scale, 0);
  if (scale > 0) return { kind: 'decimal', precision: Math.max(precision, scale), scale };
  return whole <= 9
    ? { kind: 'int32' }
    : whole <= 18
      ? { kind: 'int64' }
      : { kind: 'decimal', precision: whole, scale: 0 };
}

function known(storage: Storage, type: Scalar): KnownType {
  return { storage, type, padded: false };
}
